"""What was typed after a flag, as a value of the argument's type; nothing is read or run here."""

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dagger_local.api.git_address import git_address
from dagger_local.cli.flags import Flag, UsageError, as_boolean
from dagger_local.cli.names import kebab, suggestion
from dagger_local.cli.query import Call, Input, Load
from dagger_local.cli.typedefs import Argument, Enum, Type
from dagger_local.platforms import own_platform

Value = Input | Load | tuple[Load, ...]

_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
_SCALARS = ("STRING", "INTEGER", "FLOAT", "BOOLEAN", "ENUM", "SCALAR")


def supported(argument: Argument) -> bool:
    """Tell whether a flag can carry the argument: objects only of the kinds that an address stands for."""
    kind = argument.type.element or argument.type
    if kind.kind in ("OBJECT", "INPUT"):
        return kind.name in _OBJECTS or kind.name in _INPUTS
    return kind.kind in _SCALARS


def convert(argument: Argument, texts: Sequence[str], enums: Mapping[str, Enum], cwd: Path) -> Value:
    """Return the value of all that was typed for an argument, the last one unless it is a list. Raises UsageError."""
    one = _Converter(kebab(argument.name), argument, enums, cwd)
    element = argument.type.element
    if element is None:
        return one.convert(argument.type, texts[-1])
    items = [one.convert(element, item) for text in texts for item in _split(text)]
    if element.kind == "OBJECT":
        return tuple(item for item in items if isinstance(item, Load))
    return Input(f"[{_input_name(element)}!]!", [item.value for item in items if isinstance(item, Input)])


def _split(text: str) -> list[str]:
    """Split at commas, except inside double quotes, as CSV does."""
    return [item.strip() for row in csv.reader([text], skipinitialspace=True) for item in row]


def _input_name(kind: Type) -> str:
    return "ID" if kind.kind == "OBJECT" else kind.name


