"""A repository with the module in it, as a team would have, and its bare remote."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from support.engine import GIVEN_TOOLS

REPOSITORY = Path(__file__).parents[3]
_MODULE = (".gitignore", "dagger.json", "pyproject.toml", "requirements.lock", "src")
_SKIPPED = shutil.ignore_patterns("__pycache__", "node_modules", "dist")
SMALL = """\
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

    def author(self, commit: str = "main") -> str:
        """Return the name of a commit's author."""
        return git(self.remote, "show", "--no-patch", "--format=%an", commit).strip()

    def show(self, path: str, commit: str = "main") -> str:
        """Return a file of the remote's branch."""
        return git(self.remote, "show", f"{commit}:{path}") + "\n"

    def pin(self, service: str, environment: str, repository: str, tag: str, digest: str) -> None:
        """Let an overlay of the checkout pin an image; `push` is to follow."""
        path = self.path / "manifests" / service / "overlays" / environment / "kustomization.yaml"
        entry = f"- digest: {digest}\n  name: {service}\n  newName: {repository}\n  newTag: {tag}\n"
        path.write_text(path.read_text().partition("images:\n")[0] + "images:\n" + entry)

    def pull(self) -> None:
        """Take what others committed."""
        git(self.path, "pull", "--quiet", "--ff-only", "origin", "main")

    def push(self, message: str) -> None:
        """Commit all of the checkout and push it."""
        git(self.path, "commit", "--quiet", "--all", f"--message={message}")
        git(self.path, "push", "--quiet", "origin", "main")

    def update_dev(self, service: str, tag: str) -> str:
        """Do what an image updater does: set a tag in dev on a clone, commit, push; return the commit's id."""
        clone = self.path.parent / f"{self.project}-updater"
        if not clone.exists():
            git(self.path.parent, "clone", "--quiet", str(self.remote), str(clone))
        path = clone / "manifests" / service / "overlays/dev/kustomization.yaml"
        path.write_text(re.sub("newTag: .*", f"newTag: {tag}", path.read_text()))
        git(clone, "commit", "--quiet", "--all", "--allow-empty", f"--message=dev: {service} {tag}")
        while True:
            try:
                git(clone, "push", "--quiet", "origin", "main")
            except subprocess.CalledProcessError:
                git(clone, "pull", "--quiet", "--rebase")
            else:
                return git(clone, "rev-parse", "HEAD")


def make(
    where: Path,
    url: str,
    project: str,
    *,
    services: Sequence[str] = (),
    real: bool = False,
    provenance: str = "{sbom: false, attest: false}",
) -> Workspace:
    """Make a workspace.

    Args:
        where: a folder; the checkout and the bare repository come into it, named by the project.
        url: what the folder is served as.
        project: a name of its own for pipeline.yaml, and so image repositories of its own.
        services: other services than backend and frontend, each a copy of the backend's manifests.
        real: take this repository's services; else images of a file each, built in no time.
        provenance: what pipeline.yaml says of it; to make it takes time, and few tests are about it.
    """
    path, remote = where / f"{project}-checkout", where / f"{project}.git"
    path.mkdir(parents=True)
    for name in _MODULE:
        if (REPOSITORY / name).is_dir():
            shutil.copytree(REPOSITORY / name, path / name, ignore=_SKIPPED)
        else:
            shutil.copy2(REPOSITORY / name, path / name)
    address = f"{url}/{remote.name}"
    text = (REPOSITORY / "pipeline.yaml").read_text().replace("https://github.com/acme/myapp", address)
    text = text.replace("project: myapp", f"project: {project}").rstrip() + "\n"
    if services:
        text = text.partition("services:\n")[0] + "services:\n"
        text += "".join(f"  - {{name: {name}, context: services/{name}}}\n" for name in services)
    (path / "pipeline.yaml").write_text(text + f"provenance: {provenance}\ntools: {GIVEN_TOOLS}\n")
    for name in services or ("backend", "frontend"):
        _add_manifests(path / "manifests" / name, REPOSITORY / "manifests" / ("backend" if services else name), name)
        if real:
            shutil.copytree(REPOSITORY / "services" / name, path / "services" / name, ignore=_SKIPPED)
        else:
            _add_service(path / "services" / name, name)
    git(path, "init", "--quiet", "--initial-branch=main")
    git(path, "add", "--all")
    git(path, "commit", "--quiet", "--message=Start")
    # Without hard links: git touches objects that a push has again, and an engine that reads the checkout sees it move.
    git(where, "clone", "--quiet", "--bare", "--no-hardlinks", str(path), str(remote))
    git(path, "remote", "add", "origin", str(remote))
    return Workspace(path, remote, address)


def _add_manifests(folder: Path, pattern: Path, name: str) -> None:
    shutil.copytree(pattern, folder)
    for file in folder.rglob("*.yaml"):
        file.write_text(file.read_text().replace(pattern.name, name))


def _add_service(folder: Path, name: str) -> None:
    folder.mkdir(parents=True)
    (folder / "Dockerfile").write_text(SMALL)
    (folder / "content").write_text(f"{name}\n")
