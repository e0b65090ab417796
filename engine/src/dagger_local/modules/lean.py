"""Load the SDK in half of its time. For `worker.py`, and like it run by the module's own interpreter.

The SDK checks the arguments of its thousand methods by beartype, and preparing that is most of what importing it
takes: here a method's check is prepared when it is first called. A first connection imports more, and reads all
certificate authorities for what is plain HTTP on this machine: here the imports happen before calls are forked off,
and no authorities are read. Telemetry, which the engine turns off, is not imported to be told so.
Provisioning of engines makes no sense in modules, as the SDK itself says and allows for: it is imported if asked for.
Each step of a query makes a converter of its own, which only lists of objects need: here all share one.
And in a call it asks for the schema, and for each argument's name and value one by one: here all calls share one
schema, and are told the rest.

All of this holds for the one release of the SDK whose insides are known; any other is loaded as it comes.
"""

import functools
import importlib
import importlib.machinery
import importlib.metadata
import importlib.util
import sys
import types
from collections.abc import Callable
from typing import Any

_USED_BY_CALLS = ("anyio._backends._asyncio", "httpcore", "h11", "sniffio")

_KNOWN = "0.21."
_TELEMETRY = "dagger.telemetry"
_PROVISIONING = "dagger.provisioning"

Decorator = Callable[[Any], Any]


def is_known() -> bool:
    """Tell whether the SDK is the one whose insides are known here."""
    return importlib.metadata.version("dagger-io").startswith(_KNOWN)


def import_sdk() -> Any:
    """Return the module `dagger.mod.cli`."""
    if not is_known():
        return importlib.import_module("dagger.mod.cli")
    beartype = importlib.import_module("beartype")
    eager = beartype.beartype
    vars(beartype)["beartype"] = functools.partial(_lazy, eager)
    sys.modules[_TELEMETRY] = _without_telemetry()
    vars(sys)["modules"][_PROVISIONING] = None
    try:
        sdk = importlib.import_module("dagger.mod.cli")
    finally:
        vars(beartype)["beartype"] = eager
        del sys.modules[_PROVISIONING]
    vars(sys.modules["dagger"])["__getattr__"] = _of_provisioning
    for name in _USED_BY_CALLS:
        try:
            importlib.import_module(name)
        except ImportError:
            vars(sys)["modules"][name] = None  # each request would look for it again
    session = vars(importlib.import_module("dagger.client._session"))
    session["TelemetryTransport"] = functools.partial(session["TelemetryTransport"], verify=False)
    core = vars(importlib.import_module("dagger.client._core"))
    core["make_converter"] = functools.partial(_Converter, core["make_converter"], core["make_converter"](None))
    return sdk


def share_schema(port: int, token: str) -> None:
    """Ask the session for its schema, as each call would, for all calls that are forked off later."""
    if not is_known():
        return
    gql = importlib.import_module("gql")
    transport = importlib.import_module("gql.transport.httpx").HTTPXTransport
    url = f"http://127.0.0.1:{port}/query"
    asking = gql.Client(
        transport=transport(url, auth=(token, ""), verify=False, timeout=None), fetch_schema_from_transport=True
    )
    with asking:
        known = {"schema": asking.schema, "fetch_schema_from_transport": False}
    session = vars(importlib.import_module("dagger.client._session"))
    client = session["GraphQLClient"]
    session["GraphQLClient"] = lambda **options: client(**{**options, **known})


def tell(call: dict[str, Any]) -> None:
    """Let the SDK know what its call is about: `parent_name`, `name`, `parent`, `input_args`, without asking."""
    if not is_known():
        return
    module = vars(importlib.import_module("dagger.mod._module"))
    module["dag"] = _Told(module["dag"], current_function_call=lambda: _function_call(call))


def _function_call(call: dict[str, Any]) -> "_Told":
    given = [_Told(None, name=_later(name), value=_later(value)) for name, value in call["input_args"]]
    known = {name: _later(call[name]) for name in ("parent_name", "name", "parent")}
    asked = importlib.import_module("dagger").dag.current_function_call()
    return _Told(asked, **known, input_args=_later(given))


def _later(value: Any) -> Callable[[], Any]:
    async def get() -> Any:
        return value

    return get


class _Told:
    """An object of which some is known; the rest is asked of the real one."""

    def __init__(self, real: Any, **known: Any) -> None:
        vars(self).update(known, _real=real)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class _Converter:
    """Converts for one step of a query: the objects of a list are given that step, and anything else needs none."""

    def __init__(self, make: Callable[[Any], Any], shared: Any, context: Any) -> None:
        self._make, self._shared, self._context = make, shared, context
        self.unstructure = shared.unstructure

    def structure(self, value: Any, kind: Any) -> Any:
        converter = self._make(self._context) if isinstance(value, list | dict) else self._shared
        return converter.structure(value, kind)


def _without_telemetry() -> types.ModuleType:
    """Return what stands for the SDK's telemetry until more of it is used than its start and its end."""
    quiet = types.ModuleType(_TELEMETRY)

    def real(name: str) -> Any:
        package = importlib.import_module("dagger")
        spec = importlib.machinery.PathFinder.find_spec(_TELEMETRY, package.__path__)
        if name.startswith("__") or spec is None or spec.loader is None:
            raise AttributeError(name)
        telemetry = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(telemetry)
        vars(quiet).update(vars(telemetry))
        return vars(quiet)[name]

    vars(quiet).update(initialize=lambda **_: None, shutdown=lambda: None, __getattr__=real)
    return quiet


def _of_provisioning(name: str) -> Any:
    """Return what the package `dagger` has of its provisioning."""
    if name.startswith("_") or not hasattr(importlib.import_module(_PROVISIONING), name):
        raise AttributeError(f"module 'dagger' has no attribute '{name}'")
    return getattr(importlib.import_module(_PROVISIONING), name)


def _lazy(eager: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Stand in for beartype's decorator: given options it makes one that puts off the methods of a class."""
    if args:
        return eager(*args, **options)
    check: Decorator = eager(**options)

    def decorate(item: Any) -> Any:
        if not isinstance(item, type):
            return check(item)
        for name, value in list(vars(item).items()):
            if isinstance(value, types.FunctionType):
                setattr(item, name, _PutOff(item, value, check))
        return item

    return decorate


class _PutOff:
    """A method whose check is prepared when it is first looked up, and then stands in its own place."""

    def __init__(self, cls: type, method: types.FunctionType, check: Decorator) -> None:
        self._cls, self._method, self._check = cls, method, check

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        cls, name = self._cls, self._method.__name__
        # beartype takes `Self` for the class it decorates: one made for this method alone, whose instances are `cls`'s.
        kind = type("kind", (type,), {"__instancecheck__": lambda _, each: isinstance(each, cls)})
        alone = self._check(kind(cls.__name__, (), {name: self._method, "__module__": cls.__module__}))
        checked = vars(alone)[name]
        setattr(cls, name, checked)
        return checked.__get__(instance, owner)
