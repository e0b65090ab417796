"""Measure a promotion and a rollback in a big repository against the same in a small one.

`python benchmarks/big_repository.py [COMMITS MEGABYTES]`: 20,000 commits and 1,000 MB if not given. The big one is the
small one with a long and heavy past on top (`_history.py`). Both are on the same Git server with tokens, as a forge is:
over HTTP, with filters. Pairs of calls take turns, small and big; each call's commit is looked at. Warm: tools and
module are there. Each call is a whole process, the engine's start included.
Aims: at most 1.3 times as long, promotion and rollback each.
Needs root (as any use without a user namespace), and some 3 GB in /var/tmp.
"""

import asyncio
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path += [str(ROOT / "src"), str(ROOT / "tests" / "pipeline"), str(ROOT)]  # the tests' servers are used here too

from benchmarks._history import grow  # noqa: E402
from benchmarks._servers import USER, Containers, export_roots, push_images, registry  # noqa: E402
from support.git_http import GitServer  # noqa: E402
from support.workspace import Workspace, make  # noqa: E402

from dagger_local.execution.runtime import find_runtime  # noqa: E402
from dagger_local.namespace import enter  # noqa: E402

PROGRAM = Path(sys.executable).with_name("dagger-local")
RUNS = 5
BEFORE, AFTER = "v1.0.0", "v1.1.0"
OVERLAY = "manifests/backend/overlays/dev/kustomization.yaml"


@dataclass(frozen=True, slots=True)
class Side:
    """A repository, and how the module is called in it."""

    workspace: Workspace
    arguments: tuple[str, ...]
    env: dict[str, str]
    git: GitServer

    def promote(self, version: str) -> float:
        """Return the seconds of a promotion to stg."""
        return self._change("promote", "--version", version)

    def roll_back(self) -> float:
        """Return the seconds of a rollback of stg."""
        return self._change("rollback")

    def _change(self, verb: str, *given: str) -> float:
        before = len(self.workspace.commits())
        line = [str(PROGRAM), "call", *self.arguments, verb, *given, "--target-env=stg", "--git-token=env://GIT_TOKEN"]
        start = time.perf_counter()
        done = subprocess.run(line, cwd=self.workspace.path, env=self.env, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - start
        if done.returncode or len(self.workspace.commits()) != before + 1:
            raise SystemExit(f"{verb} failed with {done.returncode}: {done.stderr.strip()}")
        return seconds


def main(commits: int = 20_000, megabytes: int = 1_000) -> None:
    """Measure and print a table."""
    enter()
    temporary = tempfile.TemporaryDirectory(dir="/var/tmp", prefix="benchmark-", ignore_cleanup_errors=True)
    with temporary as name:
        folder = Path(name)
        print("preparing the tools, the servers and the repositories ...", file=sys.stderr)
        roots = asyncio.run(export_roots(folder))
        containers = Containers(asyncio.run(find_runtime(folder, folder / "runtime")), folder)
        git = GitServer(folder / "git", secrets.token_urlsafe(24), secrets.token_urlsafe(24))
        git.root.mkdir()
        git.start()
        password = secrets.token_urlsafe(24)
        with registry(containers, roots, password, folder) as port:
            small, big = (_side(git, port, password, project) for project in ("small", "big"))
            grow(big.workspace.remote, "main", OVERLAY, commits=commits, megabytes=megabytes)
            _measure(small, big)
        git.stop()


def _side(git: GitServer, port: int, password: str, project: str) -> Side:
    """Make a repository whose two services have two versions to promote."""
    workspace = make(git.root, git.url, project)
    repositories = [f"dev-{project}-{service}" for service in ("backend", "frontend")]
    for version in (BEFORE, AFTER):
        push_images(port, password, repositories, version)
    address = f"localhost:{port}"
    arguments = ("--registry", address, "--registry-username", USER, "--registry-password=env://REGISTRY_PASSWORD")
    services = (f"--registry-service=tcp://{address}", f"--git-service=tcp://{urlsplit(git.url).netloc}")
    env = {**os.environ, "REGISTRY_PASSWORD": password, "GIT_TOKEN": git.writer}
    return Side(workspace, arguments + services, env, git)


def _measure(small: Side, big: Side) -> None:
    for side in (small, big):
        side.promote(BEFORE)  # there is something to roll back to, and all is warm
    sent = {side.workspace.project: _sent(side) for side in (small, big)}
    promotions, rollbacks = [], []
    for _ in range(RUNS):
        promotions.append((small.promote(AFTER), big.promote(AFTER)))
        rollbacks.append((small.roll_back(), big.roll_back()))
    print(f"{'':>12}{'small':>10}{'big':>10}{'ratio':>8}   (median of pairs, each run's range)")
    for name, pairs in (("promotion", promotions), ("rollback", rollbacks)):
        ratios = sorted(big / small for small, big in pairs)
        before, after = (statistics.median(times) for times in zip(*pairs, strict=True))
        spread = f"{ratios[0]:.2f} to {ratios[-1]:.2f}"
        print(f"{name:>12}{f'{before:.2f} s':>10}{f'{after:.2f} s':>10}{statistics.median(ratios):>8.2f}   ({spread})")
    amounts = ", ".join(f"{project} {amount / 1e6:.1f} MB" for project, amount in sent.items())
    print(f"sent by the Git server for a promotion and a rollback: {amounts}")


def _sent(side: Side) -> int:
    """Return how many bytes the Git server sends for a promotion and a rollback."""
    before = side.git.sent
    side.promote(AFTER)
    side.roll_back()
    return side.git.sent - before


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
