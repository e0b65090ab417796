"""What a registry's refusal means, and what to do about it."""

import re

import dagger

from pipeline.errors import PushFailed, explained

# What registries and clients say, and what to do about it.
_ADVICE = {
    r"unauthorized|authentication required|no basic auth|credentials|denied|forbidden|\b40[13]\b": (
        "check --registry-username, --registry-password and the right to push"
    ),
    r"TOOMANYREQUESTS|Too Many Requests|\b429\b|Rate exceeded": "the registry asks for patience: run again a bit later",
    "immutable|cannot be overwritten": "the tag is taken for good: release the next version",
    "name.unknown|does not exist": "create the repository first",
    "connection refused|no such host|timed? ?out|unreachable|EOF|dial tcp|reset by peer|moved nothing": (
        "is the registry up, and is its address right?"
    ),
    "no space left": "free some space and run again: what is there is reused",
}

_ERROR = re.compile("^Error(?: response from registry)?: (.+)")


def reasons(stderr: str) -> list[str]:
    """Return the errors that crane and oras print, without what they begin them with."""
    return [found[1] for line in stderr.splitlines() if (found := _ERROR.match(line))]


def refused(subject: str, reference: str, error: dagger.QueryError) -> PushFailed:
    """Turn an engine's error into one that says what was pushed where, and what to do."""
    reason = explained(error)
    todo = advice(reason)
    return PushFailed(f"{subject}: pushing {reference} failed{f' ({todo})' if todo else ''}: {reason}")


def advice(reason: str) -> str:
    """Say what to do about a registry's refusal; empty if nothing is known."""
    return next((text for pattern, text in _ADVICE.items() if re.search(pattern, reason, re.IGNORECASE)), "")
