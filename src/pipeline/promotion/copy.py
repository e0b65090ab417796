"""Copy a promotion's images by digest, all services side by side, and confirm each."""

from collections.abc import Sequence

from pipeline.errors import PipelineError
from pipeline.registry import Copier, RegistryFailed
from pipeline.tools import Finished

from .decide import Step

_AGAIN = "Run again to finish: nothing is copied twice"


async def copy(copier: Copier, found: Sequence[Step]) -> int:
    """Copy what is missing, and see that every target has its digest; return how many bytes were uploaded.

    Raises:
        RegistryFailed: naming what was copied and what was not. Nothing is committed then.
    """
    missing = [step for step in found if step.copy]
    if not missing:
        return 0
    # Environments may share a repository.
    pairs = list(dict.fromkeys((f"{step.source.rpartition(':')[0]}@{step.digest}", step.target) for step in missing))
    done = await copier.copy(pairs)
    try:
        there = await copier.digests(step.target for step in missing)
    except RegistryFailed as unasked:
        raise await _unconfirmed(copier, missing, done, unasked) from None
    failed = [step for step in missing if there.get(step.target) != step.digest]
    if failed:
        several = len({step.environment for step in missing}) > 1
        copied = _services([step for step in missing if step not in failed], several=several) or "nothing"
        what = f"copying {_services(failed, several=several)}{'' if several else f' to {failed[0].environment}'}"
        raise await copier.failed(f"{what} (copied: {copied}; nothing was committed, run again)", done)
    return await copier.uploaded(done, [source for source, _ in pairs])


async def _unconfirmed(
    copier: Copier, missing: Sequence[Step], done: Finished, unasked: RegistryFailed
) -> RegistryFailed:
    """Return the error of a registry that cannot be asked what it got: what counts is why, and crane's word."""
    said = await copier.said(done)
    copied = _named([step for step in missing if step.target in said]) or "nothing"
    cause = unasked if done.succeeded else await copier.failed("copying", done)
    return RegistryFailed(f"{cause}\nCopied, as far as crane says: {copied}; nothing was committed. {_AGAIN}")


def after_copying(error: PipelineError, found: Sequence[Step]) -> PipelineError:
    """Add what is copied already to an error: it needs no clearing away."""
    copied = [step for step in found if step.copy]
    return type(error)(f"{error}\nCopied already: {_named(copied)}. {_AGAIN}") if copied else error


def _services(found: Sequence[Step], *, several: bool) -> str:
    return ", ".join(f"{step.service} to {step.environment}" if several else step.service for step in found)


def _named(found: Sequence[Step]) -> str:
    return ", ".join(f"{step.service}: {step.target}@{step.digest}" for step in found)
