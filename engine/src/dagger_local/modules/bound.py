"""Let the SDK know the modules that a module depends on. For `worker.py`, and like it run by the module's interpreter.

Their types are found in the package `dagger`, their functions on `dag`, where Dagger's generated client has them.
"""

import importlib
import sys
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import Any

_PLACE = "dagger.client.dependencies"


def bind(path: str) -> None:
    """Read the bindings in `path` and put them where the module looks for them."""
    loader = SourceFileLoader(_PLACE, path)
    found = ModuleType(_PLACE)
    sys.modules[_PLACE] = found
    loader.exec_module(found)
    dagger = importlib.import_module("dagger")
    generated = importlib.import_module("dagger.client.gen")
    base = importlib.import_module("dagger.client.base")
    for name, value in vars(found).items():
        if getattr(value, "__module__", "") == _PLACE and isinstance(value, type):
            for place in (dagger, generated):
                setattr(place, name, value)
    for name, entry in found.ENTRIES.items():
        _add(generated.Query, name, entry)
    for name, prefix, why in found.MISSING:
        if not hasattr(generated.Query, name):
            setattr(generated.Query, name, _refusal(why))
        _stand_in(dagger, base.Type, prefix, why)


def _add(client: Any, name: str, entry: Any) -> None:
    if hasattr(client, name):
        raise RuntimeError(f"a dependency is called as {name} of the API is; give it another name in dagger.json")
    setattr(client, name, entry)


def _refusal(why: str) -> Any:
    def refuse(*_: Any, **__: Any) -> Any:
        raise RuntimeError(why)

    return refuse


def _stand_in(dagger: Any, base: type, prefix: str, why: str) -> None:
    """Give out a type for each name of a missing module's, which cannot be made: annotations may say it."""
    known = vars(dagger).get("__getattr__")

    def find(name: str) -> Any:
        if name.startswith(prefix) and (len(name) == len(prefix) or name[len(prefix)].isupper()):
            made = type(name, (base,), {"__init__": _refusal(why), "__getattr__": _refusal(why)})
            setattr(dagger, name, made)
            return made
        if known is None:
            raise AttributeError(f"module 'dagger' has no attribute '{name}'")
        return known(name)

    vars(dagger)["__getattr__"] = find
