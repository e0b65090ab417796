"""`query` and `core`: the engine's API without a module."""

import io
import json
from pathlib import Path

import pytest

from dagger_local.cli.call_core import call_core
from dagger_local.cli.flags import UsageError
from dagger_local.cli.graphql import query

from .conftest import FakeEngine


class _Session(FakeEngine):
    port, token = 0, ""

    async def load_module(self, path: Path, *, entrypoint: bool = False) -> None:
        raise AssertionError(path, entrypoint)


@pytest.mark.anyio
class TestQuery:
    async def test_a_document_is_read_from_standard_input_and_answered_as_json(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO("query($n: String!) { file(name: $n) }"))
        session = _Session({"file": {"name": "é"}})

        assert await query(session, "", {"var": "n=a=b"}, "", tmp_path, module=False) == 0
        assert json.loads(capsys.readouterr().out) == {"file": {"name": "é"}}
        assert session.asked == [("query($n: String!) { file(name: $n) }", {"n": "a=b"})]

    async def test_of_several_operations_one_is_sent_with_what_it_needs(self, tmp_path: Path) -> None:
        text = "query One { ...F } query Two { version } fragment F on Query { defaultPlatform }"
        (tmp_path / "q.graphql").write_text(text)
        session = _Session({})

        await query(session, "One", {"doc": "q.graphql"}, "", tmp_path, module=False)
        ((sent, _),) = session.asked
        assert "defaultPlatform" in sent
        assert "version" not in sent
        with pytest.raises(UsageError, match=r"unknown operation 'Tow' \(did you mean Two\?\)"):
            await query(session, "Tow", {"doc": "q.graphql"}, "", tmp_path, module=False)

    @pytest.mark.parametrize("own", [{"var": "n"}, {"var-json": "[]"}, {"var-json": "{"}])
    async def test_variables_that_are_none_are_refused(self, own: dict[str, str], tmp_path: Path) -> None:
        (tmp_path / "q").write_text("{ version }")
        with pytest.raises(UsageError, match="--var"):
            await query(_Session(), "", {"doc": "q", **own}, "", tmp_path, module=False)


@pytest.mark.anyio
class TestCore:
    async def test_a_chain_begins_at_the_root(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        session = _Session({"directory": {"withNewFile": {"entries": ["a"]}}})
        words = ["directory", "with-new-file", "--path=a", "--contents=b", "entries"]

        assert await call_core(session, words, tmp_path) == 0
        assert capsys.readouterr().out == "a\n"
        ((sent, given),) = session.asked
        assert "{ directory { withNewFile(path: $v0, contents: $v1) { entries } } }" in sent
        assert list(given.values()) == ["a", "b"]

    async def test_a_file_is_saved_into_a_folder_that_is_there(self, tmp_path: Path) -> None:
        session = _Session({"file": {"export": str(tmp_path)}})

        await call_core(session, ["file", "--name=a", "--contents=b", "-o", "."], tmp_path)
        ((sent, given),) = session.asked
        assert "export(path: $v2, allowParentDirPath: $v3)" in sent
        assert list(given.values())[2:] == [str(tmp_path), True]

    async def test_without_a_function_it_says_where_they_are_listed(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="core --help"):
            await call_core(_Session(), [], tmp_path)
