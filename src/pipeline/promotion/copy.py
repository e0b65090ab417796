"""Copy a promotion's images by digest, all services side by side, and confirm each."""

from collections.abc import Sequence

import anyio

from pipeline.concurrency import side_by_side
from pipeline.errors import PipelineError
from pipeline.registry import Copier, RegistryFailed
from pipeline.tools import Finished

from .decide import Step
from .interrupted import saying_if_interrupted

AGAIN = "Run again to finish: nothing is copied twice"
_AT_ONCE = 16


async def copy(copier: Copier, found: Sequence[Step]) -> int:
    """Copy what is missing, and see that every target has its digest; return how many bytes were uploaded.

    Raises:
        RegistryFailed: naming what was copied and what was not. Nothing is committed then.
    """
    missing = [step for step in found if step.copy]
    if not missing:
        return 0
    # Environments may share a repository.
    pairs = {step.target: (f"{step.source.rpartition(':')[0]}@{step.digest}", step.target) for step in missing}
    done: dict[str, Finished] = {}
    limit = anyio.CapacityLimiter(_AT_ONCE)

    async def one(target: str) -> None:
        async with limit:
            done[target] = await copier.copy([pairs[target]])

    def by_now() -> str:
        copied = [step for step in missing if step.target in done and done[step.target].succeeded]
        return f"{copied_already(copied)}. Nothing was committed. {AGAIN}"

    with saying_if_interrupted(by_now):
        await side_by_side(one, list(pairs))
        try:
            there = await copier.digests(step.target for step in missing)
        except RegistryFailed as unasked:
            raise await _unconfirmed(copier, missing, done, unasked) from None
    failed = [step for step in missing if there.get(step.target) != step.digest]
    if failed:
        several = len({step.environment for step in missing}) > 1
        copied = _services([step for step in missing if step not in failed], several=several) or "nothing"
        what = f"copying {_services(failed, several=several)}{'' if several else f' to {failed[0].environment}'}"
        reason = done[failed[0].target]
        raise await copier.failed(f"{what} (copied: {copied}; nothing was committed, run again)", reason)
    return sum(await side_by_side(lambda pair: copier.uploaded(done[pair[1]], [pair[0]]), list(pairs.values())))


async def _unconfirmed(
    copier: Copier, missing: Sequence[Step], done: dict[str, Finished], unasked: RegistryFailed
) -> RegistryFailed:
    """Return the error of a registry that cannot be asked what it got: what counts is why, and crane's word."""
    failures = [one for one in done.values() if not one.succeeded]
    said = {target for target, one in done.items() if target in await copier.said(one)}
    copied = _named([step for step in missing if step.target in said]) or "nothing"
    cause = await copier.failed("copying", failures[0]) if failures else unasked
    return RegistryFailed(f"{cause}\nCopied, as far as crane says: {copied}; nothing was committed. {AGAIN}")


def after_copying(error: PipelineError, found: Sequence[Step]) -> PipelineError:
    """Add what is copied already to an error: it needs no clearing away."""
    copied = [step for step in found if step.copy]
    return type(error)(f"{error}\n{copied_already(copied)}. {AGAIN}") if copied else error


def copied_already(copied: Sequence[Step]) -> str:
    """Say what is copied."""
    return f"Copied already: {_named(copied) or 'nothing'}"


def _services(found: Sequence[Step], *, several: bool) -> str:
    return ", ".join(f"{step.service} to {step.environment}" if several else step.service for step in found)


def _named(found: Sequence[Step]) -> str:
    return ", ".join(f"{step.service}: {step.target}@{step.digest}" for step in found)
