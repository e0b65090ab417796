variable "github_repository" {
  description = "The GitHub repository whose workflows run, as owner/name; null takes it from `repository` in pipeline.yaml."
  type        = string
  default     = null
  nullable    = true
}

variable "promotion_app_id" {
  description = <<-EOT
    The id of the GitHub App whose token promotions push with. Given, everyone else changes the branch by pull requests
    only. null: promotions push with GITHUB_TOKEN, which no rule can let through, so the branch takes pushes.
  EOT
  type        = number
  default     = null
  nullable    = true
}
