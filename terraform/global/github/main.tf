module "pipeline" {
  source = "../../modules/pipeline"

  pipeline_file     = "${path.module}/../../../pipeline.yaml"
  github_repository = var.github_repository
}

locals {
  owner        = split("/", module.pipeline.github_repository)[0]
  repository   = split("/", module.pipeline.github_repository)[1]
  environments = module.pipeline.environments
  assumed      = { for name, environment in local.environments : name => environment if environment.role != null }
  policies = merge([
    for name, environment in local.environments : merge(
      { for branch in environment.branches : "${name}/${branch}" => { environment = name, branch = branch, tag = null } },
      { for tag in environment.tags : "${name}/tags/${tag}" => { environment = name, branch = null, tag = tag } },
    )
  ]...)
}

# The token comes from GITHUB_TOKEN, of someone who administers the repository.
provider "github" {
  owner = local.owner
}

data "github_team" "reviewer" {
  for_each = toset(flatten(values(local.environments)[*].teams))
  slug     = each.value
}

data "github_user" "reviewer" {
  for_each = toset(flatten(values(local.environments)[*].users))
  username = each.value
}

resource "github_repository_environment" "this" {
  for_each = local.environments

  repository          = local.repository
  environment         = each.key
  wait_timer          = each.value.wait_minutes
  can_admins_bypass   = each.value.admins_bypass
  prevent_self_review = each.value.prevent_self_review

  dynamic "reviewers" {
    for_each = length(each.value.teams) + length(each.value.users) == 0 ? [] : [each.value]

    content {
      teams = [for slug in reviewers.value.teams : data.github_team.reviewer[slug].id]
      users = [for name in reviewers.value.users : data.github_user.reviewer[name].id]
    }
  }

  dynamic "deployment_branch_policy" {
    for_each = length(each.value.branches) == 0 ? [] : [true]

    content {
      protected_branches     = false
      custom_branch_policies = true
    }
  }
}

resource "github_repository_environment_deployment_policy" "this" {
  for_each = local.policies

  repository     = local.repository
  environment    = github_repository_environment.this[each.value.environment].environment
  branch_pattern = each.value.branch
  tag_pattern    = each.value.tag
}
