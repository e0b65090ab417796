"""What a promotion or a rollback did, or would do, and how that is reported."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ._reports import Format, as_json, markdown_table, text_table


@dataclass(frozen=True, slots=True)
class Row:
    """One service's part."""

    service: str
    source: str
    target: str
    digest: str
    copied: bool
    previous: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The whole; `commit` is empty if nothing was, or was to be, committed."""

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

    def report(self, format_: Format) -> str:
        """Write the outcome."""
        if format_ is Format.JSON:
            return as_json(self.as_dict())
        return self._markdown() if format_ is Format.MARKDOWN else self._text()

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
                }
                for row in self.rows
            ],
            "diff": self.diff,
        }

    @property
    def headline(self) -> str:
        """Say in one line what this is."""
        way = f"{self.origin} to {self.environment}" if self.origin != self.environment else self.environment
        return f"{self.verb} {self.version}: {way}"

    @property
    def closing(self) -> str:
        """Say in one line what came of it."""
        if self.dry_run:
            return "dry run: nothing was copied or committed" if self.changed or self._copies else "nothing to do"
        if self.commit:
            return f"committed {self.commit}"
        return "nothing to commit: the overlays were up to date" if self._copies else "nothing to do"

    @property
    def _copies(self) -> bool:
        return any(row.copied for row in self.rows)

    def _table(self) -> tuple[list[str], list[list[str]]]:
        copied = "to copy" if self.dry_run else "copied"
        rows = [
            [row.service, row.previous or "-", row.target, row.digest, copied if row.copied else "there already"]
            for row in self.rows
        ]
        return ["service", "before", "after", "digest", "image"], rows

    def _text(self) -> str:
        parts = [self.headline, text_table(*self._table()), self.closing]
        if self.dry_run and self.diff:
            parts.append(self.diff.rstrip())
        return "\n\n".join(parts)

    def _markdown(self) -> str:
        parts = [f"## {self.headline}", markdown_table(*self._table()), self.closing]
        if self.rendered_diff:
            longest = max((len(run) for run in re.findall("`+", self.rendered_diff)), default=0)
            fence = "`" * max(3, longest + 1)  # which nothing inside can close
            parts.append(f"{fence}diff\n{self.rendered_diff.rstrip()}\n{fence}")
        return "\n\n".join(parts)
