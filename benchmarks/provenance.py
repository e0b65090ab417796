"""Measure what it takes to attach an SBOM and provenance to what is pushed: `python benchmarks/provenance.py`.

`build --push` of this repository's two services, with and without, in one registry with a password, run by run in turn.
- release: a version more. Its steps are cached as far as a new version allows: both services are compiled anew.
- again: the same version once more, which has nothing to push and nothing to attach.
The tools and the module are there; the engine's start counts. The best of several runs counts.
Aim: at most 1.3 times as long. Needs root (as any use without a user namespace).
"""

import asyncio
import os
import secrets
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path += [str(ROOT / "src"), str(ROOT / "tests" / "pipeline"), str(ROOT)]  # the tests' servers are used here too

from benchmarks._servers import USER, Containers, export_roots, registry  # noqa: E402
from support.registry import Registry  # noqa: E402
from support.workspace import Workspace, make  # noqa: E402

from dagger_local.execution.runtime import find_runtime  # noqa: E402
from dagger_local.namespace import enter  # noqa: E402

PROGRAM = Path(sys.executable).with_name("dagger-local")
RUNS = 5
SIDES = {"with": "{sbom: true, attest: true}", "without": "{sbom: false, attest: false}"}


def main() -> None:
    """Measure and print a table."""
    enter()
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="benchmark-", ignore_cleanup_errors=True) as temporary:
        folder, password = Path(temporary), secrets.token_urlsafe(24)
        print("preparing the tools and the registry ...", file=sys.stderr)
        roots = asyncio.run(export_roots(folder))
        containers = Containers(asyncio.run(find_runtime(folder, folder / "runtime")), folder)
        with registry(containers, roots, password, folder) as port:
            sides = {side: _side(folder, side, said, port, password) for side, said in SIDES.items()}
            for side in sides.values():
                side.push(0)
            found: dict[str, dict[str, list[float]]] = {
                what: {side: [] for side in sides} for what in ("release", "again")
            }
            for run in range(1, RUNS + 1):
                for what, times in found.items():
                    for name, side in sides.items():
                        times[name].append(side.push(run))
                        print(f"{what}, {name}: {times[name][-1]:.2f} s", file=sys.stderr)
            sides["with"].check(RUNS)
    print(f"{'':>8}{'with':>10}{'without':>10}{'ratio':>8}")
    for what, times in found.items():
        attached, bare = (min(times[side]) for side in SIDES)
        print(f"{what:>8}{f'{attached:.2f} s':>10}{f'{bare:.2f} s':>10}{attached / bare:>8.2f}")


@dataclass(frozen=True, slots=True)
class Side:
    """A repository that is pushed from."""

    workspace: Workspace
    port: int
    password: str = field(repr=False)

    def push(self, run: int) -> float:
        """Push a version and return the seconds that took."""
        address = f"localhost:{self.port}"
        words = [str(PROGRAM), "call", "--progress=plain", "--registry", address, "--registry-username", USER]
        words += ["--registry-password=env://REGISTRY_PASSWORD", f"--registry-service=tcp://{address}"]
        words += ["build", "--push", "--tag", f"v1.0.{run}"]
        env = {**os.environ, "REGISTRY_PASSWORD": self.password}
        start = time.perf_counter()
        done = subprocess.run(words, cwd=self.workspace.path, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{PROGRAM.name} failed with {done.returncode}: {done.stderr.strip()}")
        return time.perf_counter() - start

    def check(self, run: int) -> None:
        """See that an SBOM and a statement refer to each image."""
        images = Registry(("127.0.0.1", self.port), USER, self.password)
        for service in ("backend", "frontend"):
            repository = f"dev-{self.workspace.project}-{service}"
            digest = images.digest(repository, f"v1.0.{run}")
            if len(images.manifest(repository, digest.replace(":", "-"))["manifests"]) != len(("sbom", "provenance")):
                raise SystemExit(f"{repository}@{digest} has not what it should have")


def _side(folder: Path, side: str, said: str, port: int, password: str) -> Side:
    where = folder / side
    where.mkdir()
    return Side(make(where, "http://localhost", f"shop-{side}", real=True, provenance=said), port, password)


if __name__ == "__main__":
    main()
