"""Git: repositories by URL, with and without a token, and those that a directory holds."""

import http.server
import os
import secrets
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import dagger
import pytest
from support.git_http import GitServer

pytestmark = [pytest.mark.anyio, pytest.mark.engine]


def git(place: Path, *words: str) -> str:
    who = {"NAME": "A", "EMAIL": "a@example.com", "DATE": "2026-01-01T00:00:00Z"}
    identity = {f"GIT_{role}_{name}": value for role in ("AUTHOR", "COMMITTER") for name, value in who.items()}
    env = {**os.environ, **identity, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return subprocess.run(
        ["git", "-C", place, *words], env=env, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with two commits, two branches and three tags."""
    place = tmp_path_factory.mktemp("git") / "work"
    place.mkdir()
    git(place, "init", "-q", "-b", "main")
    (place / "file").write_text("one")
    git(place, "add", ".")
    git(place, "commit", "-q", "-m", "one")
    git(place, "tag", "v1.9.0")
    git(place, "branch", "side")
    (place / "file").write_text("two")
    git(place, "commit", "-q", "-am", "two")
    git(place, "tag", "-a", "-m", "annotated", "v1.10.0")
    git(place, "tag", "v2.0.0-rc.1")
    return place


class _Elsewhere(http.server.BaseHTTPRequestHandler):
    """Leads every request to another server."""

    def do_GET(self) -> None:
        self.send_response(302)
        self.send_header("Location", f"{self.server.place}{self.path}")  # type: ignore[attr-defined]
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server(work: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    root = tmp_path_factory.mktemp("served")
    git(root, "clone", "-q", "--bare", str(work), "repo.git")
    served = GitServer(root, secrets.token_hex(16), secrets.token_hex(16))
    served.start()
    yield served
    served.stop()


@pytest.fixture
def remote(dag: dagger.Client, server: GitServer) -> dagger.GitRepository:
    token = dag.set_secret("git-token", server.reader)
    return dag.git(f"{server.url}/repo.git", http_auth_username="x-access-token", http_auth_token=token)


@pytest.mark.usefixtures("local_only")  # another engine may be on another machine
class TestRemote:
    async def test_branches_tags_and_commits_are_read(self, remote: dagger.GitRepository, work: Path) -> None:
        first, second = git(work, "rev-parse", "side"), git(work, "rev-parse", "main")

        assert await remote.branches() == ["main", "side"]
        assert await remote.tags() == ["v1.10.0", "v1.9.0", "v2.0.0-rc.1"]
        assert await remote.tags(patterns=["v1.*"]) == ["v1.10.0", "v1.9.0"]
        assert await remote.branch("side").commit() == first
        assert await remote.tag("v1.9.0").commit() == first
        assert await remote.tag("v1.10.0").commit() == second, "an annotated tag is the commit that it names"
        assert await remote.head().commit() == second
        assert await remote.ref("main").commit() == second
        assert await remote.tags(patterns=["refs/tags/v1.9*"]) == ["v1.9.0"]
        assert await remote.head().ref() == "refs/heads/main"
        assert await remote.ref("side").ref() == "refs/heads/side"
        assert await remote.latest_version().ref() == "refs/tags/v2.0.0-rc.1"
        assert await remote.branch("main").common_ancestor(remote.branch("side")).commit() == first

    async def test_a_ref_is_checked_out(self, remote: dagger.GitRepository, work: Path) -> None:
        assert await remote.branch("side").tree().file("file").contents() == "one"
        assert await remote.tag("v1.10.0").tree().file("file").contents() == "two"
        assert await remote.commit(git(work, "rev-parse", "side")).tree().file("file").contents() == "one"
        assert ".git/" in await remote.head().tree().entries()
        assert await remote.head().tree(discard_git_dir=True).entries() == ["file"]

    async def test_the_token_is_needed_and_not_in_the_checkout(
        self, dag: dagger.Client, remote: dagger.GitRepository, server: GitServer
    ) -> None:
        url = f"{server.url}/repo.git"

        with pytest.raises(dagger.QueryError, match=url):
            await dag.git(url).branches()
        with pytest.raises(dagger.QueryError) as caught:
            await dag.git(url, http_auth_token=dag.set_secret("bad", "wrong-token")).branches()
        assert "wrong-token" not in str(caught.value)
        config = await remote.head().tree().file(".git/config").contents()
        assert server.reader not in config
        assert "extraheader" not in config.lower()

    async def test_what_is_not_there_is_named(self, remote: dagger.GitRepository) -> None:
        with pytest.raises(dagger.QueryError, match="v9.9.9"):
            await remote.tag("v9.9.9").commit()
        with pytest.raises(dagger.QueryError, match="v9.9.9"):
            await remote.tag("v9.9.9").tree().sync()
        with pytest.raises(dagger.QueryError, match="invalid commit SHA"):
            await remote.commit("--upload-pack=touch /pwned").commit()

    async def test_a_url_is_no_option(self, dag: dagger.Client) -> None:
        with pytest.raises(dagger.QueryError):
            await dag.git("--upload-pack=touch /pwned").branches()

    async def test_credentials_in_a_url_are_refused_and_not_repeated(self, dag: dagger.Client) -> None:
        with pytest.raises(dagger.QueryError, match="https://git.example.com/a.git holds credentials") as caught:
            await dag.git("https://me:hunter2@git.example.com/a.git").branches()
        assert "hunter2" not in str(caught.value)

    async def test_checkouts_of_two_refs_of_one_commit_are_two(self, remote: dagger.GitRepository, work: Path) -> None:
        tag, commit = remote.tag("v1.9.0").tree(), remote.commit(git(work, "rev-parse", "side")).tree()

        assert await tag.exists(".git/refs/tags/v1.9.0")
        assert not await commit.exists(".git/refs/tags/v1.9.0")

    async def test_a_token_is_for_the_repositorys_own_server(self, dag: dagger.Client, server: GitServer) -> None:
        leading = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Elsewhere)
        leading.place = server.url  # type: ignore[attr-defined]
        threading.Thread(target=leading.serve_forever, daemon=True).start()
        token = dag.set_secret("git-token", server.reader)
        try:
            with pytest.raises(dagger.QueryError):
                await dag.git(f"http://127.0.0.1:{leading.server_port}/repo.git", http_auth_token=token).branches()
        finally:
            leading.shutdown()
            leading.server_close()

    async def test_a_server_that_is_down_is_named(self, dag: dagger.Client) -> None:
        with pytest.raises(dagger.QueryError, match=r"127\.0\.0\.1"):
            await dag.git("http://127.0.0.1:1/repo.git").branches()


async def test_a_directory_can_be_a_repository(dag: dagger.Client, work: Path) -> None:
    repository = dag.host().directory(str(work)).as_git()

    assert await repository.head().commit() == git(work, "rev-parse", "main")
    assert await repository.tags() == ["v1.10.0", "v1.9.0", "v2.0.0-rc.1"]
    assert await repository.branch("side").tree().file("file").contents() == "one"


async def test_a_branch_is_checked_out_as_one(dag: dagger.Client, work: Path) -> None:
    tree = dag.host().directory(str(work)).as_git().branch("side").tree()

    assert await tree.file(".git/HEAD").contents() == "ref: refs/heads/side\n"


async def test_what_is_not_committed_is_told(dag: dagger.Client, work: Path) -> None:
    changed = dag.host().directory(str(work)).with_new_file("file", "three!").with_new_file("new", "n")
    changes = changed.as_git().uncommitted()

    assert await changes.modified_paths() == ["file"]
    assert await changes.added_paths() == ["new"]


@pytest.mark.parametrize("url", ["/etc", "./here", "file:///etc", "ext::sh -c id"])
async def test_what_is_no_url_of_a_server_is_refused(dag: dagger.Client, url: str) -> None:
    with pytest.raises(dagger.QueryError):
        await dag.git(url).branches()


@pytest.mark.usefixtures("local_only")
async def test_a_service_can_be_the_server(dag: dagger.Client, work: Path, server: GitServer) -> None:
    there = dag.host().service([dagger.PortForward(backend=int(server.url.rpartition(":")[2]), frontend=80)])
    token = dag.set_secret("git-token-of-service", server.reader)
    remote = dag.git("http://git.local/repo.git", http_auth_token=token, experimental_service_host=there)

    assert await remote.branches() == ["main", "side"]
    config = await remote.branch("main").tree().file(".git/config").contents()
    assert "http://git.local/repo.git" in config


async def test_a_directory_without_a_repository_is_none(dag: dagger.Client) -> None:
    with pytest.raises(dagger.QueryError):
        await dag.directory().with_new_file("a", "a").as_git().head().commit()


@pytest.fixture
def daemon(work: Path, free_tcp_port: int) -> Iterator[str]:
    """Serves the repository by Git's own protocol, to all; gives out its URL."""
    words = ["git", "-c", "safe.directory=*", "daemon", "--verbose", "--reuseaddr", "--export-all"]
    words += ["--listen=127.0.0.1", f"--port={free_tcp_port}", f"--base-path={work.parent}"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as served:
        assert served.stderr
        assert any("Ready to rumble" in line for line in served.stderr)
        yield f"git://127.0.0.1:{free_tcp_port}/work"
        served.terminate()


@pytest.mark.usefixtures("local_only")  # another engine may be on another machine
async def test_an_address_names_a_repository_a_ref_and_a_path(dag: dagger.Client, daemon: str, work: Path) -> None:
    assert await dag.address(daemon).git_repository().branches() == ["main", "side"]
    assert await dag.address(f"{daemon}#side").git_ref().commit() == git(work, "rev-parse", "side")
    assert await dag.address(daemon).git_ref().ref() == "refs/heads/main"
    assert await dag.address(f"{daemon}#v1.9.0").directory().file("file").contents() == "one"
    assert await dag.address(f"{daemon}#:file").file().contents() == "two"
    assert await dag.address(f"{work}#side").git_ref().commit() == git(work, "rev-parse", "side")
    with pytest.raises(dagger.QueryError, match="git repository address cannot contain ref"):
        await dag.address(f"{daemon}#side").git_repository().branches()
    with pytest.raises(dagger.QueryError, match="no file path specified"):
        await dag.address(f"{daemon}#side").file().contents()


@pytest.mark.usefixtures("local_only")  # another engine may be on another machine
async def test_submodules_of_a_remote_are_checked_out(dag: dagger.Client, daemon: str, work: Path) -> None:
    top = work.parent / "top"
    git(work.parent, "init", "-q", "-b", "main", "top")
    git(top, "-c", "protocol.file.allow=always", "submodule", "add", "-q", "../work", "below")
    git(top, "commit", "-q", "-m", "top")

    tree = dag.address(daemon.replace("/work", "/top")).directory()

    assert await tree.file("below/file").contents() == "two"
