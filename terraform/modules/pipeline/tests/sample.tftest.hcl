# This repository's own pipeline.yaml: two services, three environments, one account.
variables {
  pipeline_file = "../../../pipeline.yaml"
  github_ids    = { owner = 1001, repository = 2002 }
}

run "computes" {
  command = plan

  assert {
    condition = toset(values(output.repositories)[*].name) == toset([
      "dev-myapp-backend", "dev-myapp-frontend", "stg-myapp-backend", "stg-myapp-frontend",
      "prod-myapp-backend", "prod-myapp-frontend",
    ])
    error_message = "Six repositories, named as the module names images."
  }
  assert {
    condition     = toset(keys(output.roles)) == toset(["build", "plan", "promote-stg", "promote-prod"])
    error_message = "One role builds, one plans, one for each further environment promotes."
  }
  assert {
    condition     = alltrue([for repository in values(output.repositories) : repository.repository_policy == null])
    error_message = "Within one account no repository lets others in."
  }
  assert {
    condition = alltrue([
      for repository in values(output.repositories) :
      (repository.lifecycle_policy != null) == (repository.environment == "dev")
    ])
    error_message = "Only the first environment's repositories are ever cleared."
  }
}
