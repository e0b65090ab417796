"""The right to use a Git remote: what is needed is asked for first, and nothing of it is in a URL or an argument."""

import base64
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import dagger
from dagger import dag

from pipeline.errors import InvalidInput
from pipeline.registry import is_local
from pipeline.surface import stripped

SILENCE = 20  # seconds without a byte, after which the remote is taken for dead

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


async def stripped_token(access: Access) -> Access:
    """Return an access whose token is without the line end that `cmd://` and files leave on it.

    Raises:
        InvalidInput: the token is empty.
    """
    return replace(access, token=await stripped(access.token, "git-token"))


def require(url: str, access: Access, *, writing: bool) -> None:
    """Refuse what cannot work, before anything is done.

    Raises:
        InvalidInput: a credential is missing, or the host keys that make SSH safe.
    """
    if _over_ssh(url):
        if access.ssh is None:
            msg = f"{url} is reached over SSH: give --git-ssh, an agent's socket such as $SSH_AUTH_SOCK"
            raise InvalidInput(msg)
        if access.known_hosts is None:
            msg = f"{url} is reached over SSH: give --git-known-hosts before the verb, a file with {_host(url)}'s keys"
            raise InvalidInput(msg)
    elif writing and not access.token and not access.service and not is_local(urlsplit(url).netloc):
        msg = f"committing to {url} needs a token: give --git-token (env://, file:// or cmd://)"
        raise InvalidInput(msg)


async def admitted(container: dagger.Container, url: str, access: Access) -> dagger.Container:
    """Give the git of a container the right to use a remote."""
    if access.token:
        parts = urlsplit(url)
        pair = base64.b64encode(f"x-access-token:{await access.token.plaintext()}".encode()).decode()
        header = dag.set_secret("git-authorization", f"Authorization: Basic {pair}")
        container = (
            container.with_env_variable("GIT_CONFIG_COUNT", "2")
            # For this server alone; and git, which would take it along to where a server redirects, follows none.
            .with_env_variable("GIT_CONFIG_KEY_0", f"http.{parts.scheme}://{parts.netloc}/.extraHeader")
            .with_secret_variable("GIT_CONFIG_VALUE_0", header)
            .with_env_variable("GIT_CONFIG_KEY_1", "http.followRedirects")
            .with_env_variable("GIT_CONFIG_VALUE_1", "false")
        )
    if access.ssh and access.known_hosts:
        container = (
            container.with_unix_socket(_AGENT, access.ssh)
            .with_env_variable("SSH_AUTH_SOCK", _AGENT)
            .with_mounted_file(_KNOWN_HOSTS, access.known_hosts)
            .with_env_variable("GIT_SSH_COMMAND", _SSH)
        )
    return container.with_service_binding(_host(url), access.service) if access.service else container


def _over_ssh(url: str) -> bool:
    """Tell whether a remote is reached over SSH: by its scheme, or as git@host:owner/name."""
    return "://" not in url or urlsplit(url).scheme == "ssh"


def _host(url: str) -> str:
    if "://" in url:
        return urlsplit(url).hostname or ""
    return url.partition("@")[2].partition(":")[0]
