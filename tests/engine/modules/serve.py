"""Serve a module in a session until standard input closes: `python serve.py MODULE STATE`."""

import asyncio
import sys
from pathlib import Path

from dagger_local.cli.serve import serve
from dagger_local.namespace import enter
from dagger_local.session import open_session


async def main(module: Path, state: Path) -> None:
    async with open_session(module, state=state) as session:
        await session.load_module(module)
        await serve(session)


if __name__ == "__main__":
    enter()
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
