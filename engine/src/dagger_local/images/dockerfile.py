"""Read which images a Dockerfile needs, and write it again with those images pinned to what they were resolved to."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dagger_local.errors import EngineError

_WORD = re.compile(r"\$(?:(\w+)|\{(\w+)(?::?([-+])([^}]*))?\})")
# As BuildKit has it: at the beginning of a word, after a file descriptor at most. <<<text and 1<<N are the shell's.
_HEREDOC = re.compile(r"(?:^|\s)\d*<<-?[\"']?([A-Za-z_]\w*)[\"']?")
_FLAG_FROM = re.compile(r"(?:^|\s)--from=(\S+)")
_MOUNT = re.compile(r"--mount=(\S+)")
_REQUIRED = re.compile(r"(--mount=(?:\S+,)?required)(?=[,\s]|$)")  # by its name alone, at which buildah 1.28 panics
_MOUNT_FROM = re.compile(r"(?:^|,)from=([^,\s]+)")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its keyword in capitals, the rest on one line, and the lines of the file that it covers."""

    keyword: str
    rest: str
    first: int
    last: int


@dataclass(slots=True)
class Stage:
    """One FROM and what follows; `needs` are names of stages or images that it copies or mounts from."""

    base: str
    platform: str
    name: str
    instruction: Instruction
    needs: list[str] = field(default_factory=list)
    users: list[Instruction] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Needed:
    """An image that a build needs, for a platform."""

    reference: str
    platform: str


class Dockerfile:
    """A Dockerfile, scanned with the arguments of one build."""

    def __init__(self, text: str, *, platform: str, build_platform: str, args: Mapping[str, str]) -> None:
        self._lines = text.splitlines()
        self._platform = platform
        self._variables = {**_platform_args("TARGET", platform), **_platform_args("BUILD", build_platform)}
        self._stages = self._scan(args)
        if not self._stages:
            raise EngineError("the Dockerfile has no FROM; begin it with `FROM IMAGE`")

    def needed(self, target: str = "") -> list[Needed]:
        """List the images that building `target` (the last stage when empty) takes, each once.

        Raises EngineError when there is no such stage.
        """
        found: dict[Needed, None] = {}
        for stage in self._reached(target):
            for name, platform in [(stage.base, stage.platform), *((need, self._platform) for need in stage.needs)]:
                if self._stage(name, stage) is None and name != "scratch" and "$" not in name:
                    found[Needed(name, platform)] = None
        return list(found)

    def here_document(self) -> int:
        """Return the number of the first line with a here-document; 0 when there is none."""
        return next((one.first + 1 for one in instructions(self._lines) if has_here_document(one)), 0)

    def pinned(self, images: Mapping[Needed, str]) -> str:
        """Write the Dockerfile with every image of `images` replaced by the id that it was resolved to."""
        lines: list[str | None] = list(self._lines)
        for stage in self._stages:
            image_id = images.get(Needed(stage.base, stage.platform))
            if image_id and self._stage(stage.base, stage) is None:
                alias = f" AS {stage.name}" if stage.name else ""
                lines[stage.instruction.first] = f"FROM --platform={stage.platform} {image_id}{alias}"
                for number in range(stage.instruction.first + 1, stage.instruction.last + 1):
                    lines[number] = None
            for user in stage.users:
                self._pin_users(lines, user, stage, images)
        return "\n".join(_REQUIRED.sub(r"\1=true", line) for line in lines if line is not None) + "\n"

    def _pin_users(
        self, lines: list[str | None], user: Instruction, stage: Stage, images: Mapping[Needed, str]
    ) -> None:
        for name in stage.needs:
            image_id = images.get(Needed(name, self._platform))
            if not image_id or self._stage(name, stage) is not None:
                continue
            pattern = re.compile(rf"(\bfrom=){re.escape(name)}(?=[\s,]|$)")
            for number in range(user.first, user.last + 1):
                if (line := lines[number]) is not None:
                    lines[number] = pattern.sub(rf"\g<1>{image_id}", line)

    def _scan(self, args: Mapping[str, str]) -> list[Stage]:
        stages: list[Stage] = []
        scope = dict(self._variables)
        for instruction in instructions(self._lines):
            if instruction.keyword == "FROM":
                stages.append(self._from(instruction, scope))
            elif instruction.keyword == "ARG" and not stages:
                for word in instruction.rest.split():
                    name, has_default, default = word.partition("=")
                    if name in args:
                        scope[name] = args[name]
                    elif has_default:
                        scope[name] = substitute(default.strip("\"'"), scope)
            elif stages and (needs := _uses(instruction)):
                stages[-1].needs += needs
                stages[-1].users.append(instruction)
        return stages

    def _from(self, instruction: Instruction, scope: Mapping[str, str]) -> Stage:
        words = instruction.rest.split()
        platform = self._platform
        while words and words[0].startswith("--"):
            flag = words.pop(0)
            if flag.startswith("--platform="):
                platform = substitute(flag.removeprefix("--platform="), scope)
        where = f"Dockerfile, line {instruction.first + 1}"
        if not words or len(words) not in (1, 3) or (len(words) == 3 and words[1].upper() != "AS"):
            raise EngineError(f"{where}: write it as FROM [--platform=PLATFORM] IMAGE [AS NAME]")
        base = substitute(words[0], scope)
        if not base:
            raise EngineError(f"{where}: {words[0]} is empty; give the build argument, or a default by ARG before FROM")
        return Stage(base, platform, words[2] if len(words) == 3 else "", instruction)

    def _stage(self, name: str, before: Stage | None) -> Stage | None:
        """Find the stage of that name or number, among those before `before`."""
        stages = self._stages[: self._stages.index(before)] if before else self._stages
        if name.isdigit() and int(name) < len(stages):
            return stages[int(name)]
        return next((stage for stage in reversed(stages) if stage.name and stage.name.lower() == name.lower()), None)

    def _reached(self, target: str) -> list[Stage]:
        last = self._stage(target, None) if target else self._stages[-1]
        if last is None:
            names = ", ".join(stage.name for stage in self._stages if stage.name) or "none has a name"
            raise EngineError(f"the Dockerfile has no stage {target!r}; its stages: {names}")
        reached: list[Stage] = []
        pending = [last]
        while pending:
            stage = pending.pop()
            if stage not in reached:
                reached.append(stage)
                pending += [found for name in (stage.base, *stage.needs) if (found := self._stage(name, stage))]
        return reached


