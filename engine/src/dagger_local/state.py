"""Where the engine keeps what outlives a session."""

import os
from pathlib import Path

CONTENTS = (
    *("apt", "caches", "drafts", "empty", "l", "memo", "modules", "oci", "references", "run", "runtime", "salt"),
    *("snapshots", "stand-ins", "storage", "tmp"),
)
"""What the engine puts there; locks, which say who uses it, stay when the rest is removed."""


def default_state() -> Path:
    """Return DAGGER_LOCAL_STATE, or a folder in the user's cache (XDG base directories)."""
    if chosen := os.environ.get("DAGGER_LOCAL_STATE"):
        return Path(chosen).absolute()
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "dagger-local"
