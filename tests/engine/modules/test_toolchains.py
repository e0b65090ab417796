"""Toolchains: their functions and checks beside the module's own, with what their user changes."""

import json
from pathlib import Path

import pytest

from .conftest import Call

pytestmark = pytest.mark.engine

_LINT = '''
from typing import Annotated

import dagger
from dagger import DefaultPath, check, function, object_type


@object_type
class Lint:
    """Look for faults."""

    depth: int = 1

    @function
    def say(self, word: str = "plain") -> str:
        return f"{word} {self.depth}"

    @function
    async def files(self, folder: Annotated[dagger.Directory, DefaultPath("book")]) -> list[str]:
        return await folder.glob("*.txt")

    @function
    @check
    def good(self) -> None: ...

    @function
    @check
    def bad_one(self) -> None:
        raise ValueError("faults")
'''


def _toolchain(module: Path, **said: object) -> None:
    """Give the module a toolchain, and another that cannot be served here."""
    (module / ".git").mkdir(exist_ok=True)
    (module / "lint").mkdir(exist_ok=True)
    (module / "lint/dagger.json").write_text('{"name": "lint", "sdk": "python"}')
    (module / "lint/lint.py").write_text(_LINT)
    about = json.loads((module / "dagger.json").read_text())
    lint = {"name": "lint", "source": "lint", **said}
    (module / "dagger.json").write_text(json.dumps({**about, "toolchains": [lint]}))


def test_a_toolchain_is_called_beside_the_module_with_the_defaults_that_its_user_gives(
    call: Call, module: Path
) -> None:
    word = {"function": ["say"], "argument": "word", "default": "custom"}
    _toolchain(module, customizations=[word, {"argument": "depth", "default": "7"}], ignoreChecks=["bad*"])
    main = module / "src/notes/main.py"
    more = "    @function\n    async def said(self) -> str:\n        return await dag.lint().say()\n\n"
    main.write_text(main.read_text().replace("    @function\n    def wrong", f"{more}    @function\n    def wrong"))

    assert "lint         Look for faults." in call("functions").out
    assert call("call", "lint", "say").out == "custom 7"
    assert call("call", "lint", "--depth", "3", "say", "--word", "w").out == "w 3"
    assert call("call", "said").out == "custom 7"
    assert call("call", "lint", "files").out == "one.txt\ntwo.txt\n", "a default path begins at the module's own folder"
    assert call("check", "lint").code == 0
    assert "lint:bad-one" not in call("check", "-l").out


def test_a_toolchains_checks_fail_as_the_modules_own_and_one_that_cannot_be_served_is_no_success(
    call: Call, module: Path
) -> None:
    _toolchain(module)
    about = json.loads((module / "dagger.json").read_text())
    about["toolchains"] += [{"name": "far", "source": "github.com/a/b@v1"}]
    (module / "dagger.json").write_text(json.dumps(about))

    done = call("check", "lint", "far", "has-pages")
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert done.code == 1
    assert {"has-pages passed", "lint:good passed", "lint:bad-one failed", "far failed"} <= set(lines)
    assert "module far, on which notes depends: a module from github.com/a/b@v1 is not supported" in done.out


def test_a_default_of_what_a_toolchain_lacks_is_refused(call: Call, module: Path) -> None:
    _toolchain(module, customizations=[{"function": ["say"], "argument": "words", "default": "x"}])

    done = call("functions")
    assert done.code == 1
    assert "lint say has no argument 'words'" in done.err
