variable "account" {
  description = "The AWS account to work in: apply this once for each account that pipeline.yaml names."
  type        = string

  validation {
    condition     = contains(values(module.pipeline.repositories)[*].account, var.account)
    error_message = "pipeline.yaml has no repositories for this account."
  }
}

variable "pull_accounts" {
  description = "The AWS accounts, by environment, whose clusters pull from another account's registry."
  type        = map(list(string))
  default     = {}
}

variable "prerelease_days" {
  description = "Days after which a pre-release leaves the first environment's repositories, where Image Updater keeps it."
  type        = number
  default     = 90
}

variable "kms_key_arns" {
  description = "The KMS key, by region, that encrypts the images; AES-256 with a key of S3's where there is none."
  type        = map(string)
  default     = {}
}
