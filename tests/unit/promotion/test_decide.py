"""What a promotion does, and what stands in its way."""

import pytest

from pipeline.description import Description, Environment, Service
from pipeline.errors import InvalidInput
from pipeline.overlays import Pin
from pipeline.promotion.decide import Refused, steps
from pipeline.promotion.intent import Intent, check_force, target_environment

DESCRIPTION = Description(
    project="shop",
    registry="ghcr.io/acme",
    repository="https://git.example.com/acme/shop",
    branch="main",
    manifests="manifests",
    environments=(Environment("dev"), Environment("stg", "dev"), Environment("prod", "stg")),
    services=(Service("api", "services/api"), Service("web", "services/web")),
)
A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def intent(target: str, *services: str, force: bool = False) -> Intent:
    return Intent(DESCRIPTION, "v1.2.3", DESCRIPTION.environment(target), DESCRIPTION.select(list(services)), force)


def image(environment: str, service: str) -> str:
    return f"ghcr.io/acme/{environment}-shop-{service}:v1.2.3"


def pin(environment: str, service: str, digest: str = A, tag: str = "v1.2.3") -> Pin:
    return Pin(f"ghcr.io/acme/{environment}-shop-{service}", tag, digest)


def test_from_the_first_environment_what_was_built_is_copied() -> None:
    digests = {image("dev", "api"): A, image("dev", "web"): B}
    found = steps(intent("stg"), digests, {}, {"api": None, "web": pin("stg", "web", A, "v1.0.0")})
    assert [(step.service, step.digest, step.copy, step.previous) for step in found] == [
        ("api", A, True, ""),
        ("web", B, True, "v1.0.0"),
    ]
    assert found[0].pin == pin("stg", "api")
    assert found[0].pin.reference == f"{image('stg', 'api')}@{A}"


def test_what_is_there_already_is_not_copied_again() -> None:
    digests = {image("dev", "api"): A, image("stg", "api"): A}
    assert [step.copy for step in steps(intent("stg", "api"), digests, {}, {"api": None})] == [False]


def test_a_later_environment_takes_the_digest_that_the_one_before_runs() -> None:
    digests = {image("stg", "api"): A}
    found = steps(intent("prod", "api"), digests, {"api": pin("stg", "api")}, {"api": None})
    assert [step.digest for step in found] == [A]


@pytest.mark.parametrize(
    ("target", "digests", "source", "complaint"),
    [
        ("stg", {}, None, "api: dev has no image ghcr.io/acme/dev-shop-api:v1.2.3: build --tag v1.2.3 --push first"),
        ("stg", {image("dev", "api"): A, image("stg", "api"): B}, None, f"is there already as {B}, not {A}"),
        ("prod", {image("dev", "api"): A}, None, "stg runs no version, not v1.2.3: promote v1.2.3 to stg"),
        ("prod", {image("stg", "api"): A}, pin("stg", "api", A, "v1.0.0"), "stg runs v1.0.0, not v1.2.3"),
        ("prod", {image("stg", "api"): A}, pin("stg", "api", B), f"stg runs v1.2.3 as {B}, but the registry has {A}"),
        ("prod", {image("stg", "api"): A}, pin("stg", "api", ""), "stg pins v1.2.3 without a digest"),
        ("prod", {}, pin("stg", "api"), "stg has no image ghcr.io/acme/stg-shop-api:v1.2.3: promote it to stg first"),
    ],
)
def test_what_stands_in_the_way_is_named(
    target: str, digests: dict[str, str], source: Pin | None, complaint: str
) -> None:
    with pytest.raises(Refused, match="^api: ") as refused:
        steps(intent(target, "api"), digests, {"api": source}, {"api": None})
    assert complaint in str(refused.value)
    assert str(refused.value).isprintable()


def test_versions_that_were_built_are_named_instead_of_one_that_was_not() -> None:
    tags = ["latest", "v1.9.0", "v1.10.0", "v2.0.0", "v2.0.0-rc.1", "v0.1.0", "v0.2.0"]
    with pytest.raises(Refused) as refused:
        steps(intent("stg", "api"), {}, {}, {"api": None}, {"api": tags})
    assert str(refused.value).endswith("or choose one of v2.0.0, v2.0.0-rc.1, v1.10.0, v1.9.0, v0.2.0, …")


def test_force_skips_the_environment_before_but_overwrites_no_tag() -> None:
    digests = {image("stg", "api"): A}
    forced = intent("prod", "api", force=True)
    assert [step.digest for step in steps(forced, digests, {"api": None}, {"api": None})] == [A]
    with pytest.raises(Refused, match="a tag is never overwritten"):
        steps(forced, {**digests, image("prod", "api"): B}, {"api": None}, {"api": None})


def test_all_services_that_stand_in_the_way_are_named() -> None:
    with pytest.raises(Refused) as refused:
        steps(intent("stg"), {}, {}, {"api": None, "web": None})
    assert [line.split(":")[0] for line in str(refused.value).splitlines()] == ["api", "web"]


def test_nothing_is_promoted_to_the_first_environment() -> None:
    with pytest.raises(InvalidInput, match="dev receives builds.*promote to one of stg, prod"):
        target_environment(DESCRIPTION, "dev")


def test_an_environment_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(InvalidInput, match=r"there is no environment 'qa\\n': choose one of dev, stg, prod"):
        target_environment(DESCRIPTION, "qa\n")


def test_force_needs_a_reason_and_a_reason_goes_with_everything() -> None:
    check_force(force=False, reason="")
    check_force(force=True, reason="because")
    check_force(force=False, reason="because")
    with pytest.raises(InvalidInput, match="--force needs a --reason"):
        check_force(force=True, reason="")


@pytest.mark.parametrize(
    ("now", "step"),
    [
        (
            pin("prod", "api", A, "v1.3.0"),
            "prod has v1.2.3 from before, use rollback --target-env prod --to v1.2.3 --services api",
        ),
        (pin("prod", "api"), "prod runs v1.2.3 already, leave it out with --services"),
    ],
)
def test_what_ran_in_an_environment_need_not_go_the_whole_way_again(now: Pin, step: str) -> None:
    there = {image("prod", "api"): A}
    for digests in ({image("stg", "api"): A, **there}, there):
        with pytest.raises(Refused) as refused:
            steps(intent("prod", "api"), digests, {"api": pin("stg", "api", A, "v1.3.0")}, {"api": now})
        assert str(refused.value) == f"api: stg runs v1.3.0, not v1.2.3: {step}"
    with pytest.raises(Refused) as refused:
        steps(intent("prod", "api"), there, {"api": pin("stg", "api")}, {"api": now})
    assert str(refused.value) == f"api: stg has no image {image('stg', 'api')}: {step}"
