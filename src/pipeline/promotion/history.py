"""Who promoted what, when and why, rollbacks included: a report of the branch's commits."""

from collections.abc import Sequence
from typing import Any

from pipeline.description import Description
from pipeline.errors import InvalidInput
from pipeline.git import Record
from pipeline.surface import Format, as_json, markdown_table, text_table

_HEAD = ("when", "what", "version", "services", "by", "commit")
_SHORT = 12  # digits of a commit


def history_report(
    description: Description, found: Sequence[Record], format_: Format, *, service: str = "", limit: int
) -> str:
    """Write records, the newest first.

    Args:
        description: which services there are.
        found: the records, the newest first.
        format_: how.
        service: only those of this one; empty for all.
        limit: how many at most.

    Raises:
        InvalidInput: the limit is none.
    """
    if limit < 1:
        msg = f"--limit {limit} is no number of commits: give 1 or more"
        raise InvalidInput(msg)
    wanted = [one for one in found if not service or service in {landed.service for landed in one.services}][:limit]
    if format_ is Format.JSON:
        return as_json({"history": [_entry(one) for one in wanted]})
    if not wanted:
        return "nothing was promoted yet"
    rows = [_row(description, one) for one in wanted]
    if format_ is Format.MARKDOWN:
        more = [[_why(one), one.run] for one in wanted]
        return markdown_table([*_HEAD, "why", "run"], [[*row, *rest] for row, rest in zip(rows, more, strict=True)])
    head, *lines = text_table(_HEAD, rows).splitlines()
    return "\n".join([head, *(line for row, one in zip(lines, wanted, strict=True) for line in (row, *_details(one)))])


def _row(description: Description, record: Record) -> list[str]:
    way = f" from {record.origin}" if record.origin else ""
    names = [landed.service for landed in record.services]
    whole = {service.name for service in description.services} <= set(names)
    return [
        f"{record.time:%Y-%m-%d %H:%M}",
        f"{record.verb} {record.environment}{way}",
        record.version or "-",
        "all" if whole else ", ".join(names) or "-",
        record.actor or record.author,
        record.commit[:_SHORT],
    ]


def _details(record: Record) -> list[str]:
    """Return what has no width of its own, on lines under a row."""
    why = f"{'forced' if record.forced else 'because'}: {_why(record)}" if record.reason else ""
    return [f"  {''.join(char if char.isprintable() else ' ' for char in text)}" for text in (why, record.run) if text]


def _why(record: Record) -> str:
    return record.reason + (f" (skipping {', '.join(record.skipped)})" if record.skipped else "")


def _entry(record: Record) -> dict[str, Any]:
    return {
        "commit": record.commit,
        "time": record.time.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "verb": record.verb,
        "environment": record.environment,
        "from": record.origin or None,
        "version": record.version or None,
        "services": [
            {"service": landed.service, "version": landed.version or None, "digest": landed.digest or None}
            for landed in record.services
        ],
        "author": record.author,
        "actor": record.actor or None,
        "reason": record.reason or None,
        "forced": record.forced,
        **({"skipped": list(record.skipped)} if record.skipped else {}),
        "run": record.run or None,
    }
