"""Whether a registry answers: asked once a host and run, within a bounded time."""

import asyncio
import socket
import urllib.error
import urllib.request
from http.client import HTTPException

from dagger_local.images.locks import Keyed
from dagger_local.images.references import HUB, is_local

_TIMEOUT = 10.0
_HUB_SERVER = "registry-1.docker.io"

NETWORK_FAILURES = (
    "no such host",
    "connection refused",
    "i/o timeout",
    "network is unreachable",
    "no route to host",
    "TLS handshake timeout",
    "context deadline exceeded",
    "server misbehaving",
    "connection reset by peer",
    "unexpected EOF",
)
"""What Go's network code says when nobody answers."""


class Reach:
    """Remembers for this run which registries answer."""

    def __init__(self) -> None:
        self._failures: dict[str, str] = {}
        self._locks = Keyed()

    async def failure(self, domain: str) -> str:
        """Return why the registry gives no answer; empty when it does."""
        async with self._locks[domain]:
            # One on this machine may have been started since.
            if domain not in self._failures or is_local(domain):
                self._failures[domain] = await _probe(domain)
            return self._failures[domain]


async def _probe(domain: str) -> str:
    scheme = "http" if is_local(domain) else "https"
    url = f"{scheme}://{_HUB_SERVER if domain == HUB else domain}/v2/"
    try:
        return await asyncio.wait_for(asyncio.to_thread(_ask, url), _TIMEOUT + 2)
    except TimeoutError:
        return f"no answer in {_TIMEOUT:.0f} s"


def _ask(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT):  # noqa: S310  (the scheme is set above)
            return ""
    except urllib.error.HTTPError as error:
        error.close()
        # 401 is how a registry greets; a gateway's error is as good as silence.
        return f"HTTP status {error.code}" if error.code in (502, 503, 504) else ""
    except urllib.error.URLError as error:
        return _reason(error.reason)
    except TimeoutError:
        return f"no answer in {_TIMEOUT:.0f} s"
    except (OSError, HTTPException) as error:
        return str(error) or type(error).__name__


def _reason(reason: str | BaseException) -> str:
    if isinstance(reason, socket.gaierror):
        return "no such host"
    if isinstance(reason, TimeoutError):
        return f"no answer in {_TIMEOUT:.0f} s"
    if "CERTIFICATE" in str(reason):
        # It does answer: the pull itself says best what is wrong with its certificate.
        return ""
    return getattr(reason, "strerror", None) or str(reason)
