"""Query.http: a file of the world, or of a service."""

import asyncio
import hashlib
import ipaddress
import posixpath
import re
import socket
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dagger_local.api.objects.file import File
from dagger_local.api.objects.secret import Secret
from dagger_local.api.objects.service import Service
from dagger_local.errors import EngineError
from dagger_local.progress import step
from dagger_local.store.snapshots import key_of

_SECONDS = 60
_PORTS = {"http": 80, "https": 443}
_CHECKSUM = re.compile("sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: a URL, where it is really reached, and the headers to send there."""

    url: str
    there: str
    headers: tuple[tuple[str, str], ...] = ()


async def http(
    engine: Any,
    url: str,
    name: str = "",
    permissions: int | None = None,
    checksum: str = "",
    auth_header: Secret | None = None,
    experimental_service_host: Service | None = None,
) -> File:
    """Fetch a URL; raises EngineError when it is not there, or not what `checksum` says."""
    if checksum and not _CHECKSUM.fullmatch(checksum):
        raise EngineError(f'invalid checksum "{checksum}": invalid checksum digest format')
    wanted = await _wanted(engine, url, auth_header, experimental_service_host)
    called = name or posixpath.basename(urlsplit(url).path) or "index"
    if "/" in called or called in (".", ".."):
        raise EngineError(f'file name "{called}" must not contain a directory')
    async with engine.store.draft() as draft:
        place = draft.fs / called
        with step(f"http {urlsplit(url)._replace(query='', fragment='').geturl()}"):
            digest = await asyncio.to_thread(_fetch, wanted, place)
        if checksum and checksum != f"sha256:{digest}":
            raise EngineError(f"http checksum mismatch: expected {checksum}, got sha256:{digest}")
        mode = 0o600 if permissions is None else permissions
        place.chmod(mode)
        kept = engine.store.keep(draft, key_of("http", digest, called, mode), {})
    return File(engine, (kept.layer,), called)


async def _wanted(engine: Any, url: str, auth: Secret | None, service: Service | None) -> Wanted:
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise EngineError(f'Get "{url}": unsupported URL; give it as http://HOST/PATH or https://HOST/PATH')
    if parts.username or parts.password:
        place = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        raise EngineError(f"the URL of {place} holds credentials; leave them out and give authHeader instead")
    headers = (("Authorization", auth.plaintext().strip()),) if auth else ()
    if service is None:
        return Wanted(url, "", headers)
    running = await service.running()
    there = await engine.services.on_machine(running, parts.port or _PORTS[parts.scheme])
    return Wanted(url, parts._replace(netloc=there).geturl(), (("Host", parts.netloc), *headers))


def _fetch(wanted: Wanted, place: Path) -> str:
    """Write what the URL holds to a place; return its sha256. Blocking."""
    if not wanted.there:
        _refuse_loopback(wanted.url)
    # The header is for the server that was named, not for where that one leads.
    request = urllib.request.Request(wanted.there or wanted.url)  # noqa: S310 - its scheme was checked
    for name, value in wanted.headers:
        request.add_unredirected_header(name, value)
    opener = urllib.request.build_opener(_Redirects())
    digest = hashlib.sha256()
    try:
        with opener.open(request, timeout=_SECONDS) as answer, place.open("wb") as out:
            while data := answer.read(1 << 20):
                digest.update(data)
                out.write(data)
    except urllib.error.HTTPError as error:
        raise EngineError(f"invalid response status {error.code} {error.reason}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise EngineError(f'Get "{wanted.url}": {reason}') from None
    return digest.hexdigest()


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows to servers of the world alone."""

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        _refuse_loopback(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _refuse_loopback(url: str) -> None:
    """Raise EngineError for a server of this machine alone: it is had by `host().service`, as everywhere."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise EngineError(f'Get "{url}": unsupported URL')
    try:
        found = socket.getaddrinfo(parts.hostname, None, proto=socket.IPPROTO_TCP)
    except OSError:
        return  # it is told when it is asked; behind a proxy, names are the proxy's to look up
    for *_, address in found:
        if ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback:
            raise EngineError(f'Get "{url}": {parts.netloc} is this machine\'s loopback; give experimentalServiceHost')
