"""What is waited for: a commit, what it pins, and how any other commit relates to it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.description import Description, Environment, Service
from pipeline.errors import InvalidInput
from pipeline.git import Remote, contents_at, is_ancestor, last_change
from pipeline.overlays import FILES, InvalidOverlay, Pin
from pipeline.promotion import Tip, Workspace, read_branch

from .verdict import Relation

_COMMIT = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(slots=True)
class Goal:
    """A commit that applications are to run, and what it pins, by service.

    It keeps a clone of the branch, a newer one as soon as a commit is asked for that it lacks.
    """

    workspace: Workspace
    environment: Environment
    services: tuple[Service, ...]
    commit: str
    pins: Mapping[str, Pin | None]
    tip: Tip
    _known: dict[tuple[str, str], Relation] = field(default_factory=dict)

    @property
    def applications(self) -> dict[str, str]:
        """The services' names, by those of their applications."""
        return applications(self.workspace.description, [(self.environment, self.services)])

    async def relations(self, service: str, revisions: Sequence[str]) -> list[Relation]:
        """Return how commits that are deployed relate to this one."""
        return [await self._relation(service, revision) for revision in revisions if _COMMIT.fullmatch(revision)]

    async def _relation(self, service: str, revision: str) -> Relation:
        if revision == self.commit:
            return Relation.CONTAINS
        if (service, revision) not in self._known:
            self._known[service, revision] = await self._compared(service, revision)
        return self._known[service, revision]

    async def _compared(self, service: str, revision: str) -> Relation:
        remote = self.workspace.remote
        contained = await is_ancestor(remote, self.tip.clone, self.commit, revision)
        if contained is None:  # newer than the clone, or not of this branch
            self.tip = await read_branch(remote, self.workspace.description, depth=0)
            contained = await is_ancestor(remote, self.tip.clone, self.commit, revision)
        if not contained:
            return Relation.BEFORE
        pins = await _pins(remote, self.tip, revision, self.environment, [service])
        return Relation.CONTAINS if pins[service] == self.pins[service] else Relation.SUPERSEDES


def applications(description: Description, places: Sequence[tuple[Environment, Sequence[Service]]]) -> dict[str, str]:
    """Return services' names, by those of their applications in environments."""
    return {
        description.application(service.name, environment.name): service.name
        for environment, services in places
        for service in services
    }


async def goal(workspace: Workspace, environment: Environment, services: tuple[Service, ...], commit: str = "") -> Goal:
    """Return what is waited for.

    Args:
        workspace: the branch.
        environment: which one is to run it.
        services: which of them.
        commit: the commit; if not given, the last one that changed any of their overlays.

    Raises:
        InvalidInput: the branch has no such commit.
        GitFailed: it cannot be read.
    """
    tip = await read_branch(workspace.remote, workspace.description, depth=0)
    paths = _files(tip, environment, [service.name for service in services])
    commit = commit or await last_change(workspace.remote, tip.clone, paths)
    if not commit:
        msg = (
            f"no commit of {workspace.remote.branch} has an overlay of {environment.name}: there is nothing to wait for"
        )
        raise InvalidInput(msg)
    pins = await _pins(workspace.remote, tip, commit, environment, [service.name for service in services])
    return Goal(workspace, environment, services, commit, pins, tip)


async def _pins(
    remote: Remote, tip: Tip, commit: str, environment: Environment, services: Sequence[str]
) -> dict[str, Pin | None]:
    """Return what overlays pinned at a commit, by service; nothing where they cannot be read."""
    then = replace(tip, files=await contents_at(remote, tip.clone, commit, _files(tip, environment, services)))

    def pin(service: str) -> Pin | None:
        try:
            return then.pin(service, environment.name)
        except InvalidOverlay:
            return None

    return {service: pin(service) for service in services}


def _files(tip: Tip, environment: Environment, services: Sequence[str]) -> list[str]:
    return [f"{tip.description.overlay(service, environment.name)}/{file}" for service in services for file in FILES]
