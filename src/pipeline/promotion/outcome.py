"""What a promotion or a rollback did, or would do."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.forge import PullRequest
from pipeline.registry import is_older


@dataclass(frozen=True, slots=True)
class Row:
    """One service's part; `previous` is the tag that ran before, `running` the whole reference of it."""

    service: str
    source: str
    target: str
    digest: str
    copied: bool
    previous: str
    running: str = ""

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
    `forced` says that the environment promoted from was not to have its say. With a `pull_request`, the commit is on
    its branch, or if it is merged already where it was merged to.
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
    forced: bool = False
    pull_request: PullRequest | None = None

    @property
    def idle(self) -> bool:
        """Tell whether there is nothing to do."""
        return not self.changed and not any(row.copied for row in self.rows)

    @property
    def digest(self) -> str:
        """What identifies a plan: a digest of all that would come to be, and of what runs before.

        When it is made, on which commit, and what was copied in an earlier attempt make no difference.
        """
        services = [
            {
                "service": row.service,
                "source": row.source,
                "image": f"{row.target}@{row.digest}",
                "running": row.running,
            }
            for row in self.rows
        ]
        plan = {"verb": self.verb, "environment": self.environment, "forced": self.forced, "services": services}
        return f"sha256:{hashlib.sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest()}"

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
            **({"pull_request": self.pull_request.as_dict()} if self.pull_request else {}),
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
            **({"digest": self.digest} if self.dry_run else {}),
            **({} if self.uploaded is None else {"uploaded": self.uploaded}),
        }
