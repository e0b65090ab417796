"""EXPOSE: ports and ranges of them."""

import re

_PROTOCOLS = ("tcp", "udp", "sctp")


def ports(word: str) -> list[str]:
    """Return what a word of EXPOSE names, each as NUMBER/PROTOCOL; an address or a host's port before it is dropped.

    Raises ValueError.
    """
    *_, last = word.split(":")
    numbers, _, protocol = last.partition("/")
    protocol = protocol.lower() or "tcp"
    if protocol not in _PROTOCOLS:
        raise ValueError(f"{word}: {protocol} is no protocol; there is {', '.join(_PROTOCOLS)}")
    found = re.fullmatch(r"(\d+)(?:-(\d+))?", numbers)
    first, end = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if first > end or end > 65535:
        raise ValueError(f"{word} is no port; write NUMBER or FIRST-LAST, at most 65535, with /udp after it for UDP")
    return [f"{number}/{protocol}" for number in range(first, end + 1)]
