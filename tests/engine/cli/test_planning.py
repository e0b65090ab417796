"""What a command line asks for."""

import json
from pathlib import Path

import pytest
from graphql import parse

from dagger_local.cli.flags import UsageError
from dagger_local.cli.query import Call, Input, Load, loads, read_loads, request, request_loads, unwrap

from .conftest import Planner


def values(planned: Planner, *words: str) -> dict[str, object]:
    """Return the last call's plain values."""
    arguments = planned(*words).calls[-1].arguments
    return {name: value.value for name, value in arguments.items() if isinstance(value, Input)}


def loaded(planned: Planner, *words: str) -> list[tuple[str, object]]:
    """Return what a line has loaded: the last field and its arguments' values."""
    found: list[tuple[str, object]] = []
    for load in loads(planned(*words).calls):
        last = load.calls[-1]
        found.append(
            (last.field, {name: each.value for name, each in last.arguments.items() if isinstance(each, Input)})
        )
    return found


class TestFlags:
    def test_only_what_was_typed_is_sent_so_that_defaults_stay_the_modules(self, planned: Planner) -> None:
        assert values(planned, "build", "--tag", "v1.2.3") == {"tag": "v1.2.3"}

    @pytest.mark.parametrize("words", [("--tag", "v1"), ("--tag=v1",), ("--tag", "v0", "--tag=v1")])
    def test_a_value_follows_or_is_joined_and_the_last_one_holds(
        self, planned: Planner, words: tuple[str, ...]
    ) -> None:
        assert values(planned, "build", *words) == {"tag": "v1"}

    def test_names_are_taken_as_the_module_writes_them_too(self, planned: Planner) -> None:
        assert loaded(planned, "--registryPassword", "env://P", "version") == [("secret", {"uri": "env://P"})]

    def test_a_value_may_look_like_a_flag(self, planned: Planner) -> None:
        assert values(planned, "build", "--tag", "--push") == {"tag": "--push"}

    @pytest.mark.parametrize(
        ("word", "value"), [("--push", True), ("--push=true", True), ("--push=false", False), ("--push=0", False)]
    )
    def test_a_switch_is_on_unless_it_says_otherwise(self, planned: Planner, word: str, value: bool) -> None:
        assert values(planned, "build", "--tag=v1", word)["push"] is value

    def test_a_list_repeats_or_is_split_at_commas_outside_quotes(self, planned: Planner) -> None:
        words = ("--services", "a,b", "--services", '"c,d", e')
        assert values(planned, "build", "--tag=v1", *words)["services"] == ["a", "b", "c,d", "e"]

    def test_an_enums_member_is_found_by_name_or_value_in_any_case(self, planned: Planner) -> None:
        for typed in ("VERY_HIGH", "very_high", "very-high"):
            assert values(planned, "build", "--tag=v1", "--severity", typed)["severity"] == "VERY_HIGH"

    def test_the_current_platform_has_a_name(self, planned: Planner) -> None:
        found = values(planned, "build", "--tag=v1", "--platforms=current,linux/arm64")["platforms"]
        assert isinstance(found, list)
        assert found[0].startswith("linux/")
        assert found[1] == "linux/arm64"

    def test_build_arguments_are_pairs(self, planned: Planner) -> None:
        found = values(planned, "inputs", "--dirs=.", "--args", "A=1,B=x=y")
        assert found == {"args": [{"name": "A", "value": "1"}, {"name": "B", "value": "x=y"}]}

    def test_a_number_is_read_as_one(self, planned: Planner) -> None:
        assert values(planned, "build", "--tag=v1", "--retries", "7")["retries"] == 7
        assert values(planned, "inputs", "--dirs=.", "--ratio=-1.5")["ratio"] == -1.5

    def test_options_stand_anywhere_and_do_not_reach_the_module(self, planned: Planner) -> None:
        asked = planned("-j", "build", "--tag", "v1", "--progress", "plain", "-yqq", "-oout")
        assert asked.options.json
        assert asked.options.auto_apply
        assert asked.options.quiet == 2
        assert asked.options.progress == "plain"
        assert asked.options.output == "out"
        assert set(asked.calls[-1].arguments) == {"tag"}


