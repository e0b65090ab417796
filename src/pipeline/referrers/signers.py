"""Verify by cosign that what refers to an image was signed by who is trusted."""

import re
from collections.abc import Sequence

import dagger
from dagger import dag

from pipeline.description import Signer
from pipeline.errors import InvalidInput
from pipeline.registry import Copier
from pipeline.tools import SIGNED, counted, for_each, once, run, shown

_SECONDS = 300
_AT_ONCE = 8
_TRUST = "/run/signers"


@shown(lambda _, __, ___, references, ____: f"verify {counted(references, 'signature')}")
async def verified(
    copier: Copier, cosign: str, source: dagger.Directory, references: Sequence[str], signers: Sequence[Signer]
) -> dict[str, str]:
    """Return why what is not signed by any of some signers is not taken for signed, by reference; empty if it is.

    Args:
        copier: which has the right to read it.
        cosign: the image that cosign comes from.
        source: the repository, which has the keys.
        references: what is to be signed, by digest.
        signers: who may have signed it.

    Raises:
        InvalidInput: a signer's file is not there.
    """
    if not references:
        return {}
    program = dag.container().from_(cosign).file("/ko-app/cosign")
    container = copier.container.with_file("/usr/local/bin/cosign", program)
    for signer in signers:
        for path in filter(None, (signer.key, signer.trusted_root)):
            container = container.with_file(f"{_TRUST}/{path}", await _file(source, path))
    inside = {copier.as_seen(reference): reference for reference in references}
    waiting, why = dict(inside), dict.fromkeys(references, "")
    for signer in signers:
        if not waiting:
            break
        command = for_each([SIGNED, *options(signer)], takes=1, at_once=_AT_ONCE)
        done = await run(once(container), command, seconds=_SECONDS, stdin="\n".join(waiting))
        said = dict(line.split(" ", 1) for line in (await done.stdout()).splitlines() if " " in line)
        for seen, reference in list(waiting.items()):
            answer = said.get(seen, "no it took too long")
            why[reference] = "" if answer == "yes" else copier.as_given(answer.removeprefix("no "))
            if answer == "yes":
                del waiting[seen]
    return why


def options(signer: Signer) -> list[str]:
    """Return how cosign is told of a signer.

    Who holds a key is trusted for it, whether a log has the signature or not; a keyless one is nothing without its log.
    """
    root = ["--trusted-root", f"{_TRUST}/{signer.trusted_root}"] if signer.trusted_root else []
    if signer.key:
        return ["--key", f"{_TRUST}/{signer.key}", "--insecure-ignore-tlog=true", *root]
    issuer = ["--certificate-oidc-issuer", signer.issuer]
    if "*" not in signer.subject:
        return ["--certificate-identity", signer.subject, *issuer, *root]
    pattern = "[^/]*".join(re.escape(part) for part in signer.subject.split("*"))
    return ["--certificate-identity-regexp", f"^{pattern}$", *issuer, *root]


async def _file(source: dagger.Directory, path: str) -> dagger.File:
    if not await source.glob(path):
        msg = f"there is no {path} in the repository, which signers of pipeline.yaml names: add it, or correct the path"
        raise InvalidInput(msg)
    return source.file(path)
