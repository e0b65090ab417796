"""A module's types and functions in the API."""

import pytest

from .conftest import Ask

pytestmark = pytest.mark.engine


def test_the_types_are_told_as_they_were_written(ask: Ask) -> None:
    told = ask("""{ currentTypeDefs(hideCore: true) {
        kind
        asEnum { name members { name value description } }
        asObject {
            name description
            fields { name typeDef { kind } }
            constructor { args { name defaultValue defaultPath ignore description } }
            functions { name description args { name defaultValue typeDef { kind optional } } returnType { kind } }
        }
    } }""")["currentTypeDefs"]

    objects = {each["asObject"]["name"]: each["asObject"] for each in told if each["asObject"]}
    enums = {each["asEnum"]["name"]: each["asEnum"] for each in told if each["asEnum"]}
    assert set(objects) == {"Notes", "NotesPage", "NotesAuthor", "NotesShelf"}
    assert objects["Notes"]["description"] == "A book of notes."
    assert [member["name"] for member in enums["NotesStyle"]["members"]] == ["PLAIN", "LOUD"]
    assert enums["NotesStyle"]["members"][1]["description"] == "In capital letters."
    source, owner, image = objects["Notes"]["constructor"]["args"]
    assert (source["name"], source["defaultPath"], source["ignore"]) == ("source", "book", ["drafts", "**/*.tmp"])
    assert (owner["defaultValue"], image["defaultValue"]) == ('"Ann Other"', '"alpine:3.22.2"')
    functions = {each["name"]: each for each in objects["Notes"]["functions"]}
    assert functions["titles"]["returnType"]["kind"] == "LIST_KIND"
    assert functions["greet"]["args"][0]["typeDef"] == {"kind": "STRING_KIND", "optional": True}


def test_fields_functions_and_nested_objects_chain(ask: Ask) -> None:
    page = ask('{ notes(owner: "Zoe Zed") { owner page(title: "two") { title text author { initials } headline } } }')

    assert page["notes"] == {
        "owner": "Zoe Zed",
        "page": {"title": "two", "text": "second page\n", "author": {"initials": "ZZ"}, "headline": "# two"},
    }


def test_an_absent_object_is_null(ask: Ask) -> None:
    assert ask('{ notes { page(title: "none") { title } } }') == {"notes": {"page": None}}


def test_a_list_of_objects_is_loaded_one_by_one(ask: Ask) -> None:
    pages = ask("{ notes { pages { id title } } }")["notes"]["pages"]
    assert [page["title"] for page in pages] == ["one", "two"]

    loaded = ask(
        "query($id: ID!) { node(id: $id) { ... on NotesPage { headline file { contents } } } }", id=pages[0]["id"]
    )
    assert loaded["node"] == {"headline": "# one", "file": {"contents": "first page"}}


def test_core_objects_go_in_and_come_out(ask: Ask) -> None:
    identity = ask('{ directory { withNewFile(path: "own.txt", contents: "own") { id } } }')
    source = identity["directory"]["withNewFile"]["id"]

    given = ask(
        "query($s: ID!) { notes(source: $s) { titles printer(style: LOUD) { withExec(args: []) { stdout } } } }",
        s=source,
    )

    assert given["notes"] == {"titles": ["own"], "printer": {"withExec": {"stdout": "OWN"}}}


def test_what_an_argument_ignores_is_not_there(ask: Ask) -> None:
    folder = ask(
        '{ directory { withNewFile(path: "a.md", contents: "") { withNewFile(path: "b.txt", contents: "") { id } } } }'
    )
    identity = folder["directory"]["withNewFile"]["withNewFile"]["id"]

    assert ask("query($f: ID!) { notes { count(folder: $f) } }", f=identity) == {"notes": {"count": 1}}


def test_defaults_lists_numbers_and_nulls(ask: Ask) -> None:
    assert ask("{ notes { ratio greet } }") == {"notes": {"ratio": 0.25, "greet": "hello you"}}
    assert ask('{ notes { greet(name: null, words: ["a", "b"], times: 0) } }') == {"notes": {"greet": "a b"}}
    assert ask("{ notes { ratio(of: 3) } }") == {"notes": {"ratio": 1.5}}


def test_an_object_of_the_module_is_changed_into_another(ask: Ask) -> None:
    changed = ask('{ notes { withOwner(name: "B") { owner titles } owner } }')

    assert changed["notes"] == {"withOwner": {"owner": "B", "titles": ["one", "two"]}, "owner": "Ann Other"}


def test_a_function_is_called_anew_only_if_it_says_so(ask: Ask) -> None:
    first, second = (ask("{ notes { draw } }")["notes"]["draw"] for _ in range(2))

    assert first != second


def test_a_secret_reaches_the_function(ask: Ask) -> None:
    key = ask('{ setSecret(name: "k", plaintext: "x") { id } }')["setSecret"]["id"]

    assert ask("query($k: ID!) { notes { sign(key: $k) } }", k=key)["notes"]["sign"] == "2d711642"


def test_a_changeset_is_one(ask: Ask) -> None:
    tidy = ask("{ notes { tidy { modifiedPaths addedPaths asPatch { contents } } } }")["notes"]["tidy"]

    assert (tidy["modifiedPaths"], tidy["addedPaths"]) == (["one.txt"], [])
    assert "No newline at end of file" in tidy["asPatch"]["contents"]


def test_errors_are_the_functions_own(ask: Ask) -> None:
    with pytest.raises(LookupError, match="out of ink"):
        ask("{ notes { fail } }")
    with pytest.raises(LookupError, match="exit code: 9"):
        ask("{ notes { crash } }")
    with pytest.raises(LookupError, match="wrong.*not a number"):
        ask("{ notes { wrong } }")


def test_an_unknown_member_of_an_enumeration_is_refused(ask: Ask) -> None:
    with pytest.raises(LookupError, match="SMALL"):
        ask("{ notes { printed(style: SMALL) } }")


def test_checks_are_listed_and_run(ask: Ask) -> None:
    group = ask("{ currentWorkspace { checks { list { name description } run { list { name passed completed } } } } }")

    checks = group["currentWorkspace"]["checks"]
    # A check of an object that a function returns has that function's name before its own.
    names = {each["name"].replace("_", "-") for each in checks["list"]}
    assert names == {"has-pages", "is-tidy", "shelf:has-owner", "index"}
    assert sorted(each["passed"] for each in checks["run"]["list"]) == [False, True, True, True]


def test_many_calls_run_side_by_side(ask: Ask) -> None:
    fields = " ".join(f'f{number}: greet(name: "{number}")' for number in range(12))

    answered = ask(f"{{ notes {{ {fields} }} }}")["notes"]

    assert answered == {f"f{number}": f"hello {number}" for number in range(12)}
