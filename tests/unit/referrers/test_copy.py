"""The indexes that stand in for a referrers API: what others wrote stays, what is missing comes."""

from pipeline.referrers import Referrer, Tree
from pipeline.referrers.copy import Carriage, indexes

IMAGE = "sha256:image"


def referrer(name: str, subject: str = IMAGE) -> Referrer:
    return Referrer(name, subject, "manifest", "application/spdx+json", 1)


def test_an_index_gets_what_it_lacks_and_keeps_what_it_has() -> None:
    whole = Tree(IMAGE, (referrer("a"), referrer("b"), referrer("c", "a")))
    there = Tree(IMAGE, (referrer("others"), referrer("b")))
    found = indexes(whole, there)
    names = {subject: [one["digest"] for one in index["manifests"]] for subject, index in found.items()}
    assert names == {IMAGE: ["others", "b", "a"], "a": ["c"]}
    assert indexes(whole, whole) == {}


def test_what_is_there_is_not_carried_again() -> None:
    whole = Tree(IMAGE, (referrer("a"), referrer("b")))
    carriage = Carriage("r/dev-shop-api", "r/stg-shop-api", whole, Tree(IMAGE, whole.referrers[:1]))
    assert [one.digest for one in carriage.missing] == ["b"]
    assert carriage.image == "r/stg-shop-api@sha256:image"
