"""Decide what IAM policies allow, as AWS documents it, for the parts of the language that these policies use.

Anything else in a policy is an error: an evaluator that skips what it does not know would call a policy safe.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

_KNOWN = {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody wants to do something: `context` holds the condition keys that the request carries."""

    principal: str
    action: str
    resource: str = ""
    context: Mapping[str, str] = field(default_factory=dict)


def allowed(policy: Any, request: Request) -> bool:
    """Tell whether one policy allows a request by itself: something allows it and nothing denies it."""
    effects = {statement["Effect"] for statement in _statements(policy) if _applies(statement, request)}
    return "Allow" in effects and "Deny" not in effects


def denied(policy: Any, request: Request) -> bool:
    """Tell whether a policy denies a request whatever others allow."""
    return any(statement["Effect"] == "Deny" and _applies(statement, request) for statement in _statements(policy))


def permitted(identity: Any, repository_policy: Any, request: Request) -> bool:
    """Tell whether a role may do something to a repository: across accounts both policies have to allow it."""
    own = request.principal.split(":")[4] == request.resource.split(":")[4]
    policies = [policy for policy in (identity, repository_policy) if policy is not None]
    if any(denied(policy, request) for policy in policies):
        return False
    return allowed(identity, request) and (
        own or (repository_policy is not None and allowed(repository_policy, request))
    )


def _statements(policy: Any) -> Iterable[Any]:
    assert policy["Version"] == "2012-10-17"
    for statement in policy["Statement"]:
        if unknown := set(statement) - _KNOWN:
            raise ValueError(f"the evaluator does not know {sorted(unknown)}")
        yield statement


def _applies(statement: Any, request: Request) -> bool:
    return (
        any(_glob(pattern.lower(), request.action.lower()) for pattern in _values(statement["Action"]))
        # A policy on a thing names no resource, one on a role no principal.
        and ("Resource" not in statement or any(_glob(one, request.resource) for one in _values(statement["Resource"])))
        and ("Principal" not in statement or _is_principal(statement["Principal"], request.principal))
        and _conditions(statement.get("Condition", {}), request.context)
    )


def _is_principal(wanted: Any, principal: str) -> bool:
    if wanted == "*":
        return True
    if unknown := set(wanted) - {"AWS", "Federated"}:
        raise ValueError(f"the evaluator does not know principals of {sorted(unknown)}")
    account = ":".join([*principal.split(":")[:5], "root"])
    names = [name for value in wanted.values() for name in _values(value)]
    return "*" in names or principal in names or account in names


def _conditions(wanted: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    given = {key.lower(): value for key, value in context.items()}
    return all(
        _holds(operator, _values(values), given.get(key.lower()))
        for operator, keys in wanted.items()
        for key, values in keys.items()
    )


def _holds(operator: str, values: Sequence[str], given: str | None) -> bool:
    if any("${" in value for value in values):
        raise ValueError("the evaluator knows no policy variables")
    if operator == "StringEquals":
        return given is not None and given in values
    if operator == "StringLike":
        return given is not None and any(_glob(value, given) for value in values)
    raise ValueError(f"the evaluator does not know {operator}")


def _glob(pattern: str, text: str) -> bool:
    return pattern == text or (bool({"*", "?"} & set(pattern)) and _regex(pattern).fullmatch(text) is not None)


@cache
def _regex(pattern: str) -> re.Pattern[str]:
    parts = (".*" if sign == "*" else "." if sign == "?" else re.escape(sign) for sign in pattern)
    return re.compile("".join(parts), re.DOTALL)


def _values(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
