"""What a container is: files, configuration, and what it is given to run with."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from dagger_local.api.expansion import expanded
from dagger_local.api.objects.base import Object
from dagger_local.api.objects.image_config import ImageConfig
from dagger_local.api.objects.secret import Secret
from dagger_local.api.objects.service import Service
from dagger_local.api.objects.small import Port
from dagger_local.errors import EngineError
from dagger_local.execution.model import DirectoryMount, Mount, Outcome, SecretMount, SocketMount
from dagger_local.images.model import Image, RegistryAuth, image_tree
from dagger_local.store.tree import Tree, clean


@dataclass(frozen=True, slots=True)
class ContainerState(Object):
    """The values of a container; every field that changes one returns a new container.

    The root filesystem is the image's layers, then `layers`, lowest first. `auths` are of (address, user, password);
    `args_given` says that the default args were set by the caller, not by an image.
    """

    platform: str
    image: Image | None = None
    layers: Tree = ()
    config: ImageConfig = field(default_factory=ImageConfig)
    annotations: Mapping[str, str] = field(default_factory=dict)
    mounts_given: tuple[Mount, ...] = ()
    secret_variables: Mapping[str, Secret] = field(default_factory=dict)
    volatile_variables: Mapping[str, str] = field(default_factory=dict)
    bindings: tuple[tuple[str, Service], ...] = ()
    auths: tuple[tuple[str, str, Secret], ...] = ()
    ports_described: tuple[Port, ...] = ()
    image_reference: str = ""
    source_date: int | None = None
    """The time, in seconds since 1970, that `layers` are given in an image; None for the times that they have."""
    args_given: bool = False
    last: Outcome | None = None

    @property
    def tree(self) -> Tree:
        """The whole root filesystem."""
        return (*image_tree(self.image), *self.layers)

    def registry_auths(self) -> list[RegistryAuth]:
        """Return the credentials for registries, with what their secrets hold now."""
        return [RegistryAuth(address, user, secret.plaintext()) for address, user, secret in self.auths]

    def exposed_ports(self) -> list[Port]:
        """Return the ports of the configuration, with what was said of them here."""
        described = {(port.port, port.protocol): port for port in self.ports_described}
        found = []
        for text in self.config.ports:
            number, _, protocol = text.partition("/")
            key = (int(number), (protocol or "tcp").upper())
            found.append(described.get(key) or Port(self.engine, *key))
        return found

    def changed(self, **changes: Any) -> Self:
        """Return a changed container, which is no more the image that it came from."""
        return replace(self, image_reference="", **changes)

    def _configured(self, **changes: Any) -> Self:
        return self.changed(config=replace(self.config, **changes))

    def _absolute(self, path: str, *, expand: bool = False) -> str:
        """Return a path from the root; a relative one starts at the working directory."""
        return posixpath.join(self.config.workdir or "/", self._expanded(path, expand=expand))

    def _expanded(self, text: str, *, expand: bool = True) -> str:
        """Replace $NAME and ${NAME} by the container's variables; unknown ones are empty."""
        if not expand:
            return text

        def value(name: str) -> str:
            if name in self.secret_variables:
                raise EngineError(f'expand cannot be used with secret env variable "{name}"')
            return self.config.env.get(name, "")

        return expanded(text, value)

    def _mount_of(self, path: str) -> tuple[int, str] | None:
        """Return the position of the mount that covers `path` and the path in it, if one does."""
        inside = clean(path)
        covering = [
            (len(clean(mount.path)), position)
            for position, mount in enumerate(self.mounts_given)
            if not isinstance(mount, SecretMount | SocketMount)  # seen by commands alone
            and (inside == clean(mount.path) or inside.startswith(f"{clean(mount.path)}/"))
        ]
        if not covering:
            return None
        position = max(covering)[1]
        return position, inside.removeprefix(clean(self.mounts_given[position].path)).lstrip("/")

    def _with_mount(self, mount: Mount) -> Self:
        """Mount something; what was mounted at its path or below is covered, and so dropped."""
        place = clean(mount.path)
        others = tuple(old for old in self.mounts_given if not f"{clean(old.path)}/".startswith(f"{place}/"))
        return self.changed(mounts_given=(*others, mount))

    def _with_mount_tree(self, position: int, tree: Tree) -> Self:
        mount = self.mounts_given[position]
        if not isinstance(mount, DirectoryMount):
            raise EngineError(f"{mount.path} is not a mounted directory; its files cannot be changed from outside")
        given = list(self.mounts_given)
        given[position] = replace(mount, tree=tree)
        return self.changed(mounts_given=tuple(given))