class TestObjects:
    def test_a_directory_is_made_absolute_and_keeps_what_the_module_ignores(
        self, planned: Planner, tmp_path: Path
    ) -> None:
        expected = {"path": str(tmp_path / "src"), "exclude": ["*", "!src"]}
        assert loaded(planned, "--source=src", "version") == [("directory", expected)]

    def test_lists_of_objects_are_loaded_one_by_one(self, planned: Planner, tmp_path: Path) -> None:
        found = loaded(planned, "inputs", "--dirs", "a,b", "--tokens", "env://A,cmd://pass show x")
        assert [field for field, _ in found] == ["directory", "directory", "secret", "secret"]
        assert found[1][1] == {"path": str(tmp_path / "b"), "exclude": ["node_modules"]}
        assert found[3][1] == {"uri": "cmd://pass show x"}

    def test_an_image_is_pulled_by_its_address(self, planned: Planner) -> None:
        assert loaded(planned, "box", "--base", "alpine:3.20") == [("from", {"address": "alpine:3.20"})]

    def test_a_service_is_a_port_of_a_host(self, planned: Planner) -> None:
        (found,) = loaded(planned, "inputs", "--dirs=.", "--service", "tcp://localhost:5432")[1:]
        ports = [{"frontend": 5432, "backend": 5432, "protocol": "TCP"}]
        assert found == ("service", {"host": "localhost", "ports": ports})

    @pytest.mark.parametrize("typed", ["https://github.com/a/b#v1:src", "git@github.com:a/b.git", "ssh://h/a#main"])
    def test_the_address_of_a_git_repository_is_the_engines_to_read(self, planned: Planner, typed: str) -> None:
        assert loaded(planned, f"--source={typed}", "version") == [("directory", {})]
        load = next(iter(planned(f"--source={typed}", "version").calls[0].arguments.values()))
        assert isinstance(load, Load)
        assert load.calls[0] == Call("address", {"value": Input("String!", typed)})

    @pytest.mark.parametrize("typed", ["NAME", "env:NAME", "env://NAME"])
    def test_a_secret_may_be_named_the_old_ways(self, planned: Planner, typed: str) -> None:
        assert loaded(planned, "--registry-password", typed, "version") == [("secret", {"uri": "env://NAME"})]


