"""Look at what GitHub says: are environments really protected, and have OIDC tokens the subject that roles expect?"""

from collections.abc import Iterator
from typing import Any

import dagger

from pipeline.description import Description, Environment
from pipeline.errors import shown
from pipeline.git import GitHub
from pipeline.tools import Answer, Http, authorized

from .finding import Finding

_PART = "github"
_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
_SUBJECT = "actions/oidc/customization/sub"


async def github(asked: GitHub, description: Description, token: dagger.Secret) -> tuple[list[Finding], list[str]]:
    """Return what is wrong at GitHub, and what could not be looked at.

    Args:
        asked: where the repository is.
        description: what there is to be.
        token: one that may read the repository's environments and Actions.
    """
    container = await authorized(description.tools.curl, token, "git-token", _HEADERS)
    http = Http(asked.reached_by(container), asked.api)
    base = f"repos/{asked.repository}"
    environments, claims = await http.get([f"{base}/environments?per_page=100", f"{base}/{_SUBJECT}"])
    findings: list[Finding] = []
    left_out: list[str] = []
    if environments.status == 200:
        findings += protection(description, environments.document)
    else:
        left_out.append(f"the Environments on GitHub: {_refusal(environments)}")
    if claims.status == 200:
        findings += subject(claims.document)
    else:
        left_out.append(f"the subject of OIDC tokens: {_refusal(claims)}")
    return findings, left_out


def _refusal(answer: Answer) -> str:
    if answer.status == 0:
        return f"GitHub does not answer ({shown(answer.body)}): is --github-api right?"
    return f"GitHub answers {answer.status}: give a --git-token of the repository with actions: read"


def protection(description: Description, answer: Any) -> Iterator[Finding]:
    """Yield environments that are less protected than the description says.

    Args:
        description: what there is to be.
        answer: what GitHub's API lists under `/environments`.
    """
    found = {one.get("name"): one for one in _list(answer, "environments")}
    for environment in description.environments:
        if environment.reviewers or environment.wait_minutes or environment.branches:
            if environment.name in found:
                yield from _compared(environment, found[environment.name])
            else:
                problem = "there is no such Environment: the first run that names it makes one without protection"
                yield Finding(
                    _PART, environment.name, problem, "apply terraform/global/github, or add it in the settings"
                )


def subject(answer: Any) -> Iterator[Finding]:
    """Yield a subject of OIDC tokens that is not the one roles are written for.

    Args:
        answer: what GitHub's API says under `/actions/oidc/customization/sub`.
    """
    if isinstance(answer, dict) and answer.get("use_default") is False:
        keys = ", ".join(key for key in answer.get("include_claim_keys") or [] if isinstance(key, str))
        cure = "reset it (use_default), or write its form into the roles' trust: they expect repo:…:environment:NAME"
        yield Finding(_PART, "OIDC", f"the subject of the tokens is made of {keys or 'other claims'}", cure)


def _compared(environment: Environment, one: dict[str, Any]) -> Iterator[Finding]:
    rules = {rule.get("type"): rule for rule in _list(one, "protection_rules")}
    name = environment.name
    if environment.reviewers:
        names = {_reviewer(entry) for entry in _list(rules.get("required_reviewers"), "reviewers")}
        if missing := [wanted for wanted in environment.reviewers if wanted.rpartition("/")[2].lower() not in names]:
            problem = f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} no required reviewer"
            yield Finding(_PART, name, problem, "add it to the Environment's required reviewers")
        if one.get("can_admins_bypass") is True:
            cure = "switch off that administrators bypass the rules"
            yield Finding(_PART, name, "administrators may go past its rules", cure)
    waits = rules.get("wait_timer", {}).get("wait_timer") or 0
    if waits < environment.wait_minutes:
        yield Finding(
            _PART, name, f"it waits for {waits} minutes, not {environment.wait_minutes}", "set its wait timer to that"
        )
    if environment.branches and not one.get("deployment_branch_policy"):
        cure = f"let only {', '.join(environment.branches)} deploy to it"
        yield Finding(_PART, name, "any branch may deploy to it", cure)


def _reviewer(entry: dict[str, Any]) -> str:
    reviewer = entry.get("reviewer")
    names = reviewer if isinstance(reviewer, dict) else {}
    return str(names.get("login") or names.get("slug") or "").lower()


def _list(document: Any, key: str) -> list[dict[str, Any]]:
    found = document.get(key) if isinstance(document, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
