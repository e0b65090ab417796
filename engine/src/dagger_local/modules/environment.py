"""A module's Python environment: its dependencies, installed once for each declaration of them."""

import os
import sys
from importlib import import_module
from pathlib import Path

from dagger_local.modules.source import ModuleSource
from dagger_local.store.snapshots import key_of

_GENERATION = 2
"""Raise it when environments are made in another way, so that those made before are made again."""


async def python_of(source: ModuleSource, state: Path) -> Path:
    """Return the interpreter of an environment with the module's dependencies, installing them if need be."""
    declared = [_text(source.code / name) for name in ("requirements.lock", "uv.lock", ".python-version")]
    local = source.local_sources()
    if local:
        declared.append(import_module("dagger_local.modules.local_sources").digest_of(source, local))
    key = key_of("environment", _GENERATION, sys.version, sys.executable, *declared, source.declared())
    home = state / "modules" / key
    python = home / "bin" / "python"
    if not python.exists():
        await import_module("dagger_local.modules.installation").install(source, home)
    return python


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""


def environment_of(source: ModuleSource) -> dict[str, str]:
    """Return the variables a module's process gets: nothing of the user's but what a process needs to run."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
    paths = [str(path) for path in (source.code / "src", source.code) if path.is_dir()]
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONUNBUFFERED": "1",
        "DAGGER_MODULE": source.name,
        "DAGGER_MAIN_OBJECT": source.main_object,
        "DAGGER_DEFAULT_PYTHON_PACKAGE": source.package,
        "OTEL_SDK_DISABLED": "true",
        "NO_COLOR": "1",
    }
