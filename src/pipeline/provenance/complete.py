"""Complete a release in the registry: each image gets what says what it is made of, as far as that is missing."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pipeline.concurrency import both, side_by_side
from pipeline.description import NONE, PROVENANCE, SBOM, SIGNATURE
from pipeline.errors import InvalidInput, PipelineError, PushFailed
from pipeline.referrers import KINDS, Tree, listing
from pipeline.registry import Copier, host, repository
from pipeline.services import CREATED, Built, Recipe

from . import statement
from .attach import Document, attach, missing, unsigned
from .resolve import origin
from .sbom import SBOM as SPDX
from .sbom import Subject, sbom
from .scan import in_build, in_image, in_source
from .signing import Credentials, Signer, check, signer


@dataclass(frozen=True, slots=True)
class Pushed:
    """An image of the release in the registry.

    `reference` names it by digest alone. `witnessed` says that it is what this run built, whoever pushed it.
    """

    built: Built
    reference: str
    witnessed: bool

    @property
    def service(self) -> str:
        """Whose image it is."""
        return self.built.image.service

    @property
    def created(self) -> str:
        """The time that it says it is from; now, if it says none."""
        return self.built.image.labels.get(CREATED) or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def pushed(built: Sequence[Built], there: Sequence[str], published: Sequence[str]) -> list[Pushed]:
    """Return the images of a release.

    Args:
        built: what was built.
        there: the digest under which the registry had each already; empty for what it had not.
        published: their references with tag and digest.
    """
    return [
        Pushed(one, f"{repository(reference)}@{reference.partition('@')[2]}", before in {"", one.contents.digest})
        for one, before, reference in zip(built, there, published, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Attachments:
    """What is attached to the images of a release: of how they were made, with the right to write to the registry.

    `signer` is None where nothing is signed, `run` the address of the CI run, empty outside of CI.
    """

    recipe: Recipe
    copier: Copier
    signer: Signer | None
    run: str

    async def complete(self, images: Sequence[Pushed]) -> list[Mapping[str, int]]:
        """Attach what the images lack, side by side, and return how much of each kind each has then.

        Raises:
            PushFailed: something could not be made or attached; a run after it goes on there.
        """
        trees = await listing(self.copier, [image.reference for image in images])

        async def one(image: Pushed) -> Mapping[str, int]:
            try:
                return await self._complete(image, trees[image.reference])
            except PipelineError as error:
                msg = f"{image.service}: {error}; the image itself is pushed: run again to complete it"
                raise PushFailed(msg) from None

        return await side_by_side(one, images)

    async def _complete(self, image: Pushed, tree: Tree) -> Mapping[str, int]:
        settings = self.recipe.description.provenance
        if tree.problem:
            msg = f"asking what refers to {image.reference} failed: {tree.problem}"
            raise PushFailed(msg)
        if not image.witnessed and (settings.attest or self.signer):
            told = f"{image.reference} was there, and is not what was built now ({image.built.contents.digest})"
            sys.stderr.write(f"warning: {image.service}: {told}: it is neither attested nor signed\n")
        signer = self.signer if image.witnessed else None
        lacking = missing(tree, settings, signed=signer is not None, witnessed=image.witnessed)
        place, made = repository(image.reference), list[tuple[str, Document]]()
        if lacking.sboms:
            made += await self._sboms(image, [f"{place}@{digest}" for digest in lacking.sboms])
        if lacking.statement:
            made.append((image.reference, await self._statement(image)))
        attached = await attach(self.copier, made, image.created)
        found = Counter(one.kind for one in tree.referrers)
        known = {one.digest for one in tree.referrers}
        found.update(document.kind for (_, document), digest in zip(made, attached, strict=True) if digest not in known)
        if signer and (waiting := unsigned(tree, attached)):
            await signer.sign(self.copier, [f"{place}@{digest}" for digest in waiting])
            found[SIGNATURE] += len(waiting)
        return {kind: found[kind] for kind in KINDS}

    async def _sboms(self, image: Pushed, references: Sequence[str]) -> list[tuple[str, Document]]:
        description = self.recipe.description
        syft, service = description.tools.syft, description.service(image.service)

        async def packages(reference: str) -> tuple[Subject, str]:
            subject = Subject(*reference.partition("@")[::2], image.created)
            if image.witnessed and reference == image.reference:  # and not one of several platforms
                subject = replace(subject, platform=image.built.contents.platforms[0])
                return subject, await in_build(image.built.image, syft)
            return subject, await in_image(self.copier, syft, reference)

        found, locked = await both(side_by_side(packages, references), in_source(self.recipe.source, service, syft))
        return [
            (reference, Document(SBOM, SPDX, "sbom.spdx.json", sbom(one, locked, subject)))
            for reference, (subject, one) in zip(references, found, strict=True)
        ]

    async def _statement(self, image: Pushed) -> Document:
        found = await origin(self.recipe, self.recipe.description.service(image.service), self.run)
        text = statement.statement(*image.reference.partition("@")[::2], found)
        annotations = {statement.PREDICATE_TYPE: statement.PREDICATE}
        return Document(PROVENANCE, statement.STATEMENT, "provenance.json", text, annotations)


async def attachments(recipe: Recipe, given: Credentials, run: str) -> Attachments | None:
    """Return what will be attached to the images of a release, and look at what it needs before anything is built.

    Args:
        recipe: how they are made.
        given: what there is to sign with.
        run: the address of the CI run; empty outside of CI.

    Raises:
        InvalidInput: what is needed to sign is missing or cannot be used.
    """
    settings, tools = recipe.description.provenance, recipe.description.tools
    check(settings, given)
    if not settings.wanted:
        return None
    if recipe.copier is None:
        address = recipe.description.registry_of(recipe.description.first.name)
        way = f"give --registry-service tcp://{host(address)} before the verb"
        if settings.sign != NONE:
            msg = f"nothing can be signed at {host(address)}, which containers do not reach: {way}"
            raise InvalidInput(msg)
        sys.stderr.write(f"warning: no SBOM and no provenance are attached to what is pushed: {way}\n")
        return None
    signing = await signer(settings, given, recipe.copier, tools.cosign, recipe.source)
    return Attachments(recipe, recipe.copier, signing, run)
