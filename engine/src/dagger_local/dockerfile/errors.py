"""Errors that name file, line and instruction."""

from dagger_local.errors import EngineError


class DockerfileError(EngineError):
    """What is wrong with a Dockerfile, in one line."""

    def __init__(self, file: str, line: int, message: str) -> None:
        super().__init__(f"{file}, line {line}: {message}" if line else f"{file}: {message}")
