"""Write the board as one HTML page that needs nothing else: no script, no request, whatever the commits say."""

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipeline.git import commit_page
from pipeline.surface import spoken

from .board import Board
from .figures import Week
from .replay import Deployment

_HERE = Path(__file__).parent
_BAR, _GAP, _HEIGHT = 9, 3, 32  # of the chart, in its own units
_LONGEST = 1000  # characters of a text; a reason of the pipeline's own has half of that at most
_SHORT = 12  # digits of a commit or a digest


def page(board: Board) -> str:
    """Return the page. Everything that comes from Git is text in it, and its own style is all that it may load."""
    style = "\n" + (_HERE / "page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    template = _templates().get_template("page.html")
    weeks = [week for row in board.rows if row.figures for week in row.figures.weeks]
    return template.render(
        board=board,
        style=Markup(style),  # noqa: S704  our own file
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        most=max((week.promotions + week.rollbacks for week in weeks), default=0),
    )


def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(
        age=_age,
        bars=_bars,
        commit_page=commit_page,
        day=lambda time: f"{time:%Y-%m-%d}",
        iso=lambda time: f"{time:%Y-%m-%dT%H:%M:%SZ}",
        length=_length,
        minute=lambda time: f"{time:%Y-%m-%d %H:%M}",
        number=lambda number: f"{number:.1f}".removesuffix(".0"),
        percent=lambda part: f"{part * 100:.0f} %",
        services=_services,
        short=lambda text: text.removeprefix("sha256:")[:_SHORT],
        weblink=_weblink,
    )
    templates.globals.update(bar=_BAR, gap=_GAP, height=_HEIGHT)
    return templates


def _printable(value: Any) -> Any:
    """Return a text without control characters, such as those that turn the direction of what follows, and no book."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    text = value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
    return "".join(char if char.isprintable() else " " for char in text)


def _length(length: timedelta) -> str:
    """Write a length for people: in days from two weeks on, else in its two largest units, else under a minute."""
    if length < timedelta(minutes=1):
        return "under 1 min"
    return f"{length.days} d" if length >= timedelta(weeks=2) else spoken(length)


def _age(then: datetime, now: datetime) -> str:
    """Write how long ago something was."""
    return _length(max(timedelta(), now - then))


def _weblink(text: str) -> str:
    """Return a text if it is an address of the web, else nothing: a trailer may say anything."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in {"http", "https"} and parts.netloc and text.isprintable() else ""


def _services(deployment: Deployment, board: Board) -> str:
    names = [landed.service for landed in deployment.record.services]
    return "all" if set(board.services) <= set(names) else ", ".join(names)


def _bars(weeks: Sequence[Week], most: int) -> list[dict[str, float]]:
    """Return the chart's rectangles: promotions from the ground up, rollbacks on top of them."""
    unit = _HEIGHT / max(most, 1)
    found = []
    for number, week in enumerate(weeks):
        height, more = week.promotions * unit, week.rollbacks * unit
        found.append({"x": number * (_BAR + _GAP), "height": height, "more": more})
    return found
