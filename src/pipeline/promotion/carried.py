"""What refers to a service's image, as a promotion reports it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.referrers import KINDS


@dataclass(frozen=True, slots=True)
class Carried:
    """The kind of each referrer that is in the target, or that is to be; how many of them are copied.

    `problem` is why some are not there, or why it is not known which there are; empty otherwise.
    """

    kinds: Sequence[str] = ()
    copied: int = 0
    problem: str = ""

    @property
    def missing(self) -> list[str]:
        """The kinds that none of them is of."""
        return [kind for kind in KINDS if kind not in self.kinds]

    def as_dict(self) -> dict[str, Any]:
        """Return the contract for machines."""
        return {
            "count": len(self.kinds),
            "copied": self.copied,
            "kinds": dict(Counter(self.kinds)),
            "missing": self.missing,
            **({"problem": self.problem} if self.problem else {}),
        }

    def told(self, *, dry_run: bool) -> str:
        """Say in a few words how many there are, and how many of them are copied."""
        count = len(self.kinds)
        if not count:
            return "-"
        how = "to copy" if dry_run else "copied"
        if self.copied == count:
            return f"{count} {how}"
        return f"{count}, {self.copied} {how}" if self.copied else f"{count} there already"
