"""What a promotion makes of the overlays that it finds: theirs, in their layout."""

import subprocess
from pathlib import Path

import dagger
import pytest
import yaml
from support import engine
from support.calls import Caller
from support.layouts import ENTRY, LAYOUTS
from support.registry import Registry
from support.workspace import Workspace, git

from pipeline.overlays import Pin
from pipeline.tools import for_each, toolbox

STG = ("promote", "--version", "v1.2.3", "--target-env", "stg", "--git-token", "env://GIT_TOKEN")
SERVICES = ("backend", "frontend")
WORKFLOW = """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: migrate}
spec: {templates: [{name: main, container: {image: backend}}]}
"""
WEB = """\
apiVersion: batch/v1
kind: Job
metadata: {name: web}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: web, image: frontend}]}}}
"""


def stg(service: str = "backend", name: str = "kustomization.yaml") -> str:
    return f"manifests/{service}/overlays/stg/{name}"


@pytest.fixture
def built(workspace: Workspace, images: Registry) -> dict[str, str]:
    return {service: images.seed(f"dev-{workspace.project}-{service}", "v1.2.3") for service in SERVICES}


def test_a_promotion_changes_the_lines_of_its_entry_and_nothing_else(
    call: Caller, workspace: Workspace, built: dict[str, str]
) -> None:
    for service, newline in (("backend", "\r\n"), ("frontend", "\n")):
        path = workspace.path / stg(service)
        text = path.read_text().replace("images:", "images: # see the promotions\n# theirs")
        path.write_text(f"---\n# Größe\n{text}# the end\n", newline=newline)
        path.chmod(0o755)
    workspace.push("Comment")
    before = {service: git_bytes(workspace, stg(service)) for service in SERVICES}
    assert call(*STG).code == 0
    assert git(workspace.remote, "diff", "--numstat", "main~1", "main").split("\n") == [
        f"3\t2\t{stg(service)}" for service in SERVICES
    ]
    assert "mode" not in git(workspace.remote, "diff", "main~1", "main")
    for service, end in (("backend", b"\r\n"), ("frontend", b"\n")):
        after = git_bytes(workspace, stg(service))
        assert after.count(b"\r\n") == (after.count(b"\n") if end == b"\r\n" else 0)
        gone = set(before[service].splitlines()) - set(after.splitlines())
        assert {line.split(b":")[0].strip() for line in gone} == {b"newName", b"newTag"}
        assert [line for line in after.splitlines() if line not in before[service].splitlines()][2:] == [
            f"  digest: {built[service]}".encode()
        ]


def git_bytes(workspace: Workspace, path: str) -> bytes:
    """Return a file of the remote's branch, byte by byte."""
    line = ["git", "-C", str(workspace.remote), "show", f"main:{path}"]
    return subprocess.run(line, capture_output=True, check=True).stdout


@pytest.mark.anyio
async def test_kustomize_sets_the_same_values_in_every_layout(dag: dagger.Client, tmp_path: Path) -> None:
    reference = Pin(*(ENTRY[key] for key in ("newName", "newTag", "digest"))).reference
    folder = dag.directory()
    for number, (text, _) in enumerate(LAYOUTS.values()):
        folder = folder.with_new_file(f"{number}/kustomization.yaml", text)
    words = "\n".join(f"{number} kustomize edit set image api={reference}" for number in range(len(LAYOUTS)))
    after = (
        toolbox(engine.TOOLS)
        .with_directory("/layouts", folder)
        .with_workdir("/layouts")
        .with_exec(for_each(["within"], takes=6, at_once=4), stdin=words)
        .directory("/layouts")
    )
    await after.export(str(tmp_path))
    for number, layout in enumerate(LAYOUTS):
        images = yaml.safe_load((tmp_path / f"{number}/kustomization.yaml").read_text())["images"]
        assert [entry for entry in images if entry["name"] == "api"] == [ENTRY], layout


@pytest.mark.parametrize("name", ["kustomization.yml", "Kustomization"])
def test_an_overlay_may_have_any_name_that_kustomize_knows(
    call: Caller, workspace: Workspace, built: dict[str, str], name: str
) -> None:
    git(workspace.path, "mv", stg(), stg(name=name))
    workspace.push("Rename")
    assert call(*STG).code == 0
    assert built["backend"] in workspace.show(stg(name=name))
    assert (
        git(workspace.remote, "ls-tree", "--name-only", "main", stg().rpartition("/")[0] + "/").count("ustomization")
        == 1
    )
    assert "v1.2.3" in call("status", "--git-token", "env://GIT_TOKEN").stdout


