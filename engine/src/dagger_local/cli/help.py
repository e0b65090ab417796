"""Help texts in dagger's layout: usage, functions, arguments (the required ones first), options."""

import json
import os
import shutil
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from dagger_local.cli.flags import Flag
from dagger_local.cli.module import OF_WRAPPER
from dagger_local.cli.names import kebab
from dagger_local.cli.options import GLOBAL, MODULE
from dagger_local.cli.parse import Plan, callable_functions, flags
from dagger_local.cli.typedefs import Argument, Enum, Function, Object, Type
from dagger_local.cli.values import supported

_NO_FUNCTIONS = {"id"}
PROGRAM = "daggerw" if OF_WRAPPER in os.environ else "dagger-local"
"""What the user typed to get here."""


_QUOTE = '"'


def call_help(asked: Plan, about_main: str, enums: Mapping[str, Enum]) -> str:
    """Return the help of the function that a plan ends in, or of the module when it names none."""
    functions = callable_functions(asked.target) if asked.target else ()
    arguments = [each for each in asked.last.arguments if supported(each)]
    command = " ".join([PROGRAM, asked.command, *asked.words])
    usage = command
    usage += "" if asked.words else " [options]"
    usage += " [arguments]" if arguments else ""
    usage += " <function>" if functions else ""
    return page(
        asked.last.description or ("" if asked.words else about_main),
        ("usage", f"  {usage}"),
        ("functions", function_table(functions)),
        ("arguments", flag_table(_described(asked.last, enums))),
        ("options", "" if asked.words else flag_table(_options((*GLOBAL, *MODULE)))),
        footer=f'Use "{command} <function> --help" for more information about a function.' if functions else "",
    )


def page(about: str, *sections: tuple[str, str], footer: str = "") -> str:
    """Put a text together from titled sections; those without a body are left out."""
    parts = [about.strip()] if about.strip() else []
    parts += [f"{title.upper()}\n{body.rstrip()}" for title, body in sections if body.strip()]
    parts += [footer] if footer else []
    return "\n\n".join(parts) + "\n"


def function_table(functions: Iterable[Function]) -> str:
    """Return names and first lines, sorted by name."""
    return columns(sorted((kebab(each.name), first_line(each.description)) for each in functions))


def flag_table(rows: Sequence[tuple[Flag, str]]) -> str:
    """Return flags as pflag lays them out; required ones first."""
    ordered = sorted(rows, key=lambda row: not row[0].required)
    return columns([(_usage(flag), text) for flag, text in ordered])


def columns(rows: Sequence[tuple[str, str]]) -> str:
    """Return two columns, the lines of the right one wrapped to the terminal."""
    width = shutil.get_terminal_size().columns - 1
    left = max((len(name) for name, _ in rows), default=0) + 5
    lines: list[str] = []
    for name, text in rows:
        wrapped = [part for line in text.split("\n") for part in textwrap.wrap(line, max(width - left, 24)) or [""]]
        lines.append(f"  {name:<{left - 2}}{wrapped[0]}".rstrip())
        lines += [" " * left + more for more in wrapped[1:]]
    return "\n".join(lines)


def first_line(text: str) -> str:
    """Return a description's first line, or `-`."""
    return text.strip().split("\n", 1)[0] or "-"


def functions_page(target: Object, *hidden: str) -> str:
    """Return the table that `functions` prints, and which functions no command line can call, `hidden` ones too."""
    rows = [("Name", "Description")]
    rows += sorted((kebab(each.name), first_line(each.description)) for each in callable_functions(target))
    left = max(len(name) for name, _ in rows) + 3
    table = "".join(f"{name:<{left}}{text}\n" for name, text in rows)
    shown = {name for name, _ in rows}
    skipped = [name for each in target.functions if (name := kebab(each.name)) not in shown | _NO_FUNCTIONS]
    skipped += hidden
    said = f"\nSkipped {len(skipped)} function(s) with unsupported types: {', '.join(skipped)}\n"
    return table + said if skipped else table


def _options(flags_: Iterable[Flag]) -> list[tuple[Flag, str]]:
    return sorted(((flag, flag.help) for flag in flags_), key=lambda row: row[0].name)


def _usage(flag: Flag) -> str:
    short = f"-{flag.short}, " if flag.short else "    "
    kind = flag.type.replace("[]string", "strings").replace("[]int", "ints").replace("[]bool", "bools")
    return f"{short}--{flag.name}" + (f" {kind}" if kind and kind != "bool" else "")


def _described(function: Function, enums: Mapping[str, Enum]) -> list[tuple[Flag, str]]:
    by_name = {kebab(each.name): each for each in function.arguments}
    return [
        (replace(flag, type=_choices(by_name[flag.name].type, enums) or flag.type), _text(by_name[flag.name]))
        for flag in flags(function)
    ]


def _choices(kind: Type, enums: Mapping[str, Enum]) -> str:
    """Return an enumeration's members, in place of its name, which says nothing to whoever has to type one."""
    enum = enums.get(kind.leaf.name)
    return ",".join(sorted(enum.members)) if enum else ""


def _text(argument: Argument) -> str:
    words = [" ".join(argument.description.split())]
    if argument.default_path:
        words.append(f'(default path "{argument.default_path}")')
    elif default := _default(argument.default):
        # An enumeration's member is a name and no text, so it is not quoted.
        words.append(f"(default {default.strip(_QUOTE) if argument.type.kind == 'ENUM' else default})")
    if argument.required:
        words.append("[required]")
    return " ".join(word for word in words if word)


def _default(text: str) -> str:
    """Return a JSON default as a person reads it; what goes without saying (false, nothing, empty) is not said."""
    try:
        value = json.loads(text) if text else None
    except ValueError:
        return text
    if value in (None, False, "", []):
        return ""
    if isinstance(value, list):
        return f"[{','.join(map(str, value))}]"
    return json.dumps(value, ensure_ascii=False)
