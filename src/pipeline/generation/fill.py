"""Fill marked places of a file: a key whose line ends in `# pipeline.yaml: NAME` has the value of that name."""

import json
import re
from collections.abc import Mapping, Sequence

import yaml

from pipeline.errors import PipelineError, near, shown

Values = Mapping[str, str | Sequence[str]]
"""By a place's name: a value that stands on the key's line, or the items of a list below it."""

_PLACE = re.compile(
    r"^(?P<key>(?P<indent> *)(?:- )?[\w-]+:)(?P<value>.*?)(?P<mark> +# pipeline\.yaml: (?P<name>.+?))(?P<end>\r?)$"
)
_PLAIN = re.compile(r"[A-Za-z0-9./_][A-Za-z0-9./_:@*-]*")


class InvalidPlace(PipelineError):
    """A marked place that nothing is known for."""


def fill(text: str, values: Values, path: str) -> str:
    """Return a file's text with every marked place as it has to be; all else stays.

    Raises:
        InvalidPlace: a place has a name that is none; the message has the file and the line.
    """
    lines, result = text.split("\n"), []
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        place = _PLACE.match(line)
        if not place:
            result.append(line)
            continue
        value = values.get(place["name"])
        if value is None:
            close = near(place["name"], values)
            msg = f"{path}:{number} is marked {shown(place['name'])}: {close}choose one of {', '.join(sorted(values))}"
            raise InvalidPlace(msg)
        if isinstance(value, str):
            result.append(f"{place['key']} {value}{place['mark']}{place['end']}")
            continue
        result.append(f"{place['key']}{place['mark']}{place['end']}")
        while number < len(lines) and _belongs(lines[number], place["indent"]):
            number += 1
        for item in value:
            first, *rest = item.splitlines()
            result += [
                f"{place['indent']}{mark}{part}{place['end']}"
                for mark, part in [("- ", first), *(("  ", more) for more in rest)]
            ]
    return "\n".join(result)


def _belongs(line: str, indent: str) -> bool:
    """Whether a line is of the list below a key with that indentation."""
    return line.startswith((f"{indent}- ", f"{indent}  "))


def flow(items: Sequence[str]) -> str:
    """Write a list on one line."""
    return f"[{', '.join(scalar(item) for item in items)}]"


def scalar(value: str) -> str:
    """Write a text, in quotes where YAML would read something else."""
    plain = _PLAIN.fullmatch(value) and yaml.safe_load(f"[{value}]") == [value]
    return value if plain else json.dumps(value, ensure_ascii=False)
