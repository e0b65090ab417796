"""What keeps an image from an environment that requires something of it, and what is reported of its referrers."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.description import Description, Environment, Service, Signer
from pipeline.promotion.carry import Images, carry, find, planned, problems_of, require
from pipeline.promotion.decide import Refused, Step
from pipeline.promotion.intent import intend
from pipeline.referrers import Carriage, Referrer, Tree
from pipeline.registry import RegistryFailed

IMAGE = "sha256:image"
SOURCE, TARGET = "r.example.com/dev-shop-api:v1.2.3", "r.example.com/stg-shop-api:v1.2.3"
STEP = Step("stg", "api", SOURCE, TARGET, IMAGE, copy=True, previous="")
SBOM = Referrer("sha256:list", IMAGE, "manifest", "application/spdx+json", 1)
BUNDLE = Referrer("sha256:bundle", IMAGE, "manifest", "application/vnd.dev.sigstore.bundle.v0.3+json", 1)
LABEL = replace(BUNDLE, digest="sha256:label", subject=SBOM.digest)
WHOLE = Tree(IMAGE, (SBOM, BUNDLE, LABEL))
STRICT = Environment("stg", "dev", require=("signature", "sbom"), signers=(Signer("keys/cosign.pub"),))

pytestmark = pytest.mark.anyio


def description(stg: Environment = STRICT) -> Description:
    return Description(
        project="shop",
        registry="r.example.com",
        repository="https://git.example.com/acme/shop",
        branch="main",
        manifests="manifests",
        environments=(Environment("dev"), stg),
        services=(Service("api", "services/api"),),
    )


def workspace(stg: Environment = STRICT, **copier: Any) -> Any:
    return SimpleNamespace(description=description(stg), copier=SimpleNamespace(**copier), source=None)


def intents(stg: Environment = STRICT) -> Any:
    return intend(description(stg), "v1.2.3", ["stg"], [])


def test_what_is_required_and_missing_is_named_with_the_image() -> None:
    (line,) = problems_of(STEP, STRICT, Tree(IMAGE, (SBOM,)))
    image = "r.example.com/dev-shop-api@sha256:image"
    assert line.startswith(f"api: stg requires signature, sbom, but {image} has no signature: build and sign")
    assert list(problems_of(STEP, STRICT, WHOLE)) == []
    assert list(problems_of(STEP, replace(STRICT, require=()), Tree(IMAGE))) == []


def test_what_is_not_known_is_not_there_for_who_requires_it_and_no_matter_for_others() -> None:
    unknown = Tree("", problem="the registry is busy")
    (line,) = problems_of(STEP, STRICT, unknown)
    assert "what refers to r.example.com/dev-shop-api@sha256:image is not known: the registry is busy" in line
    assert list(problems_of(STEP, replace(STRICT, require=()), unknown)) == []
    assert planned(STEP, Images({}, {SOURCE: unknown})).problem == "the registry is busy"


def test_a_referrer_that_is_none_is_refused_whatever_is_required() -> None:
    broken = Tree(IMAGE, broken=("sha256:x is listed for sha256:image, but is not there",))
    (line,) = problems_of(STEP, replace(STRICT, require=()), broken)
    assert line.startswith(
        "api: sha256:x is listed for sha256:image, but is not there, in r.example.com/dev-shop-api: "
    )


@pytest.mark.parametrize("unsigned", [IMAGE, SBOM.digest])
async def test_what_no_signer_signed_is_refused_with_what_cosign_says(
    monkeypatch: pytest.MonkeyPatch, unsigned: str
) -> None:
    async def verified(*given: Any) -> dict[str, str]:
        references: Sequence[str] = given[3]
        return {each: "no signatures found" if each.endswith(unsigned) else "" for each in references}

    monkeypatch.setattr("pipeline.promotion.carry.verified", verified)
    with pytest.raises(Refused) as refused:
        await require(workspace(), intents(), [STEP], Images({}, {SOURCE: WHOLE}))
    what = "the image" if unsigned == IMAGE else "its sbom"
    place = f"r.example.com/dev-shop-api@{unsigned}"
    assert str(refused.value) == (
        f"api: {what} {place} is not signed by keys/cosign.pub, as stg requires: no signatures found"
    )


async def test_an_sbom_that_nothing_signs_is_refused_without_asking_cosign_and_all_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    async def verified(*given: Any) -> dict[str, str]:
        asked.extend(given[3])
        return dict.fromkeys(given[3], "")

    monkeypatch.setattr("pipeline.promotion.carry.verified", verified)
    other = replace(STEP, service="web", source="r.example.com/dev-shop-web:v1.2.3")
    trees = {SOURCE: Tree(IMAGE, (SBOM, BUNDLE)), other.source: Tree(IMAGE, (SBOM, LABEL))}
    with pytest.raises(Refused) as refused:
        await require(workspace(), intents(), [STEP, other], Images({}, trees))
    unlike, unsigned = str(refused.value).splitlines()
    assert unlike.startswith(
        "web: stg requires signature, sbom, but r.example.com/dev-shop-web@sha256:image has no sig"
    )
    place = "its sbom r.example.com/dev-shop-api@sha256:list"
    assert (
        unsigned
        == f"api: {place} is not signed by keys/cosign.pub, as stg requires: nothing that signs it refers to it"
    )
    assert asked == ["r.example.com/dev-shop-api@sha256:image"]


async def test_what_began_is_looked_at_in_the_target_and_what_has_nothing_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[list[str]] = []
    answer = WHOLE

    async def listing(_: object, references: Sequence[str]) -> dict[str, Tree]:
        asked.append(list(references))
        return dict.fromkeys(references, answer)

    async def digests(references: Iterable[str], **_given: object) -> dict[str, str]:
        return dict.fromkeys(references, IMAGE)

    monkeypatch.setattr("pipeline.promotion.carry.listing", listing)
    for answer in (WHOLE, Tree(IMAGE)):  # noqa: B007  it is what the registry says
        found = await find(workspace(digests=digests), intents())
        assert found.digests == {SOURCE: IMAGE, TARGET: IMAGE}
    assert asked == [[SOURCE], [TARGET], [SOURCE], []]


def test_what_is_planned_is_what_the_target_lacks() -> None:
    assert planned(STEP, Images({}, {SOURCE: WHOLE})).as_dict()["copied"] == 3
    begun = planned(STEP, Images({}, {SOURCE: WHOLE, TARGET: Tree(IMAGE, (SBOM,))}))
    assert (begun.kinds, begun.copied) == (["sbom", "signature", "signature"], 2)


async def test_what_is_lost_stops_who_requires_it_and_is_said_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    async def lose(_: object, carriages: Sequence[Carriage]) -> list[Carriage]:
        return [replace(one, lost=[BUNDLE], why="405 Method Not Allowed") for one in carriages]

    monkeypatch.setattr("pipeline.promotion.carry.carry_over", lose)
    images = Images({}, {SOURCE: WHOLE})
    with pytest.raises(RegistryFailed) as failed:
        await carry(workspace(), intents(), [STEP], images)
    assert "api: r.example.com/stg-shop-api lacks signature sha256:bundle: 405 Method Not Allowed\n" in str(
        failed.value
    )
    assert "nothing was committed" in str(failed.value)
    easy = replace(STRICT, require=(), signers=())
    carried = (await carry(workspace(easy), intents(easy), [STEP], images))[TARGET]
    assert (carried.kinds, carried.copied) == (["sbom", "signature"], 2)
    assert carried.problem == "r.example.com/stg-shop-api lacks signature sha256:bundle: 405 Method Not Allowed"
