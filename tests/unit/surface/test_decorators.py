"""What the SDK sees of the module."""

import dagger
import pytest
from dagger.mod import default_module

from pipeline import Pipeline
from pipeline.services.build import Build
from pipeline.services.image import Image

VERBS = {"build", "images"}
BY_FILES_ALONE = {"lint", "test", "scan", "workflows"}  # checks of files: the same files give the same result


@pytest.mark.parametrize("kind", [Pipeline, Build, Image])
def test_every_function_is_described_with_every_argument(kind: type) -> None:
    definition = default_module().get_object(kind.__name__)
    for function in definition.functions.values():
        assert function.doc, function.name
        assert all(argument.doc for argument in function.parameters.values()), function.name


def test_no_result_of_a_verb_is_reused() -> None:
    functions = default_module().get_object("Pipeline").functions
    assert set(functions) - {""} >= VERBS
    assert {verb for verb in set(functions) - {""} if functions[verb].cache_policy != "never"} == BY_FILES_ALONE


def test_the_source_is_without_what_may_hold_a_token() -> None:
    constructor = default_module().get_object("Pipeline").get_constructor()
    ignore = constructor.parameters["source"].ignore
    assert ignore is not None
    assert ignore[0] == ".git/*"
    assert ".env" in ignore
    assert not any(pattern.startswith("!") and ("config" in pattern or pattern == "!.git") for pattern in ignore)
    assert dagger.Directory is constructor.parameters["source"].resolved_type
