"""`dagger-local`, also as `python -m dagger_local`."""

import sys

from dagger_local.cli.main import main as run


def main() -> None:
    """Run the command line and exit with its status."""
    sys.exit(run())


if __name__ == "__main__":
    main()
