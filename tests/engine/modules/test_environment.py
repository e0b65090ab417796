"""What a module's environment is made of: the engine's SDK, and each package from where the module says."""

import json
import zipfile
from pathlib import Path

import pytest

from dagger_local import process
from dagger_local.errors import EngineError, UnsupportedError
from dagger_local.modules import local_sources
from dagger_local.modules.environment import python_of
from dagger_local.modules.indexes import said_to_uv
from dagger_local.modules.installation import SDK, wanted_python
from dagger_local.modules.locks import held, named_twice
from dagger_local.modules.source import ModuleSource, find_module

LIBRARY = """
[project]
name = "my-lib"
version = "1.0"
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
"""


@pytest.fixture
def module(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "dagger.json").write_text('{"name": "m", "sdk": {"source": "python"}}')
    (tmp_path / "main.py").touch()
    return tmp_path


@pytest.fixture
def planted(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that someone has put under the library's name where uv asks for packages."""
    index = tmp_path_factory.mktemp("index")
    with zipfile.ZipFile(index / "my_lib-9.0-py3-none-any.whl", "w") as wheel:
        about = "my_lib-9.0.dist-info"
        wheel.writestr("my_lib/__init__.py", "")
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: my-lib\nVersion: 9.0\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    monkeypatch.setenv("UV_FIND_LINKS", str(index))


def declared(module: Path, dependencies: str, sources: str = "", about: str = "") -> ModuleSource:
    text = f'[project]\nname = "m"\nversion = "1"\ndependencies = {dependencies}\n{about}\n[tool.uv.sources]\n{sources}'
    (module / "pyproject.toml").write_text(text)
    return find_module(module)


def with_library(module: Path) -> None:
    (module / "libs/my_lib/src/my_lib").mkdir(parents=True)
    (module / "libs/my_lib/src/my_lib/__init__.py").touch()
    (module / "libs/my_lib/pyproject.toml").write_text(LIBRARY)


async def installed(source: ModuleSource, state: Path) -> dict[str, str]:
    code = "import importlib.metadata as m, json; print(json.dumps({d.name: d.version for d in m.distributions()}))"
    python = await python_of(source, state)
    return dict(json.loads((await process.run([python, "-c", code])).stdout))


@pytest.mark.engine
@pytest.mark.anyio
async def test_a_path_is_installed_from_there_and_never_by_its_name(
    module: Path, planted: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    state = tmp_path_factory.mktemp("state")
    with_library(module)
    path = 'My-Lib = {path = "libs/my_lib"}\ndagger-io = {path = "sdk", editable = true}\n'
    source = declared(module, '["dagger-io==0.18.2", "my_lib>=1"]', path)

    found = await installed(source, state)
    assert found["my-lib"] == "1.0"
    assert f"dagger-io=={found['dagger-io']}" == SDK, "the module's own pin of the SDK won"

    (module / "requirements.lock").write_text(
        "dagger-io==0.18.2 \\\n  --hash=sha256:0\n-e .\n-e ./sdk\n./libs/my_lib\n"
    )
    assert (await installed(find_module(module), state)).items() == found.items()

    (module / "requirements.lock").write_text("my-lib==9.0\n")
    with pytest.raises(EngineError, match=r"my-lib of module m is pinned in requirements\.lock"):
        await python_of(find_module(module), state)


@pytest.mark.anyio
async def test_an_edit_of_a_package_beside_the_module_makes_another_environment(module: Path) -> None:
    with_library(module)
    source = declared(module, '["my-lib"]', 'my-lib = {path = "libs/my_lib"}')
    before = local_sources.digest_of(source, source.local_sources())
    assert local_sources.digest_of(source, source.local_sources()) == before

    (module / "libs/my_lib/src/my_lib/__init__.py").write_text("edited = True")
    assert local_sources.digest_of(source, source.local_sources()) != before


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["../outside", "missing"])
async def test_a_path_that_cannot_be_is_refused(module: Path, path: str) -> None:
    with pytest.raises(EngineError, match=f"my-lib of module m .* {path}"):
        await python_of(declared(module, '["my-lib"]', f'my-lib = {{path = "{path}"}}'), module / "state")


@pytest.mark.engine
@pytest.mark.anyio
async def test_a_workspace_without_a_lock_is_refused_by_name(module: Path) -> None:
    with pytest.raises(UnsupportedError, match="the source of a in"):
        await python_of(declared(module, '["a"]', "a = {workspace = true}"), module / "state")


@pytest.mark.anyio
async def test_a_python_that_is_not_here_is_refused_by_its_version(module: Path) -> None:
    with pytest.raises(EngineError, match=r"module m needs Python >=3\.99"):
        await python_of(declared(module, "[]", about='requires-python = ">=3.99"'), module / "state")


def test_both_say_which_python_a_module_needs(module: Path) -> None:
    source = declared(module, "[]", about='requires-python = ">=3.11"')
    assert wanted_python(source) == ">=3.11"

    (module / ".python-version").write_text("3.12.4\n")
    assert wanted_python(source) == ">=3.11,==3.12.*"


def test_the_lock_holds_for_all_but_the_module_itself_and_another_sdk() -> None:
    kept = ["idna==3.10 \\\n    --hash=sha256:1", "dagger-io-extras==1", "./libs/a", "-e ../b"]
    left = ["-e .", "--editable ./sdk", "-e file:.", "dagger_io==0.18.2 \\\n    --hash=sha256:2"]

    assert held("\n".join([*left, *kept]), SDK) == "\n".join(kept)
    assert held(f"{SDK} \\\n    --hash=sha256:3", SDK) == f"{SDK} \\\n    --hash=sha256:3"
    assert held(f"{SDK}5", SDK) == ""


@pytest.mark.parametrize(
    ("line", "twice"), [("My_Lib==1", "my-lib"), ("my-lib @ file:///here", ""), ("./my-lib", ""), ("other==1", "")]
)
def test_a_package_with_a_source_is_not_taken_of_an_index(line: str, twice: str) -> None:
    assert named_twice(f"idna==3.10\n{line}\n", {"my-lib": []}) == twice


def test_uv_asks_where_pip_is_told_to_ask() -> None:
    listed = (
        "global.index-url='https://one.example/simple'\n:env:.index-url='https://two.example/simple'\n"
        ":env:.default-timeout='90'\n:env:.find-links='/a /b'\nglobal.cert='/etc/ca.pem'\ndownload.no-index='1'\n"
    )
    assert said_to_uv(listed, {"SSL_CERT_FILE": "/own.pem"}) == {
        "UV_DEFAULT_INDEX": "https://two.example/simple",
        "UV_FIND_LINKS": "/a,/b",
    }


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"engineVersion": "v0.22.0"}, r"module requires dagger v0\.22\.0, but you have v0\.21"),
        ({"source": "../elsewhere"}, 'source path "../elsewhere" contains parent directory components'),
        ({"sdk": {"source": "go"}}, "a module in go"),
    ],
)
def test_what_dagger_refuses_is_refused_in_its_words(module: Path, settings: dict[str, object], said: str) -> None:
    (module / "dagger.json").write_text(json.dumps({"name": "m", "sdk": "python", **settings}))
    with pytest.raises(EngineError, match=said):
        find_module(module)


def test_a_module_without_code_is_refused_in_daggers_words(module: Path) -> None:
    (module / "main.py").unlink()
    with pytest.raises(EngineError, match="no python files found in module source"):
        declared(module, "[]")


def test_a_module_without_a_project_has_the_name_of_the_template(module: Path) -> None:
    (module / "dagger.json").write_text('{"name": "myOwn-thing", "sdk": "python"}')
    source = find_module(module)
    assert (source.package, source.main_object, source.declared()["dependencies"]) == (
        "my_own_thing",
        "MyOwnThing",
        None,
    )
