"""Read who may have signed what is promoted to an environment of pipeline.yaml."""

from . import keys
from .model import Signer
from .places import Problems
from .yaml_document import Mapping


def read_signers(environment: Mapping, require: tuple[str, ...], problems: Problems) -> tuple[Signer, ...]:
    """Return an environment's signers: without any, nothing tells whose signature it is; without a need, they are idle.

    Args:
        environment: its section.
        require: what it requires.
        problems: what is wrong is added to them.
    """
    found = tuple(_signer(section, problems) for section in environment.sections(keys.SIGNERS))
    if keys.SIGNATURE in require and not environment.has(keys.SIGNERS):
        problems.add(environment.place(keys.REQUIRE), "requires a signature: name in signers who may have made it")
    if environment.has(keys.SIGNERS) and not environment.has(keys.REQUIRE):
        problems.add(environment.place(keys.SIGNERS), "is for what is required: add require: [signature]")
    return found


def _signer(section: Mapping, problems: Problems) -> Signer:
    if section.has(keys.SIGNER_KEY):
        for other in (keys.SIGNER_ISSUER, keys.SIGNER_SUBJECT, keys.TRUSTED_ROOT):
            if section.has(other):
                problems.add(section.place(other), "does not go with key: keep the key, or issuer and subject")
        return Signer(section.text(keys.SIGNER_KEY).value)
    return Signer(
        issuer=section.text(keys.SIGNER_ISSUER, required=True).value,
        subject=section.text(keys.SIGNER_SUBJECT, required=True).value,
        trusted_root=section.text(keys.TRUSTED_ROOT).value,
    )
