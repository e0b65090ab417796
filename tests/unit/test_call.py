"""When a change is proposed, and what does not go with that."""

import pytest

from pipeline.call import Proposing
from pipeline.description import PULL_REQUEST, Environment
from pipeline.errors import InvalidInput

PUSHED = Environment("stg", "dev", "")
PROPOSED = Environment("prod", "stg", "", changes_by=PULL_REQUEST)


def test_one_environment_that_takes_pull_requests_decides_for_all_of_a_commit() -> None:
    assert not Proposing().wanted([PUSHED])
    assert Proposing().wanted([PUSHED, PROPOSED])
    assert Proposing(pull_request=True, auto_merge=True).wanted([PUSHED])


def test_what_does_not_go_together_is_refused() -> None:
    with pytest.raises(InvalidInput, match="--auto-merge is for pull requests, stg takes pushes: add --pull-request"):
        Proposing(auto_merge=True).wanted([PUSHED])
    with pytest.raises(InvalidInput, match="--wait is for what is pushed"):
        Proposing(wait="10m").wanted([PROPOSED])
    assert not Proposing(wait="10m").wanted([PUSHED])
