# Who may do what: one role builds into the first environment, one for each further environment promotes into it, one
# reads everything for plans. A role lives in the account that it pushes to.
locals {
  order = [for environment in local.file.environments : environment.name]

  # `home`: the environments whose account the role may live in, the best first. `gate`: the GitHub Environment whose
  # jobs may assume it.
  wanted = merge(
    { build = { gate = local.first, home = [local.first], reads = [], writes = [local.first] } },
    {
      for name in local.order : "promote-${name}" => {
        gate   = name
        home   = [name, local.environments[name].promotes_from]
        reads  = [local.environments[name].promotes_from]
        writes = [name]
      } if name != local.first
    },
    { plan = { gate = null, home = local.order, reads = local.order, writes = [] } },
  )

  # Where neither environment is in ECR, AWS has nothing to allow.
  homes = { for key, role in local.wanted : key => [for name in role.home : name if local.environments[name].account != null] }

  roles = {
    for key, role in local.wanted : key => {
      name    = "${local.project}-${key}"
      account = local.environments[local.homes[key][0]].account
      region  = local.environments[local.homes[key][0]].region
      gate    = role.gate
      reads   = role.reads
      writes  = role.writes
      arn     = "arn:${local.partitions[local.homes[key][0]]}:iam::${local.environments[local.homes[key][0]].account}:role/${local.project}-${key}"
    } if length(local.homes[key]) > 0
  }
}
