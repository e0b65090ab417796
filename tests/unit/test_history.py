"""What a rollback goes back to."""

import pytest

from pipeline._errors import InvalidInput
from pipeline._history import target, versions
from pipeline._overlay import Pin


def pin(number: int) -> Pin:
    return Pin("r/prod-shop-api", f"v{number}.0.0", f"sha256:{number:064}")


UNPROMOTED = Pin("r/prod-shop-api", "v0.0.0")


@pytest.mark.parametrize(
    ("history", "stack"),
    [
        ([], []),
        ([None, UNPROMOTED], []),
        ([1, 2, 3], [1, 2, 3]),
        ([1, 1, 2, 2], [1, 2]),
        ([1, 2, 3, 2], [1, 2]),  # after a rollback, what was left is gone
        ([1, 2, 3, 2, 1], [1]),
        ([1, 2, 3, 2, 3], [1, 2, 3]),  # and forward again
        ([1, 2, 1, 3], [1, 3]),
    ],
)
def test_a_return_takes_away_what_was_pinned_since(history: list[int | Pin | None], stack: list[int]) -> None:
    pins = [pin(entry) if isinstance(entry, int) else entry for entry in history]
    assert versions(pins) == [pin(number) for number in stack]


def test_the_version_before_is_the_default_and_a_second_rollback_goes_further_back() -> None:
    assert target("api", "prod", [pin(1), pin(2), pin(3)]) == pin(2)
    assert target("api", "prod", [pin(1), pin(2), pin(3), pin(2)]) == pin(1)


def test_a_tag_that_ran_can_be_chosen_even_if_it_was_left() -> None:
    assert target("api", "prod", [pin(1), pin(2), pin(1)], "v2.0.0") == pin(2)


def test_there_must_be_something_to_go_back_to() -> None:
    with pytest.raises(InvalidInput, match="api: prod has no version to go back to, it has run v1.0.0 from the start"):
        target("api", "prod", [UNPROMOTED, pin(1)])
    with pytest.raises(InvalidInput, match="it has run nothing"):
        target("api", "prod", [])
    with pytest.raises(InvalidInput, match="prod never ran 'v9.0.0', only v2.0.0, v1.0.0"):
        target("api", "prod", [pin(1), pin(2)], "v9.0.0")
