"""Names between GraphQL (camelCase) and Python (snake_case)."""

import keyword
import re
from functools import cache

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@cache
def snake(name: str) -> str:
    """Return the Python name of a GraphQL field or argument: asGit is as_git, from is from_."""
    word = _BOUNDARY.sub("_", name).lower()
    return f"{word}_" if keyword.iskeyword(word) or word == "import" else word


def pascal(name: str) -> str:
    """Return a type's name: my-module is MyModule."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[-_\s]+", name) if part)


def camel(name: str) -> str:
    """Return a field's name: my-module is myModule."""
    word = pascal(name)
    return word[:1].lower() + word[1:]
