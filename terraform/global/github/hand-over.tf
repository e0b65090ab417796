# What the workflows read as `vars`: a job that names an environment finds that environment's role, the others the
# role for plans. An ARN is no secret.
resource "github_actions_environment_variable" "role" {
  for_each = local.assumed

  repository    = local.repository
  environment   = github_repository_environment.this[each.key].environment
  variable_name = "AWS_ROLE"
  value         = each.value.role
}

resource "github_actions_environment_variable" "region" {
  for_each = local.assumed

  repository    = local.repository
  environment   = github_repository_environment.this[each.key].environment
  variable_name = "AWS_REGION"
  value         = each.value.region
}

resource "github_actions_variable" "plan_role" {
  count = module.pipeline.plan_role == null ? 0 : 1

  repository    = local.repository
  variable_name = "AWS_ROLE"
  value         = module.pipeline.plan_role.arn
}

resource "github_actions_variable" "plan_region" {
  count = module.pipeline.plan_role == null ? 0 : 1

  repository    = local.repository
  variable_name = "AWS_REGION"
  value         = module.pipeline.plan_role.region
}
