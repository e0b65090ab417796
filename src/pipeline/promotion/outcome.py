"""What a promotion or a rollback did, or would do."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from pipeline.forge import PullRequest
from pipeline.git import Commits
from pipeline.materials import Difference
from pipeline.registry import is_older
from pipeline.surface import listed

from .carried import Carried


@dataclass(frozen=True, slots=True)
class Row:
    """One service's part in one environment, `origin` is the one that it is promoted from.

    `previous` is the tag that ran before, `running` the whole reference of it. `referrers` are what a promotion carries
    with the image; nothing else does.
    """

    service: str
    source: str
    target: str
    digest: str
    copied: bool
    previous: str
    running: str = ""
    environment: str = ""
    origin: str = ""
    referrers: Carried | None = None

    @property
    def copies(self) -> bool:
        """Tell whether anything of it is copied: the image, or what refers to it."""
        return self.copied or bool(self.referrers and self.referrers.copied)

    @property
    def tag(self) -> str:
        """The version that comes."""
        return self.target.rpartition(":")[2]

    @property
    def image(self) -> str:
        """The whole reference of what comes."""
        return f"{self.target}@{self.digest}"

    @property
    def is_downgrade(self) -> bool:
        """Tell whether a newer version runs."""
        return is_older(self.tag, self.previous)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The whole.

    `commit` is empty if nothing was, or was to be, committed; `uploaded` are bytes of a copy to another registry.
    Of several environments, `version`, `environment` and `origin` are lists for people. `forced` says that the
    environment promoted from was not to have its say, and `skipped` which ones were to have the version before.
    `commits` and `packages` are what came in between, by environment and service, if it was asked for. With a
    `pull_request`, the commit is on its branch, or if it is merged already where it was merged to.
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
    reason: str = ""
    skipped: Sequence[str] = ()
    commits: Mapping[tuple[str, str], Commits] = field(default_factory=dict)
    packages: Mapping[tuple[str, str], Difference] = field(default_factory=dict)
    pull_request: PullRequest | None = None

    def place(self, environment: str, service: str) -> str:
        """Name a service for people: with its environment, where there are several."""
        return f"{service} in {environment}" if len(self.environments) > 1 else service

    @property
    def environments(self) -> dict[str, list[Row]]:
        """The rows by environment."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.environment or self.environment, []).append(row)
        return found

    @property
    def idle(self) -> bool:
        """Tell whether there is nothing to do."""
        return not self.changed and not any(row.copies for row in self.rows)

    @property
    def digest(self) -> str:
        """What identifies a plan: a digest of all that would come to be, and of what runs before.

        When it is made, on which commit, and what was copied in an earlier attempt make no difference.
        """
        images = {
            environment: [
                {"service": row.service, "source": row.source, "image": row.image, "running": row.running}
                for row in rows
            ]
            for environment, rows in self.environments.items()
        }
        plan = {"verb": self.verb, "forced": self.forced, "images": images}
        return f"sha256:{hashlib.sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest()}"

    @property
    def downgrades(self) -> list[Row]:
        """The services that a promotion sets to an older version; to go back is what a rollback is for."""
        return [row for row in self.rows if row.is_downgrade and self.verb == "promote"]

    def as_dict(self) -> dict[str, Any]:
        """Return the contract for machines: of several environments a list, else what the one is at the top."""
        parts = [
            {
                "version": self.version if len(self.environments) == 1 else listed(row.tag for row in rows),
                "environment": environment,
                "from": rows[0].origin or self.origin,
                "services": [self._service(row) for row in rows],
            }
            for environment, rows in self.environments.items()
        ]
        state = {"dry_run": self.dry_run, "changed": self.changed, "commit": self.commit or None}
        what = {"version": self.version, "environments": parts} if len(parts) > 1 else parts[0]
        return {
            **what,
            **state,
            **({"pull_request": self.pull_request.as_dict()} if self.pull_request else {}),
            "diff": self.diff,
            **({"digest": self.digest} if self.dry_run else {}),
            **({} if self.uploaded is None else {"uploaded": self.uploaded}),
            **({"forced": True, "reason": self.reason or None, "skipped": list(self.skipped)} if self.forced else {}),
        }

    def _service(self, row: Row) -> dict[str, Any]:
        return {
            "service": row.service,
            "source": row.source,
            "target": row.target,
            "digest": row.digest,
            "copied": row.copied,
            "previous": row.previous or None,
            **({"downgrade": True} if row in self.downgrades else {}),
            **({"referrers": row.referrers.as_dict()} if row.referrers else {}),
            **self._commits(row),
            **self._packages(row),
        }

    def _commits(self, row: Row) -> dict[str, Any]:
        found = self.commits.get((row.environment, row.service))
        if not found:
            return {}
        return {
            "commits": [asdict(commit) for commit in found.listed],
            **({"commits_unknown": found.problem} if found.problem else {}),
            **({"more_commits": True} if found.more else {}),
        }

    def _packages(self, row: Row) -> dict[str, Any]:
        found = self.packages.get((row.environment, row.service))
        return found.as_dict() if found else {}
