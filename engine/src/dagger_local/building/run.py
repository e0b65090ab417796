"""RUN: one command of the executor, with all that the instruction shows it."""

import posixpath
from dataclasses import dataclass, replace

from dagger_local.building.metadata import absolute, command
from dagger_local.building.sources import find
from dagger_local.building.state import State
from dagger_local.building.tools import Request, Scope, Tools, Trees
from dagger_local.dockerfile.instructions import Instruction, contents
from dagger_local.dockerfile.mounts import Mount
from dagger_local.errors import ExecError
from dagger_local.execution import model
from dagger_local.execution.executor import tree_after
from dagger_local.store.digests import file_digest
from dagger_local.store.snapshots import Draft, key_of
from dagger_local.store.tree import Tree, clean, select
from dagger_local.store.writing import LayerWriter

_INLINE = "/dev/pipes"
"""Where BuildKit shows a here-document that is a script of its own."""
_AGENT = "/run/buildkit/ssh_agent.{}"
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")


@dataclass(slots=True)
class _Shown:
    """What a command is shown by its mounts."""

    mounts: list[model.Mount]
    env: dict[str, str]
    secret_env: dict[str, str]
    agents: int = 0


async def run(one: Instruction, state: State, scope: Scope) -> State:
    """Return the state after a RUN. Raises ExecError when the command fails, ValueError for a mount that cannot be."""
    shown = _Shown([], {}, {})
    for text in one.flags.all("mount"):
        await _show(Mount.read(text, scope.expand), one, state, shown, scope)
    words = await _words(one, state, shown, scope.tools)
    wanted = model.Command(
        tree=state.tree,
        args=words,
        env={**state.variables, **shown.env},
        cwd=state.workdir,
        user=str(state.config.get("User") or ""),
        mounts=tuple(shown.mounts),
        secret_env=shown.secret_env,
        secret_identities=tuple((name, name) for name in shown.secret_env),
        volatile_env=_proxies(scope.request),
        network=one.flags.text("network", "default"),
        title=one.text,
        no_init=scope.request.no_init,
    )
    try:
        snapshot = await scope.tools.executor.run(wanted)
    except ExecError as error:
        error.args = (f"{one.file}, line {one.line}: {' '.join(one.text.split())}: exit code: {error.exit_code}",)
        raise
    base = len(state.tree) - len(state.layers)
    return replace(state, layers=tree_after(wanted.tree, snapshot)[base:])


async def _words(one: Instruction, state: State, shown: _Shown, tools: Tools) -> tuple[str, ...]:
    """Return the command: a here-document alone is a script, for the shell or, with `#!`, by itself."""
    if not one.heredocs:
        return command(one, state)
    first = one.heredocs[0]
    if not _is_heredoc_alone(one):
        text = one.args[0] + "".join(f"\n{each.content}{each.name}" for each in one.heredocs)
        return (*state.shell, text)
    if not contents(first).startswith("#!"):
        return (*state.shell, contents(first))
    script = contents(first).encode()

    async def write(draft: Draft) -> dict[str, str]:
        LayerWriter(draft.fs).write(first.name, script, mode=0o755)
        return {}

    made = await tools.store.make(key_of("script", first.name, script.decode()), write)
    shown.mounts.append(model.DirectoryMount(_INLINE, (made.layer,), read_only=True))
    return (f"{_INLINE}/{first.name}",)


def _is_heredoc_alone(one: Instruction) -> bool:
    word = one.args[0].strip()
    return len(one.heredocs) == 1 and word.startswith("<<") and len(word.split()) == 1


async def _show(mount: Mount, one: Instruction, state: State, shown: _Shown, scope: Scope) -> None:
    target = absolute(mount.target, state.workdir).rstrip("/") if mount.target else ""
    match mount.type:
        case "secret":
            _show_secret(mount, target, shown, scope.request)
            return
        case "ssh":
            _show_agent(mount, target, shown, scope.request)
            return
    if not target or not clean(target):
        raise ValueError("--mount: it needs a target, and not the root folder")
    match mount.type:
        case "tmpfs":
            shown.mounts.append(model.TempMount(target, mount.size or None))
        case "cache":
            shown.mounts.append(await _cache(mount, target, one, scope.trees))
        case _:
            tree = await scope.trees(mount.from_, one) if mount.from_ else scope.request.context
            shown.mounts.append(_bound(mount, target, tree))


def _bound(mount: Mount, target: str, tree: Tree) -> model.Mount:
    if not clean(mount.source):
        return model.DirectoryMount(target, tree, mount.is_read_only)
    try:
        entry = find(tree, mount.source.replace("\\", "\\\\"))[0].entry
    except (FileNotFoundError, IndexError):
        raise ValueError(f"--mount: source={mount.source}: no such file or folder") from None
    if entry.is_dir:
        return model.DirectoryMount(target, select(tree, entry.path), mount.is_read_only)
    return model.FileMount(target, entry.host, f"{file_digest(entry.host)} {entry.stat.st_mode} {entry.stat.st_uid} "
                           f"{entry.stat.st_gid}", mount.is_read_only)  # fmt: skip


async def _cache(mount: Mount, target: str, one: Instruction, trees: Trees) -> model.CacheMount:
    source: Tree = ()
    if mount.from_:
        tree = await trees(mount.from_, one)
        found = find(tree, mount.source)
        source = select(tree, found[0].entry.path) if found and found[0].entry.is_dir else ()
    sharing = {"private": "PRIVATE", "locked": "LOCKED"}.get(mount.sharing, "SHARED")
    return model.CacheMount(
        target,
        f"dockerfile {mount.id or posixpath.normpath(mount.target)}",
        sharing,  # type: ignore[arg-type]
        source,
        (mount.uid or 0, mount.gid or 0),
        mode=mount.mode if mount.mode is not None else 0o755,
        read_only=mount.is_read_only,
    )


def _show_secret(mount: Mount, target: str, shown: _Shown, request: Request) -> None:
    name = mount.source or mount.id or posixpath.basename(mount.target)
    read = request.secrets.get(name)
    if read is None:
        if mount.required:
            raise ValueError(f"--mount: the secret {name} is required and not given; give it to the build")
        return
    if mount.env is not None:
        shown.secret_env[mount.env] = read().decode(errors="surrogateescape")
    if mount.env is None or target:
        place = target or f"/run/secrets/{posixpath.basename(name)}"
        owner, mode = (mount.uid or 0, mount.gid or 0), 0o400 if mount.mode is None else mount.mode
        # By its name alone, as Dockerfiles have it: another value does not run the command again.
        shown.mounts.append(model.SecretMount(place, f"dockerfile {name}", read, owner, mode))


def _show_agent(mount: Mount, target: str, shown: _Shown, request: Request) -> None:
    if request.ssh is None:
        if mount.required:
            raise ValueError("--mount: an SSH agent is required and not given; give its socket to the build")
        return
    place = target or _AGENT.format(shown.agents)
    shown.agents += 1
    shown.mounts.append(model.SocketMount(place, request.ssh))
    shown.env.setdefault("SSH_AUTH_SOCK", place)


def _proxies(request: Request) -> dict[str, str]:
    """Return the proxies that are given as arguments: every RUN has them, and none is what it is made from."""
    found: dict[str, str] = {}
    for name, value in request.given.args.items():
        if name.upper() in _PROXIES:
            found |= {name.upper(): value, name.lower(): value}
    return found
