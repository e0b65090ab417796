"""The stages of a rehearsal: build, dev, stg, prod, back and forward."""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from pipeline.concurrency import both, side_by_side
from pipeline.description import PIPELINE, Environment
from pipeline.errors import PipelineError
from pipeline.promotion import Intent, Outcome, Rollback, Workspace, deploy, promote, read_branch, rollback
from pipeline.services import VERSION, Build, Image, Recipe
from pipeline.tools import doing

from .report import Rehearsed, Stage

T = TypeVar("T")

BEFORE = "v0.0.0-before"  # what is rolled back to


class RehearsalFailed(PipelineError):
    """A rehearsal that did not end as it must."""


class Stages:
    """The stages, one after another."""

    def __init__(self, recipe: Recipe, workspace: Workspace) -> None:
        self._recipe = recipe
        self._description = recipe.description
        self._services = recipe.services
        self._workspace = workspace
        self._stages: list[Stage] = []

    async def run(self) -> Rehearsed:
        """Run them from the build to the proof."""
        tag, first, *later = self._recipe.tag, *self._description.in_order_of_promotion
        build = Build(tag=tag, images=self._recipe.images)
        await self._stage("build", build.build(), lambda _: _names(build.images))
        await self._stage(f"prepare {BEFORE}", self._prepare(build), lambda _: f"runs in {_listed(later)}")
        await self._stage(f"push {tag} to {first.name}", self._push(build), _pushed)
        for environment in later:
            await self._promote(environment, tag)
        if later:
            last = later[-1]
            back = rollback(self._workspace, Rollback(last, self._services), dry_run=False)
            await self._stage(f"roll {last.name} back", back, _committed)
            await self._promote(last, tag)
        proof = await self._stage("prove", self._proof(), lambda _: "each digest is the same everywhere")
        environments = tuple(environment.name for environment in self._description.in_order_of_promotion)
        return Rehearsed(tag, environments, tuple(self._stages), proof)

    async def _push(self, build: Build) -> list[str]:
        """Push the images, and commit them where the pipeline deploys the first environment."""
        published = await build.push(await build.released())
        if self._deploys:
            names = [image.service for image in build.images]
            await deploy(self._workspace, dict(zip(names, published, strict=True)))
        return published

    @property
    def _deploys(self) -> bool:
        return self._description.first.deployed_by == PIPELINE

    async def _prepare(self, build: Build) -> None:
        """Let every environment run an older version, so that there is something to roll back to."""
        await side_by_side(Image.push, [self._older(image) for image in build.images])
        for environment in self._description.in_order_of_promotion[1:]:
            await promote(self._workspace, [self._intent(environment, BEFORE)])

    def _older(self, image: Image) -> Image:
        """Return the image with another version's label: another digest, and nothing to build."""
        return Image(
            service=image.service,
            reference=self._description.reference(image.service, self._description.first.name, BEFORE),
            container=image.container.with_label(VERSION, BEFORE),
            variants=[variant.with_label(VERSION, BEFORE) for variant in image.variants],
            registry_service=image.registry_service,
        )

    async def _promote(self, environment: Environment, tag: str) -> None:
        name = f"promote {tag} to {environment.name}"
        await self._stage(name, promote(self._workspace, [self._intent(environment, tag)]), _committed)

    def _intent(self, environment: Environment, tag: str) -> Intent:
        return Intent(self._description, tag, environment, self._services)

    async def _stage(self, name: str, work: Awaitable[T], say: Callable[[T], str]) -> T:
        started = time.monotonic()
        with doing(name):
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
        digests, tip = await both(
            self._workspace.copier.digests(references.values()),
            read_branch(self._workspace.remote, self._description),
        )
        proof = {service.name: digests.get(references[service.name, first], "") for service in self._services}
        for (service, environment), reference in references.items():
            pin = tip.pin(service, environment.name)
            found = [digests.get(reference)] + (
                [pin.digest if pin else ""] if environment != first or self._deploys else []
            )
            if found != [proof[service]] * len(found) or not proof[service]:
                msg = f"{service}: {environment.name} has {found}, {first.name} {proof[service]!r}: this is a bug"
                raise RehearsalFailed(msg)
        return proof


def _committed(outcome: Outcome) -> str:
    copied = sum(row.copied for row in outcome.rows)
    return f"{copied} copied, commit {outcome.commit[:12] or 'not needed'}"


def _pushed(images: Sequence[str]) -> str:
    return "1 image" if len(images) == 1 else f"{len(images)} images"


def _names(images: list[Image]) -> str:
    return ", ".join(image.service for image in images)


def _listed(environments: list[Environment]) -> str:
    return ", ".join(environment.name for environment in environments)
