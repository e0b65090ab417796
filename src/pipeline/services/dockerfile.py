"""What a service's Dockerfile must not say: it would harm the engine that builds it."""

import re

_CONTINUED = re.compile(r"\\[ \t]*\r?\n(?:[ \t]*#.*\n)*")
_RUN = re.compile(r"^[ \t]*RUN((?:[ \t]+--\S+)+)", re.IGNORECASE | re.MULTILINE)
_MOUNT = re.compile("--mount=(\\S+)")
_WRITABLE = {"rw", "readwrite", "rw=true", "readwrite=true"}


def writable_binds(dockerfile: str) -> list[str]:
    """Return the `--mount`s that show a step files which it may write: Dagger's engine, 0.21.8 at least, dies of them.

    Such files are thrown away after the step: a COPY, or a mount of type cache or tmpfs, does the same.
    """
    flags = " ".join(_RUN.findall(_CONTINUED.sub(" ", dockerfile)))
    return [mount for mount in _MOUNT.findall(flags) if _is_writable_bind(mount)]


def _is_writable_bind(mount: str) -> bool:
    options = mount.lower().split(",")
    kind = next((option.partition("=")[2] for option in options if option.startswith("type=")), "bind")
    return kind == "bind" and not _WRITABLE.isdisjoint(options)
