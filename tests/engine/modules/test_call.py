"""`call`, `functions` and `check` of a module, as a person uses them."""

import json
import subprocess
from pathlib import Path

import pytest

from .conftest import Call

pytestmark = pytest.mark.engine


def test_functions_are_listed_with_their_first_line(call: Call) -> None:
    done = call("functions")

    assert done.code == 0
    assert "titles       List the titles of all pages." in done.out
    assert "with-owner" in done.out


def test_lists_are_printed_as_json_where_asked_for(call: Call) -> None:
    assert json.loads(call("call", "--json", "titles").out) == ["one", "two"]


def test_arguments_are_flags(call: Call) -> None:
    words = ("--name", "Bob", "--times", "2", "--loud", "--words", "a,b")

    assert call("call", "greet", *words).out.strip() == "HELLO BOB HELLO BOB A B"


def test_the_constructor_takes_flags_and_objects_are_chained(call: Call) -> None:
    assert call("call", "--owner", "Zoe Zed", "page", "--title", "one", "author", "initials").out.strip() == "ZZ"


def test_a_list_of_objects_gives_a_list_of_their_values(call: Call) -> None:
    assert call("call", "pages", "headline", "--prefix", "* ").out.split("\n")[:2] == ["* one", "* two"]


def test_an_unknown_member_of_an_enumeration_is_refused(call: Call) -> None:
    refused = call("call", "printed", "--style", "SMALL")
    assert refused.code == 1
    assert "SMALL" in refused.err


def test_a_secret_is_used_and_not_told(call: Call, state: Path) -> None:
    value = "pass-phrase-of-this-test"
    done = call("call", "sign", "--key", "env://BOOK_KEY", env={"BOOK_KEY": value})

    digest = subprocess.run(["sha256sum"], input=value.encode(), stdout=subprocess.PIPE, check=True).stdout[:8]
    assert done.out.strip() == digest.decode()
    assert value not in done.err
    assert [path for path in state.rglob("*") if path.is_file() and value.encode() in path.read_bytes()] == []


def test_a_changeset_is_shown_and_applied_only_with_yes(call: Call, module: Path) -> None:
    (module / "book/two.txt").unlink()
    shown = call("call", "tidy")
    assert "one.txt" in shown.out + shown.err
    assert (module / "book/one.txt").read_text() == "first page"

    assert call("-y", "call", "tidy", "-o", "book").code == 0
    assert (module / "book/one.txt").read_text() == "first page\n"
    assert (module / "book/drafts/three.txt").exists(), "what the argument ignores is left alone"


def test_checks_pass_and_fail_by_raising(call: Call, module: Path) -> None:
    failed = call("check")
    assert failed.code == 1
    assert "has-pages" in failed.out + failed.err
    assert "not tidy: one.txt" in failed.out + failed.err
    assert call("check", "has-pages").code == 0

    (module / "book/one.txt").write_text("first page\n")
    assert call("check").code == 0


def test_a_generator_is_shown_then_applied_and_is_a_check_until_then(call: Call, module: Path) -> None:
    assert "index   Write the list of all pages." in call("generate", "-l").out
    assert "\nGenerators\nindex " in call("check", "-l").out
    assert "no changes to apply" in call("generate").err

    (module / "book/index.md").unlink()
    stale, shown = call("check", "index"), call("generate")
    assert (stale.code, shown.code) == (1, 1)
    assert "generate function index produced changes; run 'dagger generate index' to apply: index.md" in (
        " ".join(stale.out.split())
    )
    assert "+one" in shown.out
    assert not (module / "index.md").exists()
    assert "index" not in call("check", "--no-generate").out
    assert "has-pages" not in call("check", "--generate").out

    assert call("-y", "generate", "index").code == 0
    assert (module / "index.md").read_text() == "one\ntwo\n"


def test_a_pattern_that_no_generator_matches_is_an_error(call: Call) -> None:
    done = call("generate", "indx")
    assert done.code == 1
    assert "no generator matches 'indx'" in done.err


def test_a_module_with_an_id_of_its_own_is_refused_as_dagger_refuses_it(call: Call, module: Path) -> None:
    page = module / "src/notes/page.py"
    page.write_text(page.read_text().replace("    title: ", '    id: str = field(default="")\n    title: ', 1))

    done = call("functions")
    assert done.code == 1
    assert 'cannot define field with reserved name "id" on object "NotesPage"' in done.err


@pytest.mark.parametrize(("function", "said"), [("title", "notes.title returned None"), ("lost", "no such page")])
def test_a_function_that_gives_nothing_or_fails_is_no_success(
    call: Call, module: Path, function: str, said: str
) -> None:
    main = module / "src/notes/main.py"
    more = (
        "    @function\n    def title(self) -> str:\n        return None\n\n"
        "    @function\n    def lost(self) -> Shelf:\n        raise ValueError('no such page')\n\n"
    )
    main.write_text(main.read_text().replace("    @function\n    def wrong", f"{more}    @function\n    def wrong"))

    done = call("-q", "call", function)
    assert done.code == 1
    assert said in done.err
    assert "Traceback" not in done.err


def test_an_error_is_one_line(call: Call) -> None:
    done = call("-q", "call", "fail", "--message", "no ink")

    assert (done.code, done.out) == (1, "")
    assert [line for line in done.err.splitlines() if line.startswith("Error:")] == ["Error: FunctionError: no ink"]
    assert "Traceback" not in done.err


def test_a_failed_command_tells_its_output(call: Call) -> None:
    done = call("-q", "call", "crash")

    assert done.code == 9, "the command's own, as dagger has it"
    assert "no paper" in done.err
    assert "exit code: 9" in done.err


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("from .main import (\n", "__init__.py"),
        ("import not_installed_here\n", "not_installed_here"),
        ("raise RuntimeError('at import')\n", "at import"),
    ],
)
def test_a_module_that_does_not_import_says_why_and_where(call: Call, module: Path, code: str, told: str) -> None:
    (module / "src/notes/__init__.py").write_text(code)

    done = call("-q", "functions")

    assert done.code == 1
    assert told in done.err
    assert "Traceback" not in done.err
    assert len([line for line in done.err.splitlines() if line.startswith("Error:")]) == 1


def test_a_folder_without_a_module_is_told_so(call: Call, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    done = call("-q", "call", "-m", str(tmp_path / "empty"), "titles")

    assert done.code == 1
    assert "dagger.json" in done.err


def test_an_edit_is_seen_at_the_next_call(call: Call, module: Path) -> None:
    main = module / "src/notes/main.py"
    assert call("call", "ratio", "--of", "2").out.strip() == "1"

    main.write_text(main.read_text().replace("def ratio(", "def half("))
    assert call("call", "half", "--of", "4").out.strip() == "2"
