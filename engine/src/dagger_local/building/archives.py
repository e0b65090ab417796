"""ADD of an archive: known by its content, unpacked into a folder, and nowhere else whatever its names say."""

import os
import posixpath
import shutil
import stat
import tarfile
from pathlib import Path

from dagger_local.store.tree import Layer, Tree, clean, lookup, settle
from dagger_local.store.writing import LayerWriter, Owner

_ZSTD = b"\x28\xb5\x2f\xfd"


def is_archive(path: Path) -> bool:
    """Tell whether a file is a tar, by itself or packed by gzip, bzip2 or xz. Raises ValueError for zstd. Blocking."""
    with path.open("rb") as handle:
        if handle.read(4) == _ZSTD:
            raise ValueError(f"{path.name} is packed by zstd, which cannot be unpacked here; pack it by gzip or xz")
    try:
        with tarfile.open(path, "r:*") as archive:
            archive.next()
            return True
    except (tarfile.TarError, EOFError, OSError, ValueError):
        return False


class Unpacking:
    """Unpacks archives into `root`, a layer on `below`."""

    def __init__(self, root: Path, below: Tree, owner: Owner | None) -> None:
        self._root = root
        self._view = (*below, Layer("", root))
        self._layer = LayerWriter(root, below)
        self._owner = owner
        self.times: dict[str, int] = {}
        """The times of the folders that archives hold, in nanoseconds."""

    def unpack(self, source: Path, destination: str) -> None:
        """Unpack one archive. Raises ValueError for what cannot be read. Blocking."""
        try:
            with tarfile.open(source, "r:*") as archive:
                for member in archive:
                    self._put(archive, member, destination)
        except (tarfile.TarError, EOFError) as error:
            raise ValueError(f"{source.name} is a damaged archive: {error}") from None

    def _put(self, archive: tarfile.TarFile, member: tarfile.TarInfo, destination: str) -> None:
        name = clean(member.name)
        folder = settle(self._view, posixpath.join(destination, posixpath.dirname(name)))
        place = posixpath.join(folder, posixpath.basename(name)) if name else folder
        there = lookup(self._view, place)
        owner = self._owner or (member.uid, member.gid)
        if member.isdir():
            if there and not there.is_dir:
                self._layer.remove(place)
            self._layer.directory(place, mode=member.mode & 0o7777, owner=owner)
            self.times[place] = int(member.mtime * 1e9)
            return
        if not name:
            return
        self._parents(folder)
        if there:
            self._layer.remove(place)
        target = self._root / place
        if target.is_symlink() or target.exists():
            target.unlink()
        if not self._make(archive, member, destination, target):
            return
        os.chown(target, *owner, follow_symlinks=False)
        if not member.issym():
            target.chmod(member.mode & 0o7777)
        time = int(member.mtime * 1e9)
        os.utime(target, ns=(time, time), follow_symlinks=False)

    def _make(self, archive: tarfile.TarFile, member: tarfile.TarInfo, destination: str, target: Path) -> bool:
        """Create a file, link or pipe; tell whether it has attributes of its own."""
        if member.issym():
            target.symlink_to(member.linkname)
        elif member.islnk():
            linked = lookup(self._view, settle(self._view, posixpath.join(destination, clean(member.linkname))))
            if linked is None or linked.is_dir:
                raise ValueError(f"{member.name} is a link to {member.linkname}, which the archive does not hold")
            os.link(linked.host, target, follow_symlinks=False)
            return False
        elif member.isfifo():
            os.mkfifo(target)
        elif member.isreg():
            content = archive.extractfile(member)
            with target.open("xb") as handle:
                if content:
                    shutil.copyfileobj(content, handle)
        else:
            kind = stat.S_IFCHR if member.ischr() else stat.S_IFBLK
            os.mknod(target, kind | 0o600, os.makedev(member.devmajor, member.devminor))
        return True

    def _parents(self, folder: str) -> None:
        done = ""
        for part in filter(None, folder.split("/")):
            done = posixpath.join(done, part)
            there = lookup(self._view, done)
            if there is None or not there.is_dir:
                if there:
                    self._layer.remove(done)
                self._layer.directory(done, mode=0o755, owner=self._owner or (0, 0))
            else:
                self._layer.directory(done)
