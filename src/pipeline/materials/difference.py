"""How what one image is made of differs from what another one is made of."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .model import Materials
from .packages import Package


@dataclass(frozen=True, slots=True)
class PackageChange:
    """A package, or a base image, whose versions differ: before it is empty if it comes, after it if it goes.

    Several versions of one package are listed with commas.
    """

    name: str
    type: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What changes between two images; `problem` is why the packages are not known, empty if they are.

    Base images are told where both images say theirs.
    """

    packages: Sequence[PackageChange] = ()
    base_images: Sequence[PackageChange] = ()
    problem: str = ""

    @property
    def is_told(self) -> bool:
        """Tell whether there is anything to tell but a problem."""
        return not self.problem or bool(self.base_images)

    @property
    def come(self) -> list[PackageChange]:
        """The packages that there were not."""
        return [change for change in self.packages if not change.before]

    @property
    def go(self) -> list[PackageChange]:
        """The packages that there are no more."""
        return [change for change in self.packages if not change.after]

    @property
    def differ(self) -> list[PackageChange]:
        """The packages of another version."""
        return [change for change in self.packages if change.before and change.after]

    def as_dict(self) -> dict[str, Any]:
        """Return the contract for machines."""
        return {
            **({"packages_unknown": self.problem} if self.problem else {"packages": list(map(_entry, self.packages))}),
            **({"base_images": list(map(_entry, self.base_images))} if self.base_images else {}),
        }


def difference(before: Materials, after: Materials, names: tuple[str, str]) -> Difference:
    """Return how two images differ in what they are made of.

    Args:
        before: what the one is made of.
        after: what the other one is made of.
        names: what they are called, where something is not known.
    """
    images = changes(before.base_images, after.base_images) if before.origin and after.origin else []
    both = list(zip((before, after), names, strict=True))
    if bare := [name for each, name in both if each.is_bare]:
        return Difference((), images, without_sbom(*bare))
    if problem := next((f"{each.problem} ({name})" for each, name in both if each.problem), ""):
        return Difference((), images, problem)
    return Difference(changes(before.packages, after.packages), images)


def without_sbom(*names: str) -> str:
    """Say of which images the packages are not known."""
    return f"no SBOM is attached to {' and '.join(dict.fromkeys(names))}"


def changes(before: Iterable[Package], after: Iterable[Package]) -> list[PackageChange]:
    """Return which packages come, go or change version, by name.

    Of a package that is there in several versions, those that stay are left out.
    """
    old, new = _by_identity(before), _by_identity(after)
    found = []
    for identity in {**old, **new}:
        was, comes = old.get(identity, {}), new.get(identity, {})
        known = next(iter((comes or was).values()))
        gone, came = [one for one in was if one not in comes], [one for one in comes if one not in was]
        if gone or came:
            found.append(PackageChange(known.name, known.type, ", ".join(gone), ", ".join(came)))
    return sorted(found, key=lambda change: (change.name.lower(), change.name, change.type))


def _entry(change: PackageChange) -> dict[str, Any]:
    return {name: value or None for name, value in asdict(change).items()}


def _by_identity(listed: Iterable[Package]) -> dict[str, dict[str, Package]]:
    """Return packages by version, by what tells them apart."""
    found: dict[str, dict[str, Package]] = {}
    for package in listed:
        found.setdefault(package.identity, {})[package.version or "unversioned"] = package
    return found