class _Converter:
    def __init__(self, flag: str, argument: Argument, enums: Mapping[str, Enum], cwd: Path) -> None:
        self.flag = flag
        self.argument = argument
        self.enums = enums
        self.cwd = cwd

    def convert(self, kind: Type, text: str) -> Input | Load:
        if kind.kind == "OBJECT":
            return _OBJECTS[kind.name](self, text)
        return Input(f"{kind.name}!", self._scalar(kind, text))

    def fail(self, message: str) -> UsageError:
        return UsageError(f"--{self.flag}: {message}")

    def _scalar(self, kind: Type, text: str) -> Any:
        readers: dict[str, Callable[[], Any]] = {
            "INTEGER": lambda: self._number(int, "an integer", text),
            "FLOAT": lambda: self._number(float, "a number", text),
            "BOOLEAN": lambda: as_boolean(Flag(self.flag, "switch"), text),
            "ENUM": lambda: self._member(kind, text),
            "INPUT": lambda: _INPUTS[kind.name](self, text),
            "SCALAR": lambda: self._platform(text) if kind.name == "Platform" else text,
        }
        return readers.get(kind.kind, lambda: text)()

    def _number(self, read: Callable[[str], Any], what: str, text: str) -> Any:
        try:
            return read(text)
        except ValueError:
            raise self.fail(f"{text!r} is not {what}") from None

    def _member(self, kind: Type, text: str) -> str:
        enum = self.enums.get(kind.name)
        if enum is None:
            return text
        for names in (enum.members, enum.values):
            for name, member in zip(names, enum.members, strict=False):
                if name.casefold() == text.casefold():
                    return member
        near = suggestion(text.upper(), enum.members)
        raise self.fail(f"{text!r} should be one of {', '.join(sorted(enum.members))}{near}")

    def _platform(self, text: str) -> str:
        if not text:
            raise self.fail("a platform cannot be empty; write one such as linux/amd64, or current")
        return own_platform() if text == "current" else text

    def path(self, text: str) -> str:
        return str(self.cwd / Path(text.removeprefix("file://")).expanduser())

    def remote(self, field: str, text: str) -> Load | None:
        """Return what loads an object from a Git repository, if the text is the address of one."""
        return Load((Call("address", {"value": Input("String!", text)}), Call(field))) if git_address(text) else None

    def directory(self, text: str) -> Load:
        if remote := self.remote("directory", text):
            return remote
        path = self.path(text)
        arguments = {"path": Input("String!", path)}
        if self.argument.ignore:
            arguments["exclude"] = Input("[String!]!", list(self.argument.ignore))
        return Load((Call("host"), Call("directory", arguments)), path, directory=True, flag=self.flag)

    def file(self, text: str) -> Load:
        if remote := self.remote("file", text):
            return remote
        path = self.path(text)
        return Load((Call("host"), Call("file", {"path": Input("String!", path)})), path, flag=self.flag)

    def secret(self, text: str) -> Load:
        scheme, colon, rest = text.partition(":")
        if not colon and _NAME.match(text):
            uri = f"env://{text}"
        elif colon and scheme in ("env", "file", "cmd"):
            uri = f"{scheme}://{rest.removeprefix('//')}"
        elif colon and rest.startswith("//") and _NAME.match(scheme.replace("+", "_")):
            raise self.fail(f"{scheme}:// is not supported by the local engine; use env://, file:// or cmd://")
        else:  # what was typed may be the secret itself: do not repeat it
            raise self.fail("not the address of a secret; write env://NAME, file://PATH or cmd://COMMAND")
        return Load((Call("secret", {"uri": Input("String!", uri)}),))

    def container(self, text: str) -> Load:
        if not text:
            raise self.fail("an image's address cannot be empty")
        return Load((Call("container"), Call("from", {"address": Input("String!", text)})))

    def service(self, text: str) -> Load:
        url = urlsplit(text)
        try:
            port = url.port
        except ValueError:
            port = None
        if url.scheme not in ("tcp", "udp") or not url.hostname or not port:
            raise self.fail(f"{text!r} is not a service's address; write tcp://HOST:PORT")
        forward = {"frontend": port, "backend": port, "protocol": url.scheme.upper()}
        arguments = {"host": Input("String!", url.hostname), "ports": Input("[PortForward!]!", [forward])}
        return Load((Call("host"), Call("service", arguments)))

    def socket(self, text: str) -> Load:
        path = str(self.cwd / Path(text.removeprefix("unix://")).expanduser())
        return Load((Call("host"), Call("unixSocket", {"path": Input("String!", path)})), path, flag=self.flag)

    def cache_volume(self, text: str) -> Load:
        if not text:
            raise self.fail("a cache volume's name cannot be empty")
        return Load((Call("cacheVolume", {"key": Input("String!", text)}),))

    def repository(self, text: str) -> Load:
        here = self.directory(text)
        return self.remote("gitRepository", text) or replace(here, calls=(*here.calls, Call("asGit")))

    def ref(self, text: str) -> Load:
        path, _, name = text.partition("#")
        here = self.repository(path)
        ref = Call("ref", {"name": Input("String!", name)}) if name else Call("head")
        return self.remote("gitRef", text) or replace(here, calls=(*here.calls, ref))

    def build_arg(self, text: str) -> dict[str, str]:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise self.fail(f"{text!r} must be written as NAME=VALUE")
        return {"name": name, "value": value}

    def port_forward(self, text: str) -> dict[str, int]:
        match = re.fullmatch(r"(\d+):(\d+)", text)
        if not match:
            raise self.fail(f"{text!r} must be written as FRONTEND:BACKEND, two port numbers")
        return {"frontend": int(match[1]), "backend": int(match[2])}


_OBJECTS: Mapping[str, Callable[[_Converter, str], Load]] = {
    "CacheVolume": _Converter.cache_volume,
    "Container": _Converter.container,
    "Directory": _Converter.directory,
    "File": _Converter.file,
    "GitRef": _Converter.ref,
    "GitRepository": _Converter.repository,
    "Secret": _Converter.secret,
    "Service": _Converter.service,
    "Socket": _Converter.socket,
}
_INPUTS: Mapping[str, Callable[[_Converter, str], Any]] = {
    "BuildArg": _Converter.build_arg,
    "PortForward": _Converter.port_forward,
}
