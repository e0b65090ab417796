"""The wrapper: which engine it picks, and how it sets itself up."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TOOLS = ("runc", "catatonit", "skopeo", "mmdebstrap", "git", "newuidmap", "slirp4netns")

PYTHON = """
case "$*" in
  *version_info*) exit 0 ;;
  --version) echo Python 3.11.2 ;;
  *ensurepip*) exit 0 ;;
  *"-m venv "*)
    echo venv >> "$TEST_LOG"
    mkdir -p "${@: -1}/bin"
    cp "$0" "${@: -1}/bin/python"
    printf '%s\\n' '#!/bin/bash' 'echo "local:$DAGGERW_MODULE:$*"' > "${@: -1}/bin/dagger-local"
    chmod +x "${@: -1}/bin/dagger-local" ;;
  *pip*) echo "pip ${*: -1}" >> "$TEST_LOG"; [[ -z ${TEST_PIP_FAILS:-} ]] || { echo 'no such hash'; exit 1; } ;;
esac
"""


class Checkout:
    """A repository with the wrapper, on a machine where only what the test puts there is installed."""

    def __init__(self, base: Path) -> None:
        self.home = base / "repo"
        self.bin = base / "bin"
        self.log = base / "log"
        (self.home / "engine").mkdir(parents=True)
        self.bin.mkdir()
        shutil.copy(ROOT / "daggerw", self.home / "daggerw")
        for name in ("engine/pyproject.toml", "engine/requirements.lock", "requirements-dev.lock"):
            (self.home / name).write_text("one")
        for name in TOOLS:
            self.program(name)
        self.program("python3", PYTHON)
        for name in ("bash", "readlink", "dirname", "cat", "sha256sum", "flock", "rm", "mkdir", "cp", "chmod",
                     "mktemp", "timeout", "tail"):  # fmt: skip
            found = shutil.which(name)
            assert found
            (self.bin / name).symlink_to(found)

    def program(self, name: str, script: str = "") -> None:
        path = self.bin / name
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(0o755)

    def start(
        self, *words: str, path: Path | None = None, cwd: Path | None = None, user: int | None = None, **env: str
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(path or self.home / "daggerw"), *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            user=user,
            cwd=cwd or self.home,
            env={"PATH": str(self.bin), "HOME": str(self.home), "TEST_LOG": str(self.log), **env},
        )

    def run(
        self, *words: str, path: Path | None = None, cwd: Path | None = None, user: int | None = None, **env: str
    ) -> tuple[int, str, str]:
        process = self.start(*words, path=path, cwd=cwd, user=user, **env)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def done(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


DAGGER = """printf 'dagger:'; printf '<%s>' "$@" """
SET_UP = ["venv", "pip engine/requirements.lock", "pip engine"]


class TestChoice:
    def test_without_dagger_the_local_engine_runs(self, checkout: Checkout) -> None:
        code, out, err = checkout.run("call", "build")
        assert (code, out) == (0, f"local:{checkout.home}:call build\n")
        assert err.startswith("daggerw: local engine (there is no dagger on PATH)\n")

    @pytest.mark.parametrize("name", ["docker", "podman", "nerdctl"])
    def test_dagger_with_a_running_engine_gets_exactly_what_was_typed(self, checkout: Checkout, name: str) -> None:
        checkout.program("dagger", DAGGER)
        checkout.program(name, "[[ $1 == info ]]")
        assert checkout.run("call", "a b", "", "--x=$y") == (
            0,
            "dagger:<call><a b><><--x=$y>",
            f"daggerw: dagger ({name} runs)\n",
        )
        assert checkout.done() == []

    def test_dagger_with_a_runner_host_needs_no_container_engine(self, checkout: Checkout) -> None:
        checkout.program("dagger", DAGGER)
        code, out, err = checkout.run("version", _EXPERIMENTAL_DAGGER_RUNNER_HOST="tcp://10.0.0.1:1234")
        assert (code, out) == (0, "dagger:<version>")
        assert err == "daggerw: dagger (_EXPERIMENTAL_DAGGER_RUNNER_HOST is set)\n"

    def test_dagger_with_an_engine_that_is_down_is_left_alone(self, checkout: Checkout) -> None:
        checkout.program("dagger", DAGGER)
        checkout.program("docker", "exit 1")
        code, out, err = checkout.run("version")
        assert (code, out) == (0, f"local:{checkout.home}:version\n")
        assert err.startswith("daggerw: local engine (dagger is here, but no container engine runs)\n")

    @pytest.mark.parametrize(("forced", "starts"), [("dagger", "dagger:"), ("local", "local:")])
    def test_it_can_be_forced(self, checkout: Checkout, forced: str, starts: str) -> None:
        checkout.program("dagger", DAGGER)
        code, out, err = checkout.run("version", DAGGERW_ENGINE=forced)
        assert code == 0
        assert out.startswith(starts)
        assert f"(DAGGERW_ENGINE={forced})" in err

    @pytest.mark.parametrize("forced", ["dagger", "podman"])
    def test_it_cannot_be_forced_to_what_is_not_there(self, checkout: Checkout, forced: str) -> None:
        code, out, err = checkout.run("version", DAGGERW_ENGINE=forced)
        assert (code, out) == (1, "")
        assert err.count("\n") == 1

    def test_it_works_through_a_symlink_from_anywhere(self, checkout: Checkout, tmp_path: Path) -> None:
        link = tmp_path / "link"
        link.symlink_to(checkout.home / "daggerw")
        assert checkout.run("version", path=link, cwd=tmp_path)[1] == f"local:{checkout.home}:version\n"


class TestSetUp:
    def test_it_happens_once(self, checkout: Checkout) -> None:
        for _ in range(3):
            checkout.run("version")
        assert checkout.done() == SET_UP

    @pytest.mark.parametrize("name", ["engine/pyproject.toml", "engine/requirements.lock"])
    def test_an_edit_of_what_is_pinned_sets_up_again(self, checkout: Checkout, name: str) -> None:
        checkout.run("version")
        (checkout.home / name).write_text("two")
        checkout.run("version")
        assert checkout.done() == SET_UP * 2

    def test_one_that_was_cut_short_is_made_anew(self, checkout: Checkout) -> None:
        (checkout.home / ".venv" / "bin").mkdir(parents=True)
        (checkout.home / ".venv" / "bin" / "python").touch()
        assert checkout.run("version")[0] == 0
        assert checkout.done() == SET_UP

    def test_one_that_was_moved_is_made_anew(self, checkout: Checkout, tmp_path: Path) -> None:
        checkout.run("version")
        moved = checkout.home.rename(tmp_path / "moved")
        checkout.run("version", path=moved / "daggerw", cwd=moved)
        assert checkout.done() == SET_UP * 2

    def test_two_at_once_share_it(self, checkout: Checkout) -> None:
        both = [checkout.start("version") for _ in range(2)]
        for each in both:
            each.communicate(timeout=60)
            assert each.returncode == 0
        assert checkout.done() == SET_UP

    def test_a_failure_of_pip_is_shown_and_tried_again_next_time(self, checkout: Checkout) -> None:
        code, out, err = checkout.run("version", TEST_PIP_FAILS="1")
        assert (code, out) == (1, "")
        assert err.endswith("no such hash\ndaggerw: pip failed, see above; put right what it names and run again\n")
        assert checkout.run("version")[0] == 0

    def test_the_development_tools_come_into_the_same_environment_once(self, checkout: Checkout) -> None:
        for _ in range(2):
            assert checkout.run("--setup-dev")[0] == 0
        assert checkout.done() == [*SET_UP, "pip requirements-dev.lock"]

    def test_no_python_that_is_new_enough_is_said(self, checkout: Checkout) -> None:
        checkout.program("python3", "exit 1")
        code, out, err = checkout.run("version")
        assert (code, out) == (1, "")
        assert "Python 3.11 or newer" in err.splitlines()[-1]


class TestPackages:
    @pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
    def test_root_gets_what_is_missing(self, checkout: Checkout) -> None:
        (checkout.bin / "skopeo").unlink()
        checkout.program("apt-get", 'echo "apt ${*: -1}" >> "$TEST_LOG"')
        code, _, err = checkout.run("version")
        assert code == 0
        assert "daggerw: installing skopeo (once)\n" in err
        assert checkout.done()[:2] == ["apt update", "apt skopeo"]

    @pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
    def test_a_failure_of_apt_shows_its_last_lines(self, checkout: Checkout) -> None:
        (checkout.bin / "skopeo").unlink()
        checkout.program("apt-get", "echo 'E: no space left'; exit 100")
        code, out, err = checkout.run("version")
        assert (code, out) == (1, "")
        assert "E: no space left\ndaggerw: apt-get could not install them" in err

    @pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become someone else")
    def test_others_are_told_the_one_command(self) -> None:
        with tempfile.TemporaryDirectory() as place:
            Path(place).chmod(0o755)  # pytest's own directories are closed to others
            checkout = Checkout(Path(place))
            for name in ("skopeo", "newuidmap"):
                (checkout.bin / name).unlink()
            checkout.program("apt-get")
            code, _, err = checkout.run("version", user=65534)
        assert code == 1
        assert err.splitlines()[-1].endswith("sudo apt-get install -y skopeo uidmap")

    def test_machines_without_apt_are_told_the_names(self, checkout: Checkout) -> None:
        (checkout.bin / "skopeo").unlink()
        code, _, err = checkout.run("version")
        assert code == 1
        assert err.splitlines()[-1] == "daggerw: these are missing: skopeo; install them and run again"
