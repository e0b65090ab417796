"""Put a recipe's files into a root, and make packages that were only unpacked into one."""

import os
import shutil
from fnmatch import fnmatchcase as fnmatch
from pathlib import Path

from dagger_local.images.apt import DPKG_EXCLUDES
from dagger_local.images.stand_ins import StandIn
from dagger_local.process import run

_NEVER_RUN = ("*perl*", "adduser", "passwd", "debconf", "openssl", "base-files", "tar")
_ROOTS_OF_TRUST = "usr/share/ca-certificates"


def lay_files(recipe: StandIn, root: Path) -> None:
    """Copy the recipe's folders, then its single files and links. Blocks."""
    for file, target in recipe.tree_files():
        path = root / target.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        content = file.read_bytes()
        path.write_bytes(content)
        path.chmod(0o755 if content.startswith(b"#!") else 0o644)
    for source, target in recipe.moves.items():
        path = root / target.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        (root / source.lstrip("/")).rename(path)
    for target, text in recipe.files.items():
        path = root / target.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for target, link in recipe.links.items():
        path = root / target.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.symlink_to(link)
    if recipe.bare:
        _finish_bare(root)


def _finish_bare(root: Path) -> None:
    """Make packages that were only unpacked into a root: folders, busybox's commands, one bundle of certificates."""
    for name in ("dev", "etc", "home", "mnt", "proc", "root", "run", "srv", "sys", "usr/local/bin", "var/tmp", "tmp"):
        (root / name).mkdir(parents=True, exist_ok=True)
    for name in ("tmp", "var/tmp"):
        (root / name).chmod(0o1777)
    (root / "root").chmod(0o700)
    for name in DPKG_EXCLUDES:
        shutil.rmtree(root / name.strip("/*"), ignore_errors=True)
    certificates = sorted((root / _ROOTS_OF_TRUST).rglob("*.crt"))
    if certificates:
        bundle = root / "etc/ssl/certs/ca-certificates.crt"
        bundle.parent.mkdir(parents=True, exist_ok=True)
        bundle.write_text("".join(path.read_text() for path in certificates))


async def unpack_aside(archives: list[Path], place: Path) -> None:
    """Unpack packages to a folder of a root, whose programs find the loader of all of Debian's where it is theirs."""
    place.mkdir(parents=True)
    for archive in archives:
        if not any(fnmatch(archive.name, f"{name}_*") for name in _NEVER_RUN):
            await run(["dpkg-deb", "--extract", archive, place])
    for name in DPKG_EXCLUDES:
        shutil.rmtree(place / name.strip("/*"), ignore_errors=True)
    root = place.parents[3]
    for loader in [*place.glob("usr/lib64/ld-*"), *place.glob("usr/lib/ld-linux-*")]:
        own = root / loader.relative_to(place)
        own.parent.mkdir(parents=True, exist_ok=True)
        own.symlink_to(f"/{loader.resolve().relative_to(root.resolve())}")
        folder = root / own.parent.name
        if not folder.exists():
            folder.symlink_to(own.parent.relative_to(root))


async def unpack_archives(recipe: StandIn, archives: list[Path], root: Path) -> None:
    """Unpack packages without installing them; a busybox among them gets its commands."""
    # Its links from /bin and /lib into /usr have to be there before anything lands in those folders.
    for archive in sorted(archives, key=lambda path: not path.name.startswith("base-files_")):
        package = archive.name.partition("_")[0]
        if not any(fnmatch(package, pattern) for pattern in recipe.without):
            await run(["dpkg-deb", "--extract", archive, root])
    busybox = next((path for name in ("bin/busybox", "usr/bin/busybox") if (path := root / name).is_file()), None)
    if busybox is None:
        return
    place = root / "bin"
    place.mkdir(exist_ok=True)
    if busybox.parent != place:
        busybox = busybox.rename(place / "busybox")
    for command in (await run([busybox, "--list"])).stdout.split():
        if not os.path.lexists(place / command):
            (place / command).symlink_to("/bin/busybox")
