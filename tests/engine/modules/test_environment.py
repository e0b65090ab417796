"""What a module's environment is made of: nothing is asked of an index by the name of something that lies elsewhere."""

from pathlib import Path

import pytest

from dagger_local.errors import EngineError, UnsupportedError
from dagger_local.modules.environment import _dependencies
from dagger_local.modules.source import ModuleSource, find_module

SDK = "dagger-io>=0.21,<0.22"


@pytest.fixture
def module(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "dagger.json").write_text('{"name": "m", "sdk": {"source": "python"}}')
    return tmp_path


def declared(module: Path, dependencies: str, sources: str = "") -> ModuleSource:
    text = f'[project]\nname = "m"\ndependencies = {dependencies}\n[tool.uv.sources]\n{sources}\n'
    (module / "pyproject.toml").write_text(text)
    return find_module(module)


def test_a_path_is_installed_from_there_and_never_by_its_name(module: Path) -> None:
    (module / "libs" / "my_lib").mkdir(parents=True)

    found = _dependencies(declared(module, '["my_lib>=1"]', 'My-Lib = {path = "libs/my_lib"}'))

    assert found == [f"my-lib @ file://{module}/libs/my_lib", SDK]


@pytest.mark.parametrize("path", ["../outside", "missing"])
def test_a_path_that_cannot_be_is_refused(module: Path, path: str) -> None:
    with pytest.raises(EngineError, match=f"my-lib of module m .* {path}"):
        _dependencies(declared(module, '["my-lib"]', f'my-lib = {{path = "{path}"}}'))


def test_repositories_and_files_are_taken_from_where_they_are(module: Path) -> None:
    git = 'a = {git = "https://example.com/a", tag = "v1", subdirectory = "py"}'
    url = 'b = {url = "https://example.com/b.whl"}'

    assert _dependencies(declared(module, '["a", "b"]', f"{git}\n{url}")) == [
        "a @ git+https://example.com/a@v1#subdirectory=py",
        "b @ https://example.com/b.whl",
        SDK,
    ]


def test_other_sources_are_refused_by_name(module: Path) -> None:
    with pytest.raises(UnsupportedError, match="the source of a in"):
        _dependencies(declared(module, '["a"]', "a = {workspace = true}"))


@pytest.mark.parametrize("pin", ["dagger-io", "dagger-io==0.18.2", "dagger_io"])
def test_the_modules_own_pin_of_the_sdk_never_wins(module: Path, pin: str) -> None:
    assert _dependencies(declared(module, f'["{pin}"]', 'dagger-io = {path = "sdk"}')) == [SDK]
