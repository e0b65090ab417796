"""Progress as dots, as output alone, and as a report at the end."""

import io
from collections.abc import Iterator

import pytest

from dagger_local.progress import show, step, steps
from dagger_local.progress.brief import Dots, Logs, Report


@pytest.fixture(autouse=True)
def silence_after() -> Iterator[None]:
    before = steps._current_sink[0]
    yield
    show(before)


def call() -> None:
    """Do two things for a module, of which the second fails."""
    with step("build", heard=0, call=True) as this:
        this.log("hello")
        with step("frontend"):
            pass
        with step("backend") as failing:
            failing.log("no such package")
            with step("part", shown=1):
                pass
            raise LookupError


def said(sink: type[Logs | Report], verbosity: int = 0) -> str:
    """Return what is shown of such a call."""
    stream = io.StringIO()
    shown = sink(stream, verbosity=verbosity)
    show(shown)
    with pytest.raises(LookupError):
        call()
    shown.finish()
    return stream.getvalue()


def test_dots_are_one_for_each_step_with_what_the_failed_ones_had_printed_at_the_end() -> None:
    lines = said(Dots).splitlines()

    assert lines[:5] == ["build", "  hello", ".", "backend", "  no such package"]
    assert lines[5] == "XX"
    assert lines[6:] == [
        "build ERROR [0.0s]", "  | hello", "backend ERROR [0.0s]", "  | no such package",
    ]  # fmt: skip


def test_logs_are_what_steps_print_and_nothing_else() -> None:
    assert said(Logs) == "build\n  hello\nbackend\n  no such package\n"


def test_a_report_comes_at_the_end_and_tells_why_what_failed_did() -> None:
    told = [line.partition(" [")[0] for line in said(Report).splitlines()]

    assert told == ["build ERROR", "  | hello", "frontend DONE", "backend ERROR", "  | no such package"]


def test_a_quiet_report_is_of_failures_alone() -> None:
    assert "frontend" not in said(Report, verbosity=-1)
    assert "no such package" in said(Report, verbosity=-1)
