"""Wait until every application of an environment runs a commit in good health, or say why it does not."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import anyio

from pipeline.errors import InvalidInput, PipelineError, shown
from pipeline.surface import DURATION, duration, spoken

from .argocd import ArgoFailed, Server
from .goal import Goal
from .report import Deployed, Line, not_deployed
from .verdict import State, Verdict, judge

_LOOKS = (1.0, 1.0, 2.0, 3.0, 5.0)  # seconds between looks; the last one goes on
_REFRESH_SECONDS = 60.0


class NotDeployed(PipelineError):
    """A commit that was made, and that Argo CD did not bring to a good end.

    `can_be_undone` says that it is known to be bad, or late, and that nobody changed it since.
    """

    def __init__(self, message: str, *, can_be_undone: bool) -> None:
        super().__init__(message)
        self.can_be_undone = can_be_undone


@dataclass(frozen=True, slots=True)
class _Watch:
    """What was seen so far: the verdicts, and those of the look before."""

    verdicts: Mapping[str, Verdict]
    before: Mapping[str, Verdict]
    unanswered: str = ""

    @property
    def failed(self) -> bool:
        """Tell whether an application failed in two looks, one after the other."""
        return any(
            verdict.state is State.FAILED and name in self.before and self.before[name].state is State.FAILED
            for name, verdict in self.verdicts.items()
        )

    def has(self, state: State) -> bool:
        """Tell whether any application is so."""
        return any(verdict.state is state for verdict in self.verdicts.values())

    @property
    def arrived(self) -> bool:
        """Tell whether all have arrived."""
        return bool(self.verdicts) and all(verdict.state is State.ARRIVED for verdict in self.verdicts.values())


def check_limit(text: str, option: str) -> timedelta:
    """Read how long to wait.

    Raises:
        InvalidInput: it is no length of time.
    """
    if not DURATION.fullmatch(text):
        msg = f"--{option} {shown(text)} is no length of time: write 90s, 10m or 1h"
        raise InvalidInput(msg)
    return duration(text)


def wanted_limit(wait: str, *, undo: bool) -> timedelta | None:
    """Read how long a promotion waits; None if it does not.

    Raises:
        InvalidInput: it is no length of time, or undone would be what is not waited for.
    """
    if undo and not wait:
        msg = "--undo needs --wait, such as --wait 10m: without it nobody knows whether it is good"
        raise InvalidInput(msg)
    return check_limit(wait, "wait") if wait else None


async def require_applications(server: Server, names: Mapping[str, str]) -> None:
    """See that Argo CD can be asked, and has the applications, before anything is changed.

    Raises:
        InvalidInput: it has not; the names are said.
        PipelineError: it cannot be asked.
    """
    there = await server.applications(names)
    if missing := [name for name in names if name not in there]:
        what = "no application" if len(missing) == 1 else "no applications"
        msg = (
            f"Argo CD at {server.address} has {what} {', '.join(missing)}, or the token may not see them: create them, "
            f"write their pattern as applications: in pipeline.yaml, or let the token's role get them"
        )
        raise InvalidInput(msg)


async def wait(server: Server, goal: Goal, limit: timedelta) -> Deployed:
    """Wait for all applications of a goal.

    An Argo CD that does not answer for a while is asked again, as long as there is time.

    Raises:
        NotDeployed: one failed, or was superseded, or time is up; the message has what the resources say.
        PipelineError: Argo CD does not take the token.
    """
    started = anyio.current_time()
    end, refreshed = started + limit.total_seconds(), -_REFRESH_SECONDS
    watch = _Watch({}, {})
    looks = iter(_LOOKS)
    while True:
        if anyio.current_time() - refreshed >= _REFRESH_SECONDS and (names := _unfinished(goal, watch)):
            await server.refresh(names)
            refreshed = anyio.current_time()
        watch = await _look(server, goal, watch)
        late = anyio.current_time() >= end
        if watch.arrived and not watch.unanswered:
            return Deployed(goal, spoken(timedelta(seconds=anyio.current_time() - started)), _lines(goal, watch))
        if late or watch.failed or watch.has(State.SUPERSEDED):
            raise await _given_up(server, goal, watch, limit)
        await anyio.sleep(min(next(looks, _LOOKS[-1]), max(0.0, end - anyio.current_time())))


async def _look(server: Server, goal: Goal, watch: _Watch) -> _Watch:
    """Ask once, and tell what has changed."""
    try:
        found = await server.applications(goal.applications)
    except ArgoFailed as error:
        if not watch.unanswered:
            _tell(str(error))
        return replace(watch, unanswered=str(error))
    verdicts = {}
    for name, service in goal.applications.items():
        application = found.get(name)
        relations = await goal.relations(service, application.revisions) if application else []
        verdicts[name] = judge(application, relations)
        if verdicts[name] != watch.verdicts.get(name):
            _tell(f"{name}: {verdicts[name].why}")
    return _Watch(verdicts, watch.verdicts)


def _unfinished(goal: Goal, watch: _Watch) -> list[str]:
    return [
        name
        for name in goal.applications
        if name not in watch.verdicts or watch.verdicts[name].state is not State.ARRIVED
    ]


def _lines(goal: Goal, watch: _Watch) -> list[Line]:
    return [
        Line(name, service, watch.verdicts.get(name, Verdict(State.WAITING, "not seen yet")))
        for name, service in goal.applications.items()
    ]


async def _given_up(server: Server, goal: Goal, watch: _Watch, limit: timedelta) -> NotDeployed:
    """Say what became of each, with the resources' own messages."""
    messages = {name: await server.messages(name) for name in ([] if watch.unanswered else _unfinished(goal, watch))}
    superseded = watch.has(State.SUPERSEDED)
    message = not_deployed(goal, _lines(goal, watch), messages, spoken(limit), watch.unanswered)
    return NotDeployed(message, can_be_undone=not superseded and not watch.unanswered)


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
