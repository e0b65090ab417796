"""The flags of instructions: which there are, and of what kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_KINDS: Mapping[str, Mapping[str, str]] = {
    "FROM": {"platform": "text"},
    "COPY": {
        "from": "text",
        "chown": "text",
        "chmod": "text",
        "link": "switch",
        "parents": "switch",
        "exclude": "list",
    },
    "ADD": {
        "chown": "text",
        "chmod": "text",
        "link": "switch",
        "checksum": "text",
        "keep-git-dir": "switch",
        "exclude": "list",
    },
    "RUN": {"mount": "list", "network": "text"},
    "HEALTHCHECK": dict.fromkeys(("interval", "timeout", "start-period", "start-interval", "retries"), "text"),
}
_UNREAD = ("ARG", "STOPSIGNAL")
"""Instructions whose flags nobody looks at."""


@dataclass(frozen=True, slots=True)
class Flags:
    """The flags that an instruction was given."""

    given: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        """Return a flag's value."""
        return self.given[name][0] if name in self.given else default

    def is_on(self, name: str) -> bool:
        """Tell whether a switch is given, and not as `=false`."""
        return self.text(name, "false") == "true"

    def all(self, name: str) -> tuple[str, ...]:
        """Return the values of a flag that may be given several times."""
        return self.given.get(name, ())


def read_flags(keyword: str, args: Sequence[str], words: Sequence[str]) -> Flags:
    """Read an instruction's flags; raises ValueError for one that it does not have."""
    if keyword in _UNREAD or (keyword == "HEALTHCHECK" and args and args[0].upper() == "NONE"):
        return Flags()
    kinds = _KINDS.get(keyword, {})
    given: dict[str, tuple[str, ...]] = {}
    for word in words:
        if word == "--":
            break
        name, has_value, value = word.removeprefix("--").partition("=")
        kind = kinds.get(name)
        if kind is None:
            known = ", ".join(f"--{each}" for each in kinds) or "none"
            raise ValueError(f"unknown flag --{name}; it has {known}")
        if name in given and kind != "list":
            raise ValueError(f"--{name} is given twice")
        given[name] = (*given.get(name, ()), _value(name, kind, value, is_given=bool(has_value)))
    return Flags(given)


def _value(name: str, kind: str, value: str, *, is_given: bool) -> str:
    if kind != "switch":
        if not is_given:
            raise ValueError(f"--{name} lacks its value")
        return value
    said = value.lower() if is_given else "true"
    if said not in ("true", "false"):
        raise ValueError(f"--{name}={value}: it is true or false")
    return said
