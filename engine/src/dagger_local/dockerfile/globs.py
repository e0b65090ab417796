r"""Go's file name patterns, as COPY and ADD take them: `*` and `?` stay in a folder, `[^x]` negates, `\` escapes."""

import re


def has_wildcard(text: str) -> bool:
    """Tell whether a pattern is more than a plain name."""
    return re.search(r"(?<!\\)[*?\[]", re.sub(r"\\.", "", text)) is not None


def compile_glob(pattern: str) -> re.Pattern[str]:
    """Compile the pattern of one name. Raises ValueError for one that Go refuses."""
    out = ""
    at = 0
    while at < len(pattern):
        sign = pattern[at]
        at += 1
        if sign == "*":
            out += "[^/]*"
        elif sign == "?":
            out += "[^/]"
        elif sign == "[":
            text, at = _class(pattern, at)
            out += text
        elif sign == "\\":
            if at == len(pattern):
                raise ValueError(f"{pattern}: the pattern ends in a backslash")
            out += re.escape(pattern[at])
            at += 1
        else:
            out += re.escape(sign)
    return re.compile(out, re.DOTALL)


def _class(pattern: str, at: int) -> tuple[str, int]:
    """Translate a class of characters that begins after its bracket; return it and where it ends."""
    negated = pattern[at : at + 1] == "^"
    at += negated
    ranges = ""
    while not (ranges and pattern[at : at + 1] == "]"):
        low, at = _character(pattern, at)
        high = low
        if pattern[at : at + 1] == "-":
            high, at = _character(pattern, at + 1)
        ranges += f"{re.escape(low)}-{re.escape(high)}" if low <= high else ""
        ranges = ranges or "\x00-\x00"
    return f"[{'^/' if negated else ''}{ranges}]", at + 1


def _character(pattern: str, at: int) -> tuple[str, int]:
    if pattern[at : at + 1] == "\\":
        at += 1
    elif pattern[at : at + 1] in ("-", "]", ""):
        raise ValueError(f"{pattern}: a bracket is not closed, or its class is not well formed")
    if at >= len(pattern):
        raise ValueError(f"{pattern}: a bracket is not closed")
    return pattern[at], at + 1
