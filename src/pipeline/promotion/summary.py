"""The summary of a promotion or a rollback: text for a terminal, Markdown for a job's summary, JSON for machines."""

import re

from pipeline.surface import Format, as_json, human, markdown_table, text_table

from .carried import Carried
from .commit_list import markdown_list, text_list
from .decide import way_back
from .outcome import Outcome
from .package_list import markdown_packages, text_packages

_LIMIT = 1_000_000  # bytes: GitHub drops a step's summary over 1 MiB, and a workflow may write more into it


def summary(outcome: Outcome, format_: Format) -> str:
    """Write an outcome."""
    if format_ is Format.JSON:
        return as_json(outcome.as_dict())
    return _markdown(outcome) if format_ is Format.MARKDOWN else _text(outcome)


def _text(outcome: Outcome) -> str:
    lists = [*text_list(outcome), *text_packages(outcome)]
    parts = [*_head(_headline(outcome), text_table(*_table(outcome)), outcome), *lists, _closing(outcome)]
    if outcome.dry_run and outcome.diff:
        parts.append(outcome.diff.rstrip())
    return "\n\n".join(parts)


def _markdown(outcome: Outcome) -> str:
    parts = [*_head(f"## {_headline(outcome)}", markdown_table(*_table(outcome)), outcome), _closing(outcome)]
    text, lost = _kept("\n\n".join([*parts, *markdown_list(outcome), *markdown_packages(outcome)]), _LIMIT)
    diff = outcome.rendered_diff.rstrip()
    if diff:
        longest = max((len(run) for run in re.findall("`+", diff)), default=0)
        fence = "`" * max(3, longest + 1)  # which nothing inside can close
        diff, more = _kept(diff, _LIMIT - len(text.encode()))
        text, lost = f"{text}\n\n{fence}diff\n{diff}\n{fence}", lost + more
    return f"{text}\n\n**Cut: {lost} lines are left out**, for GitHub shows no summary over 1 MiB" if lost else text


def _kept(text: str, room: int) -> tuple[str, int]:
    """Return as many lines of a text as there is room for, in bytes, and how many are left out."""
    if len(text.encode()) <= room:
        return text, 0
    kept = text.encode()[: max(room, 0)].decode("utf-8", "ignore").rpartition("\n")[0]
    return kept, text.count("\n") - kept.count("\n") + (not kept)


def _head(headline: str, table: str, outcome: Outcome) -> list[str]:
    """Return what comes first."""
    return [headline, table, *_plan(outcome), *_warnings(outcome), *_referrers(outcome)]


def _headline(outcome: Outcome) -> str:
    """Say in one line what this is."""
    origin, environment = outcome.origin, outcome.environment
    way = f"{origin} to {environment}" if origin != environment else environment
    return f"{outcome.verb} {outcome.version}: {way}"


def _plan(outcome: Outcome) -> list[str]:
    """Name a plan, for --approved."""
    return [f"plan {outcome.digest}"] if outcome.dry_run else []


def _warnings(outcome: Outcome) -> list[str]:
    """Say what is forced, what is a downgrade, and how to go back to what ran before."""
    lines = []
    if outcome.forced:
        stays = "stays as it is" if len(outcome.skipped) == 1 else "stay as they are"
        skipped = f", skipping {', '.join(outcome.skipped)}, which {stays}" if outcome.skipped else ""
        lines.append(f"forced{skipped}{f': {outcome.reason}' if outcome.reason else ''}")
    lines += [f"downgrade: {row.service} from {row.previous} to {row.tag}" for row in outcome.downgrades]
    ran: dict[tuple[str, str], list[str]] = {}
    for row in outcome.downgrades:
        if not row.copied:  # the image is there from when it ran
            ran.setdefault((row.environment or outcome.environment, row.tag), []).append(row.service)
    for (environment, tag), services in ran.items():
        back = way_back(environment, tag, services)
        lines.append(f"{tag} was promoted to {environment} before: to go back to it, use {back}")
    return ["\n".join(lines)] if lines else []


def _referrers(outcome: Outcome) -> list[str]:
    """Say what is not known of what refers to the images, and if anything does, which kinds there are none of."""
    several = len(outcome.environments) > 1
    known = [(f"{row.service} in {row.environment}" if several else row.service, row.referrers) for row in outcome.rows]
    lines = [f"{name}: {found.problem}" for name, found in known if found and found.problem]
    if any(found and found.kinds for _, found in known):
        lines += [f"{name} has no {' and no '.join(found.missing)}" for name, found in known if found and found.missing]
    return ["\n".join(lines)] if lines else []


def _closing(outcome: Outcome) -> str:
    """Say in one line what came of it."""
    copies = any(row.copies for row in outcome.rows)
    if outcome.dry_run:
        return "dry run: nothing was copied or committed" if outcome.changed or copies else "nothing to do"
    uploaded = "" if outcome.uploaded is None else f", {human(outcome.uploaded)} uploaded"
    if outcome.commit:
        proposed = f"\n\n{outcome.pull_request}" if outcome.pull_request else ""
        return f"committed {outcome.commit}{uploaded}{proposed}"
    return f"nothing to commit: the overlays were up to date{uploaded}" if copies else "nothing to do"


def _table(outcome: Outcome) -> tuple[list[str], list[list[str]]]:
    copied = "to copy" if outcome.dry_run else "copied"
    rows = [
        [row.service, row.previous or "-", row.target, row.digest, copied if row.copied else "there already"]
        for row in outcome.rows
    ]
    head = ["service", "before", "after", "digest", "image"]
    if any(row.referrers and row.referrers.kinds for row in outcome.rows):
        head = [*head, "referrers"]
        cells = [(row.referrers or Carried()).told(dry_run=outcome.dry_run) for row in outcome.rows]
        rows = [[*row, cell] for row, cell in zip(rows, cells, strict=True)]
    if len(outcome.environments) > 1:
        return ["environment", *head], [[line.environment, *row] for line, row in zip(outcome.rows, rows, strict=True)]
    return head, rows
