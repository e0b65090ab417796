"""Replay an environment's promotions and rollbacks: what each changed, and which a rollback took back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pipeline.git import Landed, Landing, Record

ROLLBACK = "rollback"
_NONE = timedelta()


@dataclass(frozen=True, slots=True)
class Deployment:
    """A commit that changed what an environment runs.

    `time` is when it came to the branch, `changed` what was not so before. `undone` says that a rollback took any of it
    back. Of a rollback, `mended_after` is how long the newest ran of what it took back.
    """

    record: Record
    time: datetime
    changed: tuple[Landed, ...]
    undone: bool = False
    mended_after: timedelta | None = None

    @property
    def is_rollback(self) -> bool:
        """Tell whether it goes back."""
        return self.record.verb == ROLLBACK


@dataclass(slots=True)
class _Ran:
    """What a service ran, the present image last, each with the place of the deployment that brought it."""

    stack: list[tuple[str, int | None]] = field(default_factory=list)

    def is_on(self, image: str) -> bool:
        return bool(self.stack) and self.stack[-1][0] == image

    def forth(self, image: str, place: int) -> None:
        self.stack.append((image, place))

    def back(self, image: str) -> set[int]:
        """Go back to an image, and return the deployments that are left by that."""
        places = [place for place, (ran, _) in enumerate(self.stack) if ran == image]
        above = places[-1] + 1 if places else len(self.stack) - 1  # what ran before all that is known
        left = {place for _, place in self.stack[max(above, 0) :] if place is not None}
        if places:
            del self.stack[above:]
        else:
            self.stack[:] = [(image, None)]
        return left


def replay(records: Iterable[Record], landed: Mapping[str, Landing], now: datetime) -> dict[str, list[Deployment]]:
    """Return each environment's deployments, the oldest first; what changed nothing is none.

    They go by the branch's order, not by the clocks of those who committed; what is dated later than now is of now.

    Args:
        records: the branch's promotions and rollbacks, the newest first.
        landed: when their commits came to the branch; one of which that is not known is left out.
        now: the time that it is.
    """
    known = [record for record in records if record.commit in landed][::-1]
    by_environment: dict[str, list[Record]] = {}
    for record in sorted(known, key=lambda record: landed[record.commit].place):
        by_environment.setdefault(record.environment, []).append(record)
    return {
        environment: _replayed([(record, min(landed[record.commit].time, now)) for record in found])
        for environment, found in by_environment.items()
    }


def _replayed(events: Iterable[tuple[Record, datetime]]) -> list[Deployment]:
    done: list[Deployment] = []
    services: dict[str, _Ran] = {}
    for record, time in events:
        changed = tuple(one for one in record.services if not services.get(one.service, _Ran()).is_on(_image(one)))
        if not changed:
            continue
        deployment = Deployment(record, time, changed)
        left: set[int] = set()
        for one in changed:
            ran = services.setdefault(one.service, _Ran())
            if deployment.is_rollback:
                left |= ran.back(_image(one))
            else:
                ran.forth(_image(one), len(done))
        for place in left:
            done[place] = replace(done[place], undone=True)
        if left:
            deployment = replace(deployment, mended_after=max(_NONE, time - done[max(left)].time))
        done.append(deployment)
    return done


def _image(landed: Landed) -> str:
    return landed.digest or landed.version
