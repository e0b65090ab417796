"""manifests/: every overlay renders, and the result is what Kubernetes' own schemas allow. Offline."""

from pathlib import Path
from typing import Any

import dagger
import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml
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
ARGOCD = [f"{DESCRIPTION['manifests']}/argocd", f"{DESCRIPTION['manifests']}/argocd/pull-secret"]

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
async def rendered(dag: dagger.Client) -> dict[str, str]:
    """What overlays and Argo CD's folders render to."""
    tools = await toolbox(engine.TOOLS).sync()
    directory = dag.host().directory(str(ROOT), include=[DESCRIPTION["manifests"]])

    async def render(overlay: str) -> str:
        return await rendering(tools, directory, overlay)

    folders = [*OVERLAYS, *ARGOCD]
    return dict(zip(folders, await side_by_side(render, folders), strict=True))


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_renders_to_what_kubernetes_accepts(overlay: str, rendered: dict[str, str]) -> None:
    documents: list[dict[str, Any]] = list(yaml.safe_load_all(rendered[overlay]))

    assert {"Deployment", "Service", "ServiceAccount"} <= {document["kind"] for document in documents}
    for document in documents:
        for version in ("1.32", "1.35"):  # the oldest and the newest that clusters are expected to run
            kubernetes_validate.validate(document, version, strict=True)


@pytest.mark.parametrize("folder", ARGOCD)
def test_what_argo_cd_brings_renders_to_what_kubernetes_accepts(folder: str, rendered: dict[str, str]) -> None:
    for document in yaml.safe_load_all(rendered[folder]):
        if not document["apiVersion"].startswith("argo"):  # its own kinds: test_argocd_schemas.py
            for version in ("1.32", "1.35"):
                kubernetes_validate.validate(document, version, strict=True)


def test_the_app_of_apps_brings_applications_clusters_and_settings_by_their_plain_names(
    rendered: dict[str, str],
) -> None:
    documents = list(yaml.safe_load_all(rendered[ARGOCD[0]]))
    names = {(document["kind"], document["metadata"]["name"]) for document in documents}
    applications = {("Application", "-".join(overlay.split("/")[1::2])) for overlay in OVERLAYS}

    assert {name for name in names if name[0] == "Application"} == {
        ("Application", DESCRIPTION["project"]),
        *applications,
    }
    assert {("ConfigMap", "argocd-image-updater-config"), ("ConfigMap", "argocd-image-updater-scripts")} <= names
    assert {document["metadata"]["namespace"] for document in documents} == {"argocd"}
    for secret in (document for document in documents if document["kind"] == "Secret"):
        assert secret["metadata"]["labels"] == {"argocd.argoproj.io/secret-type": "cluster"}
        assert set(secret["data"]) == {"name", "server", "config"}


def test_the_schemas_would_refuse_a_slip_of_the_pen(rendered: dict[str, str]) -> None:
    document = next(yaml.safe_load_all(rendered[OVERLAYS[0]])) | {"metdata": {}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(document, "1.35", strict=True)
