"""The container that crane, kustomize and git run in."""

import dagger
from dagger import dag

from .images import Tools

# Run a command in a directory: `env -C`, which BusyBox lacks.
_WITHIN = '#!/bin/sh -e\ncd -- "$1"\nshift\nexec "$@"\n'
# Keep what a command prints in a file, byte by byte: an engine may take it for text.
_INTO = '#!/bin/sh -e\nfile=$1\nshift\nexec "$@" > "$file"\n'

PUSH_ON_TIP = "push-on-tip"
DIFFERS = 100  # how PUSH_ON_TIP ends when the tip differs where it matters
# Put the last commit on a branch's tip, as long as nothing differs there under the paths that it was made from, and
# push it. It is one command, for in between others can be faster: push-on-tip URL REF PATHSPEC...
_PUSH_ON_TIP = f"""#!/bin/sh -e
url=$1 ref=$2
shift 2
git fetch --quiet --no-tags "$url" "$ref"
git diff --quiet HEAD~1 FETCH_HEAD -- "$@" || exit {DIFFERS}
commit=$(git rev-parse HEAD)
git reset --quiet --hard FETCH_HEAD
git cherry-pick --cleanup=verbatim "$commit"
exec git push --porcelain "$url" "HEAD:$ref"
"""


def toolbox(images: Tools) -> dagger.Container:
    """Return the container of the tools; `sync` it, and what follows names it by its id, in short queries."""
    crane = dag.container().from_(images.crane).file("/ko-app/crane")
    kustomize = dag.container().from_(images.kustomize).file("/app/kustomize")
    return (
        dag.container()
        .from_(images.git)
        .with_file("/usr/local/bin/crane", crane)
        .with_file("/usr/local/bin/kustomize", kustomize)
        .with_new_file("/usr/local/bin/within", _WITHIN, permissions=0o755)
        .with_new_file(f"/usr/local/bin/{PUSH_ON_TIP}", _PUSH_ON_TIP, permissions=0o755)
        .with_new_file("/usr/local/bin/into", _INTO, permissions=0o755)
        .with_env_variable("HOME", "/tmp")  # noqa: S108  in a container of its own
    )
