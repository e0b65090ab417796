"""Choose what to roll back to, from what an environment's overlays pinned before."""

from collections.abc import Mapping, Sequence

from pipeline.errors import InvalidInput, shown
from pipeline.overlays import Pin
from pipeline.registry import is_older

State = Mapping[str, Pin]  # what an environment runs, by service; one that is not in there was not promoted


def states(services: Sequence[str], history: Sequence[State]) -> list[State]:
    """Return the states of some services that lie under one another, the present one last.

    A return to an earlier state takes away what was there since: after a rollback the state before is older still,
    never the one that was just left. A state in which a service was not promoted cannot be gone back to.

    Args:
        services: which services count.
        history: all states, oldest first.
    """
    stack: list[State] = []
    for state, _ in _of(services, [(state, False) for state in history]):
        if state in stack:
            del stack[stack.index(state) + 1 :]
        else:
            stack.append(state)
    return stack


def settled(services: Sequence[str], lately: Sequence[State], promoted: Sequence[bool], tag: str = "") -> bool:
    """Tell whether the end of a history decides what is gone back to, whatever there was before it.

    It does not where a state may be a return to what ran before. New is one that a promotion made, and that is an
    upgrade of what it took the place of; whatever else is seen for the first time may have been there.

    Args:
        services: which services go back.
        lately: the last states, oldest first: first what ran when the known part begins.
        promoted: of each, whether a promotion made it.
        tag: the tag to go back to; none is the state before.
    """
    if tag:
        return all(any(service in state and state[service].tag == tag for state in lately) for service in services)
    known: list[State] = []
    for state, by_promotion in _of(services, list(zip(lately, promoted, strict=True))):
        if known and state not in known and not (by_promotion and _is_upgrade(known[-1], state)):
            return False
        known.append(state)
    return len(states(services, lately)) > 1


def _of(services: Sequence[str], history: Sequence[tuple[State, bool]]) -> list[tuple[State, bool]]:
    """Return the states of some services, without those in which one of them was not promoted, but for the present."""
    every = [({service: state[service] for service in services if service in state}, how) for state, how in history]
    return [*(each for each in every[:-1] if len(each[0]) == len(services)), *every[-1:]]


def _is_upgrade(before: State, state: State) -> bool:
    """Tell whether every service is as it was or of a higher version."""
    return all(
        service in state and (state[service] == pin or is_older(pin.tag, state[service].tag))
        for service, pin in before.items()
    )


def target(services: Sequence[str], environment: str, history: Sequence[State], tag: str = "") -> State:
    """Return what to roll services back to: what they ran before the last change of any, or what each ran as a tag.

    Without a tag the services go back together: one that the last change left alone stays as it is. So what comes
    back is always something that ran, and a change of one service is undone without the others.

    Args:
        services: which services go back.
        environment: where, for messages.
        history: what ran there, oldest first; the present state is the last.
        tag: the tag to go back to; none is the state before.

    Raises:
        InvalidInput: there is none; the message says what there is.
    """
    if tag:
        return _as_tag(services, environment, history, tag)
    stack = states(services, history)
    if len(stack) > 1:
        return stack[-2]
    able = [service for service in services if len(states([service], history)) > 1]
    todo = f"choose with --to, give --services {','.join(able)}" if able else "choose with --to"
    msg = f"{environment} has no state before this one to go back to ({_ran(services, history)}): {todo}, or promote"
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
