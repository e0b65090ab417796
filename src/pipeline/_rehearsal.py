"""Walk the whole road against throwaway servers: build, dev, stg, prod, back and forward."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ._access import Access
from ._commit import Author, Circumstances
from ._copying import copier
from ._description import Environment
from ._desk import Desk
from ._errors import PipelineError
from ._landing import look
from ._outcome import Outcome
from ._promoting import Intent
from ._promotion import promote
from ._pushing import Registry
from ._recipe import Recipe
from ._remote import remote as reach
from ._reports import Format, as_json, markdown_table, text_table
from ._rollback import Back, rollback
from ._throwaway import REGISTRY, REMOTE, registry, remote, running
from ._together import both, side_by_side
from ._toolbox import toolbox
from .images import Build, Image

T = TypeVar("T")

BEFORE = "v0.0.0-before"  # what is rolled back to


class RehearsalFailed(PipelineError):
    """A rehearsal that did not end as it must."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: what it was, what came of it, and the seconds it took."""

    name: str
    result: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """All stages, and the proof: the one digest of each service in all environments."""

    tag: str
    environments: tuple[str, ...]
    stages: tuple[Stage, ...]
    proof: dict[str, str]

    def report(self, format_: Format) -> str:
        """Write a line a stage, and the proof."""
        if format_ is Format.JSON:
            stages = [{"stage": one.name, "result": one.result, "seconds": one.seconds} for one in self.stages]
            return as_json({"tag": self.tag, "stages": stages, "digests": self.proof})
        table = markdown_table if format_ is Format.MARKDOWN else text_table
        rows = [[one.name, one.result, f"{one.seconds:.1f} s"] for one in self.stages]
        proof = [[service, digest, ", ".join(self.environments)] for service, digest in self.proof.items()]
        return "\n\n".join([
            table(["stage", "result", "time"], rows),
            table(["service", "one digest", f"runs as {self.tag} in"], proof),
        ])  # fmt: skip


async def rehearse(recipe: Recipe, names: list[str]) -> Rehearsed:
    """Rehearse a release of some services, or of all of them.

    Args:
        recipe: how their images are made; its registry is not used.
        names: the services.

    Raises:
        RehearsalFailed: an environment ended with something else than it should run.
    """
    description = recipe.description.at(REGISTRY)
    tools = description.tools
    serving = remote(tools.git_server, recipe.source, description.branch)
    async with running(registry(tools.registry)) as images, running(serving) as git:
        own = replace(recipe, description=description, registry=Registry("", None, images))
        container = await toolbox(tools).sync()
        desk = Desk(
            description,
            container,
            await copier(container, REGISTRY, own.registry),
            await reach(container, REMOTE, description.branch, Access(service=git)),
            Author("Rehearsal", "rehearsal@example.com"),
            Circumstances(),
        )
        return await Walk(own, desk, names).all()


class Walk:
    """The stages, one after another."""

    def __init__(self, recipe: Recipe, desk: Desk, names: list[str]) -> None:
        self._recipe = recipe
        self._description = recipe.description
        self._services = recipe.description.select(names)
        self._desk = desk
        self._stages: list[Stage] = []

    async def all(self) -> Rehearsed:
        """Walk from the build to the proof."""
        tag, first, *later = self._recipe.tag, *self._description.road
        build = Build(tag=tag, images=[self._recipe.image(service) for service in self._services])
        await self._stage("build", build.build(), lambda _: _names(build.images))
        await self._stage(f"prepare {BEFORE}", self._prepare(build), lambda _: f"runs in {_listed(later)}")
        await self._stage(f"push {tag} to {first.name}", build.push(), _pushed)
        for environment in later:
            await self._promote(environment, tag)
        if later:
            last = later[-1]
            back = rollback(self._desk, Back(last, self._services), dry_run=False)
            await self._stage(f"roll {last.name} back", back, _landed)
            await self._promote(last, tag)
        proof = await self._stage("prove", self._proof(), lambda _: "each digest is the same everywhere")
        environments = tuple(environment.name for environment in self._description.road)
        return Rehearsed(tag, environments, tuple(self._stages), proof)

    async def _prepare(self, build: Build) -> None:
        """Let every environment run an older version, so that there is something to roll back to."""
        await side_by_side(Image.publish, [self._older(image) for image in build.images])
        for environment in self._description.road[1:]:
            await promote(self._desk, self._intent(environment, BEFORE))

    def _older(self, image: Image) -> Image:
        """Return the image with another version's label: another digest, and nothing to build."""
        label = "org.opencontainers.image.version"
        return Image(
            service=image.service,
            reference=self._description.reference(image.service, self._description.first.name, BEFORE),
            container=image.container.with_label(label, BEFORE),
            variants=[variant.with_label(label, BEFORE) for variant in image.variants],
            registry_service=image.registry_service,
        )

    async def _promote(self, environment: Environment, tag: str) -> None:
        name = f"promote {tag} to {environment.name}"
        await self._stage(name, promote(self._desk, self._intent(environment, tag)), _landed)

    def _intent(self, environment: Environment, tag: str) -> Intent:
        return Intent(self._description, tag, environment, self._services)

    async def _stage(self, name: str, work: Awaitable[T], say: Callable[[T], str]) -> T:
        started = time.monotonic()
        result = await work
        self._stages.append(Stage(name, say(result), round(time.monotonic() - started, 1)))
        return result

    async def _proof(self) -> dict[str, str]:
        """Return each service's digest, which the registry and the overlays have to agree on.

        Raises:
            RehearsalFailed: naming the place that differs.
        """
        tag, first = self._recipe.tag, self._description.first
        places = [(service.name, there) for service in self._services for there in self._description.environments]
        references = {place: self._description.reference(place[0], place[1].name, tag) for place in places}
        overlays = {place: self._description.overlay(place[0], place[1].name) for place in places}
        digests, tip = await both(
            self._desk.copier.digests(references.values()), look(self._desk.remote, self._description.manifests)
        )
        proof = {service.name: digests.get(references[service.name, first], "") for service in self._services}
        for (service, environment), reference in references.items():
            pin = tip.pin(service, overlays[service, environment])
            found = [digests.get(reference)] + ([pin.digest if pin else ""] if environment != first else [])
            if found != [proof[service]] * len(found) or not proof[service]:
                msg = f"{service}: {environment.name} has {found}, {first.name} {proof[service]!r}: this is a bug"
                raise RehearsalFailed(msg)
        return proof


def _landed(outcome: Outcome) -> str:
    copied = sum(row.copied for row in outcome.rows)
    return f"{copied} copied, commit {outcome.commit[:12] or 'not needed'}"


def _pushed(images: Sequence[str]) -> str:
    return "1 image" if len(images) == 1 else f"{len(images)} images"


def _names(images: list[Image]) -> str:
    return ", ".join(image.service for image in images)


def _listed(environments: list[Environment]) -> str:
    return ", ".join(environment.name for environment in environments)
