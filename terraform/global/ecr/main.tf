module "pipeline" {
  source = "../../modules/pipeline"

  pipeline_file   = "${path.module}/../../../pipeline.yaml"
  pull_accounts   = var.pull_accounts
  prerelease_days = var.prerelease_days
}

locals {
  repositories = { for key, repository in module.pipeline.repositories : key => repository if repository.account == var.account }
  regions      = distinct(values(local.repositories)[*].region)
}

provider "aws" {
  region              = local.regions[0]
  allowed_account_ids = [var.account]

  default_tags {
    tags = { project = module.pipeline.project }
  }
}

module "repository" {
  source   = "../../modules/ecr"
  for_each = local.repositories

  name              = each.value.name
  region            = each.value.region
  lifecycle_policy  = each.value.lifecycle_policy
  repository_policy = each.value.repository_policy
  kms_key_arn       = lookup(var.kms_key_arns, each.value.region, null)
}

# A promotion within an account then copies no layer: the target mounts the source's.
resource "aws_ecr_account_setting" "blob_mounting" {
  for_each = toset(local.regions)

  region = each.value
  name   = "BLOB_MOUNTING"
  value  = "ENABLED"
}
