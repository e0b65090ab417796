# What ECR may delete by itself: pre-releases, of the first environment, where nothing can name them.
#
# ECR does not know what runs. An overlay may name any tag and any digest that was ever promoted into its environment,
# and signatures and SBOMs are untagged manifests that refer to an image. So no rule counts, none takes untagged
# manifests, and only where Image Updater keeps the overlay, which deploys releases alone, is there a rule at all.
locals {
  lifecycle_policies = {
    for name, environment in local.environments : name => (
      name != local.first || environment.deployed_by != "image-updater" ? null : jsonencode({
        rules = [{
          rulePriority = 1
          description  = "Pre-releases that nobody promoted"
          selection = {
            tagStatus      = "tagged"
            tagPatternList = ["v*-*"]
            countType      = "sinceImagePushed"
            countUnit      = "days"
            countNumber    = var.prerelease_days
          }
          action = { type = "expire" }
        }]
      })
    )
  }
}
