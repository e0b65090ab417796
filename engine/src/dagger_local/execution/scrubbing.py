"""Keep secrets out of what is shown and kept: their values in a command's output become `***`, as Dagger has it."""

from collections.abc import Iterable

from dagger_local.execution.model import Command, SecretMount

_MASK = "***"
_SHORTEST_LINE = 3
"""Shorter lines of a longer secret are no secrets, and masking them would garble the output."""


class Scrubber:
    """Replaces the secrets of one command: each whole, without the space around it, and each of its lines."""

    def __init__(self, command: Command) -> None:
        values = [*command.secret_env.values(), *_mounted(command)]
        lines = {line.strip() for value in values for line in value.splitlines()}
        needles = {*values, *(value.strip() for value in values)}
        needles |= {line for line in lines if len(line) >= _SHORTEST_LINE}
        self._needles = sorted((needle for needle in needles if needle), key=lambda needle: (-len(needle), needle))

    @property
    def masks(self) -> bool:
        """Whether there is anything to mask."""
        return bool(self._needles)

    def __call__(self, text: str) -> str:
        for needle in self._needles:
            text = text.replace(needle, _MASK)
        return text

    def bytes(self, data: bytes) -> bytes:
        """Mask what is in a stream that need not be text."""
        for needle in self._needles:
            data = data.replace(needle.encode(errors="surrogateescape"), _MASK.encode())
        return data


def _mounted(command: Command) -> Iterable[str]:
    return (mount.read().decode(errors="replace") for mount in command.mounts if isinstance(mount, SecretMount))
