"""Release the branch's tip: semantic-release on a fresh clone, once more where others were faster."""

import json
import re
from typing import Any

import dagger

from pipeline.concurrency import both
from pipeline.description import Description
from pipeline.errors import GitFailed, InvalidInput, ReleaseFailed, last_lines
from pipeline.git import Access, Author, GitHub, Remote, remote, words
from pipeline.surface import stripped
from pipeline.tools import once, run, toolbox

from .outcome import Outcome
from .program import PROGRAM, program

_WORK = "/work/release"
_SECONDS = 600  # for all of a release; a page that GitHub does not answer for is tried for two minutes
_ATTEMPTS = 5
# What a release beside this one makes the server say: it has the tag already, or the note about it.
_PROTECTED = re.compile("protected|hook declined|GH013|rule violations")
_OVERTAKEN = re.compile(
    r"\((?:reference )?already exists\)|\(fetch first\)|\(non-fast-forward\)|cannot lock ref|failed to update ref"
)


async def release(
    description: Description, access: Access, forge: GitHub | None, author: Author, *, dry_run: bool
) -> Outcome:
    """Tag the branch's tip with the next version, if there is anything to release, and make the release's page.

    A tip that is released already stays as it is, and its release is returned; a page that it lacks is made.

    Args:
        description: which repository and branch, and the images of the tools.
        access: the right to push a tag; for a dry run, to read.
        forge: the GitHub that the repository is on, if it is on one.
        author: in whose name semantic-release keeps its note about a tag.
        dry_run: change nothing.

    Raises:
        InvalidInput: a credential is missing.
        GitFailed: the remote cannot be read, or refuses the tag.
        ReleaseFailed: the version's tag is elsewhere, or its page could not be made.
    """
    token = await stripped(access.token, "git-token")
    if forge and not dry_run and not token:
        msg = f"a release of {forge.repository} on GitHub is made with a token: give --git-token, also beside --git-ssh"
        raise InvalidInput(msg)
    url, branch = description.repository, description.branch
    container, tools = await both(program(description.tools).sync(), toolbox(description.tools).sync())
    source = await remote(tools, url, branch, access, writing=not dry_run)
    origin = await remote(container, url, branch, access, writing=not dry_run)
    request = {"repository": url, "inside": origin.inside, "branch": branch, "dryRun": dry_run, "github": None}
    releasing = _signing(origin.container, author)
    if forge and token and not dry_run:
        request["github"] = {"api": forge.api, "repository": forge.repository}
        releasing = forge.reached_by(releasing).with_secret_variable("RELEASE_TOKEN", token)
    for attempt in range(_ATTEMPTS):
        said = await _run(releasing, origin, await source.clone(depth=0), request)
        match said["state"]:
            case "done":
                return _outcome(said, dry_run=dry_run)
            case "failed" if _PROTECTED.search(said["said"]):
                todo = "let the token's owner bypass the rule"
                msg = f"the tags of {url} are protected: {todo}:{words(said['said'])}"
                raise GitFailed(msg)
            case "failed" if not _OVERTAKEN.search(said["said"]):
                raise origin.refused("releasing from", said["said"])
            case "taken" if attempt:
                msg = f"{said['tag']} is a tag already, of a commit that {branch} has not: merge it, or delete the tag"
                raise ReleaseFailed(msg)
            case "unpublished":
                msg = f"{said['tag']} is tagged, but has no page on GitHub {said['said']}; run again, and it is made"
                raise ReleaseFailed(msg)
    msg = f"{url} ({branch}): others pushed meanwhile {_ATTEMPTS} times: run again"
    raise GitFailed(msg)


async def _run(container: dagger.Container, origin: Remote, clone: dagger.Directory, request: Any) -> dict[str, Any]:
    """Run the program in a clone without files: a configuration of semantic-release among them would be run."""
    there = once(container).with_mounted_directory(f"{_WORK}/.git", clone.directory(".git")).with_workdir(_WORK)
    done = await run(there, PROGRAM, seconds=_SECONDS, stdin=json.dumps(request))
    if done.code is None:
        msg = f"releasing from {origin.url} ({origin.branch}) took over {_SECONDS} s: is the Git server up?"
        raise GitFailed(msg)
    if not done.succeeded:
        msg = f"semantic-release ended with exit code {done.code}:{last_lines(await done.stderr())}"
        raise ReleaseFailed(msg)
    said: dict[str, Any] = json.loads(await done.stdout())
    return said


def _signing(container: dagger.Container, author: Author) -> dagger.Container:
    for who in ("AUTHOR", "COMMITTER"):
        container = container.with_env_variable(f"GIT_{who}_NAME", author.name)
        container = container.with_env_variable(f"GIT_{who}_EMAIL", author.email)
    return container


def _outcome(said: dict[str, Any], *, dry_run: bool) -> Outcome:
    return Outcome(
        tag=said["tag"],
        version=said["version"],
        previous=said["previous"],
        notes=said["notes"],
        commit=said["commit"],
        dry_run=dry_run,
        released=said["released"],
        already_there=said.get("there", False),
        url=said["url"],
    )
