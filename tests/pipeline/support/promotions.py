"""A history of sixty promotions: as it is read, and as git's import takes it."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pipeline.board import Past
from pipeline.git import Change, Entry, Landed, Landing, Landings, Record, message
from pipeline.git.signature import Circumstances

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SERVICES = ("backend", "frontend")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def digest(service: str, version: str) -> str:
    """Return the digest of a service's version: any that no other has."""
    return f"sha256:{hashlib.sha256(f'{service} {version}'.encode()).hexdigest()}"


@dataclass(slots=True)
class Made:
    """A history that is made, the first that landed first."""

    records: list[Record] = field(default_factory=list)
    landings: dict[str, Landing] = field(default_factory=dict)
    tags: dict[str, datetime] = field(default_factory=dict)

    def add(
        self,
        environment: str,
        version: str,
        time: datetime,
        *,
        verb: str = "promote",
        services: Sequence[str] = SERVICES,
        merged: datetime | None = None,
        reason: str = "",
    ) -> None:
        """Add what was committed at a time, and came to the branch then or by a later merge."""
        number = len(self.records)
        commit = hashlib.sha256(f"{number}".encode()).hexdigest()[:40]
        self.records.append(
            Record(
                commit=commit,
                time=time,
                verb=verb,
                environment=environment,
                origin="" if verb == "rollback" else {"stg": "dev", "prod": "stg"}[environment],
                version=version,
                services=tuple(Landed(service, version, digest(service, version)) for service in services),
                author="Release pipeline",
                actor="octocat",
                reason=reason,
                run=f"https://ci.example.com/{number}",
            )
        )
        self.landings[commit] = Landing(merged or time, number)

    def past(self) -> Past:
        """Return it as it is read: the newest first."""
        return Past(
            self.records[::-1], Landings(self.records[-1].commit if self.records else "", self.landings), self.tags
        )


def sixty(start: datetime = START) -> Made:
    """Return the history of 24 releases, v1.0.0 to v1.23.0, committed three days apart.

    - Each goes to stg two hours after its commit: 24. v1.20.0 has no tag, v1.9.0 is tagged on another branch.
    - Seven times the frontend alone goes to v1.0.0 in stg, and forth again: 14, and no rollback.
    - All but each fourth go to prod, a day after their commit: 18. v1.5.0 was proposed, and merged after two.
    - v1.2.0, v1.8.0, v1.13.0 and v1.18.0 are rolled back there three hours later, the second for the backend alone.
    - Clocks err: in stg that of v1.12.0 is a day behind, in prod that of v1.16.0 ten days ahead, and the last rollback
      is dated before what it takes back.
    """
    made = Made()
    for number in range(24):
        version, committed = f"v1.{number}.0", start + 3 * DAY * number
        if number != 20:
            made.tags[version] = committed
        made.add("stg", version, committed + 2 * HOUR - DAY * (number == 12))
        if number in range(1, 15, 2):
            made.add("stg", "v1.0.0", committed + 3 * HOUR, services=["frontend"])
            made.add("stg", version, committed + 4 * HOUR, services=["frontend"])
        if number % 4 == 3:
            continue
        came = committed + DAY
        if number == 5:
            made.add("prod", version, committed + 3.5 * HOUR, merged=committed + 2 * DAY, reason="spring")
        else:
            made.add("prod", version, came + 10 * DAY * (number == 16))
        if before := {2: "v1.1.0", 8: "v1.6.0", 13: "v1.12.0", 18: "v1.17.0"}.get(number):
            services = ["backend"] if number == 8 else SERVICES
            time = came + (-1 if number == 18 else 3) * HOUR
            made.add("prod", before, time, verb="rollback", services=services, reason="errors in checkout")
    return made


def stream(made: Made, project: str, base: str) -> bytes:
    """Return the history for `git fast-import`, on a branch main whose last commit is `base`."""
    return b"".join(_commands(made, project, base))


def _commands(made: Made, project: str, base: str) -> Iterator[bytes]:
    before = tip = base
    tagged = set()
    for number, record in enumerate(made.records, start=1):
        if record.environment == "stg" and record.version not in tagged:
            tagged.add(record.version)
            if time := made.tags.get(record.version):
                on = "refs/heads/hotfix" if record.version == "v1.9.0" else "refs/heads/main"
                yield _commit(on, f":{number}00", f"feat: {record.version}", time, [tip])
                yield _tag(record.version, f":{number}00", annotated=number % 2 == 0)
                tip = tip if "hotfix" in on else f":{number}00"
        landed, text = made.landings[record.commit].time, _message(record, project)
        if landed == record.time:
            yield _commit("refs/heads/main", f":{number}", text, record.time, [tip])
            before, tip = tip, f":{number}"
        else:  # on a branch from what was there before the last commit, and merged
            yield _commit("refs/heads/proposed", f":{number}", text, record.time, [before])
            yield _commit("refs/heads/main", f":{number}1", "Merge the proposal", landed, [tip, f":{number}"])
            before, tip = tip, f":{number}1"


def _message(record: Record, project: str) -> str:
    entries = [
        Entry(one.service, f"r.example.com/{one.service}:{one.version}@{one.digest}", one.version, "v0.0.1")
        for one in record.services
    ]
    partial = len(entries) < len(SERVICES)
    change = Change(record.verb, project, record.environment, record.origin, entries, partial=partial)
    return message([change], Circumstances(record.actor, record.run, record.reason))


def _commit(ref: str, mark: str, text: str, time: datetime, parents: Sequence[str]) -> bytes:
    head = f"commit {ref}\nmark {mark}\ncommitter Robot <robot@example.com> {int(time.timestamp())} +0000\n"
    first, *merged = parents
    lines = [f"data {len(text.encode())}", text, f"from {first}", *(f"merge {one}" for one in merged), ""]
    return (head + "\n".join(lines) + "\n").encode()


def _tag(name: str, of: str, *, annotated: bool) -> bytes:
    if not annotated:
        return f"reset refs/tags/{name}\nfrom {of}\n\n".encode()
    return f"tag {name}\nfrom {of}\ntagger Robot <robot@example.com> 1 +0000\ndata 0\n\n".encode()
