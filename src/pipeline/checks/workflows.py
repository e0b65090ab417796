"""GitHub's workflows: actionlint for what does not work, zizmor for what is not safe."""

import dagger
from dagger import dag

from pipeline.concurrency import both
from pipeline.tools import Tools

from .outcome import Failed, Missing, Outcome, Passed, verdict
from .running import ended, on, program

_PLACES = [".github/**", "zizmor.yml"]


async def check_workflows(tools: Tools, source: dagger.Directory) -> str:
    """Check the workflows, as strictly as zizmor can without a network, and report it.

    Raises:
        CheckFailed: something was found.
        NotRun: nothing was found, but a linter could not run.
    """
    files = dag.directory().with_directory("", source, include=_PLACES)
    workflows = [path for ending in ("yaml", "yml") for path in await files.glob(f".github/workflows/*.{ending}")]
    if not workflows:
        return verdict([])
    # actionlint takes a folder with a .git for a repository, and only then looks into the workflows called.
    repository = files.with_new_directory(".git")
    outcomes = await both(
        _run(tools.actionlint, repository, ["actionlint", "-no-color", *sorted(workflows)]),
        _run(
            tools.zizmor,
            files,
            ["zizmor", "--offline", "--persona=auditor", "--no-progress", "--color=never", "--quiet", "."],
        ),
    )
    return verdict(outcomes)


async def _run(image: str, files: dagger.Directory, command: list[str]) -> Outcome:
    linter = await program(image, command[0])
    if isinstance(linter, Missing):
        return linter
    done = await ended(on(linter, files), command)
    return Failed(command[0], done.said) if done.code else Passed(command[0])
