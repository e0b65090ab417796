"""Users of a container, looked up in its own passwd and group files."""

from dataclasses import dataclass

from dagger_local.errors import EngineError
from dagger_local.store.tree import Tree, resolve


class UnknownNameError(EngineError):
    """A user or group that the container does not know; `kind` says which of the two."""

    def __init__(self, kind: str, name: str) -> None:
        self.kind, self.name = kind, name
        table = "passwd" if kind == "user" else "group"
        super().__init__(f"unable to find {kind} {name}: no matching entries in {table} file")


@dataclass(frozen=True, slots=True)
class User:
    """A resolved user; `home` is what its HOME is unless the container sets one."""

    uid: int
    gid: int
    groups: tuple[int, ...] = ()
    home: str = "/"


def find_user(tree: Tree, text: str) -> User:
    """Resolve `user[:group]`, each a name or a number; the empty text is root.

    Raises UnknownNameError for a name that the container does not know.
    """
    name, _, group = text.partition(":")
    name = name or "0"
    passwd = _table(tree, "etc/passwd")
    groups = _table(tree, "etc/group")
    row = next((row for row in passwd if name in (row[0], row[2])), None)
    if row is None and not name.isdecimal():
        raise UnknownNameError("user", name)
    uid = int(row[2]) if row else int(name)
    gid = int(row[3]) if row else 0
    home = row[5] if row and len(row) > 5 and row[5] else ("/root" if uid == 0 and not row else "/")
    if group:
        found = next((entry for entry in groups if group in (entry[0], entry[2])), None)
        if found is None and not group.isdecimal():
            raise UnknownNameError("group", group)
        chosen = int(found[2]) if found else int(group)
        return User(uid, chosen, (chosen,), home)
    extra = (int(entry[2]) for entry in groups if row and row[0] in entry[3].split(","))
    return User(uid, gid, tuple(dict.fromkeys((gid, *extra))), home)


def find_owner(tree: Tree, text: str) -> tuple[int, int] | None:
    """Resolve an `owner` argument; None when it is empty. A user without a group owns with the group of its number."""
    if not text:
        return None
    user = find_user(tree, text)
    if ":" in text:
        return user.uid, user.gid
    return user.uid, user.gid if user.gid or user.uid == 0 else user.uid


def _table(tree: Tree, path: str) -> list[list[str]]:
    entry = resolve(tree, path)
    if entry is None or not entry.is_file:
        return []
    rows = (line.split(":") for line in entry.host.read_text(errors="replace").splitlines())
    return [row for row in rows if len(row) >= 4]
