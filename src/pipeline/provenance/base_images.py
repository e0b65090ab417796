"""The images that a Dockerfile builds on: those that the stages of a build start from, and copy or mount from."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_CONTINUED = re.compile(r"\\[ \t]*$")
_HEREDOC = re.compile(r"<<-?(['\"]?)([A-Za-z_][A-Za-z0-9_]*)\1")
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?:(:?[-+])([^}]*))?\}|(\w+))")
_FROM = re.compile(r"(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", re.IGNORECASE)
_COPIED = re.compile(r"(?:^|\s)--from=(\S+)")
_MOUNTED = re.compile(r"(?:^|\s)--mount=(?:\S*,)?from=([^\s,]+)")


@dataclass(slots=True)
class _Stage:
    base: str
    name: str
    sources: list[str] = field(default_factory=list)


def base_images(dockerfile: str, arguments: Mapping[str, str], target: str = "") -> list[str]:
    """Return the references of the images that a build needs, as the Dockerfile names them, each once.

    Args:
        dockerfile: its text.
        arguments: what the build is given, and the platform's own arguments; others keep their defaults.
        target: the stage that is built; the last one if empty.
    """
    stages = _stages(dockerfile, arguments)
    last = _index(target, stages, len(stages)) if target else len(stages) - 1
    needed, waiting = set[int](), [] if last is None else [last]
    while waiting:
        number = waiting.pop()
        if number >= 0 and number not in needed:
            needed.add(number)
            waiting += [other for other in _sources(number, stages).values() if other is not None]
    named = (name for number in sorted(needed) for name, other in _sources(number, stages).items() if other is None)
    return [name for name in dict.fromkeys(named) if name != "scratch"]


def _sources(number: int, stages: list[_Stage]) -> dict[str, int | None]:
    """Return what a stage is made from by name, with the number of the stage that it is; None if it is an image."""
    stage = stages[number]
    copied = {name: _index(name, stages, number, numbered=True) for name in stage.sources}
    return {stage.base: _index(stage.base, stages, number), **copied}


def _stages(dockerfile: str, arguments: Mapping[str, str]) -> list[_Stage]:
    values: dict[str, str] = dict(arguments)
    stages: list[_Stage] = []
    for keyword, rest in _instructions(dockerfile):
        if keyword == "ARG" and not stages:
            for word in rest.split():
                name, _, value = word.partition("=")
                values.setdefault(name, _filled(value.strip("\"'"), values))
        elif keyword == "FROM" and (match := _FROM.match(rest)):
            stages.append(_Stage(_filled(match[1].strip("\"'"), values), (match[2] or "").lower()))
        elif stages:
            sources = _MOUNTED.findall(rest) if keyword == "RUN" else _COPIED.findall(rest)
            stages[-1].sources += [_filled(source, values) for source in sources if keyword in {"RUN", "COPY", "ADD"}]
    return stages


def _index(name: str, stages: list[_Stage], before: int, *, numbered: bool = False) -> int | None:
    """Return the number of the stage that a name means; None if it is an image's."""
    if numbered and name.isdecimal() and int(name) < before:
        return int(name)
    return next((number for number in reversed(range(before)) if name.lower() == stages[number].name), None)


def _instructions(dockerfile: str) -> Iterator[tuple[str, str]]:
    """Return the instructions with their words, on one line each; what they write by heredocs is left out."""
    lines = iter(dockerfile.splitlines())
    for first in lines:
        line = first.strip()
        if not line or line.startswith("#"):
            continue
        while _CONTINUED.search(line):
            following = next((text for text in lines if text.strip() and not text.lstrip().startswith("#")), "")
            line = f"{_CONTINUED.sub(' ', line)}{following.strip()}"
        keyword, _, rest = line.replace("\t", " ").partition(" ")
        if keyword.upper() in {"RUN", "COPY", "ADD"}:
            for _, word in _HEREDOC.findall(rest):
                next((text for text in lines if text.strip() == word), None)
        yield keyword.upper(), rest.strip()


def _filled(text: str, values: Mapping[str, str]) -> str:
    """Fill in the variables; one that has no value stays as it is written."""

    def value(match: re.Match[str]) -> str:
        name, how, word = match[1] or match[4], match[2] or "", match[3] or ""
        known = values.get(name)
        is_set = bool(known) if how.startswith(":") else known is not None
        if how.endswith("+"):
            return word if is_set else ""
        return known if is_set and known is not None else word if how else match[0]

    return _VARIABLE.sub(value, text)