class TestRefusals:
    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("bild",), "unknown function 'bild' of Shop (did you mean build?)"),
            (("build", "--tga", "v1"), "unknown flag: --tga (did you mean --tag"),
            (("build", "--registry-password", "env://P"), "unknown flag: --registry-password: it goes before build"),
            (("--tag", "v1", "build"), "unknown flag: --tag: it goes after build"),
            (("build", "--tag=v1", "--services", "a", "b"), "'b': write --services a,b, with commas and no blanks"),
            (("build", "--tag=v1", "--services", "a,", "b", "c"), "write --services a,b,c, with commas"),
            (("build",), "required flag not set: --tag"),
            (("build", "--tag"), "flag needs an argument: --tag"),
            (("build", "--tag=v1", "--retries", "x"), "--retries: 'x' is not an integer"),
            (("build", "--tag=v1", "--severity", "lwo"), "should be one of LOW, VERY_HIGH (did you mean LOW?)"),
            (("build", "--tag=v1", "--severity", "x"), "--severity: 'x' should be one of LOW, VERY_HIGH"),
            (("build", "--tag=v1", "--push=maybe"), "--push: 'maybe' is not a boolean"),
            (("build", "--tag=v1", "false"), "unexpected argument 'false'"),
            (("build", "--tag=v1", "-i"), "--interactive is not supported by the local engine"),
            (("build", "--tag=v1", "-M"), "--no-mod is not supported by the local engine"),
            (("--allow-llm=all", "version"), "--allow-llm is not supported by the local engine"),
            (("build", "--tag=v1", "-x"), "unknown shorthand flag: -x"),
            (("--progress=dot", "version"), "--progress: 'dot' is not known; use one of auto, plain"),
            (("inputs", "--dirs=.", "--service", "localhost:1"), "write tcp://HOST:PORT"),
            (("inputs", "--dirs=.", "--args", "A"), "must be written as NAME=VALUE"),
            (("--registry-password", "op://vault/x", "version"), "op:// is not supported"),
            (("pack",), "function 'pack' of Shop cannot be called from the command line"),
        ],
    )
    def test_one_line_says_what_is_wrong(self, planned: Planner, words: tuple[str, ...], said: str) -> None:
        with pytest.raises(UsageError) as caught:
            planned(*words)
        assert said in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_a_typed_secret_is_not_repeated(self, planned: Planner) -> None:
        with pytest.raises(UsageError) as caught:
            planned("--registry-password", "hunter2!", "version")
        assert "hunter2" not in str(caught.value)

    def test_the_hint_names_the_command_that_knows_more(self, planned: Planner) -> None:
        with pytest.raises(UsageError) as caught:
            planned("build", "--nope")
        assert caught.value.command == "call build"


class TestQuery:
    def test_a_chain_is_one_query_with_every_value_a_variable(self, planned: Planner) -> None:
        asked = planned("box", "--base", "alpine", "with-env-variable", "--name", "A", "--value", '"}{', "stdout")
        wanted = loads(asked.calls)
        first = request_loads(wanted)
        ids = read_loads(wanted, {"load0": {"from": {"id": "box-id"}}})
        second = request(asked.calls, "", ids)
        for each in (first, second):
            parse(each.text)
        assert second.text == (
            "query Call($v0: ID!, $v1: String!, $v2: String!) "
            "{ shop { box(base: $v0) { withEnvVariable(name: $v1, value: $v2) { stdout } } } }"
        )
        assert second.variables == {"v0": "box-id", "v1": "A", "v2": '"}{'}
        assert "}{" not in first.text + second.text

    def test_all_objects_are_loaded_by_one_query(self, planned: Planner) -> None:
        wanted = loads(planned("--registry-password", "env://P", "inputs", "--dirs", "a,b").calls)
        query = request_loads(wanted)
        parse(query.text)
        assert query.text.count("load") == 3
        answer = {"load0": {"id": "s"}, "load1": {"directory": {"id": "a"}}, "load2": {"directory": {"id": "b"}}}
        assert read_loads(wanted, answer) == ("s", "a", "b")

    def test_ids_go_where_their_objects_were_named(self, planned: Planner) -> None:
        asked = planned("--registry-password", "env://P", "inputs", "--dirs", "a,b")
        query = request(asked.calls, "", ("s", "a", "b"))
        assert query.variables == {"v0": "s", "v1": ["a", "b"]}
        assert "$v1: [ID!]!" in query.text

    def test_what_comes_back_is_found_at_the_chains_end_and_in_every_item(self, planned: Planner) -> None:
        asked = planned("images", "reference")
        answer = {"shop": {"images": [{"reference": "a"}, {"reference": "b"}]}}
        assert unwrap(answer, asked.calls) == ["a", "b"]

    def test_help_needs_nothing_complete(self, planned: Planner) -> None:
        asked = planned("build", "--help")
        assert asked.options.help
        assert not [each for call in asked.calls for each in call.arguments.values() if isinstance(each, Load)]


def test_values_survive_as_json(planned: Planner) -> None:
    query = request(planned("build", "--tag", "v1\n$x {{}}", "--services", "a").calls, "")
    assert json.loads(json.dumps(query.variables)) == {"v0": "v1\n$x {{}}", "v1": ["a"]}
