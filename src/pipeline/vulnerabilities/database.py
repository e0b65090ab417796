"""The state of grype's database: how old it is, and why there is no newer one."""

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.surface import spoken

_OLD = timedelta(days=5)  # what grype itself takes for too old
_NOISE = re.compile(r"\x1b\[[0-9;]*m|^\[[0-9]+\]\s*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Database:
    """What grype knows: when it was made, and how long ago; `problem` is why it is not newer, or why there is none."""

    built: datetime | None = None
    age: timedelta = timedelta()
    problem: str = ""

    @property
    def told(self) -> str:
        """What is to be said of it."""
        if not self.built:
            return f"no database: {self.problem}"
        date = f"database of {self.built:%Y-%m-%d %H:%M} UTC, {spoken(self.age)} old"
        return f"{date}: {self.problem}" if self.problem else date


def database(status: str, error: str, now: datetime) -> Database:
    """Return the state of a database.

    Args:
        status: what grype says of it, as JSON.
        error: what it said when that could not be fetched or taken; empty if it could.
        now: the time.
    """
    why = reason(error)
    try:
        found = json.loads(status)
        built = datetime.fromisoformat(found["built"]) if found["valid"] else None
        age = now - built if built else timedelta()
    except (ValueError, KeyError, TypeError, RecursionError):
        built, age = None, timedelta()
    if not built:
        return Database(problem=why or "grype has none that it can use")
    if why:
        return Database(built, age, f"it could not be updated: {why}")
    return Database(built, age, "it is old" if age > _OLD else "")


def reason(said: str) -> str:
    """Return the last thing that grype said, without colours and time."""
    lines = [line.strip() for line in _NOISE.sub("", said).splitlines() if line.strip()]
    errors = [line[len("error") :].lstrip(": ") for line in lines if line.lower().startswith("error")]
    return (errors or lines or [""])[-1][:500]
