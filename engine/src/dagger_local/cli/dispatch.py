"""Find the command that a line names, read its flags, and run it or say how it is used."""

import os
from collections.abc import Sequence

from dagger_local.cli import console
from dagger_local.cli.command import Command, Line
from dagger_local.cli.commands import ALIASES, COMMANDS
from dagger_local.cli.flags import UsageError, scan
from dagger_local.cli.help import PROGRAM, columns, flag_table, page
from dagger_local.cli.names import suggestion
from dagger_local.cli.options import GLOBAL, MODULE, Options, all_flags, preview, take

_ELSEWHERE = frozenset({
    "client", "config", "develop", "engine", "gen", "init", "install", "listen", "lock", "login", "logout", "mcp",
    "publish", "shell", "toolchain", "trace", "uninstall", "update",
})  # fmt: skip
"""Commands of dagger that have nothing to do with running a module here: refused by name, not as unknown."""


def dispatch(words: Sequence[str]) -> int:
    """Run the command that `words` name. Raises UsageError."""
    front = scan(words, all_flags())
    name = ALIASES.get(front.rest[0], front.rest[0]) if front.rest else "help"
    command = next((each for each in COMMANDS if each.name == name), None)
    if name in _ELSEWHERE:
        raise UsageError(f"{name} is not supported by the local engine; it is a command of dagger's own")
    if command is None:
        near = suggestion(name, [each.name for each in COMMANDS if not each.hidden])
        raise UsageError(f"unknown command {name!r}{near}")
    before = words[: len(words) - len(front.rest)]
    unread = (*before, *front.rest[1:])
    if workdir := preview(unread).workdir:
        os.chdir(workdir)
    if command.reads_itself:
        return command.do(Line({}, (), preview(unread), unread))
    line = _read(command, unread)
    if line.options.help or command.name == "help":
        console.result(program_help() if command.name == "help" else command_help(command))
        return 0
    return command.do(line)


def _read(command: Command, words: Sequence[str]) -> Line:
    known = all_flags(command.flags, module=command.module)
    own: dict[str, str] = {}
    rest: list[str] = []
    options = Options()
    left = tuple(words)
    try:
        while True:
            found = scan(left, known)
            for flag, text in found.given:
                if flag in command.flags:
                    before = f"{own[flag.name]}\n" if flag.type == "[]string" and flag.name in own else ""
                    own[flag.name] = before + text
            options = take(options, [pair for pair in found.given if pair[0] not in command.flags])
            if not command.interspersed or not found.rest:
                return Line(own, (*rest, *found.rest), options, tuple(words))
            rest.append(found.rest[0])
            left = found.rest[1:]
    except UsageError as error:
        raise UsageError(str(error), command.name) from None


def command_help(command: Command) -> str:
    """Return a command's help."""
    options = [(flag, flag.help) for flag in (*command.flags, *GLOBAL, *(MODULE if command.module else ()))]
    return page(
        command.about,
        ("usage", f"  {PROGRAM} {command.usage}"),
        ("options", flag_table(sorted(options, key=lambda row: row[0].name))),
    )


def program_help() -> str:
    """Return what `dagger-local` says without a command."""
    rows = [(each.name, each.about.split("\n", 1)[0]) for each in COMMANDS if not each.hidden]
    return page(
        "Dagger's functions on a machine without a Dagger engine",
        ("usage", f"  {PROGRAM} [options] <command>"),
        ("commands", columns(sorted(rows))),
        ("options", flag_table(sorted([(flag, flag.help) for flag in GLOBAL], key=lambda row: row[0].name))),
        footer=f'Use "{PROGRAM} <command> --help" for more information about a command.',
    )