def instructions(lines: list[str]) -> Iterator[Instruction]:
    """Split a Dockerfile into instructions: comments out, continued lines joined, here-documents skipped."""
    escape = _escape(lines)
    number = 0
    while number < len(lines):
        first = number
        text, number = _join(lines, number, escape)
        last = number - 1
        if not text:
            continue
        keyword, rest = (*text.split(None, 1), "")[:2]
        instruction = Instruction(keyword.upper(), rest.strip(), first, last)
        if has_here_document(instruction):
            for end in _HEREDOC.findall(rest):
                while number < len(lines) and lines[number].strip() != end:
                    number += 1
                number += 1
        yield instruction


def has_here_document(instruction: Instruction) -> bool:
    """Tell whether lines that are no instructions follow."""
    return instruction.keyword in ("RUN", "COPY", "ADD") and bool(_HEREDOC.search(instruction.rest))


def _escape(lines: list[str]) -> str:
    """Read the parser directive that chooses the character which continues a line."""
    for line in lines:
        directive = re.match(r"#\s*(\w+)\s*=\s*(\S+)\s*$", line)
        if not directive:
            break
        if directive[1].lower() == "escape":
            return directive[2]
    return "\\"


def _join(lines: list[str], number: int, escape: str) -> tuple[str, int]:
    """Join a line with those that continue it; return them and the number of the line after."""
    parts: list[str] = []
    while number < len(lines):
        line = lines[number].strip()
        number += 1
        if line.startswith("#") or (parts and not line):
            continue
        parts.append(line.removesuffix(escape))
        if not line.endswith(escape):
            break
    return " ".join(parts).strip(), number


def substitute(text: str, variables: Mapping[str, str]) -> str:
    """Fill in $NAME, ${NAME}, ${NAME:-default} and ${NAME:+other}."""

    def value(match: re.Match[str]) -> str:
        found = variables.get(match[1] or match[2], "")
        if match[3] == "-":
            return found or substitute(match[4], variables)
        if match[3] == "+":
            return substitute(match[4], variables) if found else ""
        return found

    return _WORD.sub(value, text)


def _uses(instruction: Instruction) -> list[str]:
    if instruction.keyword in ("COPY", "ADD"):
        return _FLAG_FROM.findall(instruction.rest)
    if instruction.keyword == "RUN":
        return [name for mount in _MOUNT.findall(instruction.rest) for name in _MOUNT_FROM.findall(mount)]
    return []


def _platform_args(prefix: str, platform: str) -> dict[str, str]:
    system, architecture, variant = (*platform.split("/"), "", "")[:3]
    values = {"PLATFORM": platform, "OS": system, "ARCH": architecture, "VARIANT": variant}
    return {f"{prefix}{name}": value for name, value in values.items()}
