"""The plan of a promotion: a noun, with its changes as a Changeset."""

from collections.abc import Sequence
from typing import Annotated

import dagger
from dagger import Doc

from pipeline.git import Commit, Commits
from pipeline.materials import Difference, PackageChange
from pipeline.surface import Format, field, function, object_type

from .carried import Carried
from .explain import explain
from .intent import Intent
from .outcome import Outcome, Row
from .prepare import prepare
from .summary import summary
from .workspace import Workspace


@object_type
class PlannedCommit:
    """A commit between what runs and what comes."""

    commit: str = field()  # `id` is what Dagger itself calls every object's
    author: str = field()
    subject: str = field()
    url: str = field()
    undone: bool = field()


@object_type
class PlannedPackage:
    """A package, or a base image, that comes if nothing is before it, goes if nothing is after it, or changes."""

    name: str = field()
    type: str = field()
    before: str = field()
    after: str = field()


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
    commits: list[PlannedCommit] = field()
    more_commits: bool = field()
    commits_unknown: str = field()
    comparison: str = field()
    referrers: list[str] = field()
    referrers_to_copy: int = field()
    referrers_problem: str = field()
    packages: list[PlannedPackage] = field()
    base_images: list[PlannedPackage] = field()
    packages_unknown: str = field()
    packages_compared: bool = field()


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
                Carried(change.referrers, change.referrers_to_copy, change.referrers_problem),
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
            commits={
                (change.environment, change.service): _commits(change)
                for change in self.services
                if change.commits or change.commits_unknown or change.comparison
            },
            packages={
                (change.environment, change.service): _difference(change)
                for change in self.services
                if change.packages_compared
            },
        )


async def plan(workspace: Workspace, intents: Sequence[Intent]) -> Plan:
    """Return what a promotion would do."""
    prepared = await prepare(workspace, intents)
    outcome = await explain(workspace, prepared.tip, prepared.plan, prepared.attached)
    return Plan(
        version=outcome.version,
        environment=outcome.environment,
        from_=outcome.origin,
        digest=outcome.digest,
        forced=outcome.forced,
        skipped=list(outcome.skipped),
        services=[_change(row, outcome) for row in outcome.rows],
        diff=outcome.diff,
        rendered_diff=outcome.rendered_diff,
        before=prepared.draft.before,
        after=prepared.draft.after,
    )


def _change(row: Row, outcome: Outcome) -> Change:
    place, referrers = (row.environment, row.service), row.referrers or Carried()
    commits, packages = outcome.commits.get(place, Commits()), outcome.packages.get(place)
    return Change(
        service=row.service,
        source=row.source,
        target=row.target,
        digest=row.digest,
        copied=row.copied,
        previous=row.previous,
        running=row.running,
        environment=row.environment,
        from_=row.origin,
        commits=[
            PlannedCommit(commit=one.id, author=one.author, subject=one.subject, url=one.url, undone=one.undone)
            for one in commits.listed
        ],
        more_commits=commits.more,
        commits_unknown=commits.problem,
        comparison=commits.url,
        referrers=list(referrers.kinds),
        referrers_to_copy=referrers.copied,
        referrers_problem=referrers.problem,
        packages=_planned(packages.packages if packages else ()),
        base_images=_planned(packages.base_images if packages else ()),
        packages_unknown=packages.problem if packages else "",
        packages_compared=packages is not None,
    )


def _planned(changes: Sequence[PackageChange]) -> list[PlannedPackage]:
    return [PlannedPackage(name=one.name, type=one.type, before=one.before, after=one.after) for one in changes]


def _difference(change: Change) -> Difference:
    packages, base_images = (
        [PackageChange(one.name, one.type, one.before, one.after) for one in listed]
        for listed in (change.packages, change.base_images)
    )
    return Difference(packages, base_images, change.packages_unknown)


def _commits(change: Change) -> Commits:
    listed = [Commit(each.commit, each.author, each.subject, each.url, each.undone) for each in change.commits]
    return Commits(listed, change.more_commits, change.commits_unknown, change.comparison)
