"""Container: fields that read and change its files, and what is mounted over them."""

from collections.abc import Sequence
from typing import Any, Self

from dagger_local.api.objects.container_state import ContainerState
from dagger_local.api.objects.directory import Directory
from dagger_local.api.objects.file import File
from dagger_local.api.objects.secret import Secret
from dagger_local.api.objects.small import CacheVolume, Socket
from dagger_local.api.objects.stat import Stat, exists
from dagger_local.errors import EngineError
from dagger_local.execution.model import (
    CacheMount,
    DirectoryMount,
    FileMount,
    SecretMount,
    SocketMount,
    TempMount,
)
from dagger_local.execution.users import UnknownNameError, find_owner
from dagger_local.images.model import image_tree
from dagger_local.store.tree import Layer, Tree, clean


class FileFields(ContainerState):
    """The root filesystem and mounts."""

    __slots__ = ()

    def rootfs(self) -> Directory:
        return Directory(self.engine, self.tree)

    def _place(self, path: str, *, expand: bool = False, locating: bool = False) -> tuple[Directory, str]:
        """Return the directory that holds `path` (the root's, or a mount's) and the path in it."""
        absolute = self._absolute(path, expand=expand)
        found = self._mount_of(absolute)
        if found is None:
            return Directory(self.engine, self.tree), absolute
        mount = self.mounts_given[found[0]]
        if isinstance(mount, DirectoryMount):
            return Directory(self.engine, mount.tree), found[1]
        if isinstance(mount, FileMount):
            return Directory(self.engine, _alone(mount)), mount.source.name
        kind = "cache" if isinstance(mount, CacheMount) else "tmpfs"
        where = f"failed to locate path {absolute}: {absolute}" if locating else absolute
        raise EngineError(f"{where}: cannot retrieve path from {kind}")

    async def _change(self, path: str, expand: bool, method: str, *args: Any, **options: Any) -> Self:
        """Change the directory that holds `path` by one of Directory's methods."""
        absolute = self._absolute(path, expand=expand)
        found = self._mount_of(absolute)
        if found is None:
            whole = Directory(self.engine, self.tree)
            changed = await getattr(whole, method)(absolute, *args, **options)
            return self.changed(layers=changed.tree[len(image_tree(self.image)) :])
        holder, inside = self._place(path, expand=expand, locating=True)
        changed = await getattr(holder, method)(inside, *args, **options)
        return self._with_mount_tree(found[0], changed.tree)

    def directory(self, path: str, expand: bool = False) -> Directory:
        holder, inside = self._place(path, expand=expand)
        return holder.directory(inside)

    def file(self, path: str, expand: bool = False) -> File:
        holder, inside = self._place(path, expand=expand)
        return holder.file(inside)

    def exists(
        self,
        path: str,
        expected_type: str | None = None,
        do_not_follow_symlinks: bool = False,
        expand: bool = False,
    ) -> bool:
        holder, inside = self._place(path, expand=expand, locating=True)
        return exists(holder.tree, inside, expected_type, follow=not do_not_follow_symlinks)

    def stat(self, path: str, do_not_follow_symlinks: bool = False) -> Stat | None:
        holder, inside = self._place(path)
        return holder.stat(inside, do_not_follow_symlinks)

    def with_rootfs(self, directory: Directory) -> Self:
        return self.changed(image=None, layers=directory.tree)

    def _owner(self, owner: str) -> str:
        """Resolve an owner by the container's own users; names mean nothing inside a mounted directory."""
        try:
            found = find_owner(self.tree, owner)
        except UnknownNameError as error:
            what = f"find {error.kind[0]}id: no such {error.kind}: {error.name}"
            raise EngineError(f"failed to resolve ownership for {owner}: {what}") from None
        return f"{found[0]}:{found[1]}" if found else ""

    async def with_directory(
        self, path: str, source: Directory, expand: bool = False, owner: str = "", **options: Any
    ) -> Self:
        return await self._change(path, expand, "with_directory", source, owner=self._owner(owner), **options)

    async def with_file(
        self, path: str, source: File, permissions: int | None = None, owner: str = "", expand: bool = False
    ) -> Self:
        return await self._change(path, expand, "with_file", source, permissions, self._owner(owner))

    async def with_files(
        self,
        path: str,
        sources: Sequence[File],
        permissions: int | None = None,
        owner: str = "",
        expand: bool = False,
    ) -> Self:
        this = self
        for source in sources:
            this = await this.with_file(f"{path.rstrip('/')}/{source.name()}", source, permissions, owner, expand)
        return this

    async def with_new_file(
        self, path: str, contents: str, permissions: int = 0o644, owner: str = "", expand: bool = False
    ) -> Self:
        return await self._change(path, expand, "with_new_file", contents, permissions, self._owner(owner))

    async def with_symlink(self, target: str, link_name: str, expand: bool = False) -> Self:
        holder, inside = self._place(link_name, expand=expand)
        changed = await holder.with_symlink(target, inside)
        found = self._mount_of(self._absolute(link_name, expand=expand))
        if found:
            return self._with_mount_tree(found[0], changed.tree)
        return self.changed(layers=changed.tree[len(image_tree(self.image)) :])

    async def without_directory(self, path: str, expand: bool = False) -> Self:
        return await self._change(path, expand, "without_directory")

    async def without_file(self, path: str, expand: bool = False) -> Self:
        return await self._change(path, expand, "without_file")

    async def without_files(self, paths: Sequence[str], expand: bool = False) -> Self:
        this = self
        for path in paths:
            this = await this.without_file(path, expand)
        return this

    # Mounts

    def mounts(self) -> list[str]:
        return [mount.path for mount in self.mounts_given if not isinstance(mount, SocketMount)]

    async def with_mounted_directory(
        self, path: str, source: Directory, owner: str = "", read_only: bool = False, expand: bool = False
    ) -> Self:
        if owner:
            source = await source.chown("", self._owner(owner))
        return self._with_mount(DirectoryMount(self._absolute(path, expand=expand), source.tree, read_only))

    async def with_mounted_file(self, path: str, source: File, owner: str = "", expand: bool = False) -> Self:
        if owner:
            source = await source.chown(self._owner(owner))
        entry = source.entry
        return self._with_mount(FileMount(self._absolute(path, expand=expand), entry.host, await source.key()))

    async def with_mounted_cache(
        self,
        path: str,
        cache: CacheVolume,
        source: Directory | None = None,
        sharing: str = "SHARED",
        owner: str = "",
        expand: bool = False,
    ) -> Self:
        owned = find_owner(self.tree, owner or cache.owner) or (0, 0)
        base = source.tree if source else cache.source
        how: Any = sharing if sharing != "SHARED" else cache.sharing
        return self._with_mount(CacheMount(self._absolute(path, expand=expand), cache.key, how, base, owned))

    def with_mounted_temp(self, path: str, size: int | None = None, expand: bool = False) -> Self:
        return self._with_mount(TempMount(self._absolute(path, expand=expand), size))

    def with_mounted_secret(
        self, path: str, source: Secret, owner: str = "", mode: int = 0o400, expand: bool = False
    ) -> Self:
        owned = find_owner(self.tree, owner) or (0, 0)
        return self._with_mount(
            SecretMount(self._absolute(path, expand=expand), source.identity, source.read, owned, mode)
        )

    def with_unix_socket(self, path: str, source: Socket, owner: str = "", expand: bool = False) -> Self:
        return self._with_mount(
            SocketMount(self._absolute(path, expand=expand), source.path, find_owner(self.tree, owner))
        )

    def without_unix_socket(self, path: str, expand: bool = False) -> Self:
        return self.without_mount(path, expand)

    def without_mount(self, path: str, expand: bool = False) -> Self:
        gone = clean(self._absolute(path, expand=expand))
        return self.changed(mounts_given=tuple(mount for mount in self.mounts_given if clean(mount.path) != gone))


def _alone(mount: FileMount) -> Tree:
    return (Layer(mount.key, mount.source.parent),)
