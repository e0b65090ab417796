"""docs/reference.md names every key of pipeline.yaml with its meaning, and every argument of every verb."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dagger.mod import default_module

from pipeline import Pipeline
from pipeline.description import keys
from pipeline.description.forms import AnyKey, Mixed, Section, Sections

REFERENCE = (Path(__file__).parents[3] / "docs/reference.md").read_text()


def _keys(section: Section, prefix: str = "") -> Iterator[tuple[str, AnyKey]]:
    for key in section.keys:
        name = f"{prefix}{key.name}"
        yield name, key
        if isinstance(key.form, Section):
            yield from _keys(key.form, f"{name}.")
        elif isinstance(key.form, Sections | Mixed):
            yield from _keys(key.form.section, f"{name}[].")


@pytest.mark.parametrize(("name", "key"), [pair for pair in _keys(keys.ROOT) if "[].registry." not in pair[0]])
def test_every_key_is_there_with_its_meaning(name: str, key: AnyKey) -> None:
    required = "yes" if key.required else ""
    assert f"| `{name}` | {required} | {key.meaning} |" in REFERENCE


@pytest.mark.parametrize(
    "verb",
    [
        *("release", "build", "promote", "rollback", "wait", "doctor", "status", "bill_of_materials"),
        *("vulnerabilities", "history", "board", "rehearse", "plan", "images"),
    ],
)
def test_every_argument_of_a_verb_is_there(verb: str) -> None:
    section = REFERENCE.partition(f"\n### {verb.replace('_', '-')}\n")[2].partition("\n### ")[0]
    functions = default_module().get_object(Pipeline.__name__).functions
    for argument in functions[verb].parameters.values():
        assert f"`--{str(argument.name).replace('_', '-')}`" in section


def test_every_argument_before_the_verb_is_there() -> None:
    constructor = default_module().get_object(Pipeline.__name__).get_constructor()
    for name in constructor.parameters:
        assert f"`--{name.replace('_', '-')}`" in REFERENCE
