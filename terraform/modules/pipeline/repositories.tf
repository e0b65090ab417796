# One repository for each service in each environment whose registry is ECR, by "environment/service".
locals {
  partitions = {
    for name, environment in local.environments : name => (
      environment.region == null ? null :
      startswith(environment.region, "cn-") ? "aws-cn" :
      startswith(environment.region, "us-gov-") ? "aws-us-gov" : "aws"
    )
  }

  places = {
    for place in setproduct([for name, environment in local.environments : name if environment.account != null], local.services) :
    "${place[0]}/${place[1]}" => { environment = place[0], service = place[1] }
  }

  repositories = {
    for key, place in local.places : key => {
      environment = place.environment
      service     = place.service
      account     = local.environments[place.environment].account
      region      = local.environments[place.environment].region
      name        = local.repository_names[key]
      arn = join(":", [
        "arn", local.partitions[place.environment], "ecr", local.environments[place.environment].region,
        local.environments[place.environment].account, "repository/${local.repository_names[key]}",
      ])
    }
  }

  repository_names = {
    for key, place in local.places : key => replace(replace(replace(
      local.images, "{environment}", place.environment), "{project}", local.project), "{service}", place.service
    )
  }

  arns = {
    for name in keys(local.environments) : name => [
      for repository in values(local.repositories) : repository.arn if repository.environment == name
    ]
  }
}
