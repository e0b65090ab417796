"""The container that crane, kustomize and git run in."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import anyio
import dagger
from dagger import dag

from ._tools import Tools

# Run a command in a directory: `env -C`, which BusyBox lacks.
_WITHIN = '#!/bin/sh -e\ncd -- "$1"\nshift\nexec "$@"\n'
# Keep what a command prints in a file, byte by byte: an engine may take it for text.
_INTO = '#!/bin/sh -e\nfile=$1\nshift\nexec "$@" > "$file"\n'

WHILE_MOVING = "while-moving"
# Run a command, and end it when less than 64 KiB went over the container's network for so many seconds, which is what
# idle connections need to stay open: while-moving SECONDS COMMAND...
_WHILE_MOVING = """#!/bin/sh
seconds=$1
shift
moved() {
  total=0
  while read -r name received _ _ _ _ _ _ _ sent _; do
    case $name in *:) total=$((total + received + sent)) ;; esac
  done < /proc/net/dev
  echo $total
}
watch() {
  from=$(moved) still=0
  while sleep 5 > /dev/null 2>&1; do
    now=$(moved) still=$((still + 5))
    if [ $((now - from)) -ge 65536 ]; then
      from=$now still=0
    elif [ $still -ge "$seconds" ]; then
      echo "Error: $* moved nothing for $still s and was ended" >&2
      kill "$child"
      return
    fi
  done
}
exec 3<&0
"$@" <&3 3<&- &
child=$!
watch "$@" > /dev/null &
watcher=$!
wait $child
code=$?
kill $watcher 2> /dev/null
[ $code -lt 128 ] || code=124
exit $code
"""

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


@dataclass(frozen=True, slots=True)
class Finished:
    """What a command left: the container after it and its exit code; no code means that it took too long."""

    container: dagger.Container
    code: int | None
    error: dagger.ExecError | None = None

    @property
    def succeeded(self) -> bool:
        """Tell whether it did what it should."""
        return self.code == 0

    async def stdout(self) -> str:
        """Return what it printed."""
        if self.error:
            return self.error.stdout
        return await self.container.stdout() if self.code is not None else ""

    async def stderr(self) -> str:
        """Return what it printed to its standard error."""
        if self.error:
            return self.error.stderr
        return await self.container.stderr() if self.code is not None else ""


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
        .with_new_file(f"/usr/local/bin/{WHILE_MOVING}", _WHILE_MOVING, permissions=0o755)
        .with_new_file("/usr/local/bin/into", _INTO, permissions=0o755)
        .with_env_variable("HOME", "/tmp")  # noqa: S108  in a container of its own
    )


def once(container: dagger.Container) -> dagger.Container:
    """Make what follows run whatever ran before: it has side effects, or reads what moves."""
    return container.with_env_variable("PIPELINE_CALL", uuid.uuid4().hex)


async def run(container: dagger.Container, args: Sequence[str], *, seconds: int, stdin: str = "") -> Finished:
    """Run a command that may fail, for a limited time."""
    after = container.with_exec(list(args), stdin=stdin, expect=dagger.ReturnType.ANY)
    try:
        with anyio.fail_after(seconds):
            return Finished(after, await after.exit_code())
    except dagger.ExecError as error:  # whatever is expected, 128 to 191 is an error: git's `fatal:` is 128
        if error.command != list(args):  # a step before it
            raise
        return Finished(after, error.exit_code, error)
    except TimeoutError:
        return Finished(after, None)


def for_each(args: Sequence[str], *, takes: int, at_once: int) -> list[str]:
    """Return the command that runs `args` once for every few words of its standard input, several side by side."""
    return ["xargs", "-r", "-P", str(at_once), "-n", str(takes), *args]
