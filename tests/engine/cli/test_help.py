"""Help at every level."""

import pytest

from dagger_local.cli.dispatch import dispatch, program_help
from dagger_local.cli.flags import UsageError
from dagger_local.cli.functions import walk
from dagger_local.cli.help import call_help, functions_page
from dagger_local.cli.names import kebab, suggestion

from .conftest import Planner


def shown(planned: Planner, *words: str) -> str:
    return call_help(planned(*words), "Sell things.", planned.types.enums)


def test_the_module_shows_its_functions_and_the_constructors_flags(planned: Planner) -> None:
    text = shown(planned, "--help")
    assert text.startswith("Sell things.\n\nUSAGE\n  dagger-local call [options] [arguments] <function>\n")
    assert "  build     Build every image.\n" in text
    assert "      --registry-password Secret   Password of the registry.\n" in text
    assert '      --source Directory           (default path "/")\n' in text
    assert "  -m, --mod string" in text


def test_a_function_shows_its_whole_description_and_marks_what_is_required(planned: Planner) -> None:
    text = shown(planned, "build", "--help")
    assert text.startswith("Build every image.\n\nNothing is pushed without --push.\n\nUSAGE\n")
    assert "  dagger-local call build [arguments]\n" in text
    arguments = text.split("ARGUMENTS\n")[1].splitlines()
    assert arguments[0].split() == ["--tag", "string", "The", "release", "tag.", "[required]"]
    assert "      --push" in text
    assert "--retries int" in text
    assert "(default 3)" in text
    assert "--severity LOW,VERY_HIGH" in text
    assert "(default LOW)" in text
    assert "OPTIONS" not in text


def test_what_no_flag_can_carry_is_not_offered(planned: Planner) -> None:
    assert "pack" not in shown(planned, "--help")


def test_functions_lists_what_a_chain_leads_to(planned: Planner) -> None:
    shop = planned.known.objects["Shop"]
    assert functions_page(walk(shop, ["images"], planned.types)) == (
        "Name        Description\nreference   Where it lives.\n"
    )  # fmt: skip


def test_the_program_lists_its_commands() -> None:
    text = program_help()
    for name in ("call", "check", "functions", "prune", "run", "version"):
        assert f"\n  {name} " in text
    assert "\n  session" not in text


def test_names_are_daggers() -> None:
    names = {"withEnvVariable": "with-env-variable", "sha256": "sha-256", "asHTTPUrl": "as-http-url", "a_b": "a-b"}
    assert {name: kebab(name) for name in names} == names


@pytest.mark.parametrize("typed", ["--env", "--environment", "--target", "--targetenv", "--target_env"])
def test_a_flag_that_shares_a_word_is_meant(typed: str) -> None:
    known = ["--version", "--target-env", "--reason", "--silent", "--web", "--git-token"]
    assert suggestion(typed, known).startswith(" (did you mean --target-env")


def test_the_closest_of_many_that_share_a_word_comes_first() -> None:
    known = [f"--registry{tail}" for tail in ("", "-username", "-service", "-password")]
    assert suggestion("--registry-pasword", known).startswith(" (did you mean --registry-password or ")


def test_the_dashes_of_flags_make_none_alike() -> None:
    assert suggestion("--env", ["--silent", "--web"]) == ""


def test_a_far_off_name_has_no_suggestion() -> None:
    assert suggestion("zzz", ["build"]) == ""


@pytest.mark.parametrize("words", [[], ["help"], ["--help"], ["-h"]])
def test_the_program_s_help_is_asked_for_in_many_ways(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert dispatch(words) == 0
    assert capsys.readouterr().out == program_help()


@pytest.mark.parametrize("command", ["shell", "mcp", "login", "init", "install", "develop"])
def test_a_command_of_daggers_own_is_refused_by_name(command: str) -> None:
    with pytest.raises(UsageError, match=f"{command} is not supported by the local engine"):
        dispatch([command, "x"])
