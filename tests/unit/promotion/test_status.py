"""What a status knows and how it is written."""

import json
from collections.abc import Iterable
from typing import Any, cast

import dagger
import pytest

from pipeline.description import Description, Environment, Service
from pipeline.promotion.branch import Tip
from pipeline.promotion.status import Cell, status
from pipeline.promotion.status_report import status_report
from pipeline.registry import Copier, RegistryFailed
from pipeline.surface import Format

HOST = "438950223046.dkr.ecr.eu-central-1.amazonaws.com"
DESCRIPTION = Description(
    project="shop",
    registry=HOST,
    repository="https://git.example.com/acme/shop",
    branch="main",
    manifests="manifests",
    environments=(Environment("dev"), Environment("stg", "dev"), Environment("prod", "stg")),
    services=(Service("api", "services/api"), Service("web", "services/web")),
)
A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def image(environment: str, service: str) -> str:
    return f"{HOST}/{environment}-shop-{service}"


def tip(**pins: str) -> Tip:
    """Return a branch whose overlays pin `TAG DIGEST`, by `SERVICE_ENVIRONMENT`."""
    files = {}
    for place, pin in pins.items():
        service, _, environment = place.partition("_")
        tag, _, digest = pin.partition(" ")
        text = f"images:\n- name: {service}\n  newName: {image(environment, service)}\n  newTag: {tag}\n"
        files[DESCRIPTION.overlay(service, environment) + "/kustomization.yaml"] = text + (
            f"  digest: {digest}\n" if digest else ""
        )
    return Tip(DESCRIPTION, cast("dagger.Directory", None), files)


ALL = tip(
    api_dev="v1.10.0", api_stg=f"v1.10.0 {A}", api_prod=f"v1.9.0 {B}",
    web_dev="v1.10.0", web_stg=f"v1.10.0 {B}", web_prod=f"v1.10.0 {B}",
)  # fmt: skip


class Registry:
    """A registry that holds some digests and fails for some references."""

    def __init__(self, digests: dict[str, str], failing: str = "\0") -> None:
        self._digests, self._failing = digests, failing

    async def digests(self, references: Iterable[str]) -> dict[str, str]:
        wanted = list(references)
        for reference in wanted:
            if self._failing in reference:
                raise RegistryFailed(f"asking for {reference} failed (is the registry up?): no route")
        return {reference: self._digests[reference] for reference in wanted if reference in self._digests}


async def cells(branch: Tip, registry: Any = None) -> list[Cell]:
    return await status(DESCRIPTION, branch, cast("Copier | None", registry))


async def test_services_go_down_and_environments_across_and_what_differs_is_marked() -> None:
    text = status_report(await cells(ALL), Format.TEXT)
    assert text.splitlines() == [
        "SERVICE  DEV      STG                   PROD",
        "api      v1.10.0  v1.10.0 aaaaaaaaaaaa  v1.9.0 bbbbbbbbbbbb *",
        "web      v1.10.0  v1.10.0 bbbbbbbbbbbb  v1.10.0 bbbbbbbbbbbb",
        "* not what the environment before runs",
    ]


async def test_one_bad_overlay_spoils_its_own_cell() -> None:
    bad = Tip(
        DESCRIPTION, ALL.clone, {path: text for path, text in ALL.files.items() if "web/overlays/prod" not in path}
    )
    report = status_report(await cells(bad), Format.TEXT)
    assert report.splitlines()[2] == "web      v1.10.0  v1.10.0 bbbbbbbbbbbb  unknown !"
    assert report.splitlines()[3].startswith("! web in prod: manifests/web/overlays/prod/kustomization.yaml is missing")
    entry = json.loads(status_report(await cells(bad), Format.JSON))["environments"][2]["services"][1]
    assert (entry["service"], entry["version"], entry["digest"]) == ("web", None, None)
    assert "is missing" in entry["problem"]


async def test_a_registry_that_disagrees_is_marked_where_it_does() -> None:
    digests = {f"{image('stg', 'api')}:v1.10.0": B, f"{image('prod', 'web')}:v1.10.0": B}
    found = await cells(ALL, Registry(digests))
    assert {cell.registry for cell in found} == {"missing", f"has {B}", "agrees"}
    lines = status_report(found, Format.TEXT).splitlines()
    assert f"! api in stg: the registry has {B}" in lines
    assert "! api in dev, web in dev, web in stg, api in prod: missing in the registry" in lines
    assert lines[2].endswith("v1.10.0 bbbbbbbbbbbb")  # web in prod agrees


async def test_a_registry_that_does_not_answer_for_one_spoils_that_one() -> None:
    digests = {f"{image(environment, 'web')}:v1.10.0": B for environment in ("dev", "stg", "prod")}
    found = await cells(ALL, Registry(digests, failing="-api"))
    assert [cell.registry for cell in found if cell.service == "web"] == ["agrees"] * 3
    (note,) = [line for line in status_report(found, Format.TEXT).splitlines() if line.startswith("!")]
    why = "not asked: asking the registry failed (is the registry up?): no route"
    assert note == f"! api in dev, api in stg, api in prod: {why}"


async def test_json_has_every_digit_and_markdown_is_a_table() -> None:
    report = json.loads(status_report(await cells(ALL), Format.JSON))
    assert report["environments"][1] == {
        "name": "stg",
        "services": [
            {"service": "api", "version": "v1.10.0", "digest": A},
            {"service": "web", "version": "v1.10.0", "digest": B},
        ],
    }
    markdown = status_report(await cells(ALL), Format.MARKDOWN).splitlines()
    assert markdown[0] == "| service | dev | stg | prod |"
    assert markdown[-1] == "- `*` not what the environment before runs"


async def test_a_tag_that_an_image_updater_set_shows_the_registry_s_digest() -> None:
    found = await cells(ALL, Registry({f"{image('dev', 'api')}:v1.10.0": A}))
    assert (found[0].digest, found[0].registry) == (A, "agrees")
    assert "v1.10.0 aaaaaaaaaaaa" in status_report(found, Format.TEXT).splitlines()[1]


async def test_no_registry_is_asked_for_nothing() -> None:
    assert {cell.registry for cell in await cells(tip(), Registry({}, failing=""))} == {"-"}
