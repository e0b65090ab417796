"""What the SDK makes of the pipeline's errors, and how foreign values are shown in them."""

from dagger.mod._exceptions import FunctionError, _exception_attributes

from pipeline.errors import InvalidInput, PipelineError, last_lines, shown


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
