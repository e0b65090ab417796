"""Default paths in a repository, a constructor that awaits, and an entry point that the module declares itself."""

from pathlib import Path

import pytest

from .conftest import Call

pytestmark = pytest.mark.engine

_PROJECT = """
[project]
name = "looker"
version = "0.1.0"
dependencies = ["dagger-io"]

[project.entry-points."dagger.mod"]
main_object = "looking.eyes:Looker"
"""
_CODE = '''
from typing import Annotated, Self

import dagger
from dagger import DefaultPath, dag, function, object_type


@object_type
class Looker:
    """Look around."""

    data: dagger.Directory
    readme: dagger.File
    names: str

    @classmethod
    async def create(
        cls,
        data: Annotated[dagger.Directory, DefaultPath("/data")],
        readme: Annotated[dagger.File, DefaultPath("../README.md")],
    ) -> Self:
        return cls(data=data, readme=readme, names=" ".join(await data.entries()))

    @function
    async def look(self) -> str:
        own = await dag.current_module().source().entries()
        return f"{self.names}, {await self.readme.contents()}, {' '.join(own)}"
'''


def test_default_paths_start_at_the_repository_or_the_module(call: Call, tmp_path: Path) -> None:
    module = tmp_path / "repository" / "ci"
    files = {
        ".git/HEAD": "ref: refs/heads/main\n",
        "README.md": "read me",
        "data/one": "",
        "data/two": "",
        "ci/dagger.json": '{"name": "looker", "engineVersion": "v0.21.7", "sdk": {"source": "python"}}',
        "ci/pyproject.toml": _PROJECT,
        "ci/src/looking/__init__.py": "",
        "ci/src/looking/eyes.py": _CODE,
    }
    for name, text in files.items():
        (module.parent / name).parent.mkdir(parents=True, exist_ok=True)
        (module.parent / name).write_text(text)

    done = call("-q", "-m", str(module), "call", "look")

    assert done.out.strip() == "one two, read me, dagger.json pyproject.toml src/"


def test_a_default_path_cannot_leave_the_repository(call: Call, module: Path) -> None:
    (module / ".git").mkdir()
    main = module / "src/notes/main.py"
    main.write_text(main.read_text().replace('DefaultPath("book")', 'DefaultPath("../../etc")'))

    done = call("-q", "call", "titles")

    assert done.code == 1
    assert "../../etc" in done.err
