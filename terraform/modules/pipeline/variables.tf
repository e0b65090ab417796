variable "pipeline_file" {
  description = "Path of pipeline.yaml."
  type        = string
}

variable "github_repository" {
  description = "The GitHub repository whose workflows run, as owner/name; null takes it from `repository` in pipeline.yaml."
  type        = string
  default     = null
  nullable    = true

  validation {
    condition     = var.github_repository == null || can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "Write the repository as owner/name."
  }
}

variable "github_ids" {
  description = <<-EOT
    The numbers by which GitHub knows the repository and its owner. A name can be given up and taken by someone else,
    a number cannot. Only the trust policies need them: without them `trust` is null.
    `gh api repos/OWNER/NAME --jq '{owner: .owner.id, repository: .id}'` prints them.
  EOT
  type = object({
    owner      = number
    repository = number
  })
  default  = null
  nullable = true
}

variable "workflows" {
  description = "The files in .github/workflows whose jobs may assume the role that builds and those that promote."
  type = object({
    build   = optional(list(string), ["build-images.yaml"])
    promote = optional(list(string), ["promote.yaml", "rollback.yaml"])
  })
  default = {}
}

variable "pull_accounts" {
  description = "The AWS accounts, by environment, whose clusters pull from another account's registry."
  type        = map(list(string))
  default     = {}

  validation {
    condition     = alltrue([for account in flatten(values(var.pull_accounts)) : can(regex("^[0-9]{12}$", account))])
    error_message = "An AWS account is 12 digits."
  }
}

variable "prerelease_days" {
  description = "Days after which a pre-release leaves the first environment's repositories, where Image Updater keeps it."
  type        = number
  default     = 90

  validation {
    condition     = var.prerelease_days >= 1
    error_message = "At least one day."
  }
}
