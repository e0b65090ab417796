# pipeline.yaml, with the same defaults as the module in src/pipeline.
locals {
  file     = yamldecode(file(var.pipeline_file))
  project  = local.file.project
  branch   = local.file.branch
  images   = try(local.file.images, "{environment}-{project}-{service}")
  services = [for service in local.file.services : service.name]
  first    = local.file.environments[0].name
  repository = var.github_repository != null ? var.github_repository : try(
    regex("^(?:[a-z]+://[^/]+/|[^/:]+:)([^/:]+/[^/:]+?)(?:\\.git)?/?$", local.file.repository)[0], ""
  )

  environments = {
    for environment in local.file.environments : environment.name => {
      promotes_from = try(environment["promotes-from"], null)
      deployed_by   = try(environment["deployed-by"], environment.name == local.first ? "image-updater" : "pipeline")
      changes_by    = try(environment["changes-by"], "push")
      reviewers     = try(environment.reviewers, [])
      wait_minutes  = try(environment["wait-minutes"], 0)
      branches      = environment.name == local.first ? try(environment.branches, []) : coalescelist(try(environment.branches, []), [local.branch])
      # An address is a registry that is not ECR: there is nothing to make in AWS for it.
      account = try(tostring(try(environment.registry, local.file.registry).account), null)
      region  = try(try(environment.registry, local.file.registry).region, null)
    }
  }

  # An account number that begins with 0 and has no quotes is another number by the time it gets here.
  odd_accounts = [
    for name, environment in local.environments : name
    if environment.account != null && !can(regex("^[0-9]{12}$", environment.account))
  ]
}
