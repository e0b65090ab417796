"""Go: golangci-lint, and the tests with the race detector and their coverage."""

import dagger
from dagger import dag

from pipeline.concurrency import both
from pipeline.tools import Tools

from .outcome import Failed, Missing, Outcome, Passed
from .running import ended, on, program

_CACHES = {"GOMODCACHE": "go-modules", "GOCACHE": "go-build", "GOLANGCI_LINT_CACHE": "golangci-lint"}


async def lint(tools: Tools, name: str, files: dagger.Directory) -> list[Outcome]:
    """Run golangci-lint by the service's own configuration; where it cannot be had, what Go itself brings along."""
    linter = await program(tools.golangci_lint, f"{name}: golangci-lint")
    if isinstance(linter, Missing):
        return [*await _lint_by_go(tools, name, files), linter]
    done = await ended(_ready(linter, files), ["golangci-lint", "run", "--color=never", "./..."])
    return [Failed(f"{name}: golangci-lint", done.said) if done.code else Passed(f"{name}: golangci-lint")]


async def _lint_by_go(tools: Tools, name: str, files: dagger.Directory) -> list[Outcome]:
    compiler = await program(tools.go, f"{name}: go vet")
    if isinstance(compiler, Missing):
        return [compiler]
    ready = _ready(compiler, files)
    vet, gofmt = await both(ended(ready, ["go", "vet", "./..."]), ended(ready, ["gofmt", "-l", "."]))
    return [
        Failed(f"{name}: go vet", vet.said) if vet.code else Passed(f"{name}: go vet"),
        Failed(f"{name}: gofmt", gofmt.said) if gofmt.code or gofmt.said else Passed(f"{name}: gofmt"),
    ]


async def test(tools: Tools, name: str, files: dagger.Directory) -> list[Outcome]:
    """Run all tests with the race detector, which needs a C compiler, and report their coverage."""
    what = f"{name}: go test"
    compiler = await program(tools.go, what)
    if isinstance(compiler, Missing):
        return [compiler]
    ready = _ready(compiler, files)
    gcc = await ended(ready, ["sh", "-c", 'command -v "${CC:-gcc}"'])
    race = [] if gcc.code else ["-race"]
    ready = ready.with_env_variable("CGO_ENABLED", "1" if race else "0")
    done = await ended(ready, ["go", "test", *race, "-cover", "./..."])
    outcome = result(" ".join([what, *race]), done.code, done.said)
    if race:
        return [outcome]
    return [outcome, Missing(f"{name}: the race detector", f"there is no C compiler in {tools.go}")]


def result(what: str, code: int, said: str) -> Outcome:
    """Read what `go test` printed: a line for each package, with its coverage."""
    lines = said.splitlines()
    passed = [line for line in lines if line.startswith("ok ")]
    if code:
        return Failed(what, "\n".join(line for line in lines if line not in passed))
    if not passed:
        return Missing(what, "no package has tests")
    return Passed(what, "\n".join(" ".join(line.split()) for line in passed))


def _ready(container: dagger.Container, files: dagger.Directory) -> dagger.Container:
    for variable, name in _CACHES.items():
        place = f"/caches/{name}"
        container = container.with_env_variable(variable, place).with_mounted_cache(place, dag.cache_volume(name))
    return on(container, files)
