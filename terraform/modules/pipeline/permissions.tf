# What a role may do, and what a repository lets the roles and clusters of other accounts do.
locals {
  # BatchGetImage lists what refers to an image, too: ListImageReferrers, and the registry's own interface, ask for that.
  pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
  push = ["ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"]

  reads  = { for key, role in local.roles : key => flatten([for name in role.reads : local.arns[name]]) }
  writes = { for key, role in local.roles : key => flatten([for name in role.writes : local.arns[name]]) }

  permissions = {
    for key, role in local.roles : key => jsonencode({
      Version = "2012-10-17"
      Statement = concat(
        # A token opens what its role may use; it names no repository.
        [{ Sid = "Login", Effect = "Allow", Action = ["ecr:GetAuthorizationToken"], Resource = ["*"] }],
        # `doctor` asks whether tags can be overwritten, and whether layers are mounted: that setting has no ARN.
        [
          for arns in [local.reads[key]] : {
            Sid    = "Pull", Effect = "Allow", Resource = arns
            Action = concat(local.pull, key == "plan" ? ["ecr:DescribeRepositories"] : [])
          }
          if length(arns) > 0
        ],
        [
          for arns in [local.writes[key]] : { Sid = "Push", Effect = "Allow", Action = concat(local.pull, local.push), Resource = arns }
          if length(arns) > 0
        ],
        [
          for action in ["ecr:GetAccountSetting"] : { Sid = "Settings", Effect = "Allow", Action = [action], Resource = ["*"] }
          if key == "plan"
        ],
      )
    })
  }

  # Roles of other accounts that read an environment. The account is the principal and the role a condition: AWS
  # refuses a policy that names a role before it exists, and forgets one that is made anew.
  readers = {
    for name in local.order : name => {
      for role in values(local.roles) : role.account => role.arn...
      if contains(role.reads, name) && role.account != local.environments[name].account
    }
  }

  # Clusters of other accounts; those of the same account pull by their node's role.
  clusters = {
    for name, environment in local.environments : name => [
      for account in distinct(lookup(var.pull_accounts, name, [])) : account if account != environment.account
    ]
  }

  repository_policies = {
    for name, environment in local.environments : name => (
      environment.account == null || length(local.readers[name]) + length(local.clusters[name]) == 0 ? null : jsonencode({
        Version = "2012-10-17"
        Statement = concat(
          [
            for account, arns in local.readers[name] : {
              Sid       = "Roles${account}"
              Effect    = "Allow"
              Principal = { AWS = ["arn:${local.partitions[name]}:iam::${account}:root"] }
              Action    = local.pull
              Condition = { StringEquals = { "aws:PrincipalArn" = sort(arns) } }
            }
          ],
          [
            for account in sort(local.clusters[name]) : {
              Sid       = "Clusters${account}"
              Effect    = "Allow"
              Principal = { AWS = ["arn:${local.partitions[name]}:iam::${account}:root"] }
              Action    = local.pull
            }
          ],
        )
      })
    )
  }
}
