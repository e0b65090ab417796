"""A command line and a module's types make a plan: which functions to call, with which values, and what comes back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dagger_local.cli.flags import Flag, UnknownFlag, UsageError, scan
from dagger_local.cli.names import kebab, suggestion
from dagger_local.cli.options import Options, all_flags, take
from dagger_local.cli.query import Call
from dagger_local.cli.typedefs import Argument, Enum, Function, Object, Type
from dagger_local.cli.values import Value, convert, supported

_SDK_ONLY = {"TypeDef", "Function", "FunctionCall", "GeneratedCode"}
_NEEDS_IDS = {"id"}


@dataclass(frozen=True, slots=True)
class Types:
    """Where a plan finds types: a module's own and the engine's, the latter looked up only when named."""

    objects: Callable[[str], Object | None]
    enums: Mapping[str, Enum] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a command line asks for; `words` are the functions' names as typed, `last` the one it ends in."""

    calls: tuple[Call, ...]
    words: tuple[str, ...]
    last: Function
    target: Object | None
    options: Options
    command: str = "call"

    @property
    def returns(self) -> Type:
        """What the chain ends in."""
        return self.last.returns


def plan(
    words: Sequence[str], field_name: str, constructor: Function, types: Types, cwd: Path, *, command: str = "call"
) -> Plan:
    """Read `words`: flags of the constructor, then functions, each followed by its flags.

    `field_name` is the constructor's field on Query. With `--help` nothing needs to be complete.
    Raises UsageError naming the word and what comes close.
    """
    options = Options()
    calls: list[Call] = []
    path: list[str] = []
    passed: list[Function] = []
    function, name, rest = constructor, field_name, tuple(words)
    help_wanted = _asks_for_help(words)
    while True:
        so_far = " ".join([command, *path])
        try:
            found = scan(rest, all_flags(flags(function)))
            own = {flag.name for flag in flags(function)}
            options = take(options, [pair for pair in found.given if pair[0].name not in own])
            given = [pair for pair in found.given if pair[0].name in own]
            calls.append(Call(name, {} if help_wanted else _arguments(function, given, types, cwd)))
        except UnknownFlag as error:
            place = _place(error.flag, [*passed, function], path, rest, types)
            raise UsageError(f"unknown flag: --{error.flag}: {place}" if place else str(error), so_far) from None
        except UsageError as error:
            raise UsageError(str(error), error.command or so_far) from None
        target = types.objects(function.returns.leaf.name) if function.returns.has_functions else None
        rest = found.rest
        if not rest:
            return Plan(tuple(calls), tuple(path), function, target, options, command)
        passed.append(function)
        if target is None and found.given:
            _check_commas(found.given[-1], rest, so_far)
        function = _next(rest[0], target, function, so_far)
        name, rest = function.name, rest[1:]
        path.append(kebab(function.name))


def callable_functions(target: Object) -> tuple[Function, ...]:
    """Return the functions that a command line can call: those whose required arguments fit in flags."""
    if target.name in _SDK_ONLY:
        return ()
    return tuple(
        each
        for each in target.functions
        if each.name not in _NEEDS_IDS and all(supported(one) for one in each.arguments if one.required)
    )


def flags(function: Function) -> tuple[Flag, ...]:
    """Return a function's arguments as flags."""
    return tuple(
        Flag(
            kebab(each.name),
            "switch" if each.type.kind == "BOOLEAN" else "value",
            "",
            str(each.type),
            each.description,
            each.required,
        )
        for each in function.arguments
        if supported(each)
    )


def _place(flag: str, functions: Sequence[Function], path: Sequence[str], rest: Sequence[str], types: Types) -> str:
    """Say where a flag goes that stands in the wrong place; empty if it goes nowhere.

    Args:
        flag: its name.
        functions: those read so far, the constructor first; the last one does not have the flag.
        path: the names of those after the constructor.
        rest: the words of the last one and what follows.
        types: where what it returns is found.
    """
    for function, follower in zip(functions, path, strict=False):
        if _has(function, flag):
            return f"it goes before {follower}"
    returned = functions[-1].returns
    target = types.objects(returned.leaf.name) if returned.has_functions else None
    for function in callable_functions(target) if target else ():
        if kebab(function.name) in rest and _has(function, flag):
            return f"it goes after {kebab(function.name)}"
    return ""


def _has(function: Function, name: str) -> bool:
    return kebab(name) in {flag.name for flag in flags(function)}


def _check_commas(last: tuple[Flag, str], rest: Sequence[str], command: str) -> None:
    """Refuse words after a list that were meant to be in it. Raises UsageError."""
    flag, value = last
    if flag.type.startswith("[") and "secret" not in flag.type.lower():  # what was typed for one is not repeated
        line = ",".join([value.rstrip(","), *(word.strip(",") for word in rest if not word.startswith("-"))])
        raise UsageError(
            f"unexpected argument {rest[0]!r}: write --{flag.name} {line}, with commas and no blanks", command
        )


def _asks_for_help(words: Sequence[str]) -> bool:
    before = words[: words.index("--")] if "--" in words else words
    return "--help" in before or "-h" in before


def _arguments(function: Function, given: Sequence[tuple[Flag, str]], types: Types, cwd: Path) -> Mapping[str, Value]:
    typed: dict[str, list[str]] = {}
    for flag, text in given:
        typed.setdefault(flag.name, []).append(text)
    required = [kebab(each.name) for each in function.arguments if each.required]
    missing = [f"--{name}" for name in required if name not in typed]
    if missing:
        raise UsageError(f"required flag{'s' if missing[1:] else ''} not set: {', '.join(missing)}")
    return {
        each.name: convert(each, typed[kebab(each.name)], types.enums, cwd)
        for each in function.arguments
        if kebab(each.name) in typed
    }


def _next(word: str, target: Object | None, function: Function, command: str) -> Function:
    if target is None:
        raise UsageError(f"unexpected argument {word!r}: {command!r} ends in {function.returns}", command)
    known = callable_functions(target)
    for each in known:
        if kebab(each.name) == kebab(word):
            return each
    if any(kebab(each.name) == kebab(word) for each in target.functions):
        raise UsageError(f"function {word!r} of {target.name} cannot be called from the command line", command)
    near = suggestion(kebab(word), [kebab(each.name) for each in known])
    raise UsageError(f"unknown function {word!r} of {target.name}{near}", command)


def main_object(objects: Mapping[str, Object], module: str, fold: Callable[[str, str], bool]) -> Object:
    """Return a module's main object: the one named as the module is, else the only one with a constructor."""
    named = [each for each in objects.values() if fold(each.name, module)]
    built = [each for each in objects.values() if each.constructor]
    if named or len(built) == 1:
        return (named or built)[0]
    raise UsageError(f"module {module!r} has no main object: declare a class of its name with @object_type")


def constructor_of(target: Object) -> Function:
    """Return the main object's constructor; without one, it takes no arguments."""
    return target.constructor or Function("", Type("OBJECT", target.name))


def has_argument(function: Function | None, name: str) -> Argument | None:
    """Return the function's argument of that name."""
    return next((each for each in function.arguments if each.name == name), None) if function else None
