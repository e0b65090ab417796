"""Commits that are signed, verified by git itself; and the user name that goes with a token."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import dagger
import pytest
from support import engine
from support.calls import Caller
from support.git_http import GitServer
from support.proxy import Proxy
from support.registry import Registry
from support.workspace import Workspace, git

TOKEN = ("--git-token", "env://GIT_TOKEN")
KEY = ("--signing-key", "env://SIGNING_KEY")
AUTHOR = ("--author", "Robot <robot@example.com>")
STG = ("--target-env", "stg", "--services", "backend", *TOKEN, *KEY, *AUTHOR)


@pytest.fixture
def ssh_key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    (tmp_path / "signers").write_text(f"robot@example.com {path.with_suffix('.pub').read_text()}")
    return path


@pytest.fixture
def gpg_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A key that is exported from a home, in which it stays for git to verify by."""
    home = tmp_path / "gnupg"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(home))
    gpg = ["gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""]
    user = "Robot <robot@example.com>"
    subprocess.run([*gpg, "--quick-generate-key", user, "ed25519", "sign"], check=True, capture_output=True)
    line = [*gpg, "--armor", "--export-secret-keys"]
    return subprocess.run(line, check=True, capture_output=True, text=True).stdout


def test_a_promotion_is_signed_by_ssh_also_on_what_others_pushed(
    call: Caller, workspace: Workspace, images: Registry, git_server: GitServer, ssh_key: Path
) -> None:
    images.seed(f"dev-{workspace.project}-backend", "v1.2.3", "newer")

    def overtake() -> None:
        git_server.on_push = None
        workspace.update_dev("frontend", "v9.9.9")

    git_server.on_push = overtake
    promoted = call("promote", "--version", "v1.2.3", *STG, SIGNING_KEY=ssh_key.read_text())
    assert promoted.code == 0, promoted.stderr
    signers = f"gpg.ssh.allowedSignersFile={ssh_key.parent / 'signers'}"
    git(workspace.remote, "-c", signers, "verify-commit", "main")
    assert git(workspace.remote, "show", "--no-patch", "--format=%an %s", "main~1").endswith("dev: frontend v9.9.9")
    secret = ssh_key.read_text().splitlines()[1]
    assert not any(secret in text for text in (promoted.stdout, promoted.stderr))


async def test_a_rollback_is_signed_by_gpg(
    dag: dagger.Client, call: Caller, workspace: Workspace, images: Registry, gpg_key: str
) -> None:
    looked = ["sh", "-c", "command -v gpg"]
    image = dag.container().from_(engine.TOOLS.git)
    if engine.DAGGER and await image.with_exec(looked, expect=dagger.ReturnType.ANY).exit_code():
        pytest.skip(f"{engine.TOOLS.git} of this mirror has no gpg; the original has")
    repository = f"stg-{workspace.project}-backend"
    for tag in ("v1.0.0", "v1.1.0"):
        workspace.pin("backend", "stg", f"{call.arguments[1]}/{repository}", tag, images.seed(repository, tag, tag))
        workspace.push(tag)
    rolled = call("rollback", *STG, SIGNING_KEY=gpg_key)
    assert rolled.code == 0, rolled.stderr
    git(workspace.remote, "verify-commit", "main")
    assert git(workspace.remote, "show", "--no-patch", "--format=%an <%ae> %GK", "main").startswith(AUTHOR[1])


@pytest.mark.parametrize("passphrase", ["", "correct horse"])
def test_a_key_that_cannot_sign_is_refused_before_anything_is_copied(
    *, call: Caller, workspace: Workspace, images: Registry, registry: Proxy, tmp_path: Path, passphrase: str
) -> None:
    images.seed(f"dev-{workspace.project}-backend", "v1.2.3")
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", str(path)], check=True)
    given = (path if passphrase else path.with_suffix(".pub")).read_text()
    error = call("promote", "--version", "v1.2.3", *STG, SIGNING_KEY=given).error
    assert ("has a passphrase" if passphrase else "is no private key") in error
    assert len(error.splitlines()) == 1
    assert not [request for request in registry.requests if request.writes]


def test_the_user_name_that_goes_with_a_token_can_be_chosen(
    new_caller: Callable[[Workspace], Caller], workspace: Workspace, images: Registry, git_server: GitServer
) -> None:
    call = new_caller(workspace)
    images.seed(f"dev-{workspace.project}-backend", "v1.2.3")
    git_server.users.clear()
    assert call("--git-username", "robot", "plan", "--version", "v1.2.3", *STG[:6], "json").code == 0
    assert git_server.users == {"robot"}
