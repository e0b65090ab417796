"""The board as files, and a server for them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import dagger
from dagger import dag

from pipeline.concurrency import both
from pipeline.description import Description
from pipeline.git import landings, promotions, release_tags
from pipeline.promotion import Cell
from pipeline.tools import toolbox

from .board import Past, board, board_json
from .page import page

PORT = 8080
_FOLDER = "/srv/board"


async def write(
    description: Description, cells: Sequence[Cell], commits: dagger.Directory, period: timedelta
) -> dagger.Directory:
    """Return the page, and beside it the same for programs.

    Args:
        description: which environments and services there are.
        cells: what runs.
        commits: the branch with its history, and the release tags.
        period: how far back the figures go.
    """
    past = await _past(await toolbox(description.tools).sync(), commits)
    shown = board(description, cells, past, datetime.now(UTC), period)
    return dag.directory().with_new_file("index.html", page(shown)).with_new_file("board.json", board_json(shown))


async def _past(tools: dagger.Container, commits: dagger.Directory) -> Past:
    records = await promotions(tools, commits)
    how = landings(tools, commits, {record.commit for record in records})
    return Past(records, *await both(how, release_tags(tools, commits)))


def served(image: str, files: dagger.Directory) -> dagger.Service:
    """Return a server of some files, on `PORT`.

    Args:
        image: one with Python.
        files: what is served, all of it.
    """
    command = ["python3", "-m", "http.server", str(PORT), "--directory", _FOLDER]
    return (
        dag.container()
        .from_(image)
        .with_directory(_FOLDER, files)
        .with_user("nobody")
        .with_exposed_port(PORT)
        .as_service(args=command)
    )
