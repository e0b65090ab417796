"""What git does with files outside of a repository: differences, patches, three-way merges; and how it is set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dagger_local import process
from dagger_local.errors import EngineError

_QUIET = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
_APPLY = "umask 0; exec git apply --whitespace=nowarn --allow-empty -"
"""New files get all the rights that their patch leaves open, as with Dagger's engine."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many lines a path gained and lost; `old` is another name that it had."""

    path: str
    added: int
    removed: int
    old: str | None = None


async def patch_of(folder: Path) -> bytes:
    """Return the way from `a` to `b`, two folders in `folder`, as a patch."""
    return (await _diff(folder, "--binary")).encode()


async def counted(folder: Path) -> list[Counted]:
    """Count the lines that differ between `a` and `b`, two folders in `folder`; binary files have none."""
    fields = (await _diff(folder, "--numstat", "-z")).split("\0")
    rows = []
    while fields and fields[0]:
        added, removed, path = fields.pop(0).split("\t")
        # Of two paths one may be missing; both stand below the name of their side.
        old, new = (fields.pop(0), fields.pop(0)) if not path else (path, path)
        names = [None if name == "/dev/null" else name.partition("/")[2] for name in (old, new)]
        moved = names[0] if None not in names and names[0] != names[1] else None
        rows.append(Counted(names[1] or names[0] or "", _number(added), _number(removed), moved))
    return rows


async def _diff(folder: Path, *options: str) -> str:
    words = ["git", "diff", "--no-index", "--find-renames=100%", "--no-color", *options, "--no-prefix", "a", "b"]
    done = await process.run(words, cwd=folder, env=_QUIET, check=False)
    if done.exit_code > 1:
        raise process.ProgramError(done)
    return done.stdout


async def apply(patch: str, folder: Path) -> None:
    """Apply a patch to a folder; a text without any changes nothing. Raises EngineError when it does not apply."""
    env = {**_QUIET, "GIT_CEILING_DIRECTORIES": str(folder.parent)}
    done = await process.run(["sh", "-c", _APPLY], stdin=patch.encode(), cwd=folder, env=env, check=False)
    if done.exit_code:
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise EngineError(f"git apply: exit status {done.exit_code}: {said}")


async def merged(versions: Sequence[Path], prefer: str = "") -> tuple[bytes, bool]:
    """Merge three versions of a file (ours, the common one, theirs) by line; return it, and whether they collide.

    `prefer`, ours or theirs, settles collisions; without it they are marked.
    """
    labels = ("-L", "HEAD", "-L", "base", "-L", "theirs")
    options = (f"--{prefer}",) if prefer else ()
    out = versions[0].with_name("merged")
    out.write_bytes(versions[0].read_bytes())
    done = await process.run(
        ["git", "merge-file", *options, *labels, out, *versions[1:]], env=_QUIET, cwd=out.parent, check=False
    )
    if done.exit_code < 0 or done.exit_code > 127:
        raise process.ProgramError(done)
    return out.read_bytes(), bool(done.exit_code)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def as_variables(pairs: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    """Hand settings to git by its environment: its arguments are seen by all."""
    env = {"GIT_CONFIG_COUNT": str(len(pairs))}
    for number, (name, value) in enumerate(pairs):
        env |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return env
