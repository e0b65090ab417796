"""overlayfs mounts, made by system call from one thread whose working directory holds short layer names."""

import asyncio
import ctypes
import hashlib
import os
from base64 import b32encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dagger_local.errors import EngineError
from dagger_local.namespace import in_user_namespace
from dagger_local.store.tree import Tree

_CLONE_FS = 0x200
_MS_RDONLY = 1
_MS_NOSUID = 2
_MS_NODEV = 4
_MNT_DETACH = 2
_PAGE = 4096
_libc = ctypes.CDLL(None, use_errno=True)


class Mounter:
    """Mounts trees. The mount namespace is the engine's own, so nothing outlives the process."""

    def __init__(self, state: Path) -> None:
        self._links = state / "l"
        # overlayfs wants two layers where nothing is written, and not the same one twice.
        self._empty = (state / "empty" / "one", state / "empty" / "other")
        for folder in (self._links, *self._empty):
            folder.mkdir(parents=True, exist_ok=True)
        self._thread = ThreadPoolExecutor(1, "mounts", self._enter)

    def _enter(self) -> None:
        # The option string of mount(2) is one page: layers are named relative to this thread's own directory.
        if _libc.unshare(_CLONE_FS):
            raise OSError(ctypes.get_errno(), "unshare(CLONE_FS)")
        os.chdir(self._links)

    async def overlay(self, tree: Tree, target: Path, *, upper: Path | None = None, work: Path | None = None) -> None:
        """Mount `tree` at `target`, writable into `upper` when it is given, else read-only."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._overlay, tree, target, upper, work)

    async def tmpfs(self, target: Path, size: int | None) -> None:
        """Mount an empty tmpfs at `target`, open to all; `size` in bytes, None for the kernel's default."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._tmpfs, target, size)

    async def unmount(self, target: Path) -> None:
        """Unmount `target`, which may be in use."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._unmount, target)

    def _overlay(self, tree: Tree, target: Path, upper: Path | None, work: Path | None) -> None:
        lower = [self._short(layer.path) for layer in reversed(tree)]
        missing = (1 if upper else 2) - len(lower)
        lower += [self._short(folder) for folder in self._empty[: max(missing, 0)]]
        features = "userxattr" if in_user_namespace() else "redirect_dir=off,metacopy=off"
        options = f"lowerdir={':'.join(lower)},index=off,{features}"
        if upper is not None and work is not None:
            options += f",upperdir={self._short(upper)},workdir={self._short(work)}"
        if len(options) >= _PAGE:
            raise EngineError(f"a container of {len(tree)} layers is more than overlayfs takes; use fewer steps")
        flags = 0 if upper is not None else _MS_RDONLY
        if _libc.mount(b"overlay", os.fsencode(target), b"overlay", flags, options.encode()):
            reason = os.strerror(ctypes.get_errno())
            raise EngineError(
                f"overlayfs cannot be mounted at {target}: {reason}; "
                "set DAGGER_LOCAL_STATE to a folder on ext4, xfs or btrfs, and run as root"
            )

    def _tmpfs(self, target: Path, size: int | None) -> None:
        options = "mode=1777" + (f",size={size}" if size else "")
        flags = _MS_NOSUID | _MS_NODEV
        if _libc.mount(b"tmpfs", os.fsencode(target), b"tmpfs", flags, options.encode()):
            raise EngineError(f"a temporary folder cannot be mounted: {os.strerror(ctypes.get_errno())}")

    def _unmount(self, target: Path) -> None:
        if _libc.umount2(os.fsencode(target), _MNT_DETACH):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(target))

    def _short(self, directory: Path) -> str:
        name = b32encode(hashlib.sha256(os.fsencode(directory)).digest()[:5]).decode().lower()
        link = self._links / name
        try:
            link.symlink_to(directory)
        except FileExistsError:
            if link.readlink() != directory:
                raise EngineError(f"two layers share the short name {name}; run `dagger-local prune`") from None
        return name

    def close(self) -> None:
        self._thread.shutdown(wait=False)
