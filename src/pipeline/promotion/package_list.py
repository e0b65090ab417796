"""List the packages that come, go or change version with an image: what a reviewer looks for."""

import re
from collections.abc import Callable

from pipeline.materials import Difference, PackageChange
from pipeline.surface import as_code, printable

from .outcome import Outcome

_MOST = 100  # lines of a service, for people; machines get all
_DIGEST = re.compile("sha256:([0-9a-f]{12})[0-9a-f]{52}")


def text_packages(outcome: Outcome) -> list[str]:
    """Return a paragraph a service, for a terminal."""
    parts = ["\n".join([f"{place}: {_what(found)}", *_lines(found, "  ", str)]) for place, found in _known(outcome)]
    return [*parts, *_unknown(outcome)]


def markdown_packages(outcome: Outcome) -> list[str]:
    """Return a list a service; nothing of a package is taken for Markdown, a mention or an issue."""
    parts = []
    for place, found in _known(outcome):
        parts.append(f"### {place}: {_what(found)}")
        if lines := _lines(found, "- ", as_code):
            parts.append("\n".join(lines))
    return [*parts, *_unknown(outcome)]


def _known(outcome: Outcome) -> list[tuple[str, Difference]]:
    """Return what is known to be told, by a service's name for people."""
    return [(outcome.place(*place), found) for place, found in outcome.packages.items() if found.is_told]


def _unknown(outcome: Outcome) -> list[str]:
    """Say why packages are not known, in one line for all services that it holds for."""
    places: dict[str, list[str]] = {}
    for place, found in outcome.packages.items():
        if found.problem:
            places.setdefault(found.problem, []).append(outcome.place(*place))
    return [f"{', '.join(names)}: packages are not known: {problem}" for problem, names in places.items()]


def _what(found: Difference) -> str:
    """Say how much changes."""
    counts = [
        _counted(len(found.come), "comes", "come"),
        _counted(len(found.go), "goes", "go"),
        _counted(len(found.differ), "changes version", "change version"),
    ]
    packages = ", ".join(filter(None, counts)) or ("" if found.problem else "no package changes")
    images = "another base image" if found.base_images else ""
    return ", ".join(filter(None, (images, packages)))


def _counted(count: int, one: str, many: str) -> str:
    noun = "package" if count == 1 else "packages"
    return f"{count} {noun} {one if count == 1 else many}" if count else ""


def _lines(found: Difference, mark: str, code: Callable[[str], str]) -> list[str]:
    """Return a line a change: other base images, then other versions, then what comes and what goes."""
    changes = [*found.differ, *found.come, *found.go]
    images = [f"{mark}base image {_line(change, code)}" for change in found.base_images]
    more = [f"{mark}… and {len(changes) - _MOST} more: --format json has all"] if len(changes) > _MOST else []
    return [*images, *(f"{mark}{_line(change, code)}" for change in changes[:_MOST]), *more]


def _line(change: PackageChange, code: Callable[[str], str]) -> str:
    """Write a change: openssl 3.0.13 → 3.0.15, of what kind if that is known."""
    before, after = (code(_DIGEST.sub(r"\1", printable(version))) for version in (change.before, change.after))
    kind = f" ({printable(change.type)})" if change.type.isalnum() else ""
    if not change.before:
        return f"comes: {code(printable(change.name))} {after}{kind}"
    if not change.after:
        return f"goes: {code(printable(change.name))} {before}{kind}"
    return f"{code(printable(change.name))} {before} → {after}{kind}"
