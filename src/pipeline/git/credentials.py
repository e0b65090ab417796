"""The right to use a Git remote: what is needed is asked for first, and nothing of it is in a URL or an argument."""

import base64
import re
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import dagger

from pipeline.errors import InvalidInput, shown
from pipeline.registry import is_local
from pipeline.surface import secret_of, stripped

SILENCE = 10  # seconds without a byte, after which a remote is asked once more, with twice the patience

TOKEN_USER = "x-access-token"  # noqa: S105  of GitHub; others take any name with a token
_ALIAS = "git.local"  # of a service at localhost: in its container, that is another
_AGENT = "/run/ssh-agent"
_KNOWN_HOSTS = "/run/known_hosts"
_SSH = (
    f"ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile={_KNOWN_HOSTS} "
    f"-o ConnectTimeout={SILENCE} -o ServerAliveInterval={SILENCE // 2} -o ServerAliveCountMax=2"
)


@dataclass(frozen=True, slots=True)
class Access:
    """What a remote is used with, and the service that it is, if it is one."""

    token: dagger.Secret | None = None
    ssh: dagger.Socket | None = None
    known_hosts: dagger.File | None = None
    service: dagger.Service | None = None
    username: str = TOKEN_USER


async def stripped_token(access: Access) -> Access:
    """Return an access whose token is without the line end that `cmd://` and files leave on it.

    Raises:
        InvalidInput: the token is empty.
    """
    return replace(access, token=await stripped(access.token, "git-token"))


def require(url: str, access: Access, *, writing: bool) -> None:
    """Refuse what cannot work, before anything is done.

    Raises:
        InvalidInput: a credential is missing, the host keys that make SSH safe, or the way to a server on this machine.
    """
    if not access.username.isprintable() or ":" in access.username or not access.username:
        msg = f"--git-username {shown(access.username)} is no user name: write one without a colon"
        raise InvalidInput(msg)
    if is_local(host_of(url)) and not access.service:
        address = f"{host_of(url)}:{urlsplit(url).port or 'PORT'}"
        msg = f"{url} is on this machine, git is in a container: give --git-service tcp://{address} before the verb"
        raise InvalidInput(msg)
    if _over_ssh(url):
        if access.ssh is None:
            msg = f"{url} is reached over SSH: give --git-ssh, an agent's socket such as $SSH_AUTH_SOCK"
            raise InvalidInput(msg)
        if access.known_hosts is None:
            keys = f"a file with {host_of(url)}'s keys"
            msg = f"{url} is reached over SSH: give --git-known-hosts before the verb, {keys}"
            raise InvalidInput(msg)
    elif writing and not access.token and not access.service:
        msg = f"committing to {url} needs a token: give --git-token (env://, file:// or cmd://)"
        raise InvalidInput(msg)


def inside(url: str, access: Access) -> str:
    """Return a remote's URL as git sees it in a container: a service at localhost has another name there."""
    host = host_of(url)
    if not access.service or not is_local(host):
        return url
    return re.sub(f"(?<=[/@]){re.escape(host)}(?=[:/])", _ALIAS, url, count=1)


async def admitted(container: dagger.Container, url: str, access: Access) -> dagger.Container:
    """Give the git of a container the right to use a remote, which is `inside` for it."""
    there = inside(url, access)
    # The clones are thrown away; and git's maintenance, in the background, takes folders from under git's own feet.
    container = (
        container.with_env_variable("GIT_CONFIG_COUNT", "3" if access.token else "1")
        .with_env_variable("GIT_CONFIG_KEY_0", "maintenance.auto")
        .with_env_variable("GIT_CONFIG_VALUE_0", "false")
    )
    if access.token:
        parts = urlsplit(there)
        pair = base64.b64encode(f"{access.username}:{await access.token.plaintext()}".encode()).decode()
        header = secret_of("git-authorization", f"Authorization: Basic {pair}")
        container = (
            # For this server alone; and git, which would take it along to where a server redirects, follows none.
            container.with_env_variable("GIT_CONFIG_KEY_1", f"http.{parts.scheme}://{parts.netloc}/.extraHeader")
            .with_secret_variable("GIT_CONFIG_VALUE_1", header)
            .with_env_variable("GIT_CONFIG_KEY_2", "http.followRedirects")
            .with_env_variable("GIT_CONFIG_VALUE_2", "false")
        )
    if access.ssh and access.known_hosts:
        container = (
            container.with_unix_socket(_AGENT, access.ssh)
            .with_env_variable("SSH_AUTH_SOCK", _AGENT)
            .with_mounted_file(_KNOWN_HOSTS, access.known_hosts)
            .with_env_variable("GIT_SSH_COMMAND", f"{_SSH} {_known_as(url)}" if there != url else _SSH)
        )
    return container.with_service_binding(host_of(there), access.service) if access.service else container


def _known_as(url: str) -> str:
    """Let ssh look for a host's keys under the name that it has outside, as known_hosts writes it."""
    host, port = host_of(url), urlsplit(url).port if "://" in url else None
    name = host if port in {None, 22} else f"[{host}]:{port}"
    return f"-o 'HostKeyAlias={name}'"


def _over_ssh(url: str) -> bool:
    """Tell whether a remote is reached over SSH: by its scheme, or as git@host:owner/name."""
    return "://" not in url or urlsplit(url).scheme == "ssh"


def host_of(url: str) -> str:
    """Return the host of a remote's URL, also of git@host:owner/name."""
    if "://" in url:
        return urlsplit(url).hostname or ""
    return url.partition("@")[2].partition(":")[0]
