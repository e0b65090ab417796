"""The engine's errors: every one is a single line that names the value and the next step."""


class EngineError(Exception):
    """A failure that the user can act on; its text is shown as it is, without a traceback."""


class UnsupportedError(EngineError):
    """A part of Dagger's API that this engine does not have."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not supported by the local engine")


class ExecError(EngineError):
    """A command in a container ended with an exit status that was not expected, or could not be started (-1)."""

    def __init__(self, cmd: list[str], exit_code: int, stdout: str, stderr: str, message: str = "") -> None:
        super().__init__(message or f"exit code: {exit_code}")
        self.cmd = cmd
        self.exit_code = exit_code
        self.stdout = stdout
        self.stderr = stderr
