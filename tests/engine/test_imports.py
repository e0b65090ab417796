"""Every file of the engine can be read alone: imports lead one way, stand at the top, and no file is long."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

SOURCES = Path(__file__).parents[2] / "engine" / "src"
LONGEST = 250
FILES = sorted(SOURCES.rglob("*.py"))


def test_imports_lead_one_way() -> None:
    graph = {module_of(path): imported_by(path) for path in FILES}
    assert any(graph.values())
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise AssertionError(f"these import each other: {' -> '.join(error.args[1])}") from None


def test_object_types_import_nothing_inside_functions() -> None:
    objects = [path for path in FILES if path.parent.name == "objects"]
    assert objects
    inner = [
        f"{path.name}:{node.lineno}"
        for path in objects
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inner == []


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    long = {path.name: lines for path in FILES if (lines := len(path.read_text().splitlines())) > LONGEST}
    assert long == {}


def imported_by(path: Path) -> set[str]:
    """The engine's own modules that a file imports, wherever in it."""
    known = {module_of(each) for each in FILES}
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (names & known) or {node.module}
    return (found & known) - {module_of(path)}


def module_of(path: Path) -> str:
    name = ".".join(path.relative_to(SOURCES).with_suffix("").parts)
    return name.removesuffix(".__init__")
