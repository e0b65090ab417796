"""Variables in texts: `$NAME` and `${NAME}`, as Go's os.Expand takes them."""

import re
from collections.abc import Callable

_VARIABLE = re.compile(r"\$(?:\{([^}]*)\}|([*#$@!?\-0-9])|([A-Za-z_]\w*)|(\{))", re.ASCII)
"""What is in braces, a sign that shells give a meaning, a name, or a brace that is never closed."""


def expanded(text: str, value: Callable[[str], str]) -> str:
    """Replace every variable by its `value`; what is in braces is a name to the letter, and a lone `$` stays."""
    return _VARIABLE.sub(lambda found: value(found[1] or found[2] or found[3] or ""), text)
