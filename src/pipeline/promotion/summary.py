"""The summary of a promotion or a rollback: text for a terminal, Markdown for a job's summary, JSON for machines."""

import re

from pipeline.surface import Format, as_json, human, markdown_table, text_table

from .decide import way_back
from .outcome import Outcome


def summary(outcome: Outcome, format_: Format) -> str:
    """Write an outcome."""
    if format_ is Format.JSON:
        return as_json(outcome.as_dict())
    return _markdown(outcome) if format_ is Format.MARKDOWN else _text(outcome)


def _text(outcome: Outcome) -> str:
    parts = [_headline(outcome), text_table(*_table(outcome)), *_plan(outcome), *_warnings(outcome), _closing(outcome)]
    if outcome.dry_run and outcome.diff:
        parts.append(outcome.diff.rstrip())
    return "\n\n".join(parts)


def _markdown(outcome: Outcome) -> str:
    head = [f"## {_headline(outcome)}", markdown_table(*_table(outcome)), *_plan(outcome)]
    parts = [*head, *_warnings(outcome), _closing(outcome)]
    if outcome.rendered_diff:
        longest = max((len(run) for run in re.findall("`+", outcome.rendered_diff)), default=0)
        fence = "`" * max(3, longest + 1)  # which nothing inside can close
        parts.append(f"{fence}diff\n{outcome.rendered_diff.rstrip()}\n{fence}")
    return "\n\n".join(parts)


def _headline(outcome: Outcome) -> str:
    """Say in one line what this is."""
    origin, environment = outcome.origin, outcome.environment
    way = f"{origin} to {environment}" if origin != environment else environment
    return f"{outcome.verb} {outcome.version}: {way}"


def _plan(outcome: Outcome) -> list[str]:
    """Name a plan, for --approved."""
    return [f"plan {outcome.digest}"] if outcome.dry_run else []


def _warnings(outcome: Outcome) -> list[str]:
    """Say what is a downgrade, and how to go back to what ran before."""
    lines = [f"downgrade: {row.service} from {row.previous} to {row.tag}" for row in outcome.downgrades]
    if ran := [row.service for row in outcome.downgrades if not row.copied]:  # the image is there from when it ran
        back = way_back(outcome.environment, outcome.version, ran)
        lines.append(f"{outcome.version} was promoted to {outcome.environment} before: to go back to it, use {back}")
    return ["\n".join(lines)] if lines else []


def _closing(outcome: Outcome) -> str:
    """Say in one line what came of it."""
    copies = any(row.copied for row in outcome.rows)
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
    return ["service", "before", "after", "digest", "image"], rows
