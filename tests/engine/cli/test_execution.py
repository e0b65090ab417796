"""What a plan does to an engine, and what it prints."""

from pathlib import Path

import anyio
import pytest

from dagger_local.cli.call import execute
from dagger_local.cli.flags import UsageError
from dagger_local.cli.main import explain
from dagger_local.cli.results import render
from dagger_local.cli.typedefs import Type
from dagger_local.errors import EngineError, ExecError

from .conftest import FakeEngine, Planner


def run(engine: FakeEngine, planned: Planner, *words: str) -> int:
    return anyio.run(execute, engine, planned(*words), planned.cwd)


class TestResults:
    @pytest.mark.parametrize(
        ("value", "printed"),
        [("text", "text"), (True, "true"), (3, "3"), (2.0, "2"), (0.5, "0.5"), (["a", "b"], "a\nb\n"), (None, "")],
    )
    def test_scalars_are_printed_as_they_are(self, value: object, printed: str) -> None:
        assert render(value, Type("STRING", "String"), as_json=False) == printed

    def test_json_is_indented_and_keeps_letters(self) -> None:
        assert render(["ä", 1], Type("LIST", element=Type("STRING")), as_json=True) == '[\n    "ä",\n    1\n]\n'

    def test_nothing_is_printed_for_void(self) -> None:
        assert render(None, Type("VOID", "Void"), as_json=True) == ""

    def test_an_object_is_its_type_and_a_digest_of_its_id(self) -> None:
        box = Type("OBJECT", "Container")
        (first, second) = (render(each, box, as_json=False) for each in ("id-1", "id-2"))
        assert first.startswith("Container@sha256:")
        assert first != second
        assert render(["id-1", "id-2"], Type("LIST", element=box), as_json=False) == f"- {first}- {second}"


class TestCalls:
    def test_a_result_goes_to_stdout_alone(self, planned: Planner, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(FakeEngine({"shop": {"build": '{"tag": 1}'}}), planned, "build", "--tag=v1") == 0
        assert capsys.readouterr() == ('{"tag": 1}', "")

    def test_an_object_that_can_sync_does(self, planned: Planner) -> None:
        engine = FakeEngine({"load0": {"from": {"id": "base"}}}, {"shop": {"box": {"id": "done"}}})
        run(engine, planned, "box", "--base=alpine")
        assert "box(base: $v0) { id: sync }" in engine.asked[-1][0]

    def test_an_output_path_exports_the_object(
        self, planned: Planner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        engine = FakeEngine({"load0": {"from": {"id": "base"}}}, {"shop": {"box": {"export": "/x/box.tar"}}})
        run(engine, planned, "box", "--base=alpine", "-o", "box.tar")
        assert engine.asked[-1][1]["v1"] == str(tmp_path / "box.tar")
        assert capsys.readouterr() == ("", "Saved to '/x/box.tar'.\n")

    def test_an_output_path_keeps_a_text(self, planned: Planner, tmp_path: Path) -> None:
        run(FakeEngine({"shop": {"version": "v1"}}), planned, "version", "-o", "a/version.txt")
        assert (tmp_path / "a" / "version.txt").read_text() == "v1"

    @pytest.mark.parametrize(("name", "said"), [("none", "does not exist"), ("file", "is not a directory")])
    def test_a_path_is_looked_at_before_anything_runs(
        self, planned: Planner, tmp_path: Path, name: str, said: str
    ) -> None:
        (tmp_path / "file").touch()
        engine = FakeEngine()
        with pytest.raises(UsageError, match=rf"^--source: .*/{name} {said}$"):
            run(engine, planned, "--source", name, "version")
        assert not engine.asked


CHANGES = {
    "node": {
        "isEmpty": False,
        "addedPaths": ["new/", "new/a"],
        "modifiedPaths": ["b"],
        "removedPaths": [],
        "asPatch": {"contents": "--- a/b\n+++ b/b\n"},
    }
}
FIRST = {"shop": {"tidy": {"id": "c"}}}


class TestChangesets:
    def test_they_are_applied_where_the_user_stands(
        self, planned: Planner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        engine = FakeEngine(FIRST, CHANGES, {"node": {"export": "."}})
        assert run(engine, planned, "-y", "tidy") == 0
        assert engine.asked[-1][1] == {"id": "c", "path": str(tmp_path)}
        assert capsys.readouterr() == ("", f"1 added, 1 modified: applied to {tmp_path}\n")

    def test_without_anyone_to_ask_they_are_shown_and_fail(
        self, planned: Planner, capsys: pytest.CaptureFixture[str]
    ) -> None:
        engine = FakeEngine(FIRST, CHANGES)
        with pytest.raises(EngineError, match=r"^1 added, 1 modified: not applied; run again with -y to apply$"):
            run(engine, planned, "tidy")
        assert capsys.readouterr().out == "--- a/b\n+++ b/b\n"
        assert len(engine.asked) == 2

    def test_an_empty_one_is_said_to_be(self, planned: Planner, capsys: pytest.CaptureFixture[str]) -> None:
        engine = FakeEngine(FIRST, {"node": CHANGES["node"] | {"isEmpty": True}})
        assert run(engine, planned, "tidy") == 0
        assert capsys.readouterr() == ("", "no changes to apply\n")


class TestErrors:
    def test_an_error_is_one_line(self) -> None:
        assert explain(EngineError("no registry at x; start it")) == "Error: no registry at x; start it"
        assert "\n" not in explain(ValueError("two\nlines"))

    def test_a_failed_commands_last_lines_come_with_it(self) -> None:
        said = explain(ExecError(["make"], 2, "\n".join(map(str, range(50))), "no rule\n")).splitlines()
        assert len(said) == 21
        assert said[-2] == "no rule"
        assert said[-1].startswith("Error: process 'make' did not complete successfully: exit code: 2")

    def test_wrong_usage_hints_at_help(self) -> None:
        said = explain(UsageError("unknown flag: --x", "call build"))
        assert said == "Error: unknown flag: --x\nRun 'dagger-local call build --help' for usage."
