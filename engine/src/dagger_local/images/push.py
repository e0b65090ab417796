"""Push a layout to a registry, and say in one line why it did not go."""

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from dagger_local.errors import EngineError
from dagger_local.images.containers import Containers, last_words
from dagger_local.images.model import RegistryAuth
from dagger_local.images.oci import is_index
from dagger_local.images.reach import NETWORK_FAILURES, Reach
from dagger_local.images.references import Reference, registry_of
from dagger_local.progress import step

_AT_MOST = "--command-timeout=30m"
_REFUSED = ("unauthorized", "authentication required", "denied", "no basic auth credentials", "401 (Unauthorized)")


async def push(
    containers: Containers,
    reach: Reach,
    layout: Path,
    reference: Reference,
    auth: Sequence[RegistryAuth],
    *,
    tls_verify: bool | None,
) -> str:
    """Copy `layout` to `reference`; return the digest that the registry has it under."""
    if reference.digest and not reference.tag:
        raise EngineError(f"{reference} cannot be pushed to: a digest is the registry's answer; give a tag")
    if why := await reach.failure(reference.domain):
        raise _unreachable(reference, why)
    verify = not reference.plain_http if tls_verify is None else tls_verify
    options = ["--preserve-digests", "--retry-times", "2", f"--dest-tls-verify={str(verify).lower()}"]
    options += ["--all"] if is_index(layout) else []
    mine = [one for one in auth if registry_of(one.address) == reference.domain]
    options += containers.authfile(mine)
    with tempfile.TemporaryDirectory(dir=containers.private()) as scratch, step(f"push {reference}") as this:
        digest_file = Path(scratch) / "digest"
        options += ["--digestfile", str(digest_file)]
        target = f"docker://{reference.name}:{reference.tag}"
        words = (_AT_MOST, "copy", *options, f"oci:{layout}", target)
        try:
            done = await containers.skopeo(*words, on_line=this.log, check=False, patience=containers.patience)
        except TimeoutError:
            message = f"registry {reference.domain} stopped answering (nothing for {containers.patience:.0f} s)"
            raise EngineError(f"{reference} was not pushed: {message}; check the network and run again") from None
        if done.exit_code:
            raise explain(reference, last_words(done))
        return digest_file.read_text().strip()


def explain(reference: Reference, message: str) -> EngineError:
    """Keep what the registry itself said, and drop skopeo's way to it."""
    message = re.sub(r'\b(?:Get|Head|Post|Patch|Put) "[^"]*": ', "", message)
    told = message.rpartition(": ")[2]
    if any(sign in message for sign in NETWORK_FAILURES):
        return _unreachable(reference, told)
    if told == "EOF":
        return EngineError(f"{reference} was not pushed: the registry ended the connection; run again")
    if found := re.search(r"name unknown: (.*)", message):
        return EngineError(f"{reference} was not pushed: {found[1]}; create the repository first")
    if any(sign in message for sign in _REFUSED):
        # A generic refusal means the credentials; a longer one, such as ECR's, says which permission is missing.
        found = re.search(r"denied: (.*not authorized.*)", message)
        return EngineError(
            f"registry {reference.domain} refused the credentials for {reference.path}"
            f"{f' ({found[1]})' if found else ''}; check the username and the password"
        )
    return EngineError(f"{reference} was not pushed: {re.sub(r'^.*?(?=(?:writing|uploading) )', '', message)}")


def _unreachable(reference: Reference, why: str) -> EngineError:
    return EngineError(f"registry {reference.domain} cannot be reached ({why}); check its address and the network")
