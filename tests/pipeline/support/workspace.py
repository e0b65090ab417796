"""A repository with the module in it, as a team would have, and its bare remote."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[3]
_MODULE = ("dagger.json", "pyproject.toml", "requirements.lock", "src")
_SMALL = """\
FROM scratch
ARG VERSION=v0.0.0
LABEL version=$VERSION
COPY content /content
"""
_GIT_ENV = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Test",
    "GIT_AUTHOR_EMAIL": "test@example.com",
    "GIT_COMMITTER_NAME": "Test",
    "GIT_COMMITTER_EMAIL": "test@example.com",
    # The commit's time goes into the images' labels.
    "GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z",
    "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z",
}


def git(where: Path, *args: str) -> str:
    """Run git with an identity and a configuration of its own; return what it printed."""
    env = os.environ | _GIT_ENV
    done = subprocess.run(["git", "-C", str(where), *args], env=env, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@dataclass(frozen=True, slots=True)
class Workspace:
    """A checkout, and the bare repository that it was pushed to."""

    path: Path
    remote: Path
    url: str

    @property
    def project(self) -> str:
        """The project's name, which image repositories carry."""
        return self.remote.stem

    def commits(self, branch: str = "main") -> list[str]:
        """Return the ids of the remote branch's commits, newest first."""
        return git(self.remote, "rev-list", branch).splitlines()

    def message(self, commit: str = "main") -> str:
        """Return a commit's message."""
        return git(self.remote, "show", "--no-patch", "--format=%B", commit)

    def show(self, path: str, commit: str = "main") -> str:
        """Return a file of the remote's branch."""
        return git(self.remote, "show", f"{commit}:{path}") + "\n"


def make(where: Path, url: str, project: str, *, real_services: bool = False) -> Workspace:
    """Make a workspace.

    Args:
        where: a folder; the checkout and the bare repository come into it, named by the project.
        url: what the folder is served as.
        project: a name of its own for pipeline.yaml, and so image repositories of its own.
        real_services: take this repository's services; else images of a file each, built in no time.
    """
    path, remote = where / f"{project}-checkout", where / f"{project}.git"
    path.mkdir(parents=True)
    for name in (*_MODULE, "manifests"):
        source = REPOSITORY / name
        copy = shutil.copytree if source.is_dir() else shutil.copy2
        copy(source, path / name)
    text = (REPOSITORY / "pipeline.yaml").read_text()
    address = f"{url}/{remote.name}"
    text = text.replace("https://github.com/acme/myapp", address)
    (path / "pipeline.yaml").write_text(text.replace("project: myapp", f"project: {project}"))
    if real_services:
        skip = shutil.ignore_patterns("node_modules", "dist")
        shutil.copytree(REPOSITORY / "services", path / "services", ignore=skip)
    else:
        for service in ("backend", "frontend"):
            folder = path / "services" / service
            folder.mkdir(parents=True)
            (folder / "Dockerfile").write_text(_SMALL)
            (folder / "content").write_text(f"{service}\n")
    git(path, "init", "--quiet", "--initial-branch=main")
    git(path, "add", "--all")
    git(path, "commit", "--quiet", "--message=Start")
    git(where, "clone", "--quiet", "--bare", str(path), str(remote))
    return Workspace(path, remote, address)
