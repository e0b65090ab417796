"""Give a repository a long and heavy past: many commits of files that no promotion needs, by `git fast-import`."""

import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

_FOLDERS = 200  # of as many files each: as wide as a large monorepo's trees are
_TIME = 1_767_400_000  # after the commit that they begin with
_OVERLAY_EVERY = 50  # commits, of which one changes an overlay, as an image updater does


def grow(remote: Path, branch: str, overlay: str, *, commits: int, megabytes: int) -> None:
    """Put commits on a bare repository's branch, and pack it as a server does.

    Args:
        remote: the bare repository.
        branch: its branch.
        overlay: the file that some of them change: a comment at its end.
        commits: how many.
        megabytes: what the files of all commits weigh; they cannot be compressed.
    """
    line = ["git", "-C", str(remote), "show", f"{branch}:{overlay}"]
    text = subprocess.run(line, check=True, capture_output=True).stdout
    importer = subprocess.Popen(["git", "-C", str(remote), "fast-import", "--quiet"], stdin=subprocess.PIPE)
    with cast("IO[bytes]", importer.stdin) as pipe:
        for part in _stream(branch, overlay, text, commits, megabytes * 1_000_000 // commits):
            pipe.write(part)
    if importer.wait():
        raise SystemExit("git fast-import failed")
    pack = ["repack", "-a", "-d", "--quiet", "--write-bitmap-index", "--window=0"]
    subprocess.run(["git", "-C", str(remote), *pack], check=True)


def _stream(branch: str, overlay: str, text: bytes, commits: int, size: int) -> Iterator[bytes]:
    """Write commits in the language of `git fast-import`."""
    chance = random.Random(7)  # noqa: S311  the same repository every time
    for number in range(1, commits + 1):
        head = f"commit refs/heads/{branch}\ncommitter Bench <bench@example.com> {_TIME + 60 * number} +0000\n"
        subject = f"Change number {number}\n".encode()
        yield head.encode() + b"data %d\n%s\n" % (len(subject), subject)
        if number == 1:
            yield f"from refs/heads/{branch}^0\n".encode()
        if number % _OVERLAY_EVERY:
            path, content = f"src/{chance.randrange(_FOLDERS)}/{chance.randrange(_FOLDERS)}.bin", chance.randbytes(size)
        else:
            path, content = overlay, text + b"# %d\n" % number
        yield f"M 100644 inline {path}\n".encode() + b"data %d\n%s\n" % (len(content), content)
