"""An application has arrived, is on its way, has failed or is superseded."""

from dataclasses import replace

import pytest

from pipeline.deployment.application import Application
from pipeline.deployment.verdict import Relation, State, judge

COMMIT, OLDER = "a" * 40, "b" * 40
GOOD = Application("Synced", "Healthy", (COMMIT,), "Succeeded", (COMMIT,))
CONTAINS, BEFORE, SUPERSEDES = Relation.CONTAINS, Relation.BEFORE, Relation.SUPERSEDES


@pytest.mark.parametrize(
    ("application", "relation", "state"),
    [
        (GOOD, CONTAINS, State.ARRIVED),
        (replace(GOOD, phase=""), CONTAINS, State.ARRIVED),  # nothing was to be synced
        (GOOD, BEFORE, State.WAITING),
        (GOOD, SUPERSEDES, State.SUPERSEDED),
        (replace(GOOD, health="Degraded"), CONTAINS, State.FAILED),
        (replace(GOOD, health="Degraded"), BEFORE, State.WAITING),  # what ran before is, and may be why this comes
        (replace(GOOD, health="Degraded", settled=False), CONTAINS, State.WAITING),
        (replace(GOOD, health="Progressing"), CONTAINS, State.WAITING),
        (replace(GOOD, health="Suspended"), CONTAINS, State.WAITING),
        (replace(GOOD, health=""), CONTAINS, State.WAITING),
        (replace(GOOD, phase="Running"), CONTAINS, State.WAITING),
        (replace(GOOD, settled=False), CONTAINS, State.WAITING),
        (replace(GOOD, sync="OutOfSync"), CONTAINS, State.WAITING),
        (replace(GOOD, sync="OutOfSync", phase="Failed"), CONTAINS, State.FAILED),
        (replace(GOOD, sync="OutOfSync", phase="Error"), CONTAINS, State.FAILED),
        (replace(GOOD, sync="OutOfSync", phase="Failed", synced=(OLDER,)), CONTAINS, State.WAITING),
        (replace(GOOD, sync="Unknown", revisions=()), BEFORE, State.WAITING),
    ],
)
def test_the_state(application: Application, relation: Relation, state: State) -> None:
    assert judge(application, [relation]).state is state


def test_one_of_several_sources_is_enough() -> None:
    assert judge(GOOD, [BEFORE, CONTAINS]).state is State.ARRIVED
    assert judge(GOOD, []).state is State.WAITING


def test_why_is_said() -> None:
    assert judge(GOOD, [CONTAINS]).why == "Synced at aaaaaaaaaaaa, Healthy"
    assert judge(GOOD, [BEFORE]).why == "Synced at aaaaaaaaaaaa, Healthy: the commit is not in there"
    assert judge(Application(), []).why == "Unknown at no commit, of unknown health: the commit is not in there"
    assert judge(None, []).why == "there is no such application, or the token may not see it"
