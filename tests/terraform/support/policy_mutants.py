"""Everything that could go wrong with an IAM policy by one slip of the pen."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

Slip = tuple[str, Callable[[Any], None]]


def mutants(policy: Any) -> Iterator[tuple[str, Any]]:
    """Return copies of a policy, each with one slip and with what it is."""
    for index, statement in enumerate(policy["Statement"]):
        yield f"{statement['Sid']} is gone", policy | {"Statement": _without(policy["Statement"], statement)}
        for what, change in (*_effects(), *_actions(statement), *_resources(statement), *_conditions(statement)):
            mutant = copy.deepcopy(policy)
            change(mutant["Statement"][index])
            yield f"{statement['Sid']} {what}", mutant


def _effects() -> Iterator[Slip]:
    yield "denies", _set(["Effect"], "Deny")


def _actions(statement: Any) -> Iterator[Slip]:
    for action in statement["Action"]:
        yield f"without {action}", _set(["Action"], _without(statement["Action"], action))
    if statement["Sid"] != "GitHub":  # with a token there is one thing to do
        for wider in ("*", "ecr:*", "ecr:Put*"):
            yield f"to do {wider}", _set(["Action"], [*statement["Action"], wider])


def _resources(statement: Any) -> Iterator[Slip]:
    if statement.get("Resource", ["*"]) == ["*"]:
        return
    yield "on everything", _set(["Resource"], ["*"])
    for position, arn in enumerate(statement["Resource"]):
        yield f"without {arn}", _set(["Resource"], _without(statement["Resource"], arn))
        for wider in (f"{arn}*", arn.replace("repository/", "repository/*")):
            yield f"on {wider}", _set(["Resource", position], wider)


def _conditions(statement: Any) -> Iterator[Slip]:
    if "Condition" in statement:
        yield "without conditions", _set(["Condition"], {})
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            rest = {name: value for name, value in keys.items() if name != key}
            yield f"without {key}", _set(["Condition", operator], rest)
            for value in values:
                yield f"without {key} {value}", _set(["Condition", operator, key], _without(values, value))
                for wider in {"*", f"{value.rstrip('*')}*", f"*{value}"} - {value}:
                    yield f"with {key} {wider}", _like(operator, key, [*_without(values, value), wider])


def _set(path: list[Any], value: Any) -> Callable[[Any], None]:
    def change(place: Any) -> None:
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


def _like(operator: str, key: str, values: list[str]) -> Callable[[Any], None]:
    """Return what takes a condition for a pattern."""

    def change(statement: Any) -> None:
        del statement["Condition"][operator][key]
        statement["Condition"].setdefault("StringLike", {})[key] = values

    return change


def _without(values: list[Any], value: Any) -> list[Any]:
    return [other for other in values if other != value]
