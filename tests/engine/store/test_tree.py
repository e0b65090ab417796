"""Layers are read as overlayfs shows them, and nothing leads out of them."""

import os
import stat
from pathlib import Path

import pytest

from dagger_local.errors import EngineError
from dagger_local.store.tree import Layer, Tree, children, lookup, resolve, select, walk
from dagger_local.store.writing import LayerWriter, materialize, subtree


def whiteout(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(0, 0))


def opaque(path: Path) -> None:
    path.mkdir(parents=True, exist_ok=True)
    os.setxattr(path, "trusted.overlay.opaque", b"y")


@pytest.fixture
def lower(tmp_path: Path) -> Path:
    place = tmp_path / "lower"
    for name in ("a/one", "a/two", "b/three", "top"):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(name)
    return place


@pytest.fixture
def upper(tmp_path: Path) -> Path:
    place = tmp_path / "upper"
    place.mkdir()
    return place


def tree(*layers: Path) -> Tree:
    return tuple(Layer(layer.name, layer) for layer in layers)


def shown(these: Tree) -> list[str]:
    return [entry.path for entry in walk(these) if not entry.is_dir]


def test_upper_names_cover_lower_ones(lower: Path, upper: Path) -> None:
    (upper / "a").mkdir()
    (upper / "a/one").write_text("new")

    entry = lookup(tree(lower, upper), "a/one")

    assert entry
    assert entry.host.read_text() == "new"
    assert shown(tree(lower, upper)) == ["a/one", "a/two", "b/three", "top"]


def test_a_whiteout_deletes_a_name_and_all_below(lower: Path, upper: Path) -> None:
    whiteout(upper / "a")
    whiteout(upper / "b/three")

    assert shown(tree(lower, upper)) == ["top"]
    assert lookup(tree(lower, upper), "a") is None
    assert lookup(tree(lower, upper), "a/one") is None
    assert [entry.name for entry in children(tree(lower, upper))] == ["b", "top"]


def test_an_opaque_folder_hides_what_lies_below(lower: Path, upper: Path) -> None:
    opaque(upper / "a")
    (upper / "a/new").write_text("n")

    assert shown(tree(lower, upper)) == ["a/new", "b/three", "top"]
    assert lookup(tree(lower, upper), "a/one") is None
    assert len(select(tree(lower, upper), "a")) == 1


def test_a_file_over_a_folder_hides_it(lower: Path, upper: Path) -> None:
    (upper / "a").write_text("file")

    assert shown(tree(lower, upper)) == ["a", "b/three", "top"]
    assert lookup(tree(lower, upper), "a/one") is None
    with pytest.raises(EngineError, match="not a directory"):
        subtree(tree(lower, upper), "a")


def test_a_folder_over_a_file_starts_empty(lower: Path, upper: Path) -> None:
    (upper / "top").mkdir()
    (upper / "top/in").write_text("i")

    assert shown(select(tree(lower, upper), "top")) == ["in"]


@pytest.mark.parametrize(
    ("target", "found"),
    [("one", "a/one"), ("../b/three", "b/three"), ("/b/three", "b/three"), ("../../../../top", "top"), ("none", None)],
)
def test_links_are_followed_inside_only(lower: Path, upper: Path, target: str, found: str | None) -> None:
    (upper / "a").mkdir()
    (upper / "a/link").symlink_to(target)

    entry = resolve(tree(lower, upper), "a/link")

    assert (entry.path if entry else None) == found


def test_links_in_a_circle_are_an_error(upper: Path) -> None:
    (upper / "x").symlink_to("y")
    (upper / "y").symlink_to("x")

    with pytest.raises(EngineError, match="too many levels"):
        resolve(tree(upper), "x")


def test_dots_never_leave_the_root(lower: Path) -> None:
    assert resolve(tree(lower), "../../etc/passwd") is None
    assert resolve(tree(lower), "a/../../../top")


def test_removing_and_making_again_hides_the_old(lower: Path, upper: Path) -> None:
    layer = LayerWriter(upper, tree(lower))

    layer.remove("a")
    layer.write("a/new", b"n")

    assert shown(tree(lower, upper)) == ["a/new", "b/three", "top"]


def test_removing_what_is_removed_already_changes_nothing(lower: Path, upper: Path) -> None:
    layer = LayerWriter(upper, tree(lower))

    layer.remove("a")
    layer.remove("a/one")

    assert lookup(tree(lower, upper), "a") is None


def test_a_folder_over_a_file_over_a_folder_starts_empty(lower: Path, upper: Path) -> None:
    layer = LayerWriter(upper, tree(lower))

    layer.write("a", b"a file")
    layer.write("a/new", b"n")

    assert shown(tree(lower, upper)) == ["a/new", "b/three", "top"]


def test_removing_what_only_the_layer_has_leaves_no_whiteout(lower: Path, upper: Path) -> None:
    layer = LayerWriter(upper, tree(lower))

    layer.write("own/file", b"x")
    layer.remove("own/file")
    layer.remove("none")

    assert list((upper / "own").iterdir()) == []
    assert not os.path.lexists(upper / "none")


def test_what_is_written_through_a_link_lands_at_its_target(lower: Path, upper: Path) -> None:
    (lower / "link").symlink_to("a")
    (lower / "out").symlink_to("/etc")

    layer = LayerWriter(upper, tree(lower))
    layer.write("link/new", b"n")
    layer.write("out/hosts", b"h")

    assert (upper / "a/new").read_bytes() == b"n"
    assert (upper / "etc/hosts").read_bytes() == b"h"


def test_a_link_made_by_the_layer_itself_cannot_lead_out(lower: Path, upper: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    layer = LayerWriter(upper, tree(lower))

    layer.symlink("out", str(outside))
    layer.write("out/file", b"x")

    assert list(outside.iterdir()) == []


def test_a_copied_tree_with_links_out_of_it_stays_inside(lower: Path, upper: Path, tmp_path: Path) -> None:
    outside, source = tmp_path / "outside", tmp_path / "source"
    outside.mkdir()
    (source / "d").mkdir(parents=True)
    (source / "d/f").write_text("f")
    (upper / "d").symlink_to(outside)

    materialize(tree(source), upper)

    assert list(outside.iterdir()) == []
    assert (upper / "d/f").read_text() == "f"


def test_owners_and_modes_are_copied(lower: Path, tmp_path: Path) -> None:
    (lower / "a").chmod(0o750)
    os.chown(lower / "a", 12, 34)
    target = tmp_path / "copy"
    target.mkdir()

    materialize(tree(lower), target)

    info = (target / "a").stat()
    assert (info.st_uid, info.st_gid, stat.S_IMODE(info.st_mode)) == (12, 34, 0o750)
    assert (target / "a/one").read_text() == "a/one"