def test_a_rollback_goes_back_past_a_renaming_of_the_overlay(
    call: Caller, workspace: Workspace, images: Registry, built: dict[str, str]
) -> None:
    assert call(*STG, "--services", "backend").code == 0
    git(workspace.path, "pull", "--quiet", "origin", "main")
    git(workspace.path, "mv", stg(), stg(name="kustomization.yml"))
    workspace.push("Rename")
    images.seed(f"dev-{workspace.project}-backend", "v1.2.4")
    assert call(*STG[:2], "v1.2.4", *STG[3:], "--services", "backend").code == 0
    rollback = ("rollback", "--target-env", "stg", "--services", "backend", "--git-token", "env://GIT_TOKEN")
    assert call(*rollback, "--format", "json").json["version"] == "v1.2.3"
    assert "v1.2.3" in workspace.show(stg(name="kustomization.yml"))


def test_an_image_that_kustomize_does_not_know_is_refused_with_its_resource_and_the_cure(
    call: Caller, workspace: Workspace, built: dict[str, str]
) -> None:
    base = workspace.path / "manifests/backend/base"
    (base / "workflow.yaml").write_text(WORKFLOW)
    kustomization = base / "kustomization.yaml"
    text = kustomization.read_text().replace("- deployment.yaml", "- deployment.yaml\n- workflow.yaml")
    kustomization.write_text(text)
    git(workspace.path, "add", "--all")
    workspace.push("Add a workflow")
    before = workspace.commits()
    cure = "images: [{kind: Workflow, path: spec/templates/container/image}]"
    error = call(*STG).error
    assert "renders Workflow migrate with image: backend at spec/templates/container/image" in error
    assert error.endswith(f"name a file under configurations: that says {cure}")
    assert workspace.commits() == before
    for path in workspace.path.glob("manifests/*/overlays/*/kustomization.yaml"):
        path.write_text(path.read_text().replace("-myapp-", f"-{workspace.project}-"))
    assert cure in call("manifests").error

    (base / "images.yaml").write_text(cure)
    kustomization.write_text(text + "configurations: [images.yaml]\n")
    git(workspace.path, "add", "--all")
    workspace.push("Let kustomize know it")
    assert call("manifests").code == 0
    assert call(*STG).code == 0


@pytest.mark.parametrize(
    ("wrong", "cause"),
    [
        ("patches: [{path: ../../../../outside.yaml}]", "outside.yaml"),
        ("helmCharts: [{name: redis, repo: https://example.com}]", "must specify --enable-helm"),
    ],
)
def test_kustomize_s_reasons_come_whole_with_the_overlay(
    call: Caller, workspace: Workspace, built: dict[str, str], wrong: str, cause: str
) -> None:
    path = workspace.path / stg("frontend")
    path.write_text(path.read_text() + wrong + "\n")
    workspace.push("Break")
    error = call(*STG).error
    assert error.startswith("EditFailed: manifests/frontend/overlays/stg does not render: correct it: ")
    assert cause in error
    assert len(error.splitlines()) > 1  # kustomize quotes the configuration in between
    assert "Usage:" not in error


def test_services_may_share_an_overlay(call: Caller, workspace: Workspace, built: dict[str, str]) -> None:
    description, overlay = workspace.path / "pipeline.yaml", workspace.path / stg()
    shared = "context: services/frontend, manifests: manifests/backend"
    description.write_text(description.read_text().replace("context: services/frontend", shared))
    base = workspace.path / "manifests/backend/base"
    (base / "web.yaml").write_text(WEB)
    kustomization = base / "kustomization.yaml"
    kustomization.write_text(kustomization.read_text().replace("- service.yaml", "- service.yaml\n- web.yaml"))
    overlay.write_text(overlay.read_text() + "- name: frontend # theirs\n")
    git(workspace.path, "add", "--all")
    workspace.push("One folder for both")
    assert call(*STG).code == 0
    after = workspace.show(stg())
    assert [line.strip() for line in after.splitlines() if "digest" in line] == [
        f"digest: {built[service]}" for service in SERVICES
    ]
    assert "- name: frontend # theirs\n" in after
    assert git(workspace.remote, "diff", "--numstat", "main~1", "main") == f"6\t2\t{stg()}"
