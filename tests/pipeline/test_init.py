"""A repository of Dockerfiles and nothing else begins with one call, whose changes are shown before they are made."""

import re
import shutil
from pathlib import Path

import pytest
from support.calls import CHECKS, Caller, dagger
from support.engine import GIVEN_TOOLS
from support.workspace import REPOSITORY, SMALL, Workspace, git


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """This project as others have it beside their repository: what git knows, without the tests."""
    for name in git(REPOSITORY, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
        if name and not name.startswith("tests/") and (REPOSITORY / name).is_file():
            (tmp_path / "pipeline" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, tmp_path / "pipeline" / name)
    return tmp_path / "pipeline"


def test_what_a_repository_begins_with_is_a_changeset_made_by_looking_at_it(call: Caller, workspace: Workspace) -> None:
    arguments = ("init", "--repository", "https://github.com/acme/shop")
    assert "there is a pipeline.yaml already" in call(*arguments).error
    (workspace.path / "pipeline.yaml").unlink()
    shutil.rmtree(workspace.path / "manifests")
    git(workspace.path, "checkout", "--quiet", "-b", "trunk")
    patch = call(*arguments, "as-patch", "contents").stdout
    added = {line.removeprefix("+++ b/") for line in patch.splitlines() if line.startswith("+++ b/")}
    assert {"pipeline.yaml", "manifests/frontend/overlays/prod/kustomization.yaml"} <= added
    assert "\n+project: shop\n" in patch
    assert "\n+branch: trunk\n" in patch
    assert "\n+  - {name: backend, context: services/backend, checks: []}\n" in patch
    assert not (workspace.path / "pipeline.yaml").exists()


def test_two_dockerfiles_become_a_repository_that_is_checked_and_rehearsed(tmp_path: Path, checkout: Path) -> None:
    shop = tmp_path / "shop"
    for context in ("api", "jobs/worker"):
        (shop / context).mkdir(parents=True)
        (shop / context / "Dockerfile").write_text(SMALL)
        (shop / context / "content").write_text(context)
    git(shop, "init", "--quiet", "--initial-branch=main")
    git(shop, "add", "--all")
    git(shop, "commit", "--quiet", "--message=Start")
    begin = Caller(shop, ("-m", str(checkout), "--source", "."), {})

    registry = "222222222222.dkr.ecr.eu-west-1.amazonaws.com"
    begun = begin("--registry", registry, "init", "--repository", "https://github.com/acme/shop", "-y")
    assert begun.code == 0, begun.stderr
    terraform = set((checkout / "terraform").rglob("*.tf"))
    assert terraform
    assert all((shop / path.relative_to(checkout)).read_text() == path.read_text() for path in terraform)
    written = {path.relative_to(shop).as_posix() for path in shop.rglob("*") if path.is_file()}
    assert {
        ".github/workflows/ci-worker.yaml", ".github/workflows/promote.yaml", ".github/actions/dagger/action.yml",
        "manifests/argocd/applications/api-prod.yaml", "manifests/argocd/image-updater/image-updater.yaml",
        "daggerw", "src/pipeline/main.py",
    } <= written  # fmt: skip
    assert not [path for path in written if path.startswith(("terraform/modules/pipeline/tests", "services", "docs"))]
    for path in (shop / "manifests").rglob("*"):
        assert not path.is_file() or not re.search("myapp|438950223046|backend|frontend", path.read_text()), path

    description = shop / "pipeline.yaml"
    assert 'registry: {account: "222222222222", region: eu-west-1}\n' in description.read_text()
    description.write_text(f"{description.read_text()}tools: {GIVEN_TOOLS}\n")
    git(shop, "add", "--all")
    git(shop, "commit", "--quiet", "--message=Begin")
    checked = dagger(shop, "check", *CHECKS)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    road = Caller(shop, (), {})("rehearse", "--tag", "v0.1.0", "--format", "json").json
    assert road["stages"][-1]["stage"] == "prove"
    assert set(road["digests"]) == {"api", "worker"}
