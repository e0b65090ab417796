"""What identifies a plan, and what is refused because it is not the one that was approved."""

from dataclasses import replace

import pytest

from pipeline.errors import InvalidInput
from pipeline.promotion.approval import check_approved, check_digest
from pipeline.promotion.decide import Refused
from pipeline.promotion.outcome import Outcome, Row

ROW = Row(
    "api",
    "r/dev-shop-api:v1.2.3",
    "r/stg-shop-api:v1.2.3",
    "sha256:aa",
    copied=True,
    previous="v1.0.0",
    running="r/stg-shop-api:v1.0.0@sha256:bb",
)
PLAN = Outcome("promote", "v1.2.3", "stg", "dev", dry_run=True, changed=True, rows=[ROW], diff="D")


def test_a_plan_is_the_same_whenever_it_is_made_and_whatever_an_earlier_attempt_copied() -> None:
    again = replace(PLAN, rows=[replace(ROW, copied=False)], commit="abc", diff="E", rendered_diff="F", dry_run=False)
    assert again.digest == PLAN.digest == check_digest(PLAN.digest)
    check_approved(again, PLAN.digest)
    check_approved(again, "")


@pytest.mark.parametrize(
    "changed",
    [
        replace(PLAN, verb="rollback"),
        replace(PLAN, environment="prod"),
        replace(PLAN, forced=True),
        replace(PLAN, rows=[ROW, replace(ROW, service="web")]),
        replace(PLAN, rows=[replace(ROW, source="r/qa-shop-api:v1.2.3")]),
        replace(PLAN, rows=[replace(ROW, target="r/stg-shop-api:v1.2.4")]),
        replace(PLAN, rows=[replace(ROW, digest="sha256:cc")]),
        replace(PLAN, rows=[replace(ROW, running="r/stg-shop-api:v1.0.0@sha256:dd")]),
    ],
)
def test_what_would_end_otherwise_is_refused_with_what_it_is_now(changed: Outcome) -> None:
    with pytest.raises(Refused) as refused:
        check_approved(changed, PLAN.digest)
    said = str(refused.value)
    assert PLAN.digest in said
    assert changed.digest in said
    assert f"\n  api: {changed.rows[0].running} -> {changed.rows[0].target}@{changed.rows[0].digest}" in said


def test_where_nothing_is_left_to_do_nothing_needs_an_approval() -> None:
    check_approved(replace(PLAN, changed=False, rows=[replace(ROW, copied=False)], verb="rollback"), PLAN.digest)


@pytest.mark.parametrize("text", ["yes", "sha256:12", f"sha256:{'A' * 64}", f"{PLAN.digest}\n"])
def test_what_is_no_digest_is_refused_with_where_to_get_one(text: str) -> None:
    with pytest.raises(InvalidInput, match="is no digest of a plan: give the one that --dry-run says"):
        check_digest(text)
    assert check_digest("") == ""
