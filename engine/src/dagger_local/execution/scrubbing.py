"""Keep secrets out of what is shown and kept: their values in a command's output become `***`, as Dagger has it."""

from collections.abc import Iterable

from dagger_local.execution.model import Command, SecretMount

_SHORTEST = 3
"""Shorter values are no secrets, and masking them would garble the output."""


class Scrubber:
    """Replaces the secrets of one command; of a secret of several lines each line, as output is shown by line."""

    def __init__(self, command: Command) -> None:
        values = [*command.secret_env.values(), *_mounted(command)]
        lines = {line.strip() for value in values for line in value.splitlines()}
        self._needles = sorted((line for line in lines if len(line) >= _SHORTEST), key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for needle in self._needles:
            text = text.replace(needle, "***")
        return text


def _mounted(command: Command) -> Iterable[str]:
    return (mount.data.decode(errors="replace") for mount in command.mounts if isinstance(mount, SecretMount))
