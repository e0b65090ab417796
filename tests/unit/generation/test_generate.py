"""What follows from pipeline.yaml, by the repository's own description and by others made of it."""

from pathlib import Path

import pytest
import yaml

from pipeline.checks.agreement import disagreements
from pipeline.description import Description, read
from pipeline.generation.fill import InvalidPlace, fill, flow
from pipeline.generation.generate import generated

ROOT = Path(__file__).parents[3]
OWN = (ROOT / "pipeline.yaml").read_text()
FILES = {
    path.relative_to(ROOT).as_posix(): path.read_text()
    for folder in ("manifests", ".github/workflows")
    for path in (ROOT / folder).rglob("*")
    if path.is_file()
}
GROWN = (
    OWN.replace(
        "{name: prod, promotes-from: stg}", "{name: qa, promotes-from: stg}\n  - {name: prod, promotes-from: qa}"
    )
    + "  - {name: worker, context: services/worker}\n"
)


def describe(text: str) -> Description:
    return read(text, [f"services/{name}/Dockerfile" for name in ("backend", "frontend", "worker")])


def grown(text: str = GROWN) -> dict[str, str]:
    return FILES | generated(describe(text), FILES)


def test_the_repository_is_as_it_follows_from_its_description() -> None:
    made = generated(describe(OWN), FILES)

    assert {path: FILES.get(path) for path in made} == made
    assert {"manifests/argocd/applications/backend-prod.yaml", ".github/workflows/promote.yaml"} <= set(made)


def test_a_service_and_an_environment_more_bring_all_that_they_need() -> None:
    files = grown()
    new = sorted(set(files) - set(FILES))

    assert disagreements(describe(GROWN), files) == []
    applications = {path for path in new if path.startswith("manifests/argocd/applications/")}
    assert applications == {
        f"manifests/argocd/applications/{place}.yaml"
        for place in ("worker-dev", "worker-stg", "worker-qa", "worker-prod", "backend-qa", "frontend-qa")
    }
    assert ".github/workflows/ci-worker.yaml" in new
    assert "manifests/argocd/clusters/qa.json" in new
    assert "manifests/worker/base/deployment.yaml" in new
    assert generated(describe(GROWN), files).items() <= files.items(), "a second run has nothing to do"


def test_what_is_new_names_nothing_of_its_pattern() -> None:
    files = grown()
    for path, text in files.items():
        if path.startswith("manifests/worker/"):
            assert "backend" not in text, path
        if "/overlays/qa/" in path:
            assert "stg" not in text, path
    assert "http://backend.backend-qa.svc.cluster.local" in files["manifests/frontend/overlays/qa/kustomization.yaml"]


def test_a_new_overlay_pins_its_own_repository_and_nothing_that_ran_elsewhere() -> None:
    path = "manifests/backend/overlays/stg/kustomization.yaml"
    promoted = FILES | {path: FILES[path].replace("newTag: v0.0.0", f"newTag: v1.2.3\n  digest: sha256:{'0' * 64}")}
    made = generated(describe(GROWN), promoted)

    (image,) = yaml.safe_load(made["manifests/backend/overlays/qa/kustomization.yaml"])["images"]
    address = "438950223046.dkr.ecr.eu-central-1.amazonaws.com"
    assert image == {"name": "backend", "newName": f"{address}/qa-myapp-backend", "newTag": "v0.0.0"}
    assert path not in made, "what is there is left alone"


def test_workflows_offer_what_there_is() -> None:
    files = grown()
    promote = yaml.safe_load(files[".github/workflows/promote.yaml"])[True]["workflow_dispatch"]["inputs"]
    worker = yaml.safe_load(files[".github/workflows/ci-worker.yaml"])

    assert promote["target_env"]["options"] == ["stg", "qa", "prod"]
    assert "backend,frontend,worker" in promote["services"]["description"]
    assert (
        "manifests/worker/overlays/**"
        in yaml.safe_load(files[".github/workflows/release.yaml"])[True]["push"]["paths-ignore"]
    )
    assert worker[True]["pull_request"]["paths"] == ["services/worker/**", ".github/workflows/ci-worker.yaml"]


