"""Measure a promotion against the script that people write for it, in one run: `python benchmarks/promote.py`.

Both sides promote the same numbers of services, from dev to stg, with the same crane, kustomize and git, in the same
registry with a password and to the same Git server with tokens. Each run has image repositories and a Git remote of
its own, so that all of the work is done, and what it did is looked at afterwards.
- ours: `dagger-local call promote`, the engine's start included. It is warm: tools and module are there.
- plain: `promote.sh`, service after service, in one container of the same root filesystem, without an engine.

It is measured twice: with servers that answer at once, where all that counts is work, and with servers whose answers
take some time, as those of others do. The best of several runs counts.
Aims: at most 1.5 times as long with 2 services, at most 0.35 times with 50; and at most 1.5 times as long with three
documents that refer to each of 2 images as without, which the script does not copy at all. `--referrers` measures that
alone.
Needs root (as any use without a user namespace).
"""

import asyncio
import base64
import contextlib
import itertools
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path += [str(ROOT / "src"), str(ROOT / "tests" / "pipeline"), str(ROOT)]  # the tests' servers are used here too

from benchmarks._servers import USER, Containers, Roots, export_roots, push_images, registry  # noqa: E402
from support.git_http import GitServer  # noqa: E402
from support.proxy import Proxy, Request  # noqa: E402
from support.referrers import SBOM  # noqa: E402
from support.registry import Registry  # noqa: E402
from support.workspace import Workspace, make  # noqa: E402

from dagger_local.execution.runtime import find_runtime  # noqa: E402
from dagger_local.namespace import enter  # noqa: E402

PROGRAM = Path(sys.executable).with_name("dagger-local")
RUNS = {1: 5, 2: 5, 10: 3, 50: 2}
AWAY = 0.02  # seconds that a server takes for an answer when it is away
VERSION = "v1.2.3"
ATTACHED, ATTACHED_RUNS = 3, 7  # documents that refer to an image


def main() -> None:
    """Measure and print a table."""
    enter()
    temporary = tempfile.TemporaryDirectory(dir="/var/tmp", prefix="benchmark-", ignore_cleanup_errors=True)
    with temporary as folder, _servers(Path(folder)) as bench, _away(bench) as away:
        for title, servers in (("servers on this machine", bench), (f"servers {1000 * AWAY:.0f} ms away", away)):
            if "--referrers" not in sys.argv:
                _table(title, servers)
            _referrers_table(title, servers)


def _table(title: str, bench: "Bench") -> None:
    print(f"{title}\n{'services':>8}{'ours':>10}{'plain':>10}{'ratio':>8}", flush=True)
    for services, runs in RUNS.items():
        pairs = [(bench.ours(services), bench.plain(services)) for _ in range(runs)]
        ours, plain = (min(times) for times in zip(*pairs, strict=True))
        print(f"{services:>8}{f'{ours:.2f} s':>10}{f'{plain:.2f} s':>10}{ours / plain:>8.2f}", flush=True)


def _referrers_table(title: str, bench: "Bench") -> None:
    print(f"{title}\n{'services':>8}{'bare':>10}{f'{ATTACHED} each':>10}{'ratio':>8}", flush=True)
    pairs = [(bench.ours(2), bench.ours(2, attached=ATTACHED)) for _ in range(ATTACHED_RUNS)]
    bare, attached = (min(times) for times in zip(*pairs, strict=True))
    print(f"{2:>8}{f'{bare:.2f} s':>10}{f'{attached:.2f} s':>10}{attached / bare:>8.2f}", flush=True)


@contextlib.contextmanager
def _servers(folder: Path) -> Iterator["Bench"]:
    print("preparing the tools and the servers ...", file=sys.stderr)
    password = secrets.token_urlsafe(24)
    roots = asyncio.run(export_roots(folder))
    containers = Containers(asyncio.run(find_runtime(folder, folder / "runtime")), folder)
    git = GitServer(folder / "git", secrets.token_urlsafe(24), secrets.token_urlsafe(24))
    git.root.mkdir()
    git.start()
    try:
        with registry(containers, roots, password, folder) as port:
            yield Bench(folder, roots, containers, git, port, password, f"localhost:{port}", git.url)
    finally:
        git.stop()


@contextlib.contextmanager
def _away(bench: "Bench") -> Iterator["Bench"]:
    """Put a way that takes time before both servers; what is prepared and looked at does not take it."""

    async def travel(_: Request) -> None:
        await asyncio.sleep(AWAY)

    images = Proxy(("127.0.0.1", bench.port), fault=travel)
    git = Proxy(("127.0.0.1", urlsplit(bench.url).port or 0), fault=travel)
    with images.serving(), git.serving():
        yield replace(bench, address=f"localhost:{images.port}", url=f"http://localhost:{git.port}")


