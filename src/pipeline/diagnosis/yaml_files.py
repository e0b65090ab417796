"""Read YAML files for what they are likely to hold, whatever they hold."""

from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # texts alone: `on` is no truth value then


def documents(text: str) -> list[dict[str, Any]]:
    """Return the mappings among a file's documents; none of a file that is no YAML."""
    try:
        return [document for document in yaml.load_all(text, _LOADER) if isinstance(document, dict)]
    except (yaml.YAMLError, RecursionError):
        return []


def at(document: Any, *path: str) -> Any:
    """Return what is under keys, one in another; None if there is nothing."""
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document
