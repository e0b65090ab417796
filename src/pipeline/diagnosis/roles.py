"""The roles that GitHub's jobs take, as terraform/global/iam makes them, and what is wrong with whom they trust."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from pipeline.description import Description, Environment
from pipeline.registry import Ecr, ecr_of

from .finding import Finding

_ISSUER = "token.actions.githubusercontent.com"
_APPLY = "apply terraform/global/iam"
_WRITE_OUT = f"{_APPLY}, or write the subjects out"
_OPERATORS = ("StringEquals", "StringLike")
_IDS = "@[0-9]+"


@dataclass(frozen=True, slots=True)
class Role:
    """A role by its name, the account that it is in, and the end of the subject of the tokens that may take it."""

    name: str
    place: Ecr
    context: str


def roles(description: Description) -> list[Role]:
    """Return the roles that jobs take; there is none for what is not in ECR."""

    def home(*environments: Environment) -> Ecr | None:
        return next(filter(None, (ecr_of(description.registry_of(one.name)) for one in environments)), None)

    first = description.first
    wanted = [("build", home(first), f"environment:{first.name}")]
    wanted += [
        (f"promote-{one.name}", home(one, description.environment(one.promotes_from)), f"environment:{one.name}")
        for one in description.environments
        if one.promotes_from
    ]
    wanted.append(("plan", home(*description.environments), f"ref:refs/heads/{description.branch}"))
    return [Role(f"{description.project}-{name}", place, context) for name, place, context in wanted if place]


def trusted(role: Role, policy: Any, repository: str) -> Iterator[Finding]:
    """Yield what is wrong with a role's trust policy.

    Args:
        role: whose it is.
        policy: what IAM says.
        repository: the repository whose jobs are to take it, as GitHub names it: owner/name.
    """
    owner, _, name = repository.partition("/")
    classic = f"repo:{repository}:{role.context}"
    numbered = re.compile(f"repo:{re.escape(owner)}{_IDS}/{re.escape(name)}{_IDS}:{re.escape(role.context)}")
    allowed = list(_allowed(policy))

    def finding(problem: str, cure: str = _APPLY) -> Finding:
        return Finding("aws", role.name, problem, cure)

    if not allowed:
        yield finding("its trust takes no token of GitHub")
        return
    if not any(_takes(one, "sub", classic) for one in allowed):
        yield finding(f"its trust does not take the subject {classic}")
    elif not any(any(numbered.fullmatch(text) or "*" in text for text in _of_any(one, "sub")) for one in allowed):
        known = f"repo:{owner}@ID/{name}@ID:{role.context}"
        yield finding(f"its trust does not take {known}, as GitHub writes it for newer repositories")
    other = {"sub": f"repo:somebody/else:{role.context}", "repository_id": "0", "repository": "somebody/else"}
    if any(all(_takes(one, claim, value) for claim, value in other.items()) for one in allowed):
        yield finding("its trust takes the jobs of other repositories", _WRITE_OUT)
    elif any(
        _takes(one, "sub", f"repo:{repository}:pull_request") and _takes(one, "ref", "refs/pull/7/merge")
        for one in allowed
    ):
        yield finding("its trust takes the jobs of pull requests", _WRITE_OUT)
    elif any(_takes(one, "sub", f"repo:{repository}:environment:of another name") for one in allowed):
        yield finding("its trust takes the jobs of every environment", _WRITE_OUT)
    if any(not _takes(one, "aud", "sts.amazonaws.com") or _takes(one, "aud", "else") for one in allowed):
        yield finding("its trust does not ask for the audience sts.amazonaws.com")


def _allowed(policy: Any) -> Iterator[dict[str, Any]]:
    """Yield the conditions of each statement that lets GitHub's tokens take the role."""
    for statement in _list(policy.get("Statement") if isinstance(policy, dict) else None):
        if not isinstance(statement, dict) or statement.get("Effect") != "Allow":
            continue
        principal = statement.get("Principal")
        providers = _list(principal.get("Federated") if isinstance(principal, dict) else None)
        actions = _list(statement.get("Action"))
        if any(_ISSUER in str(one) for one in providers) and any(
            fnmatchcase("sts:AssumeRoleWithWebIdentity", str(one)) for one in actions
        ):
            conditions = statement.get("Condition")
            yield conditions if isinstance(conditions, dict) else {}


def _takes(conditions: dict[str, Any], claim: str, value: str) -> bool:
    """Tell whether conditions let a claim's value through; what asks for nothing does."""
    equal, like = (_of(conditions, operator, claim) for operator in _OPERATORS)
    # IAM knows * and ?, and no sets in brackets.
    patterns = [text.replace("[", "[[]") for text in like]
    return (not equal or value in equal) and (not like or any(fnmatchcase(value, one) for one in patterns))


def _of_any(conditions: dict[str, Any], claim: str) -> list[str]:
    """Return what is asked of a claim by any operator; * if nothing is."""
    return [text for operator in _OPERATORS for text in _of(conditions, operator, claim)] or ["*"]


def _of(conditions: dict[str, Any], operator: str, claim: str) -> list[str]:
    """Return the values that an operator asks for, with those that it asks for of any of several."""
    keys = [conditions.get(f"{several}{operator}") for several in ("", "ForAnyValue:")]
    name = f"{_ISSUER}:{claim}"
    return [str(one) for each in keys if isinstance(each, dict) for one in _list(each.get(name))]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