@dataclass(frozen=True, slots=True)
class Bench:
    """The two sides. Both reach the registry by `address`, and the Git server by `url`."""

    folder: Path
    roots: Roots
    containers: Containers
    git: GitServer
    port: int
    password: str = field(repr=False)
    address: str
    url: str
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def ours(self, services: int, *, attached: int = 0) -> float:
        """Return the seconds of one promotion by the module, of images that so many documents refer to."""
        workspace, names = self._workspace(services)
        images = Registry(("127.0.0.1", self.port), USER, self.password)
        for name in names if attached else []:
            repository = f"dev-{workspace.project}-{name}"
            for number in range(attached):
                images.attach(repository, images.digest(repository, VERSION), SBOM, f'"{number}"')
        env = {**os.environ, "REGISTRY_PASSWORD": self.password, "GIT_TOKEN": self.git.writer}
        call = [str(PROGRAM), "call", "--progress=plain"]
        given = ["--registry", self.address, "--registry-username", USER, "--registry-password=env://REGISTRY_PASSWORD"]
        given += [f"--registry-service=tcp://{self.address}", f"--git-service=tcp://{urlsplit(self.url).netloc}"]
        asked = ["promote", "--version", VERSION, "--target-env=stg", "--git-token=env://GIT_TOKEN"]
        # A checkout is new to the engine here, as it is not where people work: its module's types are learnt first.
        _run([str(PROGRAM), "functions"], workspace.path, env)
        start = time.perf_counter()
        _run([*call, *given, *asked], workspace.path, env)
        seconds = time.perf_counter() - start
        self._check(workspace, names, commits=1)
        for name in names:
            repository = f"stg-{workspace.project}-{name}"
            if len(images.referrers(repository, images.digest(repository, VERSION))) != attached:
                raise SystemExit(f"{name} was promoted without what refers to it")
        _say("ours", services, seconds)
        return seconds

    def plain(self, services: int) -> float:
        """Return the seconds of one promotion by the script."""
        workspace, names = self._workspace(services)
        login = base64.b64encode(f"{USER}:{self.password}".encode()).decode()
        token = base64.b64encode(f"x-access-token:{self.git.writer}".encode()).decode()
        docker = self.folder / f"{workspace.project}-docker"
        docker.mkdir()
        (docker / "config.json").write_text(json.dumps({"auths": {self.address: {"auth": login}}}))
        env = {
            "DOCKER_CONFIG": "/run/docker",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"http.{self.url}/.extraHeader",
            "GIT_CONFIG_VALUE_0": f"Authorization: Basic {token}",
            **{f"GIT_{who}_NAME": "Script" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_EMAIL": "script@example.com" for who in ("AUTHOR", "COMMITTER")},
        }
        binds = {"/run/docker": docker, "/promote.sh": Path(__file__).with_suffix(".sh")}
        words = ["sh", "/promote.sh", self.address, workspace.project, "dev", "stg", VERSION, workspace.url, *names]
        start = time.perf_counter()
        script = self.containers.start(self.roots.tools, words, env, binds)
        said, _ = script.communicate()
        seconds = time.perf_counter() - start
        if script.returncode:
            raise SystemExit(f"the plain script failed with {script.returncode}: {said.strip()}")
        shutil.rmtree(self.roots.tools / "work" / "clone")
        self._check(workspace, names, commits=services)
        _say("plain", services, seconds)
        return seconds

    def _workspace(self, services: int) -> tuple[Workspace, list[str]]:
        """Return a repository with so many services, their images in the registry."""
        names = [f"service{number}" for number in range(1, services + 1)]
        workspace = make(self.git.root, self.url, f"shop{next(self._numbers)}", services=names)
        repositories = [f"dev-{workspace.project}-{name}" for name in names]
        push_images(self.port, self.password, repositories, VERSION)
        return workspace, names

    def _check(self, workspace: Workspace, names: Sequence[str], *, commits: int) -> None:
        """See that every image was copied, and every overlay committed."""
        images = Registry(("127.0.0.1", self.port), USER, self.password)
        for name in names:
            before, after = (images.digest(f"{env}-{workspace.project}-{name}", VERSION) for env in ("dev", "stg"))
            overlay = workspace.show(f"manifests/{name}/overlays/stg/kustomization.yaml")
            if after != before or f"newTag: {VERSION}" not in overlay:
                raise SystemExit(f"{name} was not promoted: {before} became {after or 'nothing'}, with\n{overlay}")
        if (found := len(workspace.commits()) - 1) != commits:
            raise SystemExit(f"there are {found} commits instead of {commits}")


def _run(words: Sequence[str], where: Path, env: Mapping[str, str]) -> None:
    done = subprocess.run(words, cwd=where, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{PROGRAM.name} failed with {done.returncode}: {done.stderr.strip()}")


def _say(side: str, services: int, seconds: float) -> None:
    print(f"{side}, {services} service{'s'[: services - 1]}: {seconds:.2f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
