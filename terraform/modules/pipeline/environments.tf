# The GitHub Environments: the first is open, each further one takes the branches that may change it.
locals {
  sources = toset(compact([for environment in values(local.environments) : environment.promotes_from]))

  gates = {
    for name, environment in local.environments : name => {
      wait_minutes = environment.wait_minutes
      # "owner/team" is a team, anything else a user.
      teams = [for reviewer in environment.reviewers : split("/", reviewer)[1] if strcontains(reviewer, "/")]
      users = [for reviewer in environment.reviewers : reviewer if !strcontains(reviewer, "/")]
      # GitHub asks for one approval. At the end of the road it must be someone else's than the author's.
      prevent_self_review = length(environment.reviewers) > 0 && !contains(local.sources, name)
      admins_bypass       = length(environment.reviewers) == 0 && environment.wait_minutes == 0
      branches            = environment.branches
      # Where branches are limited, so are tags: a build runs on one.
      tags   = name == local.first && length(environment.branches) > 0 ? ["v*"] : []
      role   = try(local.roles[name == local.first ? "build" : "promote-${name}"].arn, null)
      region = try(local.roles[name == local.first ? "build" : "promote-${name}"].region, null)
    }
  }
}
