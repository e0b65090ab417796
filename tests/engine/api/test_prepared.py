"""What is kept of a schema between runs, and that nothing wrong passes for it."""

from pathlib import Path

import pytest
from graphql import parse

from dagger_local.api.prepared import Prepared
from dagger_local.store.snapshots import SnapshotStore

GOOD = '{container{from(address:"alpine"){file(path:"/x"){contents}}}}'


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path)


def faults(prepared: Prepared, text: str) -> list[str]:
    return [error.message for error in prepared.faults(text, parse(text))]


def test_a_kept_schema_is_the_one_that_was_made(store: SnapshotStore) -> None:
    more = "extend type Query {shop: Shop!}\ntype Shop {name: String!}"
    made, kept = Prepared(store, more).schema, Prepared(store, more).schema
    assert made is not kept
    assert made.to_kwargs().keys() == kept.to_kwargs().keys()
    assert set(made.type_map) == set(kept.type_map)
    assert kept.type_map["Container"].fields["file"].resolve is made.type_map["Container"].fields["file"].resolve  # type: ignore[attr-defined]
    assert "Shop" not in Prepared(store).schema.type_map


def test_a_torn_schema_is_made_anew(store: SnapshotStore, tmp_path: Path) -> None:
    assert Prepared(store).schema
    [place] = (tmp_path / "memo").glob("schema-*")
    for torn in (b"", place.read_bytes()[:5000], b"\x80\x05K\x01."):
        place.write_bytes(torn)
        assert "Container" in Prepared(store).schema.type_map


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace("contents", "content"), "Cannot query field 'content' on type 'File'"),
        (GOOD.replace('"alpine"', "7"), "String cannot represent a non string value: 7"),
        (GOOD.replace("path:", "way:"), "Unknown argument 'way'"),
    ],
)
def test_what_is_wrong_is_found_after_what_is_right_in_later_runs_too(
    store: SnapshotStore, text: str, said: str
) -> None:
    first = Prepared(store)
    assert faults(first, GOOD) == []
    first.close()
    for prepared in (first, Prepared(store)):
        assert faults(prepared, GOOD.replace("alpine", 'a \\" b')) == []
        assert said in faults(prepared, text)[0]
