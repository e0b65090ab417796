"""The evaluator, held to what AWS documents: what the tables of test_iam.py say is worth what it is."""

from typing import Any

import pytest
from iam_evaluator import Request, allowed, permitted

ROLE = "arn:aws:iam::111111111111:role/build"
HERE = "arn:aws:ecr:eu-central-1:111111111111:repository/dev-app"
ELSEWHERE = "arn:aws:ecr:eu-central-1:222222222222:repository/dev-app"


def policy(*statements: dict[str, Any]) -> Any:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement} for statement in statements]}


PULL = {"Action": "ecr:BatchGetImage", "Resource": HERE}
ALL = {"Action": "*", "Resource": "*"}


def letting(principal: Any, **more: str) -> dict[str, Any]:
    return {"Principal": principal, "Action": "*", **more}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([], False),
        ([PULL], True),
        ([PULL | {"Action": "ECR:batchgetimage"}], True),
        ([PULL | {"Action": ["ecr:PutImage", "ecr:Batch*"]}], True),
        ([PULL | {"Action": "ecr:PutImage"}], False),
        ([PULL | {"Resource": "arn:aws:ecr:*:111111111111:repository/dev-*"}], True),
        ([PULL | {"Resource": "arn:aws:ecr:eu-central-1:111111111111:repository/dev-ap?"}], True),
        ([PULL | {"Resource": "arn:aws:ecr:eu-central-1:111111111111:repository/Dev-app"}], False),
        ([PULL | {"Resource": "arn:aws:ecr:eu-central-1:111111111111:repository/dev-"}], False),
        ([PULL, PULL | {"Effect": "Deny"}], False),
        ([PULL, PULL | {"Effect": "Deny", "Action": "*", "Resource": "*"}], False),
        ([PULL, PULL | {"Effect": "Deny", "Resource": ELSEWHERE}], True),
    ],
)
def test_a_statement_holds_for_its_actions_and_resources_and_denial_wins(statements: Any, expected: bool) -> None:
    assert allowed(policy(*statements), Request(ROLE, "ecr:BatchGetImage", HERE)) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"key": "value"}}, True),
        ({"StringEquals": {"KEY": ["other", "value"]}}, True),
        ({"StringEquals": {"key": "val*"}}, False),
        ({"StringEquals": {"key": "VALUE"}}, False),
        ({"StringLike": {"key": "val*"}}, True),
        ({"StringLike": {"key": "al*"}}, False),
        ({"StringLike": {"absent": "*"}}, False),
        ({"StringEquals": {"absent": ""}}, False),
        ({"StringEquals": {"key": []}}, False),
        ({"StringEquals": {"key": "value", "other": "x"}}, False),
        ({"StringEquals": {"key": "value"}, "StringLike": {"key": "x*"}}, False),
    ],
)
def test_all_conditions_hold_and_an_absent_key_holds_for_none(condition: Any, expected: bool) -> None:
    request = Request(ROLE, "ecr:BatchGetImage", HERE, {"key": "value"})
    assert allowed(policy(PULL | {"Condition": condition}), request) is expected


@pytest.mark.parametrize(
    ("identity", "repository", "where", "expected"),
    [
        (PULL, None, HERE, True),
        (ALL, None, ELSEWHERE, False),
        (ALL, letting({"AWS": ROLE}), ELSEWHERE, True),
        (ALL, letting({"AWS": "arn:aws:iam::111111111111:root"}), ELSEWHERE, True),
        (ALL, letting({"AWS": "arn:aws:iam::333333333333:root"}), ELSEWHERE, False),
        (PULL, letting("*"), ELSEWHERE, False),
        (PULL, letting("*", Effect="Deny"), HERE, False),
    ],
)
def test_across_accounts_both_policies_allow(identity: Any, repository: Any, where: str, expected: bool) -> None:
    request = Request(ROLE, "ecr:BatchGetImage", where)
    assert permitted(policy(identity), policy(repository) if repository else None, request) is expected


@pytest.mark.parametrize(
    "statement",
    [
        {"NotAction": "iam:*", "Resource": "*"},
        PULL | {"NotResource": "*"},
        PULL | {"Condition": {"ForAllValues:StringEquals": {"key": "value"}}},
        PULL | {"Condition": {"StringEqualsIfExists": {"key": "value"}}},
        PULL | {"Condition": {"StringEquals": {"key": "${aws:username}"}}},
        PULL | {"Principal": {"Service": "ecr.amazonaws.com"}},
    ],
)
def test_what_the_evaluator_does_not_know_is_no_answer(statement: Any) -> None:
    with pytest.raises(ValueError, match="does not know|knows no"):
        allowed(policy(statement), Request(ROLE, "ecr:BatchGetImage", HERE, {"key": "value"}))
