"""A module with an interface, a generator, a service to open, a Workspace and an enumeration: alike on both engines."""

import json
import signal
import subprocess
from collections.abc import Callable

import httpx
import pytest

from .conftest import Caller

pytestmark = pytest.mark.engine


@pytest.fixture
def garden(copied: Callable[[str], Caller]) -> Caller:
    caller = copied("garden")
    (caller.module / "sign.txt").write_text("no dogs\n")
    return caller


def test_its_functions_are_listed_in_order(garden: Caller) -> None:
    listed = garden("functions")

    names = [line.split()[0] for line in listed.out.split("\n\n")[0].splitlines()[1:]]
    assert listed.code == 0
    assert names == sorted(names)
    assert {"around", "bed", "door", "labels", "plan", "seed", "sign"} <= set(names)
    assert "plan        Tell what to do in a season." in listed.out
    assert "Skipped 4 function(s) with unsupported types: call, rename, rows, with" in listed.out


def test_an_enumeration_is_chosen_by_name_and_a_wrong_one_refused(garden: Caller) -> None:
    wrong = garden("call", "plan", "--season", "WINTER")

    assert garden("call", "plan", "--season", "AUTUMN").out == "nobody: reap (autumn)"
    assert wrong.code == 1
    assert "AUTUMN" in wrong.err


def test_what_has_an_interfaces_functions_goes_for_it_in_and_out_and_as_a_field(garden: Caller) -> None:
    assert garden("call", "bed", "--names", "a,b", "others", "name").out == "b\n"
    asked = """{
        seed(name: "oak") { name withName(name: "elm") { name } }
        bed(names: ["a", "b", "c"]) { labels first { name } others { name } }
        with(owner: "Bo") { plan }
    }"""

    answer = json.loads(garden("query", said=asked).out)
    assert answer["with"] == {"plan": "Bo: sow (spring)"}
    assert answer["seed"] == {"name": "oak", "withName": {"name": "elm"}}
    bed = {"labels": ["a", "b", "c"], "first": {"name": "a"}, "others": [{"name": "b"}, {"name": "c"}]}
    assert answer["bed"] == bed


def test_a_workspace_is_given_and_reaches_no_further_than_its_repository(garden: Caller) -> None:
    (garden.module.parent / "gate.txt").write_text("")
    asked = """{
        sign shed
        gate(name: "gate.txt") none: gate(name: "hole") near: gate(name: "sign.txt")
        around(path: "/") here: around
        compost(text: "hay")
    }"""

    answer = json.loads(garden("query", said=asked).out)
    assert (answer["sign"], answer["shed"]) == ("no dogs\n", "garden")
    assert (answer["gate"], answer["none"], answer["near"]) == ("/gate.txt", "nowhere", "/garden/sign.txt")
    assert "gate.txt" in answer["around"]
    assert "sign.txt" in answer["here"]
    assert answer["compost"] == "top.txt: hay"
    refused, helped = garden("call", "sign", "--path", "../../sign.txt"), garden("call", "sign", "--help")
    assert refused.code == 1
    assert "outside" in refused.err
    assert "--workspace" not in helped.out


def test_its_check_and_its_generator_run(garden: Caller) -> None:
    assert garden("check", "garden:is-signed").code == 0
    assert garden("-y", "generate").code == 0
    assert (garden.module / "labels.txt").read_text() == "spring\nautumn\n"

    (garden.module / "sign.txt").unlink()
    assert garden("check", "is-signed").code != 0


def test_its_service_is_opened_until_interrupted_with_what_its_user_has_in_a_file(
    garden: Caller, free_tcp_port: int
) -> None:
    (garden.module / ".env").write_text(f'PORT={free_tcp_port}\nOWNER="${{BY}}"\n')
    by = {"BY": "Ann"}
    assert "door" in garden("up", "-l", env=by).out

    env = garden.env(by)
    with subprocess.Popen(
        garden.argv("up"), cwd=garden.module, env=env, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as opened:
        assert opened.stderr
        try:
            assert any(f"ready http://localhost:{free_tcp_port}" in line for line in opened.stderr)
            assert httpx.get(f"http://127.0.0.1:{free_tcp_port}").text == "garden of Ann\n"
            opened.send_signal(signal.SIGINT)
            assert opened.wait(60) == 0
        finally:
            opened.kill()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{free_tcp_port}")
