""".github/: the workflows are thin and safe, and what they name exists. Offline."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.command_lines import of_script, of_workflow, scripts

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
BOARD = ROOT / "src/pipeline/generation/board.yaml"  # which is here only where pipeline.yaml wants it
WORKFLOWS = [*sorted((GITHUB / "workflows").glob("*.yaml")), BOARD]
ACTIONS = sorted((GITHUB / "actions").rglob("action.yml"))
DESCRIPTION = yaml.safe_load((ROOT / "pipeline.yaml").read_text())


def read(path: Path) -> dict[str, Any]:
    """Return a file; `on:` is a key like any other, not YAML 1.1's true."""
    return {("on" if key is True else key): value for key, value in yaml.safe_load(path.read_text()).items()}


def workflow(name: str) -> dict[str, Any]:
    return read(GITHUB / f"workflows/{name}.yaml")


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in read(path).get("jobs", {}).values():
        yield from job.get("steps", [])


def lines(job: dict[str, Any]) -> list[list[str]]:
    return [line for script in scripts(job) for line in of_script(script)]


def each(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", [GITHUB / f"workflows/{name}.yaml" for name in names], ids=names)


every = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


@every
def test_a_script_is_only_lines_of_dagger_and_make_and_their_values_come_by_the_environment(path: Path) -> None:
    for script in scripts(read(path)):
        assert "${{" not in script, script
        joined = re.sub(r"\\\n\s*", "", script).strip().splitlines()
        assert {re.sub(r"^sudo ", "", line).split()[0] for line in joined} <= {"dagger", "jq", "make"}, script
        assert "$" not in re.sub(r"\"[^\"]*\"|'[^']*'", "", script), f"a value without quotes: {script}"


@every
def test_every_job_has_its_own_permissions_each_with_a_reason_and_an_end(path: Path) -> None:
    assert read(path)["permissions"] == {}
    for name, job in read(path)["jobs"].items():
        assert job["permissions"], name
        assert "uses" in job or job["timeout-minutes"] <= 60, name
    for line in re.findall(r"^ +(?:contents|id-token|pages|pull-requests): .*$", path.read_text(), re.MULTILINE):
        assert re.search(r": (?:read|write|none) +# \w", line), line


@pytest.mark.parametrize("path", [*WORKFLOWS, *ACTIONS], ids=lambda path: path.parent.name + "/" + path.name)
def test_an_action_is_pinned_by_its_commit_and_its_version_stands_beside_it(path: Path) -> None:
    for line in re.findall(r"^.*\buses: .*$", path.read_text(), re.MULTILINE):
        assert re.search(r"uses: (?:\./\.github/\S+|[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$", line), line


@every
def test_a_checkout_leaves_no_token_behind(path: Path) -> None:
    for step in steps(path):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@every
def test_what_is_secret_is_the_jobs_token_an_apps_key_and_the_token_for_traces(path: Path) -> None:
    found = set(re.findall(r"secrets\.(\w+)", path.read_text()))
    assert found <= {"DAGGER_CLOUD_TOKEN", "PROMOTION_APP_KEY"}


def test_the_version_of_dagger_is_that_of_dagger_json() -> None:
    (install,) = ACTIONS
    wanted, installed = read(install)["runs"]["steps"]
    assert ".engineVersion" in wanted["run"]
    assert installed["with"] == {"version": "${{ steps.wanted.outputs.version }}"}
    for path in WORKFLOWS:
        if any(True for _ in of_workflow(path)):
            assert "./.github/actions/dagger" in path.read_text(), path.name


@each("promote", "rollback")
def test_a_plan_is_read_before_the_gate_and_nothing_else_is_committed_behind_it(path: Path) -> None:
    plan, change = (workflow(path.stem)["jobs"][name] for name in ("plan", path.stem))

    assert "environment" not in plan, "every job that names a gated environment asks for approval"
    assert plan["permissions"] == {"contents": "read", "id-token": "write"}
    assert change["needs"] == "plan"
    assert change["if"] == "${{ !inputs.dry_run }}"
    assert change["environment"] == "${{ inputs.target_env }}"
    assert change["steps"][-1]["env"]["DIGEST"] == "${{ needs.plan.outputs.digest }}"
    (line,) = lines(change)
    assert line[line.index("--approved") + 1] == "$DIGEST"
    assert "--dry-run" not in line
    assert all("--dry-run" in planned for planned in lines(plan))


@each("promote", "rollback")
def test_changes_of_one_environment_queue_up_and_none_is_dropped(path: Path) -> None:
    concurrency = workflow(path.stem)["jobs"][path.stem]["concurrency"]
    assert concurrency == {
        "group": f"{path.stem}-${{{{ inputs.target_env }}}}", "queue": "max", "cancel-in-progress": False,
    }  # fmt: skip


@each("promote", "rollback", "release", "build-images")
def test_what_changes_something_is_never_cancelled(path: Path) -> None:
    assert "cancel-in-progress: true" not in path.read_text()


def test_pull_requests_are_checked_and_neither_push_nor_release() -> None:
    for service in DESCRIPTION["services"]:
        found = workflow(f"ci-{service['name']}")
        assert set(found["on"]) == {"pull_request"}
        assert f"{service['context']}/**" in found["on"]["pull_request"]["paths"]
        assert all(job["permissions"] == {"contents": "read"} for job in found["jobs"].values())


def test_a_commit_of_a_promotion_or_of_image_updater_starts_neither_a_release_nor_tests() -> None:
    overlays = {f"{DESCRIPTION['manifests']}/{each['name']}/overlays/**" for each in DESCRIPTION["services"]}
    assert set(workflow("release")["on"]["push"]["paths-ignore"]) == overlays
    for event in ("push", "pull_request"):
        assert set(workflow("pipeline")["on"][event]["paths-ignore"]) == overlays


def test_a_release_builds_in_its_own_run_because_its_tag_starts_none() -> None:
    release, build = (workflow("release")["jobs"][name] for name in ("release", "build"))
    assert build["uses"] == "./.github/workflows/build-images.yaml"
    assert build["with"] == {"tag": "${{ needs.release.outputs.tag }}"}
    assert release["outputs"] == {"tag": "${{ steps.release.outputs.tag }}"}
    called = workflow("build-images")
    assert set(called["on"]) == {"push", "workflow_call", "workflow_dispatch"}
    # What is called gets no more than its caller has.
    assert called["jobs"]["build"]["permissions"] == build["permissions"]


def test_the_road_on_a_cluster_is_walked_once_a_day_and_when_someone_asks() -> None:
    pipeline = workflow("pipeline")
    assert {"schedule", "workflow_dispatch"} <= set(pipeline["on"])
    job = pipeline["jobs"]["cluster"]
    assert job["if"] == "github.event_name == 'schedule' || github.event_name == 'workflow_dispatch'"
    assert [line for line in scripts(job) if "make test-on-kind" in line]
    script = (ROOT / "tests/cluster/on-kind").read_text()
    pinned = dict(re.findall(r"^(kind|kwok|argocd)=(v\d+\.\d+\.\d+)$", script, re.MULTILINE))
    assert set(pinned) == {"kind", "kwok", "argocd"}
    assert re.search(r"^argocd_sha256=[0-9a-f]{64}$", script, re.MULTILINE)
    assert f"argo-cd/{pinned['argocd']}/manifests" in (ROOT / "docs/adopt.md").read_text(), (
        "what is tried is documented"
    )


def test_zizmor_finds_nothing_to_say_or_what_is_let_pass_has_its_reason() -> None:
    program = Path(sys.executable).with_name("zizmor")
    line = [str(program), "--offline", "--quiet", "--no-progress", "--persona=auditor", "--format=plain", str(GITHUB)]
    done = subprocess.run([*line, str(BOARD)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    settings = (GITHUB / "zizmor.yml").read_text()
    assert len(re.findall(r"^  #.*\n  [\w-]+:$", settings, re.MULTILINE)) == len(yaml.safe_load(settings)["rules"])
