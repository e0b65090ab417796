"""The plan of a promotion: a noun, with its changes as a Changeset."""

from typing import Annotated

import dagger
from dagger import Doc

from pipeline.surface import Format, field, function, object_type

from .outcome import Outcome, Row
from .prepare import Prepared
from .summary import summary


@object_type
class Change:
    """One service's part of a plan, in one environment."""

    service: str = field()
    source: str = field()
    target: str = field()
    digest: str = field()
    copied: bool = field()
    previous: str = field()
    running: str = field()
    environment: str = field()
    from_: str = field()


@object_type
class Plan:
    """What a promotion would do, with its edits made on a clone of the branch."""

    version: str = field()
    environment: str = field()
    from_: str = field()
    digest: str = field()
    forced: bool = field()
    skipped: list[str] = field()
    services: list[Change] = field()
    diff: str = field()
    rendered_diff: str = field()
    before: dagger.Directory = field()
    after: dagger.Directory = field()

    @function
    def changes(self) -> dagger.Changeset:
        """Return the edits of the overlays, to be looked at or applied."""
        return self.after.without_directory(".git").changes(self.before.without_directory(".git"))

    @function
    def summary(self, format_: Annotated[Format, Doc("how the summary is written")] = Format.TEXT) -> str:
        """Report the plan for people."""
        return summary(self._outcome(), format_)

    @function
    def json(self) -> str:
        """Report the plan for machines."""
        return summary(self._outcome(), Format.JSON)

    def _outcome(self) -> Outcome:
        rows = [
            Row(
                change.service,
                change.source,
                change.target,
                change.digest,
                change.copied,
                change.previous,
                change.running,
                change.environment,
                change.from_,
            )
            for change in self.services
        ]
        return Outcome(
            verb="promote",
            version=self.version,
            environment=self.environment,
            origin=self.from_,
            dry_run=True,
            changed=bool(self.diff),
            rows=rows,
            diff=self.diff,
            rendered_diff=self.rendered_diff,
            forced=self.forced,
            skipped=self.skipped,
        )


def as_plan(prepared: Prepared) -> Plan:
    """Turn what was prepared into the noun."""
    outcome = prepared.plan
    return Plan(
        version=outcome.version,
        environment=outcome.environment,
        from_=outcome.origin,
        digest=outcome.digest,
        forced=outcome.forced,
        skipped=list(outcome.skipped),
        services=[
            Change(
                service=row.service,
                source=row.source,
                target=row.target,
                digest=row.digest,
                copied=row.copied,
                previous=row.previous,
                running=row.running,
                environment=row.environment,
                from_=row.origin,
            )
            for row in outcome.rows
        ],
        diff=outcome.diff,
        rendered_diff=outcome.rendered_diff,
        before=prepared.draft.before,
        after=prepared.draft.after,
    )
