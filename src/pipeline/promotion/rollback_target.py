"""Choose what to roll back to, from what an environment's overlays pinned before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.errors import InvalidInput, shown
from pipeline.overlays import Pin
from pipeline.registry import is_older

State = Mapping[str, Pin]  # what an environment runs, by service; one that is not in there was not promoted


@dataclass(frozen=True, slots=True)
class Past:
    """What ran, oldest first, the present state last, and whether a promotion's commit made each.

    `whole` says that nothing ran before.
    """

    states: Sequence[State]
    promoted: Sequence[bool]
    whole: bool = True

    def of(self, services: Sequence[str]) -> Iterator[tuple[State, bool]]:
        """Return the states of some services, without those in which one of them was not promoted, but for the last."""
        last = len(self.states) - 1
        for number, (state, promoted) in enumerate(zip(self.states, self.promoted, strict=True)):
            part = {service: state[service] for service in services if service in state}
            if len(part) == len(services) or number == last:
                yield part, promoted


def states(services: Sequence[str], past: Past) -> list[State]:
    """Return the states of some services that lie under one another, the present one last.

    A promotion to a higher version is a step forward, also to what ran before. Any other way to an earlier state is a
    return, and takes away what was there since: after a rollback the state before is older still. A state in which a
    service was not promoted cannot be gone back to.

    Args:
        services: which services count.
        past: what ran.
    """
    return _stacked(services, past)[0]


def settled(services: Sequence[str], past: Past, tag: str = "") -> bool:
    """Tell whether a part of the past decides what is gone back to, whatever ran before it.

    Args:
        services: which services go back.
        past: what ran; if that is not all, first what ran when the part begins.
        tag: the tag to go back to; none is the state before.
    """
    if tag:
        ran = all(any(service in state and state[service].tag == tag for state in past.states) for service in services)
        return past.whole or ran
    stack, certain = _stacked(services, past)
    return past.whole or (certain and len(stack) > 1)


def _stacked(services: Sequence[str], past: Past) -> tuple[list[State], bool]:
    """Return the states that lie under one another, and whether none of them can be a return to what is not known."""
    stack, certain = list[State](), True
    for state, promoted in past.of(services):
        if not stack or (promoted and _is_upgrade(stack[-1], state)):
            stack.append(state)
        elif state in stack:
            while stack[-1] != state:
                stack.pop()
        else:
            stack.append(state)
            certain = False
    return stack, certain


def _is_upgrade(before: State, state: State) -> bool:
    """Tell whether services changed, and each that did is of a higher version."""
    return before != state and all(
        service in state and (state[service] == pin or is_older(pin.tag, state[service].tag))
        for service, pin in before.items()
    )


def target(services: Sequence[str], environment: str, past: Past, tag: str = "") -> State:
    """Return what to roll services back to: what they ran before the last change of any, or what each ran as a tag.

    Without a tag the services go back together: one that the last change left alone stays as it is. So what comes
    back is always something that ran, and a change of one service is undone without the others.

    Args:
        services: which services go back.
        environment: where, for messages.
        past: what ran there, all of it or as much as decides.
        tag: the tag to go back to; none is the state before.

    Raises:
        InvalidInput: there is none; the message says what there is.
    """
    if tag:
        return _as_tag(services, environment, past.states, tag)
    stack = states(services, past)
    if len(stack) > 1:
        return stack[-2]
    able = [service for service in services if len(states([service], past)) > 1]
    todo = f"choose with --to, give --services {','.join(able)}" if able else "choose with --to"
    ran = _ran(services, past.states)
    msg = f"{environment} has no state before this one to go back to ({ran}): {todo}, or promote"
    raise InvalidInput(msg)


def _as_tag(services: Sequence[str], environment: str, history: Sequence[State], tag: str) -> State:
    found = {
        service: state[service]
        for state in history
        for service in services
        if service in state and state[service].tag == tag
    }
    if missing := [service for service in services if service not in found]:
        todo = f"choose another, give --services {','.join(found)}" if found else "choose another"
        ran = _ran(missing, history)
        msg = f"{environment} never ran {shown(tag)} of {', '.join(missing)} ({ran}): {todo}, or promote"
        raise InvalidInput(msg)
    return found


def _ran(services: Sequence[str], history: Sequence[State]) -> str:
    """Say which versions of each service there were, the last one first."""
    tags = {
        service: ", ".join(dict.fromkeys(state[service].tag for state in reversed(history) if service in state))
        for service in services
    }
    return "; ".join(f"{service} ran {ran or 'nothing that was promoted'}" for service, ran in tags.items())
