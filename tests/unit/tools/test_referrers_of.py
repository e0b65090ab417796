"""What the listing of referrers does with a registry's answers; oras and crane are stood in for by scripts."""

import base64
import os
import subprocess
from pathlib import Path

import pytest

import pipeline.tools

_SCRIPTS = Path(pipeline.tools.__file__).parent / "scripts"
IMAGE, REFERRER = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"
TREE = f'{{\n  "mediaType": "x",\n  "digest": "{IMAGE}",\n  "referrers": [ {{ "digest": "{REFERRER}" }} ]\n}}'
# The referrers API answers with what is in a file; the tags that stand in for it have one referrer.
ORAS = f"""\
#!/bin/sh
echo "$*" >> asked
case "$*" in *v1.1-referrers-tag*) echo '{TREE}' ;; *) cat answer >&2; exit 1 ;; esac
"""
CRANE = """\
#!/bin/sh
cat manifest
[ ! -s fault ] || { cat fault >&2; exit 1; }
"""
REFUSED = 'Error response from registry: GET "http://r.local/v2/a/referrers/sha256:1": response status code '


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name, text in (("oras", ORAS), ("crane", CRANE)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    for name, text in (("answer", "Error response from registry: denied: no\n"), ("manifest", "{}"), ("fault", "")):
        (tmp_path / name).write_text(text)
    return tmp_path


def listed(place: Path, repository: str = "r.example.com/a") -> dict[str, str]:
    """Return what is said, by what it is."""
    env = {**os.environ, "PATH": f"{place}:{_SCRIPTS}:{os.environ['PATH']}"}
    line = ["referrers-of", repository, ":v1"]
    done = subprocess.run(line, cwd=place, env=env, capture_output=True, text=True, check=False)
    words = [said.split(" ") for said in done.stdout.splitlines()]
    assert {reference for reference, _, _ in words} == {f"{repository}:v1"}
    assert (done.returncode == 0) == ("tree" in [what for _, what, _ in words])
    return {what: base64.b64decode(text).decode() for _, what, text in words}


@pytest.mark.parametrize(
    "said", ["denied: no", "unsupported: not here", f"{REFUSED}400: Bad Request", f"{REFUSED}403: no"]
)
def test_a_registry_that_refuses_the_api_is_asked_by_tags(place: Path, said: str) -> None:
    (place / "answer").write_text(said if said.startswith("Error") else f"Error response from registry: {said}\n")
    assert listed(place) == {"tree": f"{TREE}\n", REFERRER: "{}"}


@pytest.mark.parametrize(
    "said",
    [
        f"{REFUSED}429: Too Many Requests",
        f"{REFUSED}503: Service Unavailable",
        "Error response from registry: toomanyrequests: later",
        "Error: dial tcp 127.0.0.1:1: connect: connection refused",
    ],
)
def test_what_passes_or_is_no_answer_is_not_taken_for_having_nothing(place: Path, said: str) -> None:
    (place / "answer").write_text(f"{said}\n")
    assert listed(place) == {"failed": f"{said}\n"}


def test_a_manifest_that_is_not_there_is_said_by_an_empty_one_and_one_that_cannot_be_read_fails(place: Path) -> None:
    (place / "manifest").write_text("")
    (place / "fault").write_text("Error: fetching manifest: MANIFEST_UNKNOWN: manifest unknown\n")
    assert listed(place)[REFERRER] == ""
    (place / "fault").write_text("Error: fetching manifest: unexpected EOF\n")
    assert listed(place) == {"failed": "Error: fetching manifest: unexpected EOF\n"}


def test_a_service_of_the_engine_is_spoken_to_without_tls(place: Path) -> None:
    for repository, plain in (("registry.local:5000/a", True), ("r.example.com/a", False)):
        (place / "asked").unlink(missing_ok=True)
        listed(place, repository)
        assert all(("--plain-http" in line) == plain for line in (place / "asked").read_text().splitlines())
