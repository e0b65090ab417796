"""A live tree of steps for a person at a terminal."""

from types import TracebackType

from dagger_local.progress.steps import Step


class LiveTree:
    """To come."""

    def __init__(self, *, keep: bool = True) -> None:
        self._keep = keep

    def __enter__(self) -> "LiveTree":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        return None

    def started(self, step: Step) -> None: ...
    def logged(self, step: Step, line: str) -> None: ...
    def ended(self, step: Step) -> None: ...
