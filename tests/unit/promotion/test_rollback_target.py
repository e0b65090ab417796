"""What a rollback goes back to."""

import random

import pytest

from pipeline.errors import InvalidInput
from pipeline.overlays import Pin
from pipeline.promotion.rollback_target import Past, State, settled, states, target

API, BOTH = ["api"], ["api", "web"]


def pin(number: int, service: str = "api") -> Pin:
    return Pin(f"r/prod-shop-{service}", f"v{number}.0.0", f"sha256:{number:064}")


def state(*numbers: int) -> State:
    """Return what api and web run; 0 is nothing that was promoted."""
    return {service: pin(number, service) for service, number in zip(BOTH, numbers, strict=False) if number}


def past(*numbers: int, promoted: str = "", whole: bool = True) -> Past:
    """Return what api ran; of each, p is a promotion and anything else is none; all are, if nothing is said."""
    how = promoted or "p" * len(numbers)
    return Past([state(number) for number in numbers], [one == "p" for one in how], whole)


def ran(*history: State) -> Past:
    return Past(history, [True] * len(history))


@pytest.mark.parametrize(
    ("history", "promoted", "stack"),
    [
        ([], "", []),
        ([1, 2, 3], "ppp", [1, 2, 3]),
        ([1, 2, 3], "---", [1, 2, 3]),
        ([1, 1, 2, 2], "pppp", [1, 2]),
        ([1, 2, 3, 2], "ppp-", [1, 2]),  # after a rollback, what was left is gone
        ([1, 2, 3, 2], "pppp", [1, 2]),  # by a promotion as well
        ([1, 2, 3, 2, 1], "ppp--", [1]),
        ([1, 2, 3, 2, 3], "ppp-p", [1, 2, 3]),  # and forward again
        ([1, 2, 1, 3], "pp-p", [1, 3]),
        ([1, 3, 2, 3], "pppp", [1, 3, 2, 3]),  # forward again, over what came between
        ([1, 3, 2, 3], "ppp-", [1, 3]),  # which a return takes away
        ([1, 3, 2, 3, 2], "pppp-", [1, 3, 2]),
        ([0, 1, 0, 2], "pppp", [1, 2]),  # what was not promoted is passed over
        ([1, 2, 0], "ppp", [1, 2, 0]),  # unless it is the present
    ],
)
def test_a_return_takes_away_what_was_there_since(history: list[int], promoted: str, stack: list[int]) -> None:
    assert states(API, past(*history, promoted=promoted)) == [state(number) for number in stack]


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([1, 2, 3], 2),
        ([1, 2, 3, 2], 1),
        ([1, 2, 0], 2),
    ],
)
def test_the_state_before_is_the_default_and_a_second_rollback_goes_further_back(
    history: list[int], expected: int
) -> None:
    assert target(API, "prod", past(*history)) == state(expected)


ONE_BY_ONE = [state(1, 1), state(2, 2), state(3, 2)]


def test_what_the_last_change_left_alone_stays_as_it_is() -> None:
    assert target(BOTH, "prod", ran(*ONE_BY_ONE)) == state(2, 2)
    assert target(BOTH, "prod", ran(*ONE_BY_ONE, state(2, 2))) == state(1, 1)


def test_a_service_that_was_rolled_back_and_promoted_again_goes_back_alone() -> None:
    assert target(BOTH, "prod", ran(state(1, 1), state(2, 2), state(2, 1), state(2, 2))) == state(2, 1)


def test_services_that_are_chosen_go_back_by_what_they_ran_themselves() -> None:
    assert target(["web"], "prod", ran(*ONE_BY_ONE)) == {"web": pin(1, "web")}


def test_a_tag_that_ran_can_be_chosen_even_if_it_was_left() -> None:
    assert target(API, "prod", past(1, 2, 1), "v2.0.0") == state(2)
    assert target(BOTH, "prod", ran(*ONE_BY_ONE), "v1.0.0") == state(1, 1)