def test_the_board_s_workflow_is_there_only_where_it_is_wanted() -> None:
    wanted = OWN + "board: {pages: true}\n"
    files = grown(wanted)
    assert set(files) - set(FILES) == {".github/workflows/board.yaml"}
    board = yaml.safe_load(files[".github/workflows/board.yaml"])
    assert board[True]["push"]["paths"] == ["manifests/backend/overlays/**", "manifests/frontend/overlays/**"]
    started = board[True]["workflow_run"]["workflows"]
    names = {yaml.safe_load(text)["name"] for path, text in FILES.items() if path.startswith(".github/workflows/")}
    assert {"promote", "rollback", "build-images"} <= set(started) <= names
    pushed = grown(wanted.replace("branch: main", "branch: production"))[".github/workflows/board.yaml"]
    assert "branches: [production] # pipeline.yaml: branch" in pushed
    assert generated(describe(wanted), files).items() <= files.items(), "a second run has nothing to do"


def test_a_token_may_more_only_where_the_pipeline_commits_or_proposes() -> None:
    deploying = grown(OWN.replace("{name: dev}", "{name: dev, deployed-by: pipeline}"))
    both = grown(OWN.replace("{name: dev}", "{name: dev, deployed-by: pipeline, changes-by: pull-request}"))
    proposing = grown(OWN.replace("{name: stg, ", "{name: stg, changes-by: pull-request, "))

    def jobs(files: dict[str, str], name: str) -> dict[str, dict[str, dict[str, str]]]:
        found: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(files[f".github/workflows/{name}.yaml"])["jobs"]
        return found

    assert jobs(FILES, "build-images")["build"]["permissions"]["contents"] == "read"
    assert jobs(deploying, "build-images")["build"]["permissions"]["contents"] == "write"
    assert jobs(deploying, "release")["build"]["permissions"]["contents"] == "write", "or GitHub refuses the call"
    for name in ("build-images", "release"):
        assert jobs(deploying, name)["build"]["permissions"]["pull-requests"] == "none"
        assert jobs(both, name)["build"]["permissions"]["pull-requests"] == "write"
    assert jobs(FILES, "promote")["promote"]["permissions"]["pull-requests"] == "none"
    assert jobs(proposing, "promote")["promote"]["permissions"]["pull-requests"] == "write"


@pytest.mark.parametrize("kept", [".github/workflows/", "manifests/argocd/"])
def test_a_repository_without_marked_places_is_left_as_it_is(kept: str) -> None:
    files = {path: text for path, text in FILES.items() if not path.startswith(kept)}
    assert not [path for path in generated(describe(GROWN), files) if path.startswith(kept)]


def test_a_place_that_nothing_is_known_for_is_named_with_its_line() -> None:
    with pytest.raises(InvalidPlace, match=r"^a\.yaml:2 is marked 'servces': did you mean services\? choose one of"):
        fill("on:\n  x: 1 # pipeline.yaml: servces\n", {"services": "a", "branch": "b"}, "a.yaml")


def test_a_place_keeps_all_that_is_around_it() -> None:
    text = "a: 1  # mine\r\nb: old   # pipeline.yaml: one\r\nc: # pipeline.yaml: many\r\n- x\r\n  y: 1\r\nd: 2\r\n"
    filled = fill(text, {"one": "new", "many": ["p: 1\nq: 2", "r"]}, "a.yaml")
    assert filled == (
        "a: 1  # mine\r\nb: new   # pipeline.yaml: one\r\nc: # pipeline.yaml: many\r\n"
        "- p: 1\r\n  q: 2\r\n- r\r\nd: 2\r\n"
    )


def test_a_list_on_a_line_reads_as_it_was_given() -> None:
    items = ["services/backend/**", "**", "yes", "1.0", "a b", "it's: so", "*", "-x", "null", "release/*"]
    assert yaml.safe_load(flow(items)) == items
