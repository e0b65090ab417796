# Which GitHub job may assume a role. A job that names an environment has the environment in `sub` and no ref there, so
# the ref is asked for by itself: whoever can push a branch can name any environment in it.
#
# Every value is an exact one, or a pattern in a claim whose beginning is exact; a claim that is absent never matches.
locals {
  issuer = "token.actions.githubusercontent.com"
  owner  = split("/", local.repository)[0]
  name   = try(split("/", local.repository)[1], "")

  # The same subject as GitHub writes it for old repositories, and for those made, renamed or moved since July 2026.
  owners = var.github_ids == null ? [] : [
    "repo:${local.repository}",
    "repo:${local.owner}@${var.github_ids.owner}/${local.name}@${var.github_ids.repository}",
  ]
  contexts = {
    for key, role in local.roles : key => role.gate == null ? "ref:refs/heads/${local.branch}" : "environment:${role.gate}"
  }

  # A build runs on a release's tag, or in the run on the branch that made the tag. A job for plans names no
  # environment, and its ref is in its subject.
  refs = {
    for key, role in local.roles : key => (
      key == "build" ? ["refs/heads/${local.branch}", "refs/tags/v*"] :
      key == "plan" ? ["refs/heads/${local.branch}"] : [for branch in local.environments[role.gate].branches : "refs/heads/${branch}"]
    )
  }
  files = {
    for key, role in local.roles : key => key == "plan" ? [] : key == "build" ? var.workflows.build : var.workflows.promote
  }

  trusts = {
    for key, role in local.roles : key => var.github_ids == null ? null : jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Sid       = "GitHub"
        Effect    = "Allow"
        Action    = ["sts:AssumeRoleWithWebIdentity"]
        Principal = { Federated = [replace(role.arn, "/:role/.*$/", ":oidc-provider/${local.issuer}")] }
        Condition = {
          StringEquals = {
            "${local.issuer}:aud"           = ["sts.amazonaws.com"]
            "${local.issuer}:sub"           = [for owner in local.owners : "${owner}:${local.contexts[key]}"]
            "${local.issuer}:repository_id" = [tostring(var.github_ids.repository)]
          }
          StringLike = merge(
            { "${local.issuer}:ref" = local.refs[key] },
            length(local.files[key]) == 0 ? {} : {
              "${local.issuer}:job_workflow_ref" = flatten([
                for file in local.files[key] : [
                  for ref in local.refs[key] : "${local.repository}/.github/workflows/${file}@${ref}"
                ]
              ])
            },
          )
        }
      }]
    })
  }
}
