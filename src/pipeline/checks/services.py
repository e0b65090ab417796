"""Lint and test every service by what pipeline.yaml says, or its files tell."""

from collections.abc import Awaitable, Callable, Iterable, Sequence

import dagger

from pipeline.concurrency import side_by_side
from pipeline.description import GO, NODE, PYTHON, Check, Description, Service
from pipeline.services import context_of
from pipeline.tools import Tools

from . import go, node, python, target
from .outcome import Missing, Outcome, verdict

_TOLD_BY = {"go.mod": GO, "package.json": NODE, "pyproject.toml": PYTHON}
_LANGUAGES = {GO: go, NODE: node, PYTHON: python}
_By = Callable[[Tools, str, dagger.Directory], Awaitable[list[Outcome]]]


async def lint_services(description: Description, source: dagger.Directory, names: Sequence[str]) -> str:
    """Lint services side by side, all if none is named, and report it.

    Raises:
        InvalidInput: a name is no service's.
        CheckFailed: a linter found something.
        NotRun: nothing was found, but one could not run.
    """
    return await _check(description, source, names, {name: each.lint for name, each in _LANGUAGES.items()}, lints=True)


async def test_services(description: Description, source: dagger.Directory, names: Sequence[str]) -> str:
    """Test services side by side, as `lint_services` lints them."""
    return await _check(description, source, names, {name: each.test for name, each in _LANGUAGES.items()}, lints=False)


async def _check(
    description: Description, source: dagger.Directory, names: Sequence[str], languages: dict[str, _By], *, lints: bool
) -> str:
    async def check(service: Service) -> list[Outcome]:
        files = context_of(source, service)
        checks = recognised(await files.entries()) if service.checks is None else service.checks
        if checks is None:
            places = ", ".join(_TOLD_BY)
            todo = "name its checks in pipeline.yaml, or checks: [] for none"
            return [Missing(service.name, f"there is no {places} in {service.context} to tell by: {todo}")]

        async def run(one: Check) -> list[Outcome]:
            if one.language:
                return await languages[one.language](description.tools, service.name, files)
            return [await target.build(service, files, one.target)] if target.is_lint(one.target) is lints else []

        return _flat(await side_by_side(run, checks))

    return verdict(_flat(await side_by_side(check, description.select(names))))


def recognised(files: Iterable[str]) -> tuple[Check, ...] | None:
    """Tell by a folder's files what it is checked with; None if they do not tell."""
    present = set(files)
    return tuple(Check(language) for file, language in _TOLD_BY.items() if file in present) or None


def _flat(outcomes: Iterable[list[Outcome]]) -> list[Outcome]:
    return [one for some in outcomes for one in some]
