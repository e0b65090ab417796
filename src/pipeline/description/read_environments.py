"""Read the environments of pipeline.yaml, and registries."""

from pipeline.errors import shown

from . import keys
from .model import Environment
from .places import Found, Problems
from .read_freezes import read_freezes, read_length
from .read_signers import read_signers
from .yaml_document import Mapping, unique


def read_registry(section: Mapping, problems: Problems) -> str:
    """Return the address of a registry, given as such or as an AWS account and region."""
    if section.has(keys.ADDRESS):
        for other in (keys.ACCOUNT, keys.REGION):
            if section.has(other):
                problems.add(section.place(other), "says the same as address: keep one of them")
        return section.text(keys.ADDRESS).value
    account, region = section.text(keys.ACCOUNT, required=True).value, section.text(keys.REGION, required=True).value
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"{account}.dkr.ecr.{region}.{suffix}"


def read_environments(sections: list[Mapping], problems: Problems) -> tuple[Environment, ...]:
    """Return the environments: the first receives builds, each other is promoted to from one of them."""
    names: dict[str, Found] = {}
    sources: list[Found] = []
    environments = []
    for index, section in enumerate(sections):
        name = unique(section.text(keys.ENVIRONMENT_NAME), names, problems)
        source = section.text(keys.PROMOTES_FROM, required=index > 0)
        if index == 0 and source.value:
            problems.add(source.at, "the first environment receives builds: remove the key")
        for gate in (keys.SOAK, keys.FROZEN, keys.REQUIRE, keys.SIGNERS):
            if index == 0 and section.has(gate):
                problems.add(section.place(gate), "is for environments that are promoted to: remove it")
        if index > 0 and section.has(keys.DEPLOYED_BY):
            problems.add(
                section.place(keys.DEPLOYED_BY), "is for the first environment, others are promoted to: remove it"
            )
        sources.append(source)
        require = section.texts(keys.REQUIRE)
        environments.append(Environment(
            name,
            source.value,
            read_registry(section.section(keys.ENVIRONMENT_REGISTRY), problems)
            if section.has(keys.ENVIRONMENT_REGISTRY) else "",
            section.choice(keys.DEPLOYED_BY),
            section.texts(keys.REVIEWERS),
            section.number(keys.WAIT_MINUTES),
            section.texts(keys.BRANCHES),
            section.choice(keys.CHANGES_BY),
            read_length(section, keys.SOAK),
            read_freezes(section.sections(keys.FROZEN), problems),
            require,
            read_signers(section, require, problems),
        ))  # fmt: skip
    _check_sources(environments, sources, problems)
    return tuple(environments)


def _check_sources(environments: list[Environment], places: list[Found], problems: Problems) -> None:
    sources = {environment.name: environment.promotes_from for environment in environments}
    for environment, source in list(zip(environments, places, strict=True))[1:]:
        if source.value and source.value not in sources:
            known = ", ".join(filter(None, sources))
            problems.add(source.at, f"there is no environment {shown(source.value)}: choose one of {known}")
        elif loop := _loop(environment.name, sources):
            problems.add(source.at, f"is a loop, {' <- '.join(loop)}: promote from an earlier environment")


def _loop(start: str, sources: dict[str, str]) -> list[str]:
    """Follow the environments from one to those it promotes from, and return the way if it comes back."""
    way = [start]
    while source := sources.get(way[-1], ""):
        if source in way:
            return [*way, source] if source == start else []
        way.append(source)
    return []
