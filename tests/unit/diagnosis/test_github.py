"""What GitHub says is compared with the description: environments and the subject of OIDC tokens."""

from dataclasses import replace
from typing import Any

import pytest

from pipeline.description import Description, Environment, Service
from pipeline.diagnosis.github import protection, subject

PROD = Environment("prod", "dev", reviewers=("octocat", "acme/platform"), wait_minutes=30, branches=("main",))
DESCRIPTION = Description(
    project="shop", registry="r.example.com", repository="https://github.com/acme/shop", branch="main",
    manifests="manifests", environments=(Environment("dev"), PROD), services=(Service("api", "api"),),
)  # fmt: skip


def environment(**changes: Any) -> dict[str, Any]:
    """Return an Environment as GitHub's API shows it."""
    reviewers = [
        {"type": "User", "reviewer": {"login": "Octocat"}},
        {"type": "Team", "reviewer": {"slug": "platform", "name": "Platform"}},
    ]
    shown = {
        "name": "prod",
        "can_admins_bypass": False,
        "protection_rules": [
            {"type": "wait_timer", "wait_timer": 30},
            {"type": "required_reviewers", "prevent_self_review": True, "reviewers": reviewers},
            {"type": "branch_policy"},
        ],
        "deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True},
    }
    return {"total_count": 1, "environments": [shown | changes]}


def without(kind: str) -> dict[str, Any]:
    rules = environment()["environments"][0]["protection_rules"]
    return environment(protection_rules=[rule for rule in rules if rule["type"] != kind])


def test_an_environment_that_is_protected_as_described_is_fine() -> None:
    assert list(protection(DESCRIPTION, environment())) == []


def test_what_the_description_does_not_ask_for_is_not_missed() -> None:
    open_ = replace(DESCRIPTION, environments=(Environment("dev"), Environment("prod", "dev")))
    assert list(protection(open_, {"total_count": 0, "environments": []})) == []


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (environment(name="production"), "there is no such Environment"),
        (without("required_reviewers"), "octocat, acme/platform are no required reviewer"),
        (without("wait_timer"), "it waits for 0 minutes, not 30"),
        (environment(can_admins_bypass=True), "administrators may go past its rules"),
        (environment(deployment_branch_policy=None), "any branch may deploy to it"),
        ([], "there is no such Environment"),
    ],
)
def test_a_protection_that_is_not_on_is_found_and_nothing_else(answer: Any, problem: str) -> None:
    (found,) = protection(DESCRIPTION, answer)
    assert (found.part, found.where) == ("github", "prod")
    assert found.problem.startswith(problem)
    assert found.cure


def test_a_subject_that_was_customized_is_found() -> None:
    assert list(subject({"use_default": True})) == []
    (found,) = subject({"use_default": False, "include_claim_keys": ["repo", "context", "job_workflow_ref"]})
    assert found.problem == "the subject of the tokens is made of repo, context, job_workflow_ref"
