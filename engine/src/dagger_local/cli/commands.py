"""The commands: each reads its line here and does its work in a module of its own."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dagger_local import __version__
from dagger_local.cli import console
from dagger_local.cli.call import call
from dagger_local.cli.checks import check
from dagger_local.cli.flags import Flag, UsageError, scan
from dagger_local.cli.functions import functions
from dagger_local.cli.generate import generate
from dagger_local.cli.help import PROGRAM, columns, flag_table, page
from dagger_local.cli.names import suggestion
from dagger_local.cli.options import GLOBAL, MODULE, Options, all_flags, preview, take
from dagger_local.cli.prune import du, prune, prune_some
from dagger_local.cli.run import run
from dagger_local.cli.serve import serve
from dagger_local.cli.sessions import in_session
from dagger_local.namespace import enter
from dagger_local.platforms import own_platform
from dagger_local.state import default_state


@dataclass(frozen=True, slots=True)
class Line:
    """A command's line: its own flags by name, the other words, the options, and all of it unread."""

    own: dict[str, str]
    words: tuple[str, ...]
    options: Options
    unread: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """A command; `interspersed` is whether flags may stand between its words."""

    name: str
    usage: str
    about: str
    do: Callable[[Line], int]
    flags: tuple[Flag, ...] = ()
    interspersed: bool = True
    module: bool = True
    hidden: bool = False


def dispatch(words: Sequence[str]) -> int:
    """Run the command that `words` name. Raises UsageError."""
    front = scan(words, all_flags())
    name = _ALIASES.get(front.rest[0], front.rest[0]) if front.rest else "help"
    command = next((each for each in COMMANDS if each.name == name), None)
    if command is None:
        near = suggestion(name, [each.name for each in COMMANDS if not each.hidden])
        raise UsageError(f"unknown command {name!r}{near}")
    before = words[: len(words) - len(front.rest)]
    unread = (*before, *front.rest[1:])
    if workdir := preview(unread).workdir:
        os.chdir(workdir)
    if command.name == "call":
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
            own |= {flag.name: text for flag, text in found.given if flag in command.flags}
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


def _call(line: Line) -> int:
    return in_session(lambda session, cwd: call(session, line.unread, line.options, cwd), line.options, module=True)


def _check(line: Line) -> int:
    own = {flag.name: line.own.get(flag.name) == "true" for flag in _CHECK_FLAGS}
    if own["no-generate"] and own["generate"]:
        raise UsageError("--no-generate and --generate leave nothing to check: give one of them", "check")
    kinds = {"noGenerate": own["no-generate"], "onlyGenerate": own["generate"]}
    return in_session(
        lambda session, cwd: check(
            *(session, line.words, line.options, cwd), listing=own["list"], fail_fast=own["failfast"], kinds=kinds
        ),
        line.options,
        module=True,
    )


def _generate(line: Line) -> int:
    listing = line.own.get("list") == "true"
    return in_session(
        lambda session, cwd: generate(session, line.words, line.options, cwd, listing=listing),
        line.options,
        module=True,
    )


def _functions(line: Line) -> int:
    return in_session(lambda session, cwd: functions(session, line.words, line.options, cwd), line.options, module=True)


def _du(_: Line) -> int:
    enter()
    return du(default_state())


def _prune(line: Line) -> int:
    given = {name: line.own.get(name, "") for name in ("keep-storage", "older-than")}
    if line.own.get("all") == "true" and any(given.values()):
        raise UsageError("--all leaves nothing to keep: give it alone", "prune")
    enter()  # without root, only its user namespace may remove what containers made
    if any(given.values()):
        return prune_some(default_state(), keep=given["keep-storage"], older_than=given["older-than"])
    return prune(default_state())


def _run(line: Line) -> int:
    if not line.words:
        raise UsageError("run needs a command", "run")
    return in_session(lambda session, _: run(session, line.words), line.options, shares_terminal=True)


def _session(line: Line) -> int:
    return in_session(lambda session, _: serve(session), line.options, shares_terminal=True)


def _version(_: Line) -> int:
    console.result(f"dagger-local v{__version__} {own_platform()}\n")
    return 0


_ALIASES = {"checks": "check", "r": "run"}
_LIST = Flag("list", "switch", "l", "", "List them instead of running them")
_CHECK_FLAGS = (
    _LIST,
    Flag("failfast", "switch", "", "", "Cancel the remaining checks on the first failure"),
    Flag("no-generate", "switch", "", "", "Leave out that generators have nothing to change"),
    Flag("generate", "switch", "", "", "Check nothing but that generators have nothing to change"),
)
_SESSION_FLAGS = (
    Flag("label"),
    Flag("project"),
    Flag("version"),
    Flag("workspace", "value", "W"),
    Flag("load-workspace-modules", "switch"),
    Flag("skip-workspace-modules", "switch"),
)
"""What SDKs pass; none of it changes anything here."""

_PRUNE_FLAGS = (
    Flag("all", "switch", type="bool", help="Free all of it (as without any flag)"),
    Flag("keep-storage", help="Leave this much, such as 20GB, of what was used last"),
    Flag("older-than", help="Free what was not used for so long, such as 72h or 7d"),
)

COMMANDS = (
    Command("call", "call [options] [arguments] <function>", "Call functions of a module, one on the other", _call),
    Command(
        "check",
        "check [options] [pattern...]",
        "Run a module's checks: tests, linters and the like\n\n"
        "A pattern is a check's name, the name above several (`go` for `go:lint`), or a glob.",
        _check,
        _CHECK_FLAGS,
    ),
    Command(
        "generate",
        "generate [options] [pattern...]",
        "Run a module's generators, and apply what they change\n\n"
        "A pattern is as for check. Whatever they would change is shown first, and asked for; -y applies it at once.",
        _generate,
        (_LIST,),
    ),
    Command("functions", "functions [options] [function]...", "List the functions of a module", _functions),
    Command("help", "help", "Print this", lambda _: 0, module=False, hidden=True),
    Command("du", "du", "List what the storage holds, by kind", _du, module=False),
    Command(
        "prune",
        "prune [options]",
        "Free the storage: images, layers, caches, results\n\n"
        "All of it, unless a flag says what stays; then what a living session has used stays too.",
        _prune,
        _PRUNE_FLAGS,
        module=False,
    ),
    Command(
        "run",
        "run [options] COMMAND...",
        "Run a command in a session\n\n"
        "DAGGER_SESSION_PORT and DAGGER_SESSION_TOKEN are set, so that any Dagger client inside uses this engine.",
        _run,
        interspersed=False,
        module=False,
    ),
    Command(
        "session",
        "session [options]",
        "Serve a Dagger SDK until standard input closes; SDKs start it, people do not",
        _session,
        _SESSION_FLAGS,
        module=False,
        hidden=True,
    ),
    Command("version", "version", "Print the version", _version, module=False),
)
