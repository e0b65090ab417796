"""The bill of materials of what runs: put together, and written for people and for machines."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import dagger

from pipeline.concurrency import both
from pipeline.description import Signer
from pipeline.referrers import verified
from pipeline.registry import Copier, repository
from pipeline.services import REVISION
from pipeline.surface import Format, as_code, as_json, markdown_table, printable, text_table

from .model import Materials
from .packages import Package
from .read import read
from .signature import Signature

_UNSAID = "not said"


@dataclass(frozen=True, slots=True)
class Bill:
    """What one service consists of in one environment.

    `revision` is the commit that the image's label says, for an image without provenance. `trusted` are the names of
    those one of whom has to have signed the image, and `distrust` is why none has, empty if one has.
    """

    service: str
    environment: str
    version: str
    image: str
    materials: Materials
    revision: str = ""
    trusted: Sequence[str] = ()
    distrust: str = ""

    @property
    def commit(self) -> str:
        """The commit that it is built from, as far as that is said."""
        return (self.materials.origin.commit if self.materials.origin else "") or self.revision

    def as_dict(self) -> dict[str, Any]:
        """Return the contract for machines."""
        made, origin = self.materials, self.materials.origin
        return {
            "service": self.service,
            "environment": self.environment,
            "version": self.version or None,
            "image": self.image,
            "digest": made.digest or None,
            "source": {"repository": (origin.repository if origin else "") or None, "commit": self.commit or None},
            "builder": (origin.builder if origin else "") or None,
            "base_images": [{"name": one.name, "version": one.version} for one in made.base_images] if origin else None,
            **({"verified": not self.distrust, "distrust": self.distrust or None} if self.trusted else {}),
            "signatures": [asdict(one) | {"issuer": one.issuer or None} for one in made.signatures],
            **({"packages_unknown": made.problem} if made.problem else {"packages": list(map(_entry, made.packages))}),
        }


@dataclass(frozen=True, slots=True)
class Trust:
    """Who has to have signed what an environment runs, and what verifies it: cosign, with the repository's keys."""

    signers: Sequence[Signer]
    cosign: str
    source: dagger.Directory


async def bill(copier: Copier, image: str, trust: Trust, *, platform: str = "", **what: str) -> Bill:
    """Find out what an image is made of, and if it matters who signed it, whether one of those has.

    Args:
        copier: which has the right to read it.
        image: its reference.
        trust: who has to have signed it; nobody, if it does not matter.
        platform: the one whose label counts, of an image for several.
        what: the service, environment and version that it is.

    Raises:
        InvalidInput: a file of a signer's is not there.
    """
    read_all = read(copier, [image], signatures=True)
    found, labels = await both(read_all, copier.labels(image, platform))
    made = Bill(image=image, materials=found[image], revision=labels.get(REVISION, ""), **what)
    digest = made.materials.digest
    if not trust.signers or not digest:
        return made
    signed = f"{repository(image)}@{digest}"
    why = await verified(copier, trust.cosign, trust.source, [signed], trust.signers)
    return replace(made, trusted=[signer.name for signer in trust.signers], distrust=why[signed])


def bill_report(bill: Bill, format_: Format) -> str:
    """Write a bill."""
    if format_ is Format.JSON:
        return as_json(bill.as_dict())
    headline = f"{bill.service} in {bill.environment}: {bill.version or bill.image}"
    made = bill.materials
    head = ["package", "version", "type", "licence"]
    rows = [[one.name, one.version or "-", one.type or "-", one.licence or "-"] for one in made.packages]
    if format_ is Format.MARKDOWN:
        facts = "\n".join(f"- {name}: {as_code(printable(text))}" for name, text in _facts(bill))
        return "\n\n".join([f"## {headline}", facts, *([markdown_table(head, rows)] if rows else [])])
    facts = "\n".join(f"{name}: {printable(text)}" for name, text in _facts(bill))
    return "\n\n".join([headline, facts, *([text_table(head, rows, whole=True)] if rows else [])])


def _facts(bill: Bill) -> Iterable[tuple[str, str]]:
    """Return what there is to tell but the packages one by one, by what it is."""
    made, origin = bill.materials, bill.materials.origin
    yield "image", bill.image
    yield "source", " ".join(filter(None, (origin.repository if origin else "", bill.commit))) or _UNSAID
    yield "built by", (origin.builder if origin else "") or _UNSAID
    for image in made.base_images:
        yield "base image", f"{image.name} {image.version}"
    if not made.base_images:
        yield "base images", "none" if origin else _UNSAID
    for one in made.signatures:
        yield f"signature of the {one.what}", _who(one)
    if not made.signatures:
        yield "signatures", "none"
    if bill.trusted:
        yield "verified", f"no: {bill.distrust}" if bill.distrust else f"signed by {' or '.join(bill.trusted)}"
    yield "packages", f"not known: {made.problem}" if made.problem else _counted(made.packages)


def _who(one: Signature) -> str:
    return f"{one.by}, says {one.issuer}" if one.issuer else one.by


def _counted(packages: Sequence[Package]) -> str:
    kinds = Counter(one.type or "others" for one in packages).most_common()
    detail = ", ".join(f"{count} {kind}" for kind, count in kinds)
    return f"{len(packages)} ({detail})" if detail else "none"


def _entry(package: Package) -> dict[str, str | None]:
    return {
        "name": package.name,
        "version": package.version or None,
        "type": package.type or None,
        "licence": package.licence or None,
    }
