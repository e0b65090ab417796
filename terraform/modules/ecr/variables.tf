variable "name" {
  description = "The repository's name."
  type        = string
}

variable "region" {
  description = "The AWS region that it lies in."
  type        = string
}

variable "lifecycle_policy" {
  description = "What ECR may delete by itself, as JSON; null: nothing."
  type        = string
  default     = null
  nullable    = true
}

variable "repository_policy" {
  description = "What roles and clusters of other accounts may do, as JSON; null: nothing."
  type        = string
  default     = null
  nullable    = true
}

variable "kms_key_arn" {
  description = "The KMS key that encrypts the images; null: AES-256 with a key of S3's. It cannot be changed later."
  type        = string
  default     = null
  nullable    = true
}
