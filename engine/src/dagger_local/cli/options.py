"""The options that every command takes, wherever they stand on its line."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from dagger_local.cli.flags import Flag, UsageError, as_boolean
from dagger_local.progress.choose import KINDS, Kind


@dataclass(frozen=True, slots=True)
class Options:
    """What the options say; `quiet` and `verbose` count."""

    help: bool = False
    mod: str = ""
    output: str = ""
    json: bool = False
    auto_apply: bool = False
    progress: Kind = "auto"
    quiet: int = 0
    silent: bool = False
    verbose: int = 0
    debug: bool = False
    workdir: str = ""

    @property
    def verbosity(self) -> int:
        """How much of the steps to show: 0 as usual, below it less, above it more."""
        return self.verbose - self.quiet


HELP = Flag("help", "switch", "h", "", "Print usage")
MOD = Flag("mod", "value", "m", "string", "Path of the module to load (default: the current directory or above)")
OUTPUT = Flag("output", "value", "o", "string", "Save the result to a local file or directory")
JSON = Flag("json", "switch", "j", "", "Present the result as JSON")
AUTO_APPLY = Flag("auto-apply", "switch", "y", "", "Apply changes without asking when a changeset is returned")

GLOBAL = (
    AUTO_APPLY,
    Flag("debug", "switch", "d", "", "Show debug logs and tracebacks"),
    Flag(
        "progress",
        "value",
        "",
        "string",
        'Progress output format: auto, plain, tty, dots, logs, report (default "auto")',
    ),
    Flag("quiet", "switch", "q", "count", "Show less progress: -q failures only, -qq nothing"),
    Flag("silent", "switch", "s", "", "Show no progress at all, as -qq"),
    Flag("verbose", "switch", "v", "count", "Show more progress: -v parts of steps and output, -vv services too"),
)
HIDDEN = (HELP, Flag("workdir", "value", "", "string", "Set the working directory"))
MODULE = (JSON, MOD, OUTPUT)

REFUSED = (
    Flag("interactive", "switch", "i"),
    Flag("interactive-command"),
    Flag("web", "switch", "w"),
    Flag("no-exit", "switch", "E"),
    Flag("cloud", "switch"),
    Flag("lock"),
    Flag("allow-llm"),
    Flag("eager-runtime", "switch"),
    Flag("no-mod", "switch", "M"),
    Flag("x-release"),
)
"""Flags of dagger that mean nothing here: refused by name, not as unknown."""

_FIELDS = {flag.name: flag.name.replace("-", "_") for flag in (*GLOBAL, *HIDDEN, *MODULE)}


def all_flags(own: Iterable[Flag] = (), *, module: bool = True) -> tuple[Flag, ...]:
    """Return a command's own flags followed by the options; an own flag hides an option of its name."""
    mine = tuple(own)
    names = {flag.name for flag in mine}
    options = (*GLOBAL, *HIDDEN, *(MODULE if module else ()), *REFUSED)
    return (*mine, *(flag for flag in options if flag.name not in names))


def take(options: Options, given: Iterable[tuple[Flag, str]]) -> Options:
    """Return the options with those of `given` that are options. Raises UsageError on a value that is none."""
    for flag, text in given:
        if flag in REFUSED:
            raise UsageError(f"--{flag.name} is not supported by the local engine")
        if flag.name in _FIELDS:
            options = _with(options, flag, text)
    return options


def preview(words: Sequence[str]) -> Options:
    """Return what the options seem to be before the module is known: enough to find it and to show progress."""
    by_name: Mapping[str, Flag] = {flag.name: flag for flag in (*GLOBAL, *HIDDEN, *MODULE)}
    by_letter = {flag.short: flag for flag in by_name.values() if flag.short}
    switches = "".join(letter for letter, flag in by_letter.items() if flag.arity == "switch")
    options = Options()
    left = list(words)
    while left:
        word = left.pop(0)
        if word == "--":
            break
        if len(word) > 2 and word[0] == "-" and set(word[1:]) <= set(switches):  # -qq, -yv
            left = [*(f"-{letter}" for letter in word[1:]), *left]
            continue
        name, equals, value = word[2:].partition("=") if word.startswith("--") else ("", "", "")
        flag = by_name.get(name) or (by_letter.get(word[1:]) if len(word) == 2 and word[0] == "-" else None)
        if flag is None:
            continue
        if not equals:
            value = "true" if flag.arity == "switch" else (left.pop(0) if left else "")
        try:
            options = _with(options, flag, value)
        except UsageError:
            continue  # said with more context when the line is read in earnest
    return options


def _with(options: Options, flag: Flag, text: str) -> Options:
    field = _FIELDS[flag.name]
    if flag.type == "count":
        more = int(text) if text.isdigit() else 1
        return replace(options, **{field: getattr(options, field) + more})
    if flag.arity == "switch":
        return replace(options, **{field: as_boolean(flag, text)})  # type: ignore[arg-type]
    if flag.name == "progress":
        if text not in KINDS:
            raise UsageError(f"--progress: {text!r} is not known; use one of {', '.join(KINDS)}")
        return replace(options, progress=text)
    return replace(options, **{field: text})  # type: ignore[arg-type]
