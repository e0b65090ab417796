variable "account" {
  description = "The AWS account to work in: apply this once for each account that pipeline.yaml names."
  type        = string

  validation {
    condition     = contains(values(module.pipeline.roles)[*].account, var.account)
    error_message = "pipeline.yaml has no roles for this account."
  }
}

variable "github_repository" {
  description = "The GitHub repository whose workflows run, as owner/name; null takes it from `repository` in pipeline.yaml."
  type        = string
  default     = null
  nullable    = true
}

variable "github_ids" {
  description = "The numbers by which GitHub knows owner and repository: `gh api repos/OWNER/NAME` has them as `owner.id` and `id`."
  type = object({
    owner      = number
    repository = number
  })
}

variable "create_oidc_provider" {
  description = "Whether to make the account's provider for GitHub's tokens; an account has one, which others may have made."
  type        = bool
  default     = true
}

variable "permissions_boundary" {
  description = "The ARN of a policy that bounds every role, where the account asks for one."
  type        = string
  default     = null
  nullable    = true
}
