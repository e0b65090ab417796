"""What can be wanted of a promotion, and what cannot."""

import pytest

from pipeline.description import Description, Environment, Service
from pipeline.errors import InvalidInput
from pipeline.overlays import Pin
from pipeline.promotion.decide import Refused, steps, versions
from pipeline.promotion.intent import Intent, intend

DESCRIPTION = Description(
    project="shop",
    registry="ghcr.io/acme",
    repository="https://git.example.com/acme/shop",
    branch="main",
    manifests="manifests",
    environments=(
        Environment("dev"),
        Environment("qa", "dev"),
        Environment("stg", "qa"),
        Environment("prod-eu", "stg"),
        Environment("prod-us", "stg"),
    ),
    services=(Service("api", "services/api"), Service("web", "services/web")),
)
A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def one(target: str, origin: str = "", *, version: str = "v1.2.3", force: bool = True) -> Intent:
    (intent,) = intend(DESCRIPTION, version, [target], [], origin=origin, force=force)
    return intent


def pin(environment: str, service: str, tag: str, digest: str) -> Pin:
    return Pin(f"ghcr.io/acme/{environment}-shop-{service}", tag, digest)


def test_several_environments_are_an_intent_each_and_named_once() -> None:
    found = intend(DESCRIPTION, "v1.2.3", ["prod-us", "prod-eu", "prod-us"], ["web"])
    assert [(intent.target.name, intent.origin, intent.version) for intent in found] == [
        ("prod-us", "stg", "v1.2.3"),
        ("prod-eu", "stg", "v1.2.3"),
    ]
    assert all([service.name for service in intent.services] == ["web"] for intent in found)


@pytest.mark.parametrize(
    ("targets", "origin", "complaint"),
    [
        ([], "", "name an environment to promote to: qa, stg, prod-eu, prod-us"),
        (["prod-eu", "dev"], "", "dev receives builds"),
        (["prod-eu prod-us"], "", "there is no environment 'prod-eu prod-us': write prod-eu,prod-us, with a comma"),
        (["stg", "prod-eu"], "", "prod-eu promotes from stg, which is to change as well: do one after the other"),
        (["prod-eu"], "prod-eu", "--from prod-eu is the environment that is promoted to"),
        (["prod-eu"], "live", "there is no environment 'live'"),
        (
            ["prod-eu"],
            "dev",
            "prod-eu is promoted to from stg: --from dev skips qa, stg, which needs --force and a --reason",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(targets: list[str], origin: str, complaint: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        intend(DESCRIPTION, "v1.2.3", targets, [], origin=origin)
    assert complaint in str(refused.value)


@pytest.mark.parametrize(
    ("origin", "skipped"), [("dev", ("qa", "stg")), ("qa", ("stg",)), ("prod-us", ("stg",)), ("stg", ()), ("", ())]
)
def test_a_hot_fix_comes_from_where_it_is_and_says_what_it_skips(origin: str, skipped: tuple[str, ...]) -> None:
    intent = one("prod-eu", origin)
    assert (intent.origin, intent.skipped) == (origin or "stg", skipped)
    api = intent.services[0]
    assert intent.source(api) == f"ghcr.io/acme/{origin or 'stg'}-shop-api:v1.2.3"
    assert intent.destination(api) == "ghcr.io/acme/prod-eu-shop-api:v1.2.3"


def test_where_it_comes_from_the_environment_before_nothing_is_forced() -> None:
    assert not one("prod-eu", "stg", force=False).skipped


def test_without_a_version_each_service_gets_what_runs_of_it() -> None:
    wanted = one("prod-eu", version="", force=False)
    runs = {"api": pin("stg", "api", "v1.2.3", A), "web": pin("stg", "web", "v2.0.0", B)}
    intent = Intent(DESCRIPTION, "", wanted.target, wanted.services, versions=versions(wanted, runs))
    digests = {"ghcr.io/acme/stg-shop-api:v1.2.3": A, "ghcr.io/acme/stg-shop-web:v2.0.0": B}
    found = steps(intent, digests, runs, {"api": None, "web": None})
    assert [(step.service, step.target, step.digest) for step in found] == [
        ("api", "ghcr.io/acme/prod-eu-shop-api:v1.2.3", A),
        ("web", "ghcr.io/acme/prod-eu-shop-web:v2.0.0", B),
    ]


def test_what_is_no_release_is_no_version_to_promote() -> None:
    with pytest.raises(Refused) as refused:
        versions(one("qa", version=""), {"api": pin("dev", "api", "latest", ""), "web": None})
    assert [line.partition(": give")[0] for line in str(refused.value).splitlines()] == [
        "api: dev runs latest, which is no release",
        "web: dev runs no version, which is no release",
    ]


@pytest.mark.parametrize("force", [False, True])
def test_what_runs_is_promoted_by_its_digest_from_the_first_environment_too(*, force: bool) -> None:
    wanted = one("qa", version="", force=force)
    runs = {name: pin("dev", name, "v1.2.3", A) for name in ("api", "web")}
    intent = Intent(DESCRIPTION, "", wanted.target, wanted.services, force, versions=versions(wanted, runs))
    digests = {f"ghcr.io/acme/dev-shop-{name}:v1.2.3": B for name in ("api", "web")}
    with pytest.raises(Refused, match=f"dev runs v1.2.3 as {A}, but the registry has {B}.*release a new version\n"):
        steps(intent, digests, runs, {"api": None, "web": None})
    assert steps(one("qa"), digests, runs, {"api": None, "web": None})  # a version that is named is any build of it
