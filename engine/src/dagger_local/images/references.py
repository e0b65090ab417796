"""Image references: read as Docker reads them, written in one canonical form."""

import re
from dataclasses import dataclass

from dagger_local.errors import EngineError

HUB = "docker.io"
_HUB_ALIASES = {"index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"}

_DOMAIN = re.compile(r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?")
_PATH = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Reference:
    """A registry's domain, a repository's path, and a tag, a digest or both."""

    domain: str
    path: str
    tag: str
    digest: str = ""

    @property
    def name(self) -> str:
        """The repository, registry included."""
        return f"{self.domain}/{self.path}"

    @property
    def pullable(self) -> str:
        """The form that tools take: the digest when there is one (they reject a tag beside it), else the tag."""
        return f"{self.name}@{self.digest}" if self.digest else f"{self.name}:{self.tag}"

    @property
    def short(self) -> str:
        """The form that people write: Docker Hub's own prefix left out."""
        return str(self).removeprefix(f"{HUB}/library/").removeprefix(f"{HUB}/")

    @property
    def plain_http(self) -> bool:
        """Whether the registry is on this machine, where TLS is not expected."""
        return is_local(self.domain)

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.name}{tag}{digest}"


def parse(text: str) -> Reference:
    """Read `text` as an image reference; a missing tag is `latest` unless a digest is given.

    Raises EngineError when it is none.
    """
    rest, _, digest = text.partition("@")
    if "@" in text and not _DIGEST.fullmatch(digest):
        raise _invalid(text, "the digest must be sha256: and 64 hexadecimal digits")
    slash = rest.rfind("/")
    colon = rest.rfind(":")
    tag = ""
    if colon > slash:
        rest, tag = rest[:colon], rest[colon + 1 :]
        if not _TAG.fullmatch(tag):
            raise _invalid(text, "a tag is letters, digits, '_', '.', '-', 128 at most")
    domain, path = _split_domain(rest)
    if not _DOMAIN.fullmatch(domain) or not _PATH.fullmatch(path) or len(path) > 255:
        raise _invalid(text, "write it as [REGISTRY/]REPOSITORY[:TAG][@DIGEST], the repository in lower case")
    return Reference(domain, path, tag if tag or digest else "latest", digest)


def is_local(domain: str) -> bool:
    """Tell whether a registry's domain is this machine's loopback."""
    host = host_of(domain)
    return host in {"localhost", "::1"} or host.startswith("127.") or host.endswith(".localhost")


def host_of(domain: str) -> str:
    """Cut the port off a domain."""
    if domain.startswith("["):
        return domain[1:].partition("]")[0]
    return domain.partition(":")[0]


def registry_of(address: str) -> str:
    """Find the registry's domain in an address as users give it: a URL, a domain, or a whole reference."""
    domain = address.strip().removeprefix("https://").removeprefix("http://").partition("/")[0]
    if not domain or domain in _HUB_ALIASES or ("." not in domain and ":" not in domain and domain != "localhost"):
        return HUB
    return domain


def _split_domain(rest: str) -> tuple[str, str]:
    first, slash, others = rest.partition("/")
    if not slash or not ("." in first or ":" in first or first == "localhost" or first.lower() != first):
        domain, path = HUB, rest
    else:
        domain, path = first, others
    if domain in _HUB_ALIASES:
        domain = HUB
    if domain == HUB and "/" not in path:
        path = f"library/{path}"
    return domain, path


def _invalid(text: str, hint: str) -> EngineError:
    return EngineError(f"invalid reference format: {text!r}: {hint}")
