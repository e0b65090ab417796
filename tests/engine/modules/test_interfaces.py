"""Interfaces of a module: what has their functions implements them, of whatever module it is."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import Ask, asking

pytestmark = pytest.mark.engine
_GARDEN = Path(__file__).parents[2] / "modules" / "garden"


@pytest.fixture(scope="module")
def garden(state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    module = shutil.copytree(_GARDEN, tmp_path_factory.mktemp("served") / "garden")
    with asking(module, state) as query:
        yield query


@pytest.fixture(scope="module")
def things(garden: Ask) -> list[str]:
    """Return the ids of an object of the module and of one of the engine."""
    asked = garden('{ garden { plant(name: "oak") { id } } file(name: "elm", contents: "") { id } }')
    return [asked["garden"]["plant"]["id"], asked["file"]["id"]]


def test_objects_of_the_module_and_of_the_engine_are_given_and_come_back(garden: Ask, things: list[str]) -> None:
    oak, elm = things
    asked = """query($oak: ID!, $elm: ID!) { garden {
        one: call(thing: $oak, times: 2)
        two: call(thing: $elm)
        renamed: rename(thing: $oak, name: "ash") { name }
        rows(things: [$oak, $elm]) { id name }
    } }"""

    answer = garden(asked, oak=oak, elm=elm)["garden"]

    assert (answer["one"], answer["two"], answer["renamed"]) == ("oak oak", "elm", {"name": "ash"})
    assert answer["rows"] == [{"id": elm, "name": "elm"}, {"id": oak, "name": "oak"}]


def test_an_id_is_loaded_as_of_the_interface(garden: Ask, things: list[str]) -> None:
    asked = "query($id: ID!) { node(id: $id) { __typename ... on GardenLabelled { name } } }"

    assert garden(asked, id=things[0])["node"] == {"__typename": "GardenPlant", "name": "oak"}


def test_what_has_not_all_of_its_functions_is_refused(garden: Ask) -> None:
    other = garden("{ directory { id } }")["directory"]["id"]

    with pytest.raises(LookupError, match="type Directory does not implement interface GardenLabelled"):
        garden("query($id: ID!) { garden { call(thing: $id) } }", id=other)


def test_it_is_told_as_what_it_is(garden: Ask) -> None:
    asked = "{ currentTypeDefs(hideCore: true) { asInterface { name description functions { name } } } }"
    told = garden(asked)["currentTypeDefs"]

    (face,) = [each["asInterface"] for each in told if each["asInterface"]]
    assert face["name"] == "GardenLabelled"
    assert face["description"] == "What has a name and can be told by it."
    assert len(face["functions"]) == 2


def test_every_field_of_a_service_to_open_is_told(garden: Ask) -> None:
    asked = """{ currentWorkspace { services(include: ["door"]) { list {
        name description path originalModule { name }
    } } } }"""

    (door,) = garden(asked)["currentWorkspace"]["services"]["list"]
    assert door == {
        "name": "door", "description": "Open the door.", "path": ["door"], "originalModule": {"name": "garden"},
    }  # fmt: skip
