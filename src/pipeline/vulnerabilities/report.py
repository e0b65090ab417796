"""Write what is known of vulnerabilities: how many there are where, and what a promotion would mend, or bring."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.surface import Format, as_code, as_json, markdown_table, printable, text_table

from .findings import SEVERITIES, Vulnerability, without
from .model import Image, Scan

_MOST = 50  # lines of a list, for people; machines get all


@dataclass(frozen=True, slots=True)
class Step:
    """What it would change for a service to get what the environment before runs."""

    service: str
    environment: str
    origin: str
    mended: Sequence[Vulnerability]
    brought: Sequence[Vulnerability]


def vulnerability_report(scan: Scan, before: Mapping[str, str], format_: Format) -> str:
    """Write a scan.

    Args:
        scan: what was found.
        before: the environments that others promote from, by those; of one environment alone all is listed.
        format_: how.
    """
    steps = list(_steps(scan, before))
    if format_ is Format.JSON:
        return as_json(_as_dict(scan, steps))
    head, rows = ["environment", "service", "version", *SEVERITIES], [_row(image) for image in scan.images]
    parts = [markdown_table(head, rows) if format_ is Format.MARKDOWN else text_table(head, rows), *_notes(scan)]
    alone = len({image.environment for image in scan.images}) == 1
    for title, found in _alone(scan) if alone else _lists(steps):
        if format_ is Format.MARKDOWN:
            parts.append(f"### {title}\n\n{_list(found, '- ', markdown=True)}")
        else:
            parts.append(f"{title}\n{_list(found, '  ', markdown=False)}")
    return "\n\n".join(parts)


def _steps(scan: Scan, before: Mapping[str, str]) -> Iterator[Step]:
    """Return what promotions would change, where both sides are known and there is anything to change."""
    images = {(image.environment, image.service): image for image in scan.images if not image.problem}
    for (environment, service), image in images.items():
        origin = before.get(environment, "")
        other = images.get((origin, service))
        if other:
            mended, brought = without(image.found, other.found), without(other.found, image.found)
            if mended or brought:
                yield Step(service, environment, origin, mended, brought)


def _row(image: Image) -> list[str]:
    counts = Counter(one.severity for one in image.found)
    numbers = ["?" if image.problem else str(counts[severity]) for severity in SEVERITIES]
    return [image.environment, image.service, image.version or "-", *numbers]


def _notes(scan: Scan) -> list[str]:
    """Say what is not known, in one line for all that it holds for, and how old the database is."""
    places: dict[str, list[str]] = {}
    for image in scan.images:
        if image.problem:
            places.setdefault(image.problem, []).append(f"{image.service} in {image.environment}")
    lines = [f"? {', '.join(names)}: {printable(problem)}" for problem, names in places.items()]
    if scan.database:
        lines.append(printable(scan.database.told))
    return ["\n".join(lines)] if lines else []


def _alone(scan: Scan) -> Iterator[tuple[str, Sequence[Vulnerability]]]:
    return ((f"{image.service} in {image.environment}", image.found) for image in scan.images if image.found)


def _lists(steps: Sequence[Step]) -> Iterator[tuple[str, Sequence[Vulnerability]]]:
    for step in steps:
        if step.mended:
            yield f"{step.service}: {step.origin} mends what {step.environment} has", step.mended
        if step.brought:
            yield f"{step.service}: {step.origin} has what {step.environment} has not", step.brought


def _list(found: Sequence[Vulnerability], mark: str, *, markdown: bool) -> str:
    code = as_code if markdown else str
    lines = [
        f"{mark}{one.severity} {code(printable(one.id))}: {code(printable(f'{one.package} {one.version}'))}, "
        + (f"fixed in {code(printable(one.fixed))}" if one.fixed else "not fixed yet")
        for one in found[:_MOST]
    ]
    more = [f"{mark}… and {len(found) - _MOST} more: --format json has all"] if len(found) > _MOST else []
    return "\n".join([*lines, *more])


def _as_dict(scan: Scan, steps: Sequence[Step]) -> dict[str, Any]:
    """Return the contract for machines."""
    environments: dict[str, list[dict[str, Any]]] = {}
    for image in scan.images:
        known = {"problem": image.problem} if image.problem else {"vulnerabilities": list(map(asdict, image.found))}
        entry = {"service": image.service, "version": image.version or None, "image": image.reference or None}
        environments.setdefault(image.environment, []).append(entry | known)
    database = scan.database
    built = database.built.isoformat() if database and database.built else None
    return {
        "database": {"built": built, "problem": (database.problem if database else "") or None},
        "environments": [{"name": name, "services": services} for name, services in environments.items()],
        "promotions": [
            {
                "service": step.service,
                "from": step.origin,
                "to": step.environment,
                "mended": [asdict(one) for one in step.mended],
                "brought": [asdict(one) for one in step.brought],
            }
            for step in steps
        ],
    }
