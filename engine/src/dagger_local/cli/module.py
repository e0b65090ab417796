"""Find the module that a command is about."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from dagger_local.cli.flags import UsageError
from dagger_local.errors import EngineError

_FILE = "dagger.json"
OF_WRAPPER = "DAGGERW_MODULE"
"""Set by the `daggerw` that started us: its directory, whose module is meant wherever we are called from."""


@dataclass(frozen=True, slots=True)
class ModuleAt:
    """A module's directory and the name that its dagger.json gives it."""

    path: Path
    name: str


def find_module(wanted: str, cwd: Path) -> ModuleAt:
    """Return the module at `wanted`, else the one of `cwd` or the nearest directory above it, else the wrapper's.

    Raises UsageError when there is none, EngineError when its dagger.json cannot be read.
    """
    if "://" in wanted or wanted.startswith("git@"):
        raise UsageError(f"-m {wanted}: the local engine loads modules from a path; clone it and give its directory")
    start = (cwd / Path(wanted).expanduser()).resolve()
    if wanted:
        if not (start / _FILE).is_file():
            raise UsageError(f"-m {wanted}: no {_FILE} in {start}")
        return _read(start)
    wrapper = os.environ.get(OF_WRAPPER)
    if wrapper and not start.is_relative_to(wrapper):
        return _read(Path(wrapper))
    for directory in (start, *start.parents):
        if (directory / _FILE).is_file():
            return _read(directory)
    raise UsageError(f"no module here: {_FILE} is neither in {start} nor above it; name its directory with -m PATH")


def has_module(wanted: str, cwd: Path) -> bool:
    """Tell whether a module is named, or found from `cwd`."""
    try:
        find_module(wanted, cwd)
    except UsageError:
        return bool(wanted)
    return True


def _read(directory: Path) -> ModuleAt:
    file = directory / _FILE
    try:
        name = json.loads(file.read_text(encoding="utf-8"))["name"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineError(f"{file}: not a module's description: {type(error).__name__}: {error}") from None
    return ModuleAt(directory, str(name))
