"""`dagger-local prune`: free the engine's storage."""

import os
import shutil
import sys
from datetime import datetime
from pathlib import Path

from dagger_local.cli import console
from dagger_local.cli.engine import in_use
from dagger_local.errors import EngineError
from dagger_local.state import CONTENTS
from dagger_local.store.collection import AGE, collect, entries, read_size

_OTHERS = {"storage": "pulled images", "apt": "packages", "modules": "modules"}
"""What is not taken away by itself."""


def prune(state: Path) -> int:
    """Remove all that the engine stored and say how much it was. Raises EngineError while it is in use."""
    if not state.exists():
        console.result("Nothing to free.\n")
        return 0
    with in_use(state, alone=True):
        # By name: the folder may hold what is not the engine's.
        stored = [place for name in CONTENTS if (place := state / name).exists()]
        freed = sum(map(size, stored))
        for place in stored:
            if place.is_dir() and not place.is_symlink():
                shutil.rmtree(place, onerror=_unremovable)
            else:
                place.unlink()
    console.result(f"Freed {human(freed)}.\n")
    return 0


def prune_some(state: Path, *, keep: str, older_than: str) -> int:
    """Free what was unused for so long (72h, 7d), then the longest unused until so much (20GB) is left."""
    try:
        most = read_size(keep) if keep else None
        age = _seconds(older_than) if older_than else AGE
    except ValueError as error:
        raise EngineError(str(error)) from None
    if not state.exists():
        console.result("Nothing to free.\n")
        return 0
    with in_use(state):
        freed = collect(state, keep=most if keep else sys.maxsize, older_than=age)
    console.result(f"Freed {human(freed)}.\n")
    return 0


def du(state: Path) -> int:
    """List what is stored, by kind: how many, how much, and when it was last used."""
    with in_use(state):
        found = entries(state)
        others = [(name, size(place)) for name in _OTHERS if (place := state / name).exists()]
    rows = []
    for kind in sorted({entry.kind for entry in found}):
        of_kind = [entry for entry in found if entry.kind == kind]
        last = datetime.fromtimestamp(max(entry.used for entry in of_kind)).astimezone().strftime("%Y-%m-%d %H:%M")
        rows.append((kind, str(len(of_kind)), human(sum(entry.size for entry in of_kind)), last))
    rows += [(_OTHERS[name], "", human(count), "") for name, count in others]
    total = sum(entry.size for entry in found) + sum(count for _, count in others)
    rows.append(("total", "", human(total), ""))
    for row in [("KIND", "COUNT", "SIZE", "LAST USED"), *rows]:
        console.result(f"{row[0]:<16}{row[1]:>7}{row[2]:>12}   {row[3]}".rstrip() + "\n")
    return 0


def _seconds(text: str) -> float:
    units = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
    if not text[:-1].isdecimal() or text[-1] not in units:
        raise ValueError(f"{text} is no time; write it like 72h or 7d")
    return float(text[:-1]) * units[text[-1]]


def size(directory: Path) -> int:
    """Return the bytes that a file or a tree takes on disk, hard links counted once."""
    if directory.is_symlink() or not directory.is_dir():
        return directory.lstat().st_blocks * 512
    seen: set[tuple[int, int]] = set()
    total = 0
    for folder, _, names in os.walk(directory):
        for path in (Path(folder), *(Path(folder, name) for name in names)):
            info = path.lstat()
            if (info.st_dev, info.st_ino) not in seen:
                seen.add((info.st_dev, info.st_ino))
                total += info.st_blocks * 512
    return total


def human(size_in_bytes: int) -> str:
    """Return a size as people say it: 1.4 GB."""
    size_left = float(size_in_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if size_left < 1000:
            return f"{size_left:.0f} {unit}" if unit == "B" else f"{size_left:.1f} {unit}"
        size_left /= 1000
    return f"{size_left:.1f} TB"


def _unremovable(_: object, path: str, info: tuple[type[BaseException], BaseException, object]) -> None:
    raise EngineError(f"cannot remove {path}: {info[1]}; end other sessions and run prune again")
