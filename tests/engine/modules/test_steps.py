"""What a module says that it does, by OpenTelemetry's spans, is what those who watch are told."""

import pytest

from .conftest import Call

pytestmark = pytest.mark.engine

_SAID = "-c,echo pages >&2; exit "


def steps(err: str) -> list[str]:
    """Return the lines of steps and their output, without numbers and times."""
    return [line[4:].partition(" [")[0] for line in err.splitlines() if line[:1].isdigit()]


def test_a_step_has_the_name_that_the_module_gives_it_and_the_command_is_a_part_of_it(call: Call) -> None:
    usual = call("call", "bind", "--command", f"sh,{_SAID}0")
    assert "bind the book DONE" in steps(usual.err)
    assert "sh -c" not in usual.err
    assert "| pages" not in usual.err

    more = steps(call("-v", "call", "bind", "--command", f"sh,{_SAID}0;:").err)
    assert "| pages" in more
    part = next(line for line in more if "exit 0;:" in line)
    assert part.startswith("bind the book › ")  # noqa: RUF001
    assert more.index("| pages") < more.index("bind the book DONE") < more.index("notes.bind DONE")


def test_a_step_that_fails_leaves_the_output_of_its_parts(call: Call) -> None:
    failed = call("call", "bind", "--command", f"sh,{_SAID}7")
    assert failed.code == 7, "as the command that failed"
    said = steps(failed.err)
    assert said[said.index("bind the book ERROR") - 1] == "| pages"
    assert said.count("| pages") == 1
    assert not any("exception" in line for line in said)  # the SDK's own step of telling it


def test_less_is_told_the_more_often_one_asks_for_quiet(call: Call) -> None:
    quiet, silent = (steps(call(flag, "call", "bind", "--command", f"sh,{_SAID}7").err) for flag in ("-q", "-qq"))
    assert "bind the book ERROR" in quiet
    assert silent == []
