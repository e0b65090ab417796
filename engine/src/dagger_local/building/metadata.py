"""Instructions that change the image's configuration only."""

import posixpath
import re
import signal
from collections.abc import Callable, Mapping
from dataclasses import replace

from dagger_local.building.state import State
from dagger_local.building.tools import Expand
from dagger_local.dockerfile.healthcheck import healthcheck
from dagger_local.dockerfile.instructions import Instruction
from dagger_local.dockerfile.ports import ports

_REAL_TIME = re.compile(r"(?:SIG)?RTM(?:IN|AX)(?:[+-]\d+)?")


def configure(one: Instruction, state: State, expand: Expand) -> State:
    """Return the state after one instruction. Raises ValueError."""
    changed = _CHANGES.get(one.keyword)
    return changed(one, state, expand) if changed else state  # MAINTAINER: images no longer carry it


def _env(one: Instruction, state: State, expand: Expand) -> State:
    for name, value in [(expand(name), expand(value)) for name, value in one.pairs]:
        state = state.with_env(name, value)
    return state


def _label(one: Instruction, state: State, expand: Expand) -> State:
    return state.added("Labels", {expand(name): expand(value) for name, value in one.pairs})


def _cmd(one: Instruction, state: State, _: Expand) -> State:
    return replace(state.configured(Cmd=list(command(one, state)) or None), has_cmd=True)


def _entrypoint(one: Instruction, state: State, _: Expand) -> State:
    changed = state.configured(Entrypoint=list(command(one, state)) or None)
    return changed if state.has_cmd else changed.configured(Cmd=None)


def _expose(one: Instruction, state: State, expand: Expand) -> State:
    return state.added("ExposedPorts", {port: {} for word in sorted(one.args) for port in ports(expand(word))})


def _volume(one: Instruction, state: State, expand: Expand) -> State:
    volumes = [expand(word.strip()) for word in one.args]
    if not all(volumes):
        raise ValueError("a path is empty")
    return state.added("Volumes", {path: {} for path in volumes})


_CHANGES: Mapping[str, Callable[[Instruction, State, Expand], State]] = {
    "ENV": _env,
    "LABEL": _label,
    "CMD": _cmd,
    "ENTRYPOINT": _entrypoint,
    "EXPOSE": _expose,
    "VOLUME": _volume,
    "SHELL": lambda one, state, _: state.configured(Shell=list(one.args)),
    "USER": lambda one, state, expand: state.configured(User=expand(one.args[0])),
    "STOPSIGNAL": lambda one, state, expand: state.configured(StopSignal=_signal(expand(one.args[0]))),
    "HEALTHCHECK": lambda one, state, _: state.configured(Healthcheck=healthcheck(one)),
    "ONBUILD": lambda one, state, _: state.configured(OnBuild=[*(state.config.get("OnBuild") or ()), one.args[0]]),
}


def command(one: Instruction, state: State) -> tuple[str, ...]:
    """Return the words of RUN, CMD or ENTRYPOINT: those of the JSON array, else the shell's."""
    return one.args if one.is_json else (*state.shell, *one.args)


def declare(one: Instruction, state: State, expand: Callable[[str, Mapping[str, str]], str],
            given: Mapping[str, str], arguments: Mapping[str, str]) -> State:  # fmt: skip
    """Return the state after an ARG: the value `given`, else the default, else that of the same name before FROM."""
    for word in one.args:
        name, has_default, default = word.partition("=")
        if name in given:
            value = given[name]
        elif has_default:
            value = expand(default, state.variables)
        elif name in arguments:
            value = arguments[name]
        else:
            continue
        state = replace(state, variables={**state.variables, name: value})
    return state


def absolute(path: str, workdir: str) -> str:
    """Return a path from the root, without dots; a slash at its end is kept, as it says that a folder is meant."""
    joined = posixpath.normpath(posixpath.join("/", workdir, path))
    joined = "/" + joined.lstrip("/")
    means_folder = path.endswith(("/", "/.")) or path in ("", ".")
    return f"{joined}/" if means_folder and joined != "/" else joined


def _signal(text: str) -> str:
    name = text.upper()
    known = {each.name for each in signal.Signals}
    number = int(text) if text.isdecimal() else 0
    if 0 < number <= signal.NSIG or {name, f"SIG{name}"} & known or _REAL_TIME.fullmatch(name):
        return text
    raise ValueError(f"{text} is no signal; write a name like SIGTERM, or its number")
