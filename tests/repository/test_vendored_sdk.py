"""Dagger's engine puts an SDK of its own beside the module and installs both: the requirements must allow that."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_REPOSITORY = Path(__file__).parents[2]
_MODULE = ("pyproject.toml", "requirements.lock", "src", "README.md")
_SDK = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "dagger-io"
version = "0.0.0"
dependencies = []

[tool.hatch.build.targets.wheel]
packages = ["src/dagger"]
"""


def _run(*words: str | Path, where: Path) -> str:
    done = subprocess.run([str(word) for word in words], cwd=where, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """The module as the engine sees it, with the vendored SDK in its place."""
    for name in _MODULE:
        source = _REPOSITORY / name
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, tmp_path / name)
    package = tmp_path / "sdk/src/dagger"
    package.mkdir(parents=True)
    (tmp_path / "sdk/pyproject.toml").write_text(_SDK)
    (package / "__init__.py").write_text("")
    return tmp_path


def test_the_module_is_installed_with_the_sdk_that_the_engine_vendors(module: Path, tmp_path: Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    _run(
        uv, "pip", "compile", "--quiet", "--universal", "-o", "requirements.lock", "pyproject.toml",
        "sdk/pyproject.toml", where=module,
    )  # fmt: skip
    fresh = tmp_path / "environment"
    _run(uv, "venv", "--quiet", "--python", sys.executable, fresh, where=module)
    python = fresh / "bin/python"
    _run(
        uv, "pip", "install", "--quiet", "--python", python, "-e", "./sdk", "-e", ".", "--no-deps",
        "-r", "requirements.lock", where=module,
    )  # fmt: skip
    _run(uv, "pip", "check", "--quiet", "--python", python, where=module)
    where = _run(python, "-c", "import dagger; print(dagger.__file__)", where=module)
    assert Path(where.strip()).is_relative_to(module / "sdk")
    assert "dagger-io==0.21" not in (module / "requirements.lock").read_text()
