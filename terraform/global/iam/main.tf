module "pipeline" {
  source = "../../modules/pipeline"

  pipeline_file     = "${path.module}/../../../pipeline.yaml"
  github_repository = var.github_repository
  github_ids        = var.github_ids
}

locals {
  roles = { for key, role in module.pipeline.roles : key => role if role.account == var.account }
}

provider "aws" {
  region              = values(local.roles)[0].region
  allowed_account_ids = [var.account]

  default_tags {
    tags = { project = module.pipeline.project }
  }
}

# AWS knows GitHub's certificate authorities: no thumbprint.
resource "aws_iam_openid_connect_provider" "github" {
  count = var.create_oidc_provider ? 1 : 0

  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "this" {
  for_each = local.roles

  name                 = each.value.name
  description          = "GitHub Actions of ${module.pipeline.github_repository}: ${each.key}"
  assume_role_policy   = each.value.trust
  max_session_duration = 3600
  permissions_boundary = var.permissions_boundary
}

resource "aws_iam_role_policy" "this" {
  for_each = local.roles

  name   = "registry"
  role   = aws_iam_role.this[each.key].name
  policy = each.value.permissions
}

# Whatever else is attached by hand is taken off again.
resource "aws_iam_role_policies_exclusive" "this" {
  for_each = local.roles

  role_name    = aws_iam_role.this[each.key].name
  policy_names = [aws_iam_role_policy.this[each.key].name]
}

resource "aws_iam_role_policy_attachments_exclusive" "this" {
  for_each = local.roles

  role_name   = aws_iam_role.this[each.key].name
  policy_arns = []
}
