"""`dagger-local`, also as `python -m dagger_local`."""

import contextlib
import os
import sys

from dagger_local.cli.main import main as run


def main() -> None:
    """Run the command line and exit with its status."""
    status = run()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BrokenPipeError):
            stream.flush()
    os._exit(status)  # all is closed and told: Python would only take its time to free what it holds


if __name__ == "__main__":
    main()
