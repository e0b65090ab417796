"""List the commits that a service gets, or loses: what is approved."""

from collections.abc import Sequence

from pipeline.git import Commit, Commits
from pipeline.surface import as_code

from .outcome import Outcome

_SHORT = 10  # digits of a commit


def text_list(outcome: Outcome) -> list[str]:
    """Return a paragraph a service, for a terminal."""
    return [
        "\n".join([f"{outcome.place(*place)}: {_what(found)}", *map(_line, found.listed), *_more(found, "  ")])
        for place, found in outcome.commits.items()
    ]


def markdown_list(outcome: Outcome) -> list[str]:
    """Return a list a service, with links; nothing of a commit is taken for Markdown, a mention or an issue."""
    parts = []
    for place, found in outcome.commits.items():
        what = f"[{_what(found)}]({found.url})" if found.url and found.listed else _what(found)
        parts.append(f"### {outcome.place(*place)}: {what}")
        if found.listed:
            parts.append("\n".join([*map(_item, found.listed), *_more(found, "- ")]))
    return parts


def _what(found: Commits) -> str:
    """Say how many commits there are, or why that is not known."""
    if found.problem:
        return f"commits are not known: {found.problem}"
    undone = sum(commit.undone for commit in found.listed)
    more = "more than " if found.more else ""
    parts = [
        f"{more}{_number(len(found.listed) - undone)}" if undone < len(found.listed) else "",
        f"{more}{_number(undone)} taken back" if undone else "",
    ]
    return ", ".join(filter(None, parts)) or "no commit"


def _number(count: int) -> str:
    return "1 commit" if count == 1 else f"{count} commits"


def _line(commit: Commit) -> str:
    return f"  {'- ' if commit.undone else ''}{commit.id[:_SHORT]}  {commit.subject} ({commit.author})"


def _item(commit: Commit) -> str:
    name = f"`{commit.id[:_SHORT]}`"
    link = f"[{name}]({commit.url})" if commit.url else name
    return f"- {link} {'taken back: ' if commit.undone else ''}{as_code(commit.subject)} by {as_code(commit.author)}"


def _more(found: Commits, indent: str) -> Sequence[str]:
    return [f"{indent}… and more: these are the newest"] if found.more else []
