"""Changesets: what differs between two directories, shown, applied and merged."""

from pathlib import Path

import dagger
import pytest

pytestmark = [pytest.mark.anyio, pytest.mark.engine]


@pytest.fixture
def before(dag: dagger.Client) -> dagger.Directory:
    return (
        dag.directory()
        .with_new_file("same", "same\n")
        .with_new_file("changed", "one\ntwo\n")
        .with_new_file("gone", "gone\n")
        .with_new_file("dir/inner", "inner\n")
        .with_new_file("run", "#!/bin/sh\n")
    )


@pytest.fixture
def changes(before: dagger.Directory) -> dagger.Changeset:
    after = (
        before.with_new_file("changed", "one\n2\n")
        .without_file("gone")
        .without_directory("dir")
        .with_new_file("new/deep/file", "new\n")
        .without_file("run")
        .with_new_file("run", "#!/bin/sh\n", permissions=0o755)
    )
    return after.changes(before)


async def test_paths_are_told_apart(changes: dagger.Changeset) -> None:
    assert await changes.added_paths() == ["new/", "new/deep/", "new/deep/file"]
    assert sorted(await changes.modified_paths()) == ["changed", "run"]
    assert set(await changes.removed_paths()) >= {"dir/", "gone"}
    assert not await changes.is_empty()


async def test_no_difference_is_empty(dag: dagger.Client, before: dagger.Directory) -> None:
    nothing = before.with_new_file("changed", "x").with_new_file("changed", "one\ntwo\n").changes(before)

    assert await nothing.is_empty()
    assert await nothing.as_patch().contents() == ""
    assert await dag.changeset().is_empty()


async def test_the_patch_is_gits_and_applies(changes: dagger.Changeset, before: dagger.Directory) -> None:
    patch = await changes.as_patch().contents()

    assert "-two\n+2\n" in patch
    assert "deleted file mode 100644" in patch
    assert "new mode 100755" in patch
    applied = before.with_patch(patch)
    assert await applied.glob("**/*") == await changes.after().glob("**/*")
    assert await applied.file("changed").contents() == "one\n2\n"
    assert await before.with_patch_file(changes.as_patch()).file("new/deep/file").contents() == "new\n"


async def test_a_patch_that_does_not_fit_is_refused(dag: dagger.Client, changes: dagger.Changeset) -> None:
    with pytest.raises(dagger.QueryError):
        await dag.directory().with_new_file("changed", "else\n").with_patch_file(changes.as_patch()).sync()


async def test_a_patch_cannot_write_outside(dag: dagger.Client) -> None:
    patch = (
        "diff --git a/../../out b/../../out\nnew file mode 100644\n--- /dev/null\n+++ b/../../out\n@@ -0,0 +1 @@\n+x\n"
    )

    with pytest.raises(dagger.QueryError):
        await dag.directory().with_patch(patch).sync()


async def test_changes_are_counted_by_line(changes: dagger.Changeset) -> None:
    stats = {await each.path(): each for each in await changes.diff_stats()}

    assert (await stats["changed"].added_lines(), await stats["changed"].removed_lines()) == (1, 1)
    assert await stats["gone"].kind() == dagger.DiffStatKind.REMOVED
    assert (await stats["new/deep/file"].added_lines()) == 1


async def test_the_layer_holds_what_is_new_or_changed(changes: dagger.Changeset) -> None:
    layer = changes.layer()

    assert [path for path in await layer.glob("**/*") if not path.endswith("/")] == ["changed", "new/deep/file", "run"]
    assert await layer.stat("run").permissions() == 0o755


async def test_changes_are_applied_to_another_directory(dag: dagger.Client, changes: dagger.Changeset) -> None:
    other = dag.directory().with_new_file("own", "own").with_new_file("gone", "gone\n").with_changes(changes)

    assert await other.exists("own")
    assert not await other.exists("gone")
    assert await other.file("changed").contents() == "one\n2\n"