@pytest.mark.parametrize(
    ("services", "history", "tag", "complaint"),
    [
        (API, [], "", "prod has no state before this one to go back to (api ran nothing that was promoted): "),
        (API, [state(0), state(1)], "", "go back to (api ran v1.0.0): choose with --to, or promote"),
        (API, [state(1), state(2), state(1)], "", "go back to (api ran v1.0.0, v2.0.0): choose with --to"),
        (BOTH, [state(1, 0), state(2, 1)], "", ("(api ran v2.0.0, v1.0.0; web ran v1.0.0): choose with --to, give "
                                               "--services api, or promote")),
        (API, [state(1), state(2), state(1)], "v9.0.0", ("prod never ran 'v9.0.0' of api (api ran v1.0.0, v2.0.0): "
                                                        "choose another, or promote")),
        (BOTH, ONE_BY_ONE, "v3.0.0", ("prod never ran 'v3.0.0' of web (web ran v2.0.0, v1.0.0): choose another, give "
                                     "--services api, or promote")),
    ],
)  # fmt: skip
def test_there_must_be_something_to_go_back_to(
    services: list[str], history: list[State], tag: str, complaint: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        target(services, "prod", ran(*history), tag)
    assert complaint in str(refused.value)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    ("lately", "tag", "decides"),
    [
        ([1, 2], "", True),
        ([1, 2, 2, 3, 2], "", True),  # the return is to what is known
        ([2], "", False),  # what was under it lies before
        ([2, 3, 2], "", False),
        ([3, 2], "", False),  # it may be a return, below which is what lies before
        ([3, 2, 4], "", False),
        ([0, 2], "", False),
        ([1, 2, 0], "", False),
        ([2], "v2.0.0", True),
        ([2], "v1.0.0", False),
    ],
)
def test_what_ran_lately_decides_where_no_state_of_it_can_be_an_older_one(
    lately: list[int], tag: str, *, decides: bool
) -> None:
    assert settled(API, past(*lately, whole=False), tag) is decides
    assert settled(API, past(*lately), tag)


def test_what_no_promotion_made_may_be_a_return() -> None:
    assert settled(API, past(1, 2, 3, 2, promoted="-pp-", whole=False))
    assert not settled(API, past(1, 2, 3, 2, 3, promoted="-pp--", whole=False))
    assert not settled(API, past(1, 2, 1, 3, promoted="ppp-", whole=False))


def test_of_several_services_each_is_as_it_was_or_an_upgrade() -> None:
    def decides(*lately: State) -> bool:
        return settled(BOTH, Past(lately, [True] * len(lately), whole=False))

    assert decides(state(1, 1), state(2, 1), state(2, 2))
    assert not decides(state(1, 2), state(2, 1))
    assert not decides(state(1, 1), state(2, 0))


@pytest.mark.parametrize("services", [API, BOTH])
def test_what_is_decided_is_the_same_with_all_of_the_history(services: list[str]) -> None:
    chance = random.Random(3)  # noqa: S311  the same histories every time
    decided = 0
    for _ in range(4000):
        everything = _walk(chance, chance.randint(2, 25))
        first = chance.randrange(len(everything.states))
        part = Past(everything.states[first:], everything.promoted[first:], whole=False)
        tag = chance.choice(["", "", "v2.0.0"])
        if settled(services, part, tag):
            decided += first > 0
            assert target(services, "prod", part, tag) == target(services, "prod", everything, tag), everything
    assert decided > 300  # of the parts that are not all


def _walk(chance: random.Random, steps: int) -> Past:
    """Return a history of releases, promotions of any version, rollbacks of both or one, and edits by hand."""
    numbers, promoted = [(1, 1)], [True]
    for _ in range(steps):
        api, web = numbers[-1]
        how = chance.choice(["release", "release", "promote", "promote one", "rollback", "rollback one", "edit"])
        match how:
            case "release":
                api = web = max(max(pair) for pair in numbers) + 1
            case "promote":
                api, web = chance.choice(numbers)
            case "promote one":
                web = chance.choice(numbers)[1]
            case "edit":
                api = chance.choice(numbers)[0]
            case _:
                services = BOTH if how == "rollback" else API
                stack = states(services, Past([state(*pair) for pair in numbers], promoted))
                api, web, *_ = [int(each.tag[1:-4]) for each in stack[-2:][0].values()] + [web]
        numbers.append((api, web))
        promoted.append("rollback" not in how and how != "edit")
    return Past([state(*pair) for pair in numbers], promoted)
