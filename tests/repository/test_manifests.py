"""manifests/: every overlay renders, and the result is what Kubernetes' own schemas allow. Offline."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import dagger
import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml
from dagger import dag
from support import engine

from pipeline.concurrency import side_by_side
from pipeline.overlays import rendering
from pipeline.tools import toolbox

ROOT = Path(__file__).parents[2]
DESCRIPTION = yaml.safe_load((ROOT / "pipeline.yaml").read_text())
OVERLAYS = [
    f"{DESCRIPTION['manifests']}/{service['name']}/overlays/{environment['name']}"
    for service in DESCRIPTION["services"]
    for environment in DESCRIPTION["environments"]
]

pytestmark = pytest.mark.engine


async def _render() -> dict[str, str]:
    async with dagger.connection(dagger.Config(log_output=sys.stderr)):
        tools = await toolbox(engine.TOOLS).sync()
        directory = dag.host().directory(str(ROOT), include=[DESCRIPTION["manifests"]])

        async def render(overlay: str) -> str:
            return await rendering(tools, directory, overlay)

        return dict(zip(OVERLAYS, await side_by_side(render, OVERLAYS), strict=True))


@pytest.fixture(scope="module")
def rendered() -> dict[str, str]:
    """What every overlay renders to, by an engine: the session that there is, else one of the local engine."""
    engine.choose()
    return asyncio.run(_render())


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_renders_to_what_kubernetes_accepts(overlay: str, rendered: dict[str, str]) -> None:
    documents: list[dict[str, Any]] = list(yaml.safe_load_all(rendered[overlay]))

    assert {"Deployment", "Service", "ServiceAccount"} <= {document["kind"] for document in documents}
    for document in documents:
        for version in ("1.32", "1.35"):  # the oldest and the newest that clusters are expected to run
            kubernetes_validate.validate(document, version, strict=True)


def test_the_schemas_would_refuse_a_slip_of_the_pen(rendered: dict[str, str]) -> None:
    document = next(yaml.safe_load_all(rendered[OVERLAYS[0]])) | {"metdata": {}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(document, "1.35", strict=True)
