"""What the SDK checks is the same, whether it is prepared on import or on first use."""

import subprocess
import sys

import pytest

from dagger_local.modules import lean

_USE = """
import asyncio, importlib, inspect, re
from importlib.machinery import SourceFileLoader
from types import ModuleType

if {path!r}:
    lean = ModuleType("lean")
    SourceFileLoader("lean", {path!r}).exec_module(lean)
    lean._KNOWN = {known!r}
    lean.import_sdk()

import dagger
from dagger import dag

print(type(vars(dagger.Container)["from_"]).__name__)
for use in (
    lambda: dag.container().from_(3),
    lambda: dag.container().with_exec("true"),
    lambda: dag.container().with_(lambda container: 3),
    lambda: dag.directory().with_directory("a", dag.container()),
    lambda: dag.directory().with_directory("a", dag.directory()),
    lambda: dag.container().file(),
    lambda: asyncio.run(dag.directory().glob(3)),
    dagger.Config,
    lambda: issubclass(dagger.ProvisionError, dagger.DaggerError),
    lambda: dagger.connection and dagger.Connection and importlib.import_module("dagger.provisioning"),
    lambda: dagger.nothing,
):
    try:
        print(type(use()).__name__)
    except Exception as error:
        text = str(error).replace("typing.Self", "<class 'dagger.Directory'>")
        print(type(error).__name__, re.sub(" at 0x[0-9a-f]+", "", text))
print(list(inspect.signature(dagger.Container.from_).parameters), inspect.iscoroutinefunction(dagger.Container.stdout))
"""


@pytest.fixture(scope="module")
def eager() -> list[str]:
    return _said("")


def _said(path: str, known: str = "0.21.") -> list[str]:
    words = [sys.executable, "-c", _USE.format(path=path, known=known)]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()


def test_arguments_are_checked_all_the_same(eager: list[str]) -> None:
    assert [line.partition(" ")[0] for line in eager[1:8]] == [
        "TypeError",
        "TypeError",
        "BeartypeCallHintReturnViolation",
        "TypeError",
        "Directory",
        "TypeError",
        "TypeError",
    ]
    put_off, *answers = _said(lean.__file__)
    assert (put_off, answers) == ("_PutOff", eager[1:])


def test_another_release_of_the_sdk_is_loaded_as_it_comes(eager: list[str]) -> None:
    assert _said(lean.__file__, known="0.0.") == eager
