"""Choose what to roll back to, from what an overlay pinned before."""

from collections.abc import Iterable

from ._errors import InvalidInput, shown
from ._overlay import Pin


def versions(history: Iterable[Pin | None]) -> list[Pin]:
    """Return the pins that lie under one another, the present one last.

    A return to an earlier pin takes away what was pinned since: after a rollback the version before is older
    still, never the one that was just left.

    Args:
        history: what the overlay pinned, oldest first.
    """
    stack: list[Pin] = []
    for pin in history:
        if pin is None or not pin.digest:
            continue
        if pin in stack:
            del stack[stack.index(pin) + 1 :]
        else:
            stack.append(pin)
    return stack


def target(service: str, environment: str, history: list[Pin | None], tag: str = "") -> Pin:
    """Return the pin to roll a service back to: the one before the present, or the last one of a tag.

    Raises:
        InvalidInput: there is none; the message says what there is.
    """
    stack = versions(history)
    if tag:
        found = [pin for pin in history if pin and pin.digest and pin.tag == tag]
        if found:
            return found[-1]
        ran = ", ".join(dict.fromkeys(pin.tag for pin in reversed(stack))) or "nothing"
        msg = f"{service}: {environment} never ran {shown(tag)}, only {ran}: choose one of these, or promote"
        raise InvalidInput(msg)
    if len(stack) < 2:
        now = f"it has run {stack[0].tag} from the start" if stack else "it has run nothing"
        msg = f"{service}: {environment} has no version to go back to, {now}: promote one, or choose with --to"
        raise InvalidInput(msg)
    return stack[-2]
