"""The house: imports go one way, no modules import each other in a circle, no file is long."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = (ROOT / "src", ROOT / "engine/src")
# What stands on the left may import what stands to the right of it, by the folder's name; the list of the folders is
# in the package's docstring.
ORDER = (
    "main", "verbs", "rehearsal", "call", "deployment", "board", "promotion", "release", "diagnosis", "checks",
    "generation", "provenance", "vulnerabilities", "materials", "services", "overlays", "forge", "git", "referrers",
    "description", "registry", "tools", "surface", "errors", "concurrency",
)  # fmt: skip
LONGEST = 250  # lines


def _files(source: Path) -> dict[str, Path]:
    """Return the Python files of a source folder, by module name."""
    names = {path: list(path.relative_to(source).with_suffix("").parts) for path in source.rglob("*.py")}
    return {".".join(parts[:-1] if parts[-1] == "__init__" else parts): path for path, parts in names.items()}


def _imports(module: str, path: Path) -> Iterator[tuple[str, str]]:
    """Return what a module imports, also within functions: a module, and a name of it, which is empty for all."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            name = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((name, alias.name) for alias in node.names)


def _graph(source: Path) -> dict[str, set[str]]:
    """Return which modules of a source folder each module imports."""
    files = _files(source)
    imports = {module: list(_imports(module, path)) for module, path in files.items()}
    exported = {(module, name) for module, found in imports.items() for base, name in found if base != module}

    def imported(module: str, name: str) -> str:
        """Return the module behind an import: a package may export something under the name of one of its modules."""
        inner = f"{module}.{name}"
        return inner if inner in files and (module, name) not in exported else module

    return {
        module: {target for name in found if (target := imported(*name)) in files and target != module}
        for module, found in imports.items()
    }


def _circle(graph: dict[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def _folder(module: str) -> str:
    return f"{module}.".split(".")[1]


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_no_modules_import_each_other_in_a_circle(source: Path) -> None:
    graph = _graph(source)
    assert len(graph) > 30
    assert _circle(graph) == []


def test_imports_of_the_module_go_one_way_and_to_a_folder_as_a_whole() -> None:
    graph = _graph(ROOT / "src")
    wrong = [
        f"{module} imports {name}"
        for module, names in graph.items()
        for name in names
        if _folder(module) != _folder(name) and not _is_allowed(module, name)
    ]
    assert wrong == []
    assert {_folder(module) for module in graph} == {"", *ORDER}


def _is_allowed(module: str, name: str) -> bool:
    """Tell whether a module may import one of another folder: one to the right, and what its `__init__` exports."""
    if module == "pipeline":
        return name == "pipeline.main"
    downwards = ORDER.index(_folder(module)) < ORDER.index(_folder(name))
    return downwards and (name.count(".") == 1 or name == "pipeline.surface.arguments")


def test_the_order_is_written_where_a_reader_looks_for_it() -> None:
    assert " > ".join(ORDER) in " ".join(
        (ast.get_docstring(ast.parse((ROOT / "src/pipeline/__init__.py").read_text())) or "").split()
    )


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_no_file_is_long(source: Path) -> None:
    long = {path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines()) for path in source.rglob("*.py")}
    assert {path: lines for path, lines in long.items() if lines > LONGEST} == {}


def test_what_the_rules_forbid_is_found(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/__init__.py").write_text('"""A."""\n')
    (tmp_path / "a/one.py").write_text("def late():\n    from .two import x\n")
    (tmp_path / "a/two.py").write_text("import a.three\n")
    (tmp_path / "a/three.py").write_text("from a import one\n\n")
    circle = _circle(_graph(tmp_path))
    assert {(name, other) for name, other in pairwise(reversed(circle))} == {
        ("a.one", "a.two"), ("a.two", "a.three"), ("a.three", "a.one"),
    }  # fmt: skip


def test_tests_open_the_shared_connection_in_one_place() -> None:
    """Whoever opens it a second time in a process closes the first: `dagger.Connection` is one of one's own."""
    opened = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("*.py")
        if "probes" not in path.parts and "fixture-module" not in path.as_posix()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "dagger.connection"
    ]
    assert opened == ["tests/conftest.py"]
