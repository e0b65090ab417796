# Three accounts, four environments, five services.
variables {
  pipeline_file = "tests/grid.yaml"
  github_ids    = { owner = 1001, repository = 2002 }
}

run "computes" {
  command = plan

  assert {
    condition     = length(output.repositories) == 20 && length(output.roles) == 5
    error_message = "One repository for each service in each environment; four environments' roles, and one for plans."
  }
  assert {
    condition     = output.repositories["prod/search"].arn == "arn:aws:ecr:us-east-1:033333333333:repository/prod-shop-search"
    error_message = "An environment's repositories lie in its own account and region."
  }
  assert {
    condition     = output.roles["promote-prod"].account == "033333333333" && output.roles["plan"].account == "111111111111"
    error_message = "A role lives where it pushes; that for plans with the first environment."
  }
  assert {
    condition = alltrue([
      for repository in values(output.repositories) : (repository.repository_policy == null) == (repository.environment == "dev")
    ])
    error_message = "Only what another account reads has a policy."
  }
}

run "gates" {
  command = plan

  assert {
    condition = (
      output.environments["prod"].wait_minutes == 30 &&
      output.environments["prod"].prevent_self_review &&
      !output.environments["prod"].admins_bypass &&
      output.environments["prod"].teams == ["platform"]
    )
    error_message = "The end of the road waits, takes someone else's approval, and lets no administrator by."
  }
  assert {
    condition     = !output.environments["stg"].prevent_self_review && output.environments["stg"].users == ["octocat"]
    error_message = "On the way, a reviewer may be the author."
  }
}

run "clusters_of_other_accounts" {
  command = plan

  variables {
    pull_accounts = { dev = ["444444444444", "111111111111"] }
  }

  assert {
    condition     = length(jsondecode(output.repositories["dev/worker"].repository_policy).Statement) == 1
    error_message = "The other account pulls; its own needs no policy."
  }
}

run "an_account_is_twelve_digits" {
  command = plan

  variables {
    pull_accounts = { dev = ["4444"] }
  }

  expect_failures = [var.pull_accounts]
}
