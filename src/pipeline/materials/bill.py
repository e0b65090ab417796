"""The bill of materials of what runs: put together, and written for people and for machines."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.concurrency import both
from pipeline.registry import Copier
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

    `revision` is the commit that the image's label says, for an image without provenance.
    """

    service: str
    environment: str
    version: str
    image: str
    materials: Materials
    revision: str = ""

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
            "signatures": [asdict(one) | {"issuer": one.issuer or None} for one in made.signatures],
            **({"packages_unknown": made.problem} if made.problem else {"packages": list(map(_entry, made.packages))}),
        }


async def bill(copier: Copier, image: str, *, service: str, environment: str, version: str, platform: str = "") -> Bill:
    """Find out what an image is made of.

    Args:
        copier: which has the right to read it.
        image: its reference.
        service: whose it is.
        environment: which runs it.
        version: its tag.
        platform: the one whose label counts, of an image for several.
    """
    found, labels = await both(read(copier, [image], signatures=True), copier.labels(image, platform))
    return Bill(service, environment, version, image, found[image], labels.get(REVISION, ""))


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
    return "\n\n".join([headline, facts, *([text_table(head, rows)] if rows else [])])


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
