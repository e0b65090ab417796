"""Write layers as tar streams: new ones from overlay directories, stored ones exactly as they once came in."""

import base64
import gzip
import json
import os
import posixpath
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from dagger_local.errors import EngineError
from dagger_local.store.tree import Layer, clean, is_opaque, resolve

_CHUNK = 1 << 20
_KEPT_ATTRIBUTES = ("security.capability", "user.")


def write_upper(upper: Path, out: IO[bytes], time: int | None = None) -> None:
    """Write an overlay upper directory as a layer: the same directory gives the same bytes, always.

    Names are sorted, times are whole seconds (all of them `time` where it is given), deletions become `.wh.` files as
    the image specification has them.
    """
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        linked: dict[tuple[int, int], str] = {}
        for path, name in _walk(upper, ""):
            _add(archive, path, name, linked, time)


def write_stored(tar_split: Path, diff: Path, out: IO[bytes]) -> None:
    """Write a layer of containers-storage back into the tar it came from.

    Storage keeps all bytes that are no file's content in a tar-split file: JSON lines, of type 2 for such bytes and of
    type 1 for the place of a file's content (github.com/vbatts/tar-split).
    """
    folders: dict[str, Path | None] = {}
    with gzip.open(tar_split) as lines:
        for line in lines:
            entry = json.loads(line)
            if entry["type"] == 2:
                out.write(base64.b64decode(entry["payload"]))
            elif entry.get("size"):
                _copy(_place(diff, _name(entry), folders), entry["size"], out)


def _name(entry: dict[str, Any]) -> str:
    # Names that are no UTF-8 are kept in base64 under another key.
    raw = base64.b64decode(entry["name_raw"]) if entry.get("name_raw") else entry["name"].encode()
    return clean(os.fsdecode(raw))


def _place(diff: Path, name: str, folders: dict[str, Path | None]) -> Path:
    """Return where a layer's file lies; the layer's links on the way, found in `folders` later on, stay inside it."""
    folder, base = posixpath.split(name)
    if folder not in folders:
        found = resolve((Layer("", diff),), folder)
        folders[folder] = found.host if found else None
    within = folders[folder]
    if within is None or (within / base).is_symlink() or not (within / base).is_file():
        raise EngineError(f"{diff / name} is not what its image stored; run `dagger-local prune`")
    return within / base


def _copy(path: Path, size: int, out: IO[bytes]) -> None:
    with path.open("rb") as file:
        left = size
        while left and (chunk := file.read(min(left, _CHUNK))):
            out.write(chunk)
            left -= len(chunk)
    if left:
        raise EngineError(f"{path} is shorter than it was when its image was stored; run `dagger-local prune`")


def _walk(directory: Path, prefix: str) -> Iterator[tuple[Path, str]]:
    with os.scandir(directory) as found:
        entries = sorted(found, key=lambda entry: os.fsencode(entry.name))
    for entry in entries:
        name = f"{prefix}{entry.name}"
        yield Path(entry.path), name
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path), f"{name}/")


def _add(archive: tarfile.TarFile, path: Path, name: str, linked: dict[tuple[int, int], str], time: int | None) -> None:
    status = path.lstat()
    mode = status.st_mode
    if stat.S_ISCHR(mode) and status.st_rdev == 0:
        parent, _, last = name.rpartition("/")
        archive.addfile(_member(f"{parent}/.wh.{last}" if parent else f".wh.{last}"))
        return
    if stat.S_ISSOCK(mode):
        return
    member = _member(name)
    member.mode = stat.S_IMODE(mode)
    member.uid, member.gid = status.st_uid, status.st_gid
    member.mtime = int(status.st_mtime) if time is None else time
    member.pax_headers = _attributes(path)
    if stat.S_ISREG(mode):
        _add_file(archive, path, member, status, linked)
        return
    if stat.S_ISLNK(mode):
        member.type, member.linkname = tarfile.SYMTYPE, str(path.readlink())
    elif stat.S_ISDIR(mode):
        member.type, member.name = tarfile.DIRTYPE, f"{name}/"
    elif stat.S_ISFIFO(mode):
        member.type = tarfile.FIFOTYPE
    else:
        member.type = tarfile.CHRTYPE if stat.S_ISCHR(mode) else tarfile.BLKTYPE
        member.devmajor, member.devminor = os.major(status.st_rdev), os.minor(status.st_rdev)
    archive.addfile(member)
    if stat.S_ISDIR(mode) and is_opaque(path):
        archive.addfile(_member(f"{name}/.wh..wh..opq"))


def _add_file(
    archive: tarfile.TarFile,
    path: Path,
    member: tarfile.TarInfo,
    status: os.stat_result,
    linked: dict[tuple[int, int], str],
) -> None:
    if status.st_nlink > 1:
        first = linked.setdefault((status.st_dev, status.st_ino), member.name)
        if first != member.name:
            member.type, member.linkname, member.pax_headers = tarfile.LNKTYPE, first, {}
            archive.addfile(member)
            return
    member.size = status.st_size
    with path.open("rb") as file:
        archive.addfile(member, file)


def _member(name: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.mode = 0o600
    return member


def _attributes(path: Path) -> dict[str, str]:
    """Read the extended attributes that belong to a layer, as PAX records."""
    kept: dict[str, str] = {}
    for name in sorted(_listed(path)):
        if name.startswith(_KEPT_ATTRIBUTES) and not name.startswith("user.overlay."):
            value = os.getxattr(path, name, follow_symlinks=False)
            # tarfile writes its headers in UTF-8; surrogates carry bytes that are none.
            kept[f"SCHILY.xattr.{name}"] = value.decode("utf-8", "surrogateescape")
    return kept


def _listed(path: Path) -> list[str]:
    try:
        return os.listxattr(path, follow_symlinks=False)
    except OSError:
        return []
