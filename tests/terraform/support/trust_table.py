"""The table of role x token: which GitHub job may assume which role, and where trust policies say otherwise."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from iam_evaluator import Request, allowed
from terraform_cli import IDS

ISSUER = "token.actions.githubusercontent.com"


def disagreements(computed: Any, description: Any) -> Iterator[str]:
    """Return a line for each token that a role takes and the rules do not, or the other way round."""
    for name, role in computed["roles"].items():
        for token, claims, rule in tokens(name, computed["github_repository"], description):
            if _assumes(role, claims) != rule:
                yield f"{name}, {token}: the rule says {rule}"


def tokens(role: str, repository: str, description: Any) -> Iterator[tuple[str, dict[str, str], bool]]:
    """Return the tokens of jobs by what they are, their claims, and whether a role may take them.

    Args:
        role: build, plan or promote-ENVIRONMENT.
        repository: owner/name.
        description: the pipeline.yaml.
    """
    for what, claims, rule in _jobs(role, repository, description):
        yield what, claims, rule
        for claim, value in claims.items() if rule else ():
            open_ended = role == "build" and claim in {"ref", "job_workflow_ref"} and "refs/tags/v" in value
            unasked = claim in _unasked(role)
            yield f"{what}, without {claim}", {name: claims[name] for name in claims if name != claim}, unasked
            for wrong in ("", "*", f"x{value}", "somebody"):
                yield f"{what}, {claim} {wrong!r}", claims | {claim: wrong}, unasked
            # A release's tag has any end: v1.2.3-2 is one too.
            yield f"{what}, {claim} {value}-2", claims | {claim: f"{value}-2"}, unasked or open_ended


def _jobs(role: str, repository: str, description: Any) -> Iterator[tuple[str, dict[str, str], bool]]:
    environments = [environment["name"] for environment in description["environments"]]
    gates = {"build": environments[0]} | {f"promote-{name}": name for name in environments[1:]}
    gate, main = gates.get(role, ""), f"refs/heads/{description['branch']}"
    branches = {environment["name"]: environment.get("branches", []) for environment in description["environments"]}
    workflow = {"build": "build-images.yaml"}.get(role, "promote.yaml")
    usual = {"environment": gate, "workflow": workflow, "ref": main, "event": "push"}
    job = _Jobs(repository, usual)

    for form in ("classic", "with ids"):
        yield f"its own job, {form}", job.token(form=form), True
        yield f"a branch, {form}", job.token(form=form, ref="refs/heads/feature"), False
        yield f"a branch whose name begins like it, {form}", job.token(form=form, ref=f"{main}-2"), False
        yield f"a pull request, {form}", job.token(form=form, ref="refs/pull/7/merge", event="pull_request"), False
        yield f"a pull request that names the environment, {form}", job.token(form=form, ref="refs/pull/7/merge"), False
        yield f"pull_request_target, {form}", job.token(form=form, event="pull_request"), False
        yield (
            f"pull_request_target that names the environment, {form}",
            job.token(form=form, workflow="label.yaml"),
            role == "plan",  # which names none: this is any other job on the branch
        )
        for branch in branches.get(gate, []):
            for file in ("promote.yaml", "rollback.yaml"):
                yield (
                    f"{file} on {branch}, {form}",
                    job.token(form=form, workflow=file, ref=f"refs/heads/{branch}"),
                    True,
                )
        yield f"a release's tag, {form}", job.token(form=form, ref="refs/tags/v1.2.3"), role == "build"
        yield f"another tag, {form}", job.token(form=form, ref="refs/tags/nightly"), False
        yield f"the rollback, {form}", job.token(form=form, workflow="rollback.yaml"), role != "build"
        for name in ["", *environments, f"{gate}-eu", "production"]:
            rule = name == gate
            yield f"environment {name or 'none'}, {form}", job.token(form=form, environment=name), rule
        for other in ("mallory/fork", f"{repository}-2", f"x{repository}"):
            fork = _Jobs(other, usual, repository_id="3003", owner_id="4004")
            yield f"the repository {other}, {form}", fork.token(form=form), False
        taken = _Jobs(repository, usual, repository_id="3003", owner_id="4004")
        yield f"a repository that took over the name, {form}", taken.token(form=form), False


@dataclass(frozen=True)
class _Jobs:
    """A repository's jobs, which differ from a usual one in what a token is asked for."""

    repository: str
    usual: dict[str, str]
    repository_id: str = str(IDS["repository"])
    owner_id: str = str(IDS["owner"])

    def token(self, form: str, **different: str) -> dict[str, str]:
        """Return a job's claims, as GitHub writes them.

        https://docs.github.com/en/actions/reference/security/oidc
        """
        job = self.usual | different
        owner, name = self.repository.split("/")
        subject = f"{owner}@{self.owner_id}/{name}@{self.repository_id}" if form == "with ids" else self.repository
        context = (
            job["event"] if job["event"] != "push"
            else f"environment:{job['environment']}" if job["environment"]
            else f"ref:{job['ref']}"
        )  # fmt: skip
        return {
            "aud": "sts.amazonaws.com",
            "sub": f"repo:{subject}:{context}",
            "repository": self.repository,
            "repository_id": self.repository_id,
            "ref": job["ref"],
            "job_workflow_ref": f"{self.repository}/.github/workflows/{job['workflow']}@{job['ref']}",
        } | ({"environment": job["environment"]} if job["environment"] else {})


def _unasked(role: str) -> set[str]:
    """Return the claims that say nothing that others do not; a plan may come from any workflow of the branch."""
    return {"repository", "environment"} | ({"job_workflow_ref"} if role == "plan" else set())


def _assumes(role: Any, claims: dict[str, str]) -> bool:
    provider = f"arn:aws:iam::{role['account']}:oidc-provider/{ISSUER}"
    context = {f"{ISSUER}:{claim}": value for claim, value in claims.items()}
    return allowed(role["trust"], Request(provider, "sts:AssumeRoleWithWebIdentity", context=context))
