"""Ask Argo CD's API, by curl in a container: the token is in a file that only it sees."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import dagger

from pipeline.errors import InvalidInput, PipelineError, hidden, last_lines, shown
from pipeline.registry import is_local
from pipeline.surface import stripped
from pipeline.tools import Answer, Http, Tools, authorized

from .application import Application, application, name_of, tree_messages

_ALIAS = "argocd.local"  # of a service at localhost: in its container, that is another
_ADDRESS = re.compile(r"(?:https?://)?[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]*)?")


class ArgoFailed(PipelineError):
    """An Argo CD that could not be asked; it may be there again later."""


class ArgoRefused(PipelineError):
    """An Argo CD that does not take the token, or is none."""


@dataclass(frozen=True, slots=True)
class Access:
    """Where Argo CD is, the right to ask it, and the service that it is, if it is one."""

    address: str = ""
    token: dagger.Secret | None = None
    service: dagger.Service | None = None


@dataclass(frozen=True, slots=True)
class Server:
    """An Argo CD, by its address as it was given, and how it is asked."""

    address: str
    http: Http

    async def applications(self, names: Iterable[str]) -> dict[str, Application]:
        """Return the applications of some names; one that there is not, or that may not be seen, is not in there.

        Raises:
            ArgoFailed: it does not answer as it should.
            ArgoRefused: it does not take the token.
        """
        wanted = list(names)
        # A list by name, for to ask for one application by name that there is not is answered by 403.
        answers = await self.http.get([f"api/v1/applications?name={quote(name, safe='')}" for name in wanted])
        found = {}
        for name, answer in zip(wanted, answers, strict=True):
            items = self._document(answer).get("items")
            for item in items if isinstance(items, list) else []:
                if name_of(item) == name:
                    found[name] = application(item)
        return found

    async def refresh(self, names: Iterable[str]) -> None:
        """Let it look at the Git repository now instead of some minutes later; that this may fail is no matter."""
        await self.http.get([f"api/v1/applications/{quote(name, safe='')}?refresh=normal" for name in names])

    async def messages(self, name: str) -> list[str]:
        """Return what the resources of an application say that are not healthy; nothing if they cannot be asked."""
        path = f"api/v1/applications/{quote(name, safe='')}"
        one, tree = await self.http.get([path, f"{path}/resource-tree"])
        found = application(one.document).messages if one.status == 200 else ()
        return list(dict.fromkeys([*found, *(tree_messages(tree.document) if tree.status == 200 else ())]))

    def _document(self, answer: Answer) -> dict[str, Any]:
        """Return what a good answer holds.

        Raises:
            ArgoFailed, ArgoRefused: it is none.
        """
        where = f"Argo CD at {self.address}"
        if answer.status in {401, 403}:
            msg = f"{where} refuses the token ({answer.status}): check --argocd-token; it may have expired"
            raise ArgoRefused(msg)
        if answer.status == 0:
            said = answer.body.replace(_ALIAS, "localhost")
            msg = f"{where} cannot be asked (is it up, and is --argocd-server right?):{last_lines(said, 2)}"
            raise ArgoFailed(msg)
        if answer.status >= 500 or answer.status == 429:
            msg = f"{where} answers {answer.status}: {shown(answer.body)}"
            raise ArgoFailed(msg)
        document = answer.document if answer.status == 200 else None
        if not isinstance(document, dict):
            msg = f"{where} answers {answer.status}, and no application: is --argocd-server the address of its API?"
            raise ArgoRefused(msg)
        return document


async def server(tools: Tools, access: Access) -> Server:
    """Return the Argo CD to ask.

    Raises:
        InvalidInput: its address or the token is missing or none, or the way to a server on this machine.
    """
    address, local = _address(access)
    token = await stripped(access.token, "argocd-token")
    if token is None:
        todo = "give --argocd-token (env://, file:// or cmd://) before the verb"
        msg = f"asking Argo CD at {address} needs a token: {todo}"
        raise InvalidInput(msg)
    container = await authorized(tools.curl, token, "argocd-token")
    inside = address
    if access.service:
        host = urlsplit(address).hostname or ""
        alias = _ALIAS if local else host
        inside = address.replace(host, alias, 1)
        container = container.with_service_binding(alias, access.service)
    return Server(address, Http(await container.sync(), inside, insecure=local))


def _address(access: Access) -> tuple[str, bool]:
    """Return the address of the API without a slash at its end, and whether it is this machine."""
    if not access.address:
        msg = "waiting needs Argo CD: give --argocd-server, such as argocd.example.com, before the verb"
        raise InvalidInput(msg)
    if not _ADDRESS.fullmatch(access.address):
        msg = f"--argocd-server {hidden(access.address)} is no address: write argocd.example.com, or https://host:port"
        raise InvalidInput(msg)
    address = (access.address if "://" in access.address else f"https://{access.address}").rstrip("/")
    parts = urlsplit(address)
    local = is_local(parts.hostname or "")
    if parts.scheme == "http" and not local:
        msg = f"--argocd-server {address} would send the token in the clear: write https://"
        raise InvalidInput(msg)
    if local and not access.service:
        where = f"{address} is on this machine, curl is in a container"
        msg = f"{where}: give --argocd-service tcp://{parts.netloc} before the verb"
        raise InvalidInput(msg)
    return address, local
