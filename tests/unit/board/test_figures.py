"""The figures of delivery, on a history whose answers can be counted by hand."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from support.promotions import DAY, HOUR, SERVICES, START, Made, sixty

from pipeline.board.figures import Figures, Lengths, Week, figures, period
from pipeline.board.replay import Deployment, replay
from pipeline.errors import InvalidInput

NOW = START + 80 * DAY
QUARTER = 90 * DAY


def deployments(made: Made, environment: str = "prod", now: datetime = NOW) -> list[Deployment]:
    return replay(made.records[::-1], made.landings, now).get(environment, [])


def counted(made: Made, environment: str = "prod", length: timedelta = QUARTER, now: datetime = NOW) -> Figures:
    return figures(deployments(made, environment, now), made.tags, now, length)


def test_there_are_sixty() -> None:
    assert len(sixty().records) == len(deployments(sixty())) + len(deployments(sixty(), "stg")) == 60


def test_an_environment_s_figures_are_those_of_its_history() -> None:
    prod = counted(sixty())
    assert (prod.promotions, prod.rollbacks, prod.failed, prod.failure_rate) == (18, 4, 4, 4 / 18)
    assert prod.lead == Lengths(17, DAY, 11 * DAY)  # all but the untagged; 11 days by the clock that was ahead
    assert prod.untagged == 1
    assert prod.restore == Lengths(4, 3 * HOUR, 3 * HOUR)  # of 3, 3, 3 and, by a clock that was behind, 0 hours
    assert prod.observed == 79 * DAY
    assert prod.weekly == pytest.approx(18 * 7 / 79)


def test_what_is_of_some_services_counts_and_a_promotion_back_is_no_rollback() -> None:
    stg = counted(sixty(), "stg")
    assert (stg.promotions, stg.rollbacks, stg.failed, stg.failure_rate) == (38, 0, 0, 0)
    assert stg.lead == Lengths(23, 2 * HOUR, 2 * HOUR)  # each version once; the clock that was behind gave 0
    assert (stg.untagged, stg.restore) == (1, None)


def test_a_period_counts_what_is_in_it_by_the_clock_and_the_rest_for_what_was_before() -> None:
    prod, stg = counted(sixty(), length=30 * DAY), counted(sixty(), "stg", 30 * DAY)
    assert (prod.promotions, prod.rollbacks, prod.failed, prod.untagged) == (6, 1, 1, 1)
    assert (prod.lead, prod.restore) == (Lengths(5, DAY, 11 * DAY), Lengths(1, timedelta(), timedelta()))
    assert (stg.promotions, stg.lead, stg.untagged) == (7, Lengths(6, 2 * HOUR, 2 * HOUR), 1)
    assert stg.weekly == pytest.approx(7 * 7 / 30)


def test_what_was_merged_counts_from_the_merge() -> None:
    (one,) = [one for one in deployments(sixty()) if one.record.version == "v1.5.0"]
    assert one.time == START + 15 * DAY + 2 * DAY
    assert one.record.time == START + 15 * DAY + 3.5 * HOUR


def test_the_chart_has_a_week_each_the_present_one_last() -> None:
    made = Made()
    for ago in (0, 6, 7, 80, 90):
        made.add("prod", f"v1.0.{ago}", NOW - ago * DAY)
    made.add("prod", "v1.0.80", NOW, verb="rollback")
    weeks = counted(made).weeks
    assert len(weeks) == 12
    assert [weeks[0], weeks[-2], weeks[-1]] == [Week(1, 0), Week(1, 0), Week(2, 1)]
    assert sum(week.promotions for week in weeks) == 4


def test_a_young_history_is_measured_by_its_own_length_but_a_week_at_least() -> None:
    made = Made()
    made.add("prod", "v1.0.0", NOW - HOUR)
    assert counted(made).weekly == 1
    assert counted(Made()).failure_rate is None


def test_what_is_dated_later_than_now_is_of_now() -> None:
    made = Made()
    made.add("prod", "v1.0.0", NOW + 300 * DAY)
    assert [one.time for one in deployments(made)] == [NOW]
    assert counted(made).promotions == 1


def undone(made: Made) -> list[str]:
    return [one.record.version for one in deployments(made) if one.undone]


def history(*steps: tuple[str, str, Sequence[str]]) -> Made:
    made = Made()
    for number, (verb, version, services) in enumerate(steps):
        made.add("prod", version, START + HOUR * number, verb=verb, services=services)
    return made


def test_rollbacks_one_after_the_other_take_back_one_promotion_each() -> None:
    forth = [("promote", f"v{number}.0.0", SERVICES) for number in (1, 2, 3)]
    twice = history(*forth, ("rollback", "v2.0.0", SERVICES), ("rollback", "v1.0.0", SERVICES))
    assert undone(twice) == ["v2.0.0", "v3.0.0"]
    assert [one.mended_after for one in deployments(twice)[3:]] == [HOUR, 3 * HOUR]


def test_a_rollback_takes_back_all_that_came_since_and_is_timed_from_the_last() -> None:
    forth = [("promote", f"v{number}.0.0", SERVICES) for number in (1, 2, 3)]
    made = history(*forth, ("rollback", "v1.0.0", SERVICES))
    assert undone(made) == ["v2.0.0", "v3.0.0"]
    assert deployments(made)[-1].mended_after == HOUR


def test_a_rollback_of_one_service_takes_back_what_brought_that_one() -> None:
    made = history(
        ("promote", "v1.0.0", SERVICES),
        ("promote", "v2.0.0", ["backend"]),
        ("promote", "v3.0.0", ["frontend"]),
        ("rollback", "v1.0.0", ["backend"]),
    )
    assert undone(made) == ["v2.0.0"]
    assert counted(made).failure_rate == 1 / 3


def test_what_was_taken_back_and_came_again_is_no_new_version_and_failed_once() -> None:
    made = history(
        ("promote", "v1.0.0", SERVICES),
        ("promote", "v2.0.0", SERVICES),
        ("rollback", "v1.0.0", SERVICES),
        ("promote", "v2.0.0", SERVICES),
    )
    made.tags |= {"v1.0.0": START, "v2.0.0": START}
    found = counted(made)
    assert (found.promotions, found.failed) == (3, 1)
    assert found.lead == Lengths(2, HOUR / 2, HOUR)


def test_a_rollback_to_what_ran_before_all_that_is_known_takes_back_the_last() -> None:
    made = history(("promote", "v1.0.0", SERVICES), ("promote", "v2.0.0", SERVICES), ("rollback", "v0.9.0", SERVICES))
    assert undone(made) == ["v2.0.0"]
    assert undone(history(("rollback", "v0.9.0", SERVICES))) == []


def test_what_changes_nothing_is_no_deployment() -> None:
    """As a merge commit that repeats the message of what it merges."""
    made = history(("promote", "v1.0.0", SERVICES), ("promote", "v1.0.0", SERVICES), ("rollback", "v1.0.0", SERVICES))
    assert [one.record.commit for one in deployments(made)] == [made.records[0].commit]


def test_a_commit_that_is_not_on_the_branch_is_left_out() -> None:
    made = history(("promote", "v1.0.0", SERVICES), ("promote", "v2.0.0", SERVICES))
    del made.landings[made.records[0].commit]
    assert [one.record.version for one in deployments(made)] == ["v2.0.0"]


@pytest.mark.parametrize("days", [-1, 0, 3651])
def test_a_period_that_is_none_is_refused(days: int) -> None:
    with pytest.raises(InvalidInput, match=f"--days {days} is no period: give 1 to 3650"):
        period(days)
