# Nothing is created here, so no provider is needed: `terraform test` runs this module offline.
terraform {
  required_version = ">= 1.10, < 2.0"
}
