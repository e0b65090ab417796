"""How reports are laid out."""

from collections.abc import Callable

import pytest

from pipeline.surface import human, markdown_table, text_table


def test_columns_are_aligned_and_nothing_trails() -> None:
    assert text_table(["service", "size"], [["a", "1 B"], ["backend-long", "20 kB"]]).splitlines() == [
        "SERVICE       SIZE",
        "a             1 B",
        "backend-long  20 kB",
    ]


def test_a_cell_cannot_end_its_column_in_markdown() -> None:
    assert markdown_table(["a", "b"], [["x|y", "z"]]) == "| a | b |\n| --- | --- |\n| x\\|y | z |"


@pytest.mark.parametrize("table", [text_table, markdown_table])
@pytest.mark.parametrize("cell", ["x\n\n| y", "x\r\ny", "x\u2028y", "x\x1b[31m\x00"])
def test_a_cell_cannot_end_its_line_nor_reach_the_terminal(
    table: Callable[[list[str], list[list[str]]], str], cell: str
) -> None:
    lines = table(["a"], [[cell]]).splitlines()
    assert len(lines) == (3 if table is markdown_table else 2)
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (12_345_678, "12.3 MB"), (5_000_000_000, "5.0 GB")],
)
def test_sizes_are_written_for_people(size: int, text: str) -> None:
    assert human(size) == text


def test_a_wide_table_is_shortened_by_hosts_first_then_by_digests() -> None:
    host, digest = "438950223046.dkr.ecr.eu-central-1.amazonaws.com", "sha256:0123456789ab" + "c" * 52
    image = f"{host}/stg-shop-backend:v1.2.3"
    rows = [["backend", "v1.0.0", image, digest, "there already"]]
    head = ["service", "before", "after", "digest", "image"]
    assert text_table(head, rows).splitlines()[1] == (
        "backend  v1.0.0  …/stg-shop-backend:v1.2.3  0123456789ab  there already"
    )
    assert host in text_table(head[:4], [["backend", "v1.0.0", image, "sha256:01"]])
    shortened = text_table(["after", "digest"], [[f"localhost:5000/{'x' * 20}:v1", digest]]).splitlines()[1]
    assert shortened == f"…/{'x' * 20}:v1  {digest}"
    assert digest in markdown_table(head, rows)
