"""The table of stand-ins: which packages make an image where no registry can be reached."""

import fnmatch
import hashlib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from dagger_local.errors import EngineError
from dagger_local.images.references import Reference

_HERE = Path(__file__).parent
_GENERATION = 4
"""Raise it when the way stand-ins are built changes, so that kept ones are built again."""


@dataclass(frozen=True, slots=True)
class Wheel:
    """A program in a wheel: the project, the folder in the wheel, and where that folder goes."""

    project: str
    folder: str
    target: str


@dataclass(frozen=True, slots=True)
class GoProgram:
    """A program that is built from its Go module: the package, the module's version, and where it goes."""

    package: str
    version: str
    target: str


@dataclass(frozen=True, slots=True)
class StandIn:
    """One recipe, made out for one tag."""

    say: str
    """What it is, for people; {version} is filled in with the version that was found. No part of its identity."""
    suite: str
    bare: Literal["", "alone", "complete"]
    """Packages are unpacked onto nothing, alone or with what they depend on, instead of installed on a Debian."""
    packages: tuple[str, ...]
    without: tuple[str, ...]
    """Patterns for packages that are depended on and yet not needed, where packages are only unpacked."""
    wanted: str
    """The version that the tag asks for, such as 1.25; empty when it asks for none."""
    pip: bool
    apk: bool
    wheel: Wheel | None
    go: GoProgram | None
    trees: tuple[str, ...]
    """Folders of trees/ that are copied over the root, in order."""
    moves: Mapping[str, str]
    files: Mapping[str, str]
    links: Mapping[str, str]
    run: tuple[tuple[str, ...], ...]
    config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Identify the recipe by all that goes into it."""
        left = {"say"}
        left |= {name for name in ("pip", "apk") if not getattr(self, name)}  # which came later: others are as before
        fields = {name: repr(getattr(self, name)) for name in self.__slots__ if name not in left}
        content = hashlib.sha256(json.dumps([_GENERATION, fields], sort_keys=True).encode())
        for source, target in self.tree_files():
            content.update(f"{target}\n".encode() + source.read_bytes())
        return content.hexdigest()[:16]

    def tree_files(self) -> list[tuple[Path, str]]:
        """List the files of the recipe's folders, each with its place in the image."""
        roots = [_HERE / "trees" / tree for tree in self.trees]
        return [
            (path, f"/{path.relative_to(root)}") for root in roots for path in sorted(root.rglob("*")) if path.is_file()
        ]


def find(reference: Reference) -> StandIn | None:
    """Return the recipe for an image, or None when the table has none."""
    for entry in _table():
        if reference.name in entry["names"] and _is_for(entry, reference.tag or "latest"):
            return _made_out(entry, reference)
    return None


def debian(suite: str, say: str = "") -> StandIn:
    """Return the recipe of the Debian that others are built on."""
    say = say or f"Debian {suite}"
    return StandIn(say, suite, "", (), (), "", False, False, None, None, ("debian",), {}, {}, {}, (), {"cmd": ["bash"]})


def _is_for(entry: Mapping[str, Any], tag: str) -> bool:
    return _fits(tag, entry.get("tags", ["*"])) and not _fits(tag, entry.get("without-tags", ()))


def _fits(tag: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(tag, pattern) for pattern in patterns)


def names() -> list[str]:
    """List every image name that has a stand-in."""
    return sorted({name for entry in _table() for name in entry["names"]})


@cache
def _table() -> list[dict[str, Any]]:
    entries = tomllib.loads((_HERE / "stand-ins.toml").read_text())["stand-in"]
    for entry in entries:
        if unknown := set(entry) - _KEYS:
            raise EngineError(f"stand-ins.toml: {entry['names'][0]}: unknown key {min(unknown)!r}")
    return list(entries)


_KEYS = {
    "names",
    "tags",
    "without-tags",
    "pip",
    "apk",
    "version",
    "say",
    "suite",
    "bare",
    "without",
    "moves",
    "packages",
    "wheel",
    "go",
    "trees",
    "files",
    "links",
    "run",
    "config",
}


def _made_out(entry: Mapping[str, Any], reference: Reference) -> StandIn:
    match = re.match(r"v?(\d+(?:\.\d+)*)", reference.tag)
    wanted = match[1] if match else entry.get("version", "")
    full = ".".join([*wanted.split("."), "0", "0"][:3]) if wanted else ""

    def fill(text: str) -> str:
        return text.replace("{tag}", reference.tag).replace("{wanted}", wanted).replace("{full}", full)

    wheel, program = entry.get("wheel"), entry.get("go")
    if not (wheel or program or entry.get("packages") or entry.get("bare")):
        return debian(entry["suite"], entry["say"])
    return StandIn(
        say=entry["say"],
        suite=entry.get("suite", "sid"),
        bare=entry.get("bare", ""),
        packages=tuple(entry.get("packages", ())),
        without=tuple(entry.get("without", ())),
        wanted=wanted if wheel and not program and not wheel.get("newest") else "",
        pip=bool(entry.get("pip")),
        apk=bool(entry.get("apk")),
        wheel=Wheel(wheel["project"], wheel["folder"], wheel["target"]) if wheel else None,
        go=GoProgram(program["package"], f"v{full}" if full else "latest", program["target"]) if program else None,
        trees=tuple(entry.get("trees", ())),
        files={path: fill(text) for path, text in entry.get("files", {}).items()},
        moves=dict(entry.get("moves", {})),
        links=dict(entry.get("links", {})),
        run=tuple(tuple(argv) for argv in entry.get("run", ())),
        config=dict(entry.get("config", {})),
    )
