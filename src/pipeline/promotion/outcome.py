"""What a promotion or a rollback did, or would do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.registry import is_older


@dataclass(frozen=True, slots=True)
class Row:
    """One service's part."""

    service: str
    source: str
    target: str
    digest: str
    copied: bool
    previous: str

    @property
    def tag(self) -> str:
        """The version that comes."""
        return self.target.rpartition(":")[2]

    @property
    def is_downgrade(self) -> bool:
        """Tell whether a newer version runs."""
        return is_older(self.tag, self.previous)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The whole.

    `commit` is empty if nothing was, or was to be, committed; `uploaded` are bytes of a copy to another registry.
    """

    verb: str
    version: str
    environment: str
    origin: str
    dry_run: bool
    changed: bool
    rows: Sequence[Row]
    commit: str = ""
    diff: str = ""
    rendered_diff: str = ""
    uploaded: int | None = None

    @property
    def downgrades(self) -> list[Row]:
        """The services that a promotion sets to an older version; to go back is what a rollback is for."""
        return [row for row in self.rows if row.is_downgrade and self.verb == "promote"]

    def as_dict(self) -> dict[str, Any]:
        """Return the contract for machines."""
        return {
            "version": self.version,
            "environment": self.environment,
            "from": self.origin,
            "dry_run": self.dry_run,
            "changed": self.changed,
            "commit": self.commit or None,
            "services": [
                {
                    "service": row.service,
                    "source": row.source,
                    "target": row.target,
                    "digest": row.digest,
                    "copied": row.copied,
                    "previous": row.previous or None,
                    **({"downgrade": True} if row in self.downgrades else {}),
                }
                for row in self.rows
            ],
            "diff": self.diff,
            **({} if self.uploaded is None else {"uploaded": self.uploaded}),
        }
