"""The GitHub that a repository is on: where its API is, and what the repository is called there."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import dagger

from pipeline.errors import InvalidInput, hidden
from pipeline.registry import is_local

from .credentials import host_of

_PUBLIC = {"github.com": "https://api.github.com", "ssh.github.com": "https://api.github.com"}
_ALIAS = "github.local"  # of a service at localhost: in a container, that is another
_PATH = re.compile(r"([\w.-]+)/([\w.-]+?)(?:\.git)?/?")


@dataclass(frozen=True, slots=True)
class GitHub:
    """A repository (`owner/name`), the API's address as a container sees it, and the service that it is, if any."""

    api: str
    repository: str
    service: dagger.Service | None = None

    def reached_by(self, container: dagger.Container) -> dagger.Container:
        """Return a container that reaches the API."""
        if not self.service:
            return container
        return container.with_service_binding(urlsplit(self.api).hostname or "", self.service)


def github(url: str, api: str = "", service: dagger.Service | None = None) -> GitHub | None:
    """Return the GitHub that a repository is on, or None for one that is elsewhere.

    Args:
        url: the repository's address.
        api: the API's address, for a GitHub Enterprise Server; github.com has its own.
        service: what answers for that address.

    Raises:
        InvalidInput: the address is none, or on this machine and there is no service, or the repository has no owner.
    """
    host = host_of(url)
    known = f"https://api.{host}" if host.endswith(".ghe.com") else _PUBLIC.get(host, "")
    address = (api or known).rstrip("/")
    if not address:
        return None
    parts = urlsplit(address)
    plain = parts.scheme == "http" and (service or is_local(parts.hostname or ""))
    if not (parts.scheme == "https" or plain) or not parts.hostname or "@" in address or parts.query or parts.fragment:
        msg = f"--github-api {hidden(api)} is no address of an API: write https://HOST/api/v3"
        raise InvalidInput(msg)
    if is_local(parts.hostname):
        if not service:
            msg = f"{address} is on this machine: give --github-service tcp://HOST:PORT before the verb"
            raise InvalidInput(msg)
        address = address.replace(parts.hostname, _ALIAS, 1)
    path = urlsplit(url).path if "://" in url else url.partition(":")[2]
    found = _PATH.fullmatch(path.lstrip("/"))
    if not found:
        msg = f"{url} is no repository of GitHub, which are OWNER/NAME: correct repository in pipeline.yaml"
        raise InvalidInput(msg)
    return GitHub(address, f"{found[1]}/{found[2]}", service)
