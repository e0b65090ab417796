"""Approval: do what was looked at and approved, or nothing."""

import re

from pipeline.errors import InvalidInput, shown

from .decide import Refused
from .outcome import Outcome, Row

_DIGEST = re.compile("sha256:[0-9a-f]{64}")


def check_digest(approved: str) -> str:
    """Return the digest of a plan as it is; empty if none was approved.

    Raises:
        InvalidInput: it is none.
    """
    if approved and not _DIGEST.fullmatch(approved):
        msg = f"--approved {shown(approved)} is no digest of a plan: give the one that --dry-run says, sha256:…"
        raise InvalidInput(msg)
    return approved


def check_approved(outcome: Outcome, approved: str) -> None:
    """Refuse what is no longer as it was approved; where nothing is left to do, nothing needs an approval.

    Args:
        outcome: what would happen now.
        approved: the digest of the plan that was approved; empty if none had to be.

    Raises:
        Refused: naming each service's way as it is now.
    """
    if approved and approved != outcome.digest and not outcome.idle:
        several = len(outcome.environments) > 1
        now = "".join(f"\n  {_way(row, several=several)}" for row in outcome.rows)
        msg = (
            f"{outcome.verb} to {outcome.environment} is not what was approved any more: the plan was {approved}, "
            f"now it is {outcome.digest}: look at it with --dry-run, and approve that. It would do now:{now}"
        )
        raise Refused(msg)


def _way(row: Row, *, several: bool) -> str:
    place = f"{row.service} in {row.environment}" if several else row.service
    return f"{place}: {row.running or 'nothing'} -> {row.image}"