@pytest.mark.usefixtures("local_only")  # Dagger's removes what it does not know in a folder that goes
async def test_export_applies_to_the_host(before: dagger.Directory, changes: dagger.Changeset, tmp_path: Path) -> None:
    await before.export(str(tmp_path))
    (tmp_path / "own").write_text("own")
    (tmp_path / "dir" / "mine").write_text("mine")

    await changes.export(str(tmp_path))

    assert (tmp_path / "changed").read_text() == "one\n2\n"
    assert (tmp_path / "new/deep/file").read_text() == "new\n"
    assert (tmp_path / "run").stat().st_mode & 0o777 == 0o755
    assert not (tmp_path / "gone").exists()
    assert (tmp_path / "own").read_text() == "own"
    assert (tmp_path / "dir/mine").read_text() == "mine", "what was not there is not removed"
    assert not (tmp_path / "dir/inner").exists()


async def test_export_removes_folders_that_are_empty_then(before: dagger.Directory, tmp_path: Path) -> None:
    deep = before.with_new_file("dir/deeper/file", "x")
    await deep.export(str(tmp_path))

    await deep.without_directory("dir").changes(deep).export(str(tmp_path))

    assert not (tmp_path / "dir").exists()


async def test_folders_on_the_way_to_a_change_stay_as_they_are(dag: dagger.Client) -> None:
    before = dag.directory().with_new_directory("d", permissions=0o700).with_new_file("d/f", "1").chown("d", "7:8")
    changes = before.with_new_file("d/f", "2").changes(before)

    after = before.with_changes(changes)

    assert await after.stat("d").permissions() == 0o700
    assert await after.digest() == await changes.after().digest()


async def test_a_removed_name_is_no_pattern(dag: dagger.Client) -> None:
    before = dag.directory().with_new_file("[ab]", "x").with_new_file("a", "x")
    after = dag.directory().with_new_file("a", "x")

    assert await before.with_changes(after.changes(before)).entries() == ["a"]


@pytest.mark.usefixtures("local_only")  # Dagger's follows it
async def test_export_does_not_leave_the_folder_by_a_link(dag: dagger.Client, tmp_path: Path) -> None:
    outside, target = tmp_path / "outside", tmp_path / "target"
    outside.mkdir()
    target.mkdir()
    (outside / "precious").write_text("mine")
    (target / "sub").symlink_to(outside)
    empty = dag.directory()
    removing = empty.changes(empty.with_new_file("sub/precious", "x"))

    with pytest.raises(dagger.QueryError, match="link"):
        await removing.export(str(target))
    await empty.with_new_file("sub/new", "x").changes(empty).export(str(target))

    assert [path.name for path in outside.iterdir()] == ["precious"]
    assert (target / "sub" / "new").read_text() == "x"


async def test_changesets_merge_unless_they_collide(before: dagger.Directory) -> None:
    one = before.with_new_file("one", "1").changes(before)
    two = before.with_new_file("two", "2").without_file("gone").changes(before)
    clash = before.with_new_file("one", "other").changes(before)

    merged = one.with_changeset(two)
    assert sorted(await merged.added_paths()) == ["one", "two"]
    assert await merged.removed_paths() == ["gone"]
    with pytest.raises(dagger.QueryError, match="one"):
        await one.with_changeset(clash).sync()
    theirs = one.with_changeset(clash, on_conflict=dagger.ChangesetMergeConflict.PREFER_THEIRS)
    assert await theirs.after().file("one").contents() == "other"


async def test_binary_files_survive_a_patch(dag: dagger.Client, before: dagger.Directory) -> None:
    binary = (
        dag.container().from_("alpine:3.22.2").with_exec(["dd", "if=/dev/urandom", "of=/bin.dat", "bs=1k", "count=4"])
    )
    after = before.with_file("bin.dat", binary.file("/bin.dat"))

    applied = before.with_patch_file(after.changes(before).as_patch())

    assert await applied.file("bin.dat").digest(exclude_metadata=True) == await after.file("bin.dat").digest(
        exclude_metadata=True
    )


async def test_names_that_are_not_ascii_or_plain_survive(dag: dagger.Client, before: dagger.Directory) -> None:
    names = ["ünï.txt", "a b.txt", 'quo"te', "tab\tbed"]
    after = before
    for name in names:
        after = after.with_new_file(name, "x\n")
    changes = after.changes(before)

    assert sorted(await changes.added_paths()) == sorted(names)
    applied = before.with_patch_file(changes.as_patch())
    assert set(names) <= set(await applied.entries())
    assert {await each.path() for each in await changes.diff_stats()} == set(names)
