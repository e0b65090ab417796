"""What the SDK sees of the module, and what it makes of its errors."""

import dagger
import pytest
from dagger.mod import default_module
from dagger.mod._exceptions import FunctionError, _exception_attributes

from pipeline import Pipeline
from pipeline._errors import InvalidInput, PipelineError, last_lines, shown
from pipeline.images import Build, Image

VERBS = {"build", "images"}


@pytest.mark.parametrize("kind", [Pipeline, Build, Image])
def test_every_function_is_described_with_every_argument(kind: type) -> None:
    definition = default_module().get_object(kind.__name__)
    for function in definition.functions.values():
        assert function.doc, function.name
        assert all(argument.doc for argument in function.parameters.values()), function.name


def test_no_result_of_a_verb_is_reused() -> None:
    functions = default_module().get_object("Pipeline").functions
    assert set(functions) - {""} >= VERBS
    assert all(functions[verb].cache_policy == "never" for verb in set(functions) - {""})


def test_an_error_of_ours_passes_the_sdk_as_one_line_under_its_own_name() -> None:
    error = InvalidInput("'x' is no release tag")
    attributes = _exception_attributes(error)
    assert isinstance(error, FunctionError)  # which is passed on without a traceback
    assert isinstance(error, PipelineError)
    assert attributes["exception.type"] == "InvalidInput"


def test_a_foreign_value_is_shown_on_one_bounded_line() -> None:
    assert shown("a\nb\x1b[31m") == r"'a\nb\x1b[31m'"
    assert len(shown("x" * 1000)) < 90


def test_only_the_end_of_a_long_output_is_shown() -> None:
    assert last_lines("\n".join(map(str, range(100))), 2) == "\n  98\n  99"


def test_the_source_is_without_what_may_hold_a_token() -> None:
    constructor = default_module().get_object("Pipeline").get_constructor()
    ignore = constructor.parameters["source"].ignore
    assert ignore is not None
    assert ignore[0] == ".git/*"
    assert ".env" in ignore
    assert not any(pattern.startswith("!") and ("config" in pattern or pattern == "!.git") for pattern in ignore)
    assert dagger.Directory is constructor.parameters["source"].resolved_type
