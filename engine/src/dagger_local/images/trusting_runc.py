"""Stand between buildah and runc: a program of its own (standard library only), started as buildah's runtime.

It adds the host's certificates to a container that is about to be created: bound read-only over the bundles that
the container's image has, so that nothing of it reaches a layer. Everything else goes to runc as it came.
Its environment says the rest: DAGGER_LOCAL_RUNC_ROOT is runc's state directory, DAGGER_LOCAL_TRUST a JSON list of
the host's bundle, the place that Node.js is told of, and the paths that the bundle may cover; absent, nothing is added.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any


def main(arguments: list[str]) -> None:
    """Edit the bundle when there is one to create, then become runc."""
    trusted = os.environ.get("DAGGER_LOCAL_TRUST", "")
    if trusted and "create" in arguments:
        bundle, inside, *covered = json.loads(trusted)
        path = Path(arguments[arguments.index("--bundle") + 1]) / "config.json"
        spec = json.loads(path.read_text())
        add_trust(spec, bundle, inside, covered)
        path.write_text(json.dumps(spec))
    root = os.environ.get("DAGGER_LOCAL_RUNC_ROOT")
    os.execvp("runc", ["runc", *(["--root", root] if root else []), *arguments])  # noqa: S606


def add_trust(spec: dict[str, Any], bundle: str, inside: str, covered: list[str]) -> None:
    """Mount `bundle` over those of the `covered` files that the container has, and at `inside`, where Node.js looks."""
    root = Path(spec["root"]["path"])
    targets = [f"/{name}" for name in covered if (real := _inside(root, name)) and real.is_file()]
    # A mount point that did not exist would stay behind as an empty file; not on /dev, which is no part of the image.
    for target in [*targets, inside]:
        spec["mounts"].append(
            {"destination": target, "type": "bind", "source": bundle, "options": ["bind", "ro", "nosuid", "nodev"]}
        )
    variables = spec["process"]["env"]
    if not any(variable.startswith("NODE_EXTRA_CA_CERTS=") for variable in variables):
        variables.append(f"NODE_EXTRA_CA_CERTS={inside}")


def _inside(root: Path, name: str) -> Path | None:
    """Follow `name` as a process inside of `root` would; None for a loop or a way out."""
    path = root / name
    for _ in range(10):
        if not path.is_symlink():
            return path
        target = path.readlink()
        joined = root / target.relative_to("/") if target.is_absolute() else path.parent / target
        path = Path(os.path.normpath(joined))
        if not path.is_relative_to(root):
            return None
    return None


if __name__ == "__main__":
    main(sys.argv[1:])
