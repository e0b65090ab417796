# The branch that Argo CD reads is never rewritten or deleted. Who may push to it depends on how promotions do.
resource "github_repository_ruleset" "branch" {
  name        = "pipeline: ${module.pipeline.branch}"
  repository  = local.repository
  target      = "branch"
  enforcement = "active"

  conditions {
    ref_name {
      include = ["refs/heads/${module.pipeline.branch}"]
      exclude = []
    }
  }

  rules {
    deletion         = true
    non_fast_forward = true

    dynamic "pull_request" {
      for_each = module.pipeline.pull_requests_only || var.promotion_app_id != null ? [true] : []

      content {
        required_approving_review_count = 1
        dismiss_stale_reviews_on_push   = true
      }
    }
  }

  dynamic "bypass_actors" {
    for_each = var.promotion_app_id == null ? [] : [var.promotion_app_id]

    content {
      actor_id    = bypass_actors.value
      actor_type  = "Integration"
      bypass_mode = "always"
    }
  }

  # Image Updater writes to the first environment's overlays with a deploy key.
  dynamic "bypass_actors" {
    for_each = module.pipeline.image_updater ? [true] : []

    content {
      actor_type  = "DeployKey"
      bypass_mode = "always"
    }
  }
}

# A release's tag names one commit for ever: the role that builds trusts what runs on it.
resource "github_repository_ruleset" "tags" {
  name        = "pipeline: release tags"
  repository  = local.repository
  target      = "tag"
  enforcement = "active"

  conditions {
    ref_name {
      include = ["refs/tags/v*"]
      exclude = []
    }
  }

  rules {
    deletion = true
    update   = true
  }
}
