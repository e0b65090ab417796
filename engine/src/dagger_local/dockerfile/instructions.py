"""A Dockerfile's instructions, each checked for its form. Source: the Dockerfile reference, and BuildKit's parser."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from e2b_dockerfile_utils import (
    DockerfileHeredoc,
    DockerfileInstruction,
    DockerfileSyntaxError,
    chomp_heredoc_content,
)

from dagger_local.dockerfile.errors import DockerfileError
from dagger_local.dockerfile.flags import Flags, read_flags
from dagger_local.dockerfile.mounts import Mount
from dagger_local.dockerfile.syntax import parse
from dagger_local.errors import EngineError

_LONGEST_LINE = 65535
_FRONTENDS = re.compile(
    r"(?:(?:index\.)?docker\.io/)?(?:docker|moby)/dockerfile(?:-upstream)?(?:[:@].*)?", re.IGNORECASE
)
_SYNTAX = re.compile(r"#\s*syntax\s*=\s*(\S.*?)\s*$", re.IGNORECASE)
_DIRECTIVE = re.compile(r"#\s*[A-Za-z][A-Za-z0-9]*\s*=\s*\S")
_NETWORKS = ("default", "none", "host")
_COUNTS = {
    **dict.fromkeys(("ENV", "LABEL", "ARG", "VOLUME", "EXPOSE", "HEALTHCHECK", "ONBUILD"), "at least one argument"),
    **dict.fromkeys(("MAINTAINER", "WORKDIR", "USER", "STOPSIGNAL"), "exactly one argument"),
}


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its keyword in capitals, its flags and arguments before any substitution."""

    file: str
    line: int
    keyword: str
    args: tuple[str, ...]
    flags: Flags = field(default_factory=Flags)
    is_json: bool = False
    heredocs: tuple[DockerfileHeredoc, ...] = ()
    text: str = ""

    def error(self, message: str) -> DockerfileError:
        """Return the error that names this instruction."""
        return DockerfileError(self.file, self.line, f"{self.keyword}: {message}")

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The names and values of ENV and LABEL."""
        return [(self.args[at], self.args[at + 1]) for at in range(0, len(self.args), 3)]


def read_instructions(text: str, file: str) -> tuple[list[Instruction], str]:
    """Return all instructions of a Dockerfile and its escape character. Raises DockerfileError."""
    if not text:
        raise DockerfileError(file, 0, "the Dockerfile is empty; begin it with FROM")
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line.encode()) > _LONGEST_LINE:
            raise DockerfileError(file, number, f"the line is longer than {_LONGEST_LINE} bytes")
    _refuse_other_frontend(text, file)
    try:
        ast = parse(text)
    except DockerfileSyntaxError as error:
        raise DockerfileError(file, error.line or 0, str(error).partition(": ")[2]) from None
    if not ast.instructions:
        raise DockerfileError(file, 0, "there is no instruction in it; begin it with FROM")
    return [_checked(one, file) for one in ast.instructions], ast.escape_token


def read_trigger(text: str, of: Instruction) -> Instruction:
    """Read what ONBUILD says; errors are those of the FROM that runs it."""
    try:
        found = parse(text).instructions
        if len(found) != 1:
            raise of.error(f"the base image's ONBUILD {text!r} is not one instruction")
        return replace(_checked(found[0], of.file), line=of.line)
    except DockerfileSyntaxError as error:
        raise of.error(f"the base image's ONBUILD {text!r}: {error}") from None


def contents(heredoc: DockerfileHeredoc) -> str:
    """Return a here-document's text, its tabs cut where `<<-` asks for it."""
    return chomp_heredoc_content(heredoc.content) if heredoc.chomp else heredoc.content


def _refuse_other_frontend(text: str, file: str) -> None:
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        if found := _SYNTAX.match(line):
            if not _FRONTENDS.fullmatch(found[1]):
                raise DockerfileError(
                    file, number, f"syntax={found[1]}: only docker/dockerfile is known; leave the line out"
                )
            return
        if not _DIRECTIVE.match(line):
            return


def _checked(node: DockerfileInstruction, file: str) -> Instruction:
    keyword = node.name
    args = tuple(node.args)
    read = Instruction(file, node.start_line, keyword, args, Flags(), node.json, tuple(node.heredocs), node.original)
    try:
        _check_count(keyword, args)
        checked = replace(read, flags=read_flags(keyword, args, node.flags))
        _check_form(checked)
    except DockerfileError:
        raise
    except (EngineError, ValueError) as error:
        raise read.error(str(error)) from None
    return checked


def _check_count(keyword: str, args: tuple[str, ...]) -> None:
    wanted = _COUNTS.get(keyword, "")
    if (wanted and not args) or (wanted.startswith("exactly") and len(args) != 1):
        raise ValueError(f"it requires {wanted}")
    if keyword in ("COPY", "ADD") and len(args) < 2:
        raise ValueError("it requires at least two arguments, a source and a destination")
    if keyword == "FROM" and len(args) not in (1, 3):
        raise ValueError("write it as FROM [--platform=PLATFORM] IMAGE [AS NAME]")


def _check_form(one: Instruction) -> None:
    if one.keyword in ("ENV", "LABEL") and not all(name for name, _ in one.pairs):
        raise ValueError("a name is blank")
    if check := _FORMS.get(one.keyword):
        check(one)


def _check_arg(one: Instruction) -> None:
    if any(word.startswith("=") for word in one.args):
        raise ValueError("a name is blank")


def _check_from(one: Instruction) -> None:
    if len(one.args) == 3:
        _check_stage_name(one.args)


def _check_volume(one: Instruction) -> None:
    if not all(word.strip() for word in one.args):
        raise ValueError("a path is empty")


def _check_shell(one: Instruction) -> None:
    if not one.is_json or not one.args:
        raise ValueError('write it as a JSON array, SHELL ["/bin/sh", "-c"]')


def _check_run(one: Instruction) -> None:
    if one.flags.text("network", "default") not in _NETWORKS:
        raise ValueError(f"--network={one.flags.text('network')} is not known; write default, none or host")
    for text in one.flags.all("mount"):
        Mount.source_of(text)


def _check_trigger(one: Instruction) -> None:
    first = one.args[0].split()[0].upper()
    if first in ("ONBUILD", "FROM", "MAINTAINER"):
        raise ValueError(f"{first} cannot be a trigger")


def _check_copy(one: Instruction) -> None:
    if one.heredocs and one.args[-1].startswith("<<"):
        raise ValueError("a here-document cannot be the destination")


_FORMS: Mapping[str, Callable[[Instruction], None]] = {
    "ARG": _check_arg,
    "FROM": _check_from,
    "VOLUME": _check_volume,
    "SHELL": _check_shell,
    "RUN": _check_run,
    "ONBUILD": _check_trigger,
    "COPY": _check_copy,
    "ADD": _check_copy,
}


def _check_stage_name(args: tuple[str, ...]) -> None:
    if args[1].upper() != "AS":
        raise ValueError("write it as FROM [--platform=PLATFORM] IMAGE [AS NAME]")
    if not re.fullmatch(r"[a-z][a-z0-9-_.]*", args[2].lower()):
        raise ValueError(f"{args[2]!r} cannot name a stage: begin with a letter, go on with letters, digits, - _ .")
