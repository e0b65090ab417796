output "project" {
  description = "The project's name."
  value       = local.project
}

output "branch" {
  description = "The branch that holds the manifests."
  value       = local.branch
}

output "github_repository" {
  description = "The GitHub repository whose workflows run, as owner/name."
  value       = local.repository

  precondition {
    condition     = local.repository != ""
    error_message = "`repository` in pipeline.yaml is no GitHub repository: give github_repository, as owner/name."
  }
}

output "repositories" {
  description = "The ECR repositories, by environment/service, each with its policies as JSON or null."
  value = {
    for key, repository in local.repositories : key => merge(repository, {
      lifecycle_policy  = local.lifecycle_policies[repository.environment]
      repository_policy = local.repository_policies[repository.environment]
    })
  }

  precondition {
    condition     = length(local.odd_accounts) == 0
    error_message = "The account of ${join(", ", local.odd_accounts)} is not 12 digits: write it in quotes in pipeline.yaml."
  }
  precondition {
    condition     = length(distinct(values(local.repositories)[*].arn)) == length(local.repositories)
    error_message = "Two images share a repository: `images` in pipeline.yaml needs {service}, and {environment} where environments share a registry."
  }
}

output "roles" {
  description = "The IAM roles, each with its permissions and, where github_ids are given, its trust policy as JSON."
  value = {
    for key, role in local.roles : key => merge(role, { permissions = local.permissions[key], trust = local.trusts[key] })
  }

  precondition {
    condition     = alltrue([for role in values(local.roles) : length(role.name) <= 64])
    error_message = "IAM allows 64 characters for a role's name: shorten the project or an environment in pipeline.yaml."
  }
  precondition {
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: inline policies of one role
    condition     = alltrue([for policy in values(local.permissions) : length(policy) <= 10240])
    error_message = "IAM allows 10,240 characters for a role's policies: so many repositories need a second pipeline.yaml."
  }
  precondition {
    # The same, for a trust policy without a raised quota.
    condition     = alltrue([for trust in values(local.trusts) : trust == null || length(coalesce(trust, "-")) <= 2048])
    error_message = "AWS allows 2,048 characters for a trust policy: name fewer workflows or branches."
  }
}

output "environments" {
  description = "The GitHub Environments with their gates, and the role that their jobs assume."
  value       = local.gates
}

output "plan_role" {
  description = "The role for jobs that only read, its ARN and region; null where nothing is in ECR."
  value       = try({ arn = local.roles.plan.arn, region = local.roles.plan.region }, null)
}

output "pull_requests_only" {
  description = "Whether everything that the pipeline commits comes as a pull request."
  value = alltrue([
    for environment in values(local.environments) : environment.changes_by == "pull-request"
    if environment.deployed_by == "pipeline"
  ])
}

output "image_updater" {
  description = "Whether Image Updater keeps the first environment's overlays."
  value       = local.environments[local.first].deployed_by == "image-updater"
}
