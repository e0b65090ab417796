"""The commands: each does its work in a module of its own."""

from pathlib import Path

from dagger_local import __version__
from dagger_local.cli import console
from dagger_local.cli.call import call
from dagger_local.cli.checks import check
from dagger_local.cli.command import Command, Line
from dagger_local.cli.flags import Flag, UsageError
from dagger_local.cli.functions import functions
from dagger_local.cli.generate import generate
from dagger_local.cli.module import has_module
from dagger_local.cli.prune import du, prune, prune_some
from dagger_local.cli.run import run
from dagger_local.cli.serve import serve
from dagger_local.cli.sessions import in_session
from dagger_local.namespace import enter
from dagger_local.platforms import own_platform
from dagger_local.state import default_state


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


def _up(line: Line) -> int:
    from dagger_local.cli.up import up  # noqa: PLC0415 - few modules have services to open

    listing = line.own.get("list") == "true"
    return in_session(
        lambda session, cwd: up(session, line.words, line.options, cwd, listing=listing),
        line.options,
        module=True,
        lasting=True,
    )


def _query(line: Line) -> int:
    from dagger_local.cli.graphql import query  # noqa: PLC0415 - rarely asked for

    if line.words[1:]:
        raise UsageError("query takes the name of one operation", "query")
    module = line.own.get("no-mod") != "true" and has_module(line.options.mod, Path.cwd())
    operation = line.words[0] if line.words else ""
    return in_session(
        lambda session, cwd: query(session, operation, line.own, line.options.mod, cwd, module=module),
        line.options,
        module=module,
    )


def _core(line: Line) -> int:
    from dagger_local.cli.call_core import call_core  # noqa: PLC0415 - rarely asked for

    return in_session(lambda session, cwd: call_core(session, line.unread, cwd), line.options)


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


ALIASES = {"checks": "check", "q": "query", "r": "run"}
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
    Command(
        "call",
        "call [options] [arguments] <function>",
        "Call functions of a module, one on the other",
        _call,
        reads_itself=True,
    ),
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
    Command(
        "up",
        "up [options] [pattern...]",
        "Open a module's services on this machine, until Ctrl-C\n\n"
        "A pattern is as for check. Each service is at localhost, on the ports that it exposes.",
        _up,
        (_LIST,),
    ),
    Command("core", "core [options] <function>", "Call the engine's own functions", _core, reads_itself=True),
    Command(
        "query",
        "query [options] [operation]",
        "Send a GraphQL document to the engine\n\n"
        "It is read from standard input; of several operations in it, one is chosen by its name.",
        _query,
        (
            Flag("doc", help="Read the document from a file"),
            Flag("no-mod", "switch", "M", type="bool", help="Serve no module, even if there is one here"),
            Flag("var", type="[]string", help="A variable, as NAME=VALUE"),
            Flag("var-json", help="The variables, as a JSON object (in place of --var)"),
        ),
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
