"""A Dockerfile's stages: what each starts from, which are needed for a target."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dagger_local.dockerfile.errors import DockerfileError
from dagger_local.dockerfile.instructions import Instruction, read_instructions
from dagger_local.dockerfile.mounts import Mount
from dagger_local.dockerfile.words import expand
from dagger_local.errors import EngineError
from dagger_local.images.references import parse
from dagger_local.platforms import normalised, variables


@dataclass(frozen=True, slots=True)
class Stage:
    """One FROM, its variables filled in, and the instructions after it; `parent` is the stage that it goes on from."""

    number: int
    name: str
    base: str
    platform: str
    begin: Instruction
    commands: tuple[Instruction, ...]
    parent: "Stage | None"


@dataclass(frozen=True, slots=True)
class Given:
    """What a build is given beside its files."""

    platform: str
    build_platform: str
    args: Mapping[str, str]
    target: str = ""


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """A Dockerfile, read for one build: its stages, the arguments before the first, and how words are escaped."""

    file: str
    escape: str
    arguments: Mapping[str, str]
    stages: tuple[Stage, ...]
    target: Stage

    def named(self, name: str) -> Stage | None:
        """Find the stage of this name."""
        return next((stage for stage in reversed(self.stages) if stage.name and stage.name == name.lower()), None)

    def source(self, name: str, by: Instruction) -> Stage | None:
        """Find the stage that `--from` means, by name or (for COPY) by number; None for an image's name."""
        if by.keyword == "RUN" or not name.isdecimal():
            return self.named(name)
        if int(name) >= len(self.stages):
            raise by.error(f"--from={name}: there is no stage of this number; they count from 0")
        return self.stages[int(name)]

    def sources(self, stage: Stage) -> dict[str, Stage]:
        """Return the other stages that the instructions of a stage name, by that name."""
        found: dict[str, Stage] = {}
        for one in stage.commands:
            for name in _named_by(one):
                if source := self.source(name, one):
                    found[name] = source
                elif name != "scratch":
                    check_reference(one, name)
        return found


def read(text: str, file: str, given: Given) -> Dockerfile:
    """Read a Dockerfile for a build. Raises DockerfileError."""
    instructions, escape = read_instructions(text, file)
    before = [one for one in instructions if one.keyword == "FROM"][:1]
    if not before:
        raise DockerfileError(file, 0, "it has no FROM; begin it with FROM IMAGE")
    first = instructions.index(before[0])
    arguments = _arguments(instructions[:first], given, escape)
    stages = _stages(instructions[first:], arguments, escape)
    found = Dockerfile(file, escape, arguments, stages, _target(stages, given.target, file))
    _check_circles(found)
    return found


def _arguments(before: Sequence[Instruction], given: Given, escape: str) -> dict[str, str]:
    """Return the values of what is declared before the first FROM, and of the arguments that are always there."""
    found = {**variables("BUILD", given.build_platform), **variables("TARGET", given.platform)}
    found = {name: given.args.get(name, value) for name, value in found.items()}
    for one in before:
        if one.keyword != "ARG":
            raise one.error("it stands before the first FROM, where only ARG may")
        for word in one.args:
            name, has_default, default = word.partition("=")
            if name in given.args:
                found[name] = given.args[name]
            elif has_default:
                found[name] = expanded(one, default, found, escape)
    return found


def expanded(one: Instruction, word: str, values: Mapping[str, str], escape: str) -> str:
    """Fill in variables; what cannot be filled in is the instruction's error."""
    try:
        return expand(word, values, escape)
    except ValueError as error:
        raise one.error(str(error)) from None


def _stages(instructions: Sequence[Instruction], arguments: Mapping[str, str], escape: str) -> tuple[Stage, ...]:
    starts = [number for number, one in enumerate(instructions) if one.keyword == "FROM"]
    stages: list[Stage] = []
    names: dict[str, Stage] = {}
    for start, end in zip(starts, [*starts[1:], len(instructions)], strict=True):
        begin = instructions[start]
        base = expanded(begin, begin.args[0], arguments, escape)
        if not base:
            raise begin.error(f"{begin.args[0]} is empty; give the build argument, or a default by ARG before FROM")
        parent = names.get(base)
        if parent is None and base != "scratch":
            check_reference(begin, base)
        platform = _platform(begin, arguments, escape)
        name = begin.args[2].lower() if len(begin.args) == 3 else ""
        stage = Stage(len(stages), name, base, platform, begin, tuple(instructions[start + 1 : end]), parent)
        stages.append(stage)
        names |= {name: stage} if name else {}
    return tuple(stages)


def _platform(begin: Instruction, arguments: Mapping[str, str], escape: str) -> str:
    word = begin.flags.text("platform")
    if not word:
        return ""
    text = expanded(begin, word, arguments, escape)
    try:
        return normalised(text)
    except EngineError as error:
        raise begin.error(f"--platform={word}: {error}") from None


def check_reference(one: Instruction, name: str) -> None:
    """Check that a name can be an image's."""
    try:
        parse(name)
    except EngineError as error:
        raise one.error(str(error)) from None


def _target(stages: Sequence[Stage], target: str, file: str) -> Stage:
    if not target:
        return stages[-1]
    found = [stage for stage in stages if stage.name and stage.name == target.lower()]
    if not found:
        names = ", ".join(stage.name for stage in stages if stage.name) or "none has a name"
        raise DockerfileError(file, 0, f"there is no stage {target!r}; its stages: {names}")
    return found[-1]


def _named_by(one: Instruction) -> list[str]:
    if one.keyword == "COPY" and (name := one.flags.text("from")):
        return [name]
    if one.keyword == "RUN":
        return [name for text in one.flags.all("mount") if (name := Mount.source_of(text))]
    return []


def _check_circles(dockerfile: Dockerfile) -> None:
    """Refuse stages that need each other, whether they are needed or not."""
    needs = {
        stage.number: {found.number for found in dockerfile.sources(stage).values()} for stage in dockerfile.stages
    }
    for stage in dockerfile.stages:
        if stage.parent:
            needs[stage.number].add(stage.parent.number)
    for stage in dockerfile.stages:
        seen: set[int] = set()
        pending = set(needs[stage.number])
        while pending:
            seen.add(number := pending.pop())
            pending |= needs[number] - seen
        if stage.number in seen:
            raise stage.begin.error(f"the stage {stage.name or stage.number} needs itself")
