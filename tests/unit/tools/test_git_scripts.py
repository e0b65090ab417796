"""The scripts by which git takes no more of a repository than it needs, run here on one that is served as a file."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

import pipeline.tools

_SCRIPTS = Path(pipeline.tools.__file__).parent / "scripts"
OVERLAY = "manifests/api/kustomization.yaml"


@dataclass(frozen=True, slots=True)
class Repository:
    """A bare repository, and someone's clone of it."""

    bare: Path
    clone: Path

    @property
    def url(self) -> str:
        return f"file://{self.bare}"

    def commit(self, files: dict[str, str], message: str = "Change") -> None:
        """Push a commit of some files."""
        for name, text in files.items():
            path = self.clone / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        git(self.clone, "add", "--all")
        git(self.clone, "commit", "--quiet", f"--message={message}")
        git(self.clone, "push", "--quiet", "origin", "main")


def git(where: Path, *args: str) -> str:
    return subprocess.run(["git", "-C", str(where), *args], capture_output=True, text=True, check=True).stdout


def script(name: str, *args: str, where: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([str(_SCRIPTS / name), *args], cwd=where, capture_output=True, text=True, check=False)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Test")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "test@example.com")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    found = Repository(tmp_path / "bare.git", tmp_path / "other")
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(found.bare))
    git(found.bare, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "--quiet", str(found.bare), str(found.clone))
    git(found.clone, "switch", "--quiet", "--create", "main")
    found.commit({OVERLAY: "tag: 1\n", "src/large.bin": "large", "README.md": "read"})
    found.commit({OVERLAY: "tag: 2\n", "src/larger.bin": "larger"})
    return found


def part(repository: Repository, tmp_path: Path, depth: str = "1") -> Path:
    """Clone the manifests."""
    clone = tmp_path / "part"
    done = script("clone-part", repository.url, "main", str(clone), "blob:none", depth, "/manifests/", where=tmp_path)
    assert done.returncode == 0, done.stderr
    return clone


def missing(clone: Path) -> set[str]:
    """Return the ids of what a clone lacks."""
    listed = git(clone, "rev-list", "--objects", "--all", "HEAD", "--missing=print").splitlines()
    return {line[1:] for line in listed if line.startswith("?")}


def blob(repository: Repository, path: str) -> str:
    return git(repository.bare, "rev-parse", f"main:{path}").strip()


def edit(clone: Path, text: str) -> None:
    (clone / OVERLAY).write_text(text)
    git(clone, "commit", "--quiet", "--message=Promote\n\nTo: stg\n", "--only", "--", OVERLAY)


@pytest.mark.parametrize(("depth", "commits"), [("1", 1), ("", 2)])
def test_a_clone_has_the_files_that_are_asked_for_and_lacks_all_others(
    repository: Repository, tmp_path: Path, depth: str, commits: int
) -> None:
    clone = part(repository, tmp_path, depth)
    assert [path.name for path in clone.iterdir() if path.name != ".git"] == ["manifests"]
    assert (clone / OVERLAY).read_text() == "tag: 2\n"
    assert len(git(clone, "rev-list", "HEAD").splitlines()) == commits
    assert {blob(repository, path) for path in ("src/large.bin", "src/larger.bin", "README.md")} <= missing(clone)
    assert not git(clone, "status", "--porcelain")


def test_a_server_without_filters_sends_all_and_the_same_files_are_written(
    repository: Repository, tmp_path: Path
) -> None:
    git(repository.bare, "config", "uploadpack.allowFilter", "false")
    clone = part(repository, tmp_path)
    assert [path.name for path in clone.iterdir() if path.name != ".git"] == ["manifests"]
    assert not missing(clone)


def test_commits_alone_come_without_any_tree(repository: Repository, tmp_path: Path) -> None:
    done = script("clone-part", repository.url, "main", str(tmp_path / "log"), "tree:0", "", where=tmp_path)
    assert done.returncode == 0, done.stderr
    assert git(tmp_path / "log", "log", "--format=%s").splitlines() == ["Change", "Change"]
    assert git(tmp_path / "log", "count-objects", "-v").splitlines()[2] == "in-pack: 2"


def test_a_commit_goes_onto_what_others_committed_without_what_they_changed(
    repository: Repository, tmp_path: Path
) -> None:
    clone = part(repository, tmp_path)
    edit(clone, "tag: 3\n")
    theirs = {"src/huge.bin": "huge", "manifests/web/kustomization.yaml": "tag: 7\n", "src/large.bin": "changed"}
    repository.commit(theirs)
    done = script("push-on-tip", "refs/heads/main", OVERLAY, where=clone)
    assert done.returncode == 0, done.stderr
    assert git(repository.bare, "show", f"main:{OVERLAY}") == "tag: 3\n"
    assert {path: git(repository.bare, "show", f"main:{path}") for path in theirs} == theirs
    assert git(repository.bare, "show", "--no-patch", "--format=%B", "main") == "Promote\n\nTo: stg\n\n"
    assert git(repository.bare, "diff", "--name-only", "main~1", "main").split() == [OVERLAY]
    assert {blob(repository, path) for path in theirs} <= missing(clone)


def test_a_commit_is_not_put_on_what_it_was_not_made_from(repository: Repository, tmp_path: Path) -> None:
    clone = part(repository, tmp_path)
    edit(clone, "tag: 3\n")
    repository.commit({OVERLAY: "tag: 4\n"})
    assert script("push-on-tip", "refs/heads/main", OVERLAY, where=clone).returncode == pipeline.tools.DIFFERS
    assert git(repository.bare, "show", f"main:{OVERLAY}") == "tag: 4\n"


def test_a_commit_that_landed_though_its_answer_was_lost_is_not_made_again(
    repository: Repository, tmp_path: Path
) -> None:
    clone = part(repository, tmp_path)
    edit(clone, "tag: 3\n")
    git(clone, "push", "--quiet", "origin", "HEAD:main")
    git(repository.clone, "pull", "--quiet")
    repository.commit({"src/more.bin": "more"})
    before = git(repository.bare, "rev-list", "main")
    assert script("push-on-tip", "refs/heads/main", OVERLAY, where=clone).returncode == 0
    assert git(repository.bare, "rev-list", "main") == before


def test_what_files_held_before_is_fetched(repository: Repository, tmp_path: Path) -> None:
    clone = part(repository, tmp_path, "")
    first = git(repository.bare, "rev-parse", f"main~1:{OVERLAY}").strip()
    assert first in missing(clone)
    done = script("fetch-versions", "300", OVERLAY, where=clone)
    assert done.returncode == 0
    listed = git(repository.bare, "log", "--first-parent", "--format=%H %ct", "main", "--", OVERLAY)
    assert done.stdout == f"whole\n{listed}"
    assert first not in missing(clone)
    assert blob(repository, "src/large.bin") in missing(clone)


@pytest.mark.parametrize("origin", ["dev", "de\x0cv", "dev\n  0123456789abcdef 0 promoted", "\u2028dev"])
def test_of_a_promotion_s_words_no_more_is_said_than_that_they_are_there(
    repository: Repository, tmp_path: Path, origin: str
) -> None:
    repository.commit({OVERLAY: "tag: 5\n"}, f"Promote\n\nPromoted-From: {origin}\n")
    done = script("fetch-versions", "300", OVERLAY, where=part(repository, tmp_path))
    known, promoted, *before = done.stdout.splitlines()
    commit, time, *word = promoted.split(" ")
    assert (known, commit, word) == ("shallow", git(repository.bare, "rev-parse", "main").strip(), ["promoted"])
    assert time.isdecimal()
    assert not before
