"""Directories: what they hold, what is made of them, how they come from the host and go there."""

import os
from pathlib import Path

import dagger
import pytest

from dagger_local.api.patterns import spelled_out

pytestmark = [pytest.mark.anyio, pytest.mark.engine]


@pytest.fixture
def tree(dag: dagger.Client) -> dagger.Directory:
    return (
        dag.directory()
        .with_new_file("README.md", "# Title\n")
        .with_new_file("src/main.go", "package main\n")
        .with_new_file("src/lib/util.go", "package lib // TODO\n")
        .with_new_file("src/lib/util_test.go", "package lib\n")
        .with_new_file("node_modules/dep/index.js", "x\n")
        .with_new_file(".hidden", "TODO hidden\n")
        .with_new_directory("empty")
    )


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def paths(directory: dagger.Directory) -> list[str]:
    return [path for path in await directory.glob("**") if not path.endswith("/")]


async def test_entries_are_sorted_and_folders_marked(tree: dagger.Directory) -> None:
    assert await tree.entries() == [".hidden", "README.md", "empty/", "node_modules/", "src/"]
    assert await tree.entries(path="src") == ["lib/", "main.go"]
    assert await tree.directory("src/lib").entries() == ["util.go", "util_test.go"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.md", ["README.md"]),
        ("*.go", []),
        ("**/*.go", ["src/lib/util.go", "src/lib/util_test.go", "src/main.go"]),
        ("src/*", ["src/lib/", "src/main.go"]),
        ("src/**/*_test.go", ["src/lib/util_test.go"]),
        ("src/lib/util?go", ["src/lib/util.go"]),
        ("src?main.go", []),
        ("src[!x]main.g[n-p]", []),
        ("src/mai[^x].g[n-p]", ["src/main.go"]),
        ("src/mai[!x].g[n-p]", []),
        ("/README.md", []),
        ("./src//main.go", ["src/main.go"]),
        ("[R]*", ["README.md"]),
        ("src", ["src/"]),
        ("none*", []),
    ],
)
async def test_globs(tree: dagger.Directory, pattern: str, found: list[str]) -> None:
    assert await tree.glob(pattern) == found


@pytest.mark.parametrize(
    ("exclude", "include", "left"),
    [
        ([], ["*.md"], ["README.md"]),
        ([], ["**/*.go"], ["src/lib/util.go", "src/lib/util_test.go", "src/main.go"]),
        ([], ["src/lib"], ["src/lib/util.go", "src/lib/util_test.go"]),
        ([], ["src/lib/"], ["src/lib/util.go", "src/lib/util_test.go"]),
        ([], ["./src/main.go"], ["src/main.go"]),
        ([], ["main.go"], []),
        (["src"], [], [".hidden", "README.md", "node_modules/dep/index.js"]),
        (["**/*.go"], [], [".hidden", "README.md", "node_modules/dep/index.js"]),
        (["*.go"], ["src"], ["src/lib/util.go", "src/lib/util_test.go", "src/main.go"]),
        (["**/*_test.go"], ["src/lib"], ["src/lib/util.go"]),
        (["*", "!README.md"], [], ["README.md"]),
        (["*", "!src/lib"], [], ["src/lib/util.go", "src/lib/util_test.go"]),
        (["*", "!src/lib/util.go"], [], ["src/lib/util.go"]),
        (["**", "!**/*.go"], [], ["src/lib/util.go", "src/lib/util_test.go", "src/main.go"]),
        (["src", "!src/main.go"], [], [".hidden", "README.md", "node_modules/dep/index.js", "src/main.go"]),
        (["!src", "src"], [], [".hidden", "README.md", "node_modules/dep/index.js"]),
        (["node_modules/", ".*"], [], ["README.md", "src/lib/util.go", "src/lib/util_test.go", "src/main.go"]),
        (["**/lib/*", "node_modules"], [], [".hidden", "README.md", "src/main.go"]),
        (["src/ma?n.go", "src/[l]ib", "n*"], [], [".hidden", "README.md"]),
    ],
)
async def test_filters_follow_dockers_patterns(
    tree: dagger.Directory, exclude: list[str], include: list[str], left: list[str]
) -> None:
    assert await paths(tree.filter(exclude=exclude, include=include)) == left


async def test_the_same_patterns_hold_for_the_hosts_folders(
    dag: dagger.Client, tree: dagger.Directory, tmp_path: Path
) -> None:
    await tree.export(str(tmp_path))

    for exclude, include in (["*", "!src/lib"], []), ([], ["**/*.go"]), (["src", "!src/main.go"], []), (["n*"], []):
        taken = dag.host().directory(str(tmp_path), exclude=exclude, include=include)
        assert await paths(taken) == await paths(tree.filter(exclude=exclude, include=include))


async def test_git_ignores_are_followed_where_asked_for(dag: dagger.Client, tree: dagger.Directory) -> None:
    ignoring = tree.with_new_file(".gitignore", "node_modules\n*_test.go\n!keep_test.go\n/README.md\n").with_new_file(
        "src/keep_test.go", "x"
    )

    left = await paths(dag.directory().with_directory("", ignoring, gitignore=True))

    assert left == [".gitignore", ".hidden", "src/keep_test.go", "src/lib/util.go", "src/main.go"]


async def test_a_directory_is_put_into_another(dag: dagger.Client, tree: dagger.Directory) -> None:
    put = dag.directory().with_directory("a/b", tree.directory("src"), include=["*.go"]).with_directory("c", tree)

    assert await put.entries(path="a/b") == ["main.go"]
    assert await put.file("c/README.md").contents() == "# Title\n"


async def test_files_are_put_by_path_or_into_a_folder(dag: dagger.Client) -> None:
    file = dag.file("name.txt", "text")
    put = (
        dag.directory()
        .with_new_directory("dir")
        .with_file("other.txt", file)
        .with_file("dir/", file)
        .with_files("both", [file, dag.file("second", "2")])
    )

    assert await paths(put) == ["both/name.txt", "both/second", "dir/name.txt", "other.txt"]


async def test_what_is_left_out_is_gone(tree: dagger.Directory) -> None:
    assert await tree.without_directory("src/lib").entries(path="src") == ["main.go"]
    assert not await tree.without_file("README.md").exists("README.md")
    assert await paths(tree.without_files(["README.md", "src/main.go"]).without_directory("node_modules")) == [
        ".hidden",
        "src/lib/util.go",
        "src/lib/util_test.go",
    ]


async def test_a_new_file_replaces_the_old_but_for_its_mode(dag: dagger.Client) -> None:
    first = dag.directory().with_new_file("f", "1", permissions=0o755)
    second = first.with_new_file("f", "22", permissions=0o600)
    third = first.without_file("f").with_new_file("f", "22", permissions=0o600)

    assert await first.file("f").contents() == "1"
    assert (await second.file("f").size(), await second.stat("f").permissions()) == (2, 0o755)
    assert (await third.file("f").size(), await third.stat("f").permissions()) == (2, 0o600)


async def test_files_and_folders_do_not_take_each_others_place(dag: dagger.Client) -> None:
    tree = dag.directory().with_new_file("folder/file", "x")

    with pytest.raises(dagger.QueryError, match="is a directory"):
        await tree.with_new_file("folder", "x").sync()
    with pytest.raises(dagger.QueryError, match="not a directory"):
        await tree.with_new_directory("folder/file").sync()
    with pytest.raises(dagger.QueryError, match="not a directory"):
        await tree.with_new_file("folder/file/below", "x").sync()


@pytest.mark.parametrize("pattern", ["[", "a[", "a\\", ""])
async def test_what_is_no_glob_is_refused(dag: dagger.Client, pattern: str) -> None:
    with pytest.raises(dagger.QueryError, match="failed to create glob pattern matcher"):
        await dag.directory().with_new_file("a", "a").glob(pattern)


async def test_ignore_files_hold_for_their_folders(dag: dagger.Client) -> None:
    tree = dag.directory()
    for name in (".git/config", "a.log", "s/a.txt", "s/keep.txt", "t/a.txt", "build/keep.txt"):
        tree = tree.with_new_file(name, "x")
    tree = tree.with_new_file(".gitignore", "*.log\n/build\n").with_new_file("s/.gitignore", "*.txt\n!keep.txt\n")

    taken = await paths(tree.filter(gitignore=True))

    assert taken == [".git/config", ".gitignore", "s/.gitignore", "s/keep.txt", "t/a.txt"]


async def test_links_stay_links_and_are_followed_inside(dag: dagger.Client) -> None:
    linked = (
        dag.directory()
        .with_new_file("d/f", "x")
        .with_symlink("d/f", "l")
        .with_symlink("../d", "e/up")
        .with_symlink("/d/f", "absolute")
        .with_symlink("loop", "loop")
    )

    assert await linked.file("l").contents() == "x"
    assert await linked.file("e/up/f").contents() == "x"
    assert await linked.file("absolute").contents() == "x"
    assert await linked.exists("l", expected_type=dagger.ExistsType.SYMLINK_TYPE)
    with pytest.raises(dagger.QueryError):
        await linked.file("loop").contents()


async def test_a_link_out_of_the_directory_stays_inside(dag: dagger.Client) -> None:
    escaping = dag.directory().with_symlink("../../../../etc/passwd", "up").with_symlink("/etc/passwd", "root")

    for name in ("up", "root"):
        with pytest.raises(dagger.QueryError, match="no such file"):
            await escaping.file(name).contents()
    written = escaping.with_new_file("etc/passwd", "mine")
    assert await written.file("up").contents() == "mine"


async def test_digests_are_of_the_content(dag: dagger.Client) -> None:
    one = dag.directory().with_new_file("a", "a").with_new_file("b", "b")
    same = dag.directory().with_new_file("b", "b").with_new_file("c", "c").with_new_file("a", "a").without_file("c")

    assert await one.digest() == await same.digest()
    assert await one.digest() != await one.with_new_file("a", "A").digest()
    assert await one.digest() != await one.without_file("a").with_new_file("a", "a", permissions=0o755).digest()


async def test_the_difference_holds_what_is_new_or_changed(tree: dagger.Directory) -> None:
    changed = tree.with_new_file("new", "n").with_new_file("README.md", "changed").without_directory("src")

    assert await paths(tree.diff(changed)) == ["README.md", "new"]


async def test_timestamps_are_set_for_all_that_is_there(
    dag: dagger.Client, tree: dagger.Directory, tmp_path: Path
) -> None:
    done = dag.container().from_("alpine:3.22.2").with_directory("/d", tree.with_timestamps(1_000_000_000))

    assert (
        await done.with_exec(["sh", "-c", "find /d -mindepth 1 | xargs stat -c %Y | sort -u"]).stdout()
        == "1000000000\n"
    )
    assert await tree.file("README.md").with_timestamps(5).contents() == "# Title\n"


async def test_the_nearest_file_above_is_found(tree: dagger.Directory) -> None:
    assert await tree.find_up("README.md", "src/lib") == "README.md"
    assert await tree.find_up("main.go", "src/lib") == "src/main.go"
    assert await tree.find_up("none", "src/lib") is None


async def test_text_is_searched(tree: dagger.Directory) -> None:
    found = await tree.search("TODO")
    assert sorted([(await each.file_path(), await each.line_number()) for each in found]) == [
        (".hidden", 1),
        ("src/lib/util.go", 1),
    ]
    assert [await each.file_path() for each in await tree.search("todo", insensitive=True, globs=["*.go"])] == [
        "src/lib/util.go"
    ]
    assert len(await tree.search("package", paths=["src/lib"])) == 2
    assert len(await tree.search("package", limit=1)) == 1
    assert await tree.search("pack.*main", literal=True) == []
    match = (await (await tree.search("lib"))[0].submatches())[0]
    assert await match.text() == "lib"


async def test_export_writes_over_and_wipes_only_when_asked_to(dag: dagger.Client, tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    (target / "kept").write_text("kept")
    (target / "a").mkdir()
    source = dag.directory().with_new_file("a", "a", permissions=0o755).with_symlink("a", "l").with_new_directory("d")

    assert await source.export(str(target)) == str(target)
    assert names(target) == ["a", "d", "kept", "l"]
    assert (target / "a").stat().st_mode & 0o777 == 0o755
    assert (target / "l").readlink() == Path("a")

    await source.export(str(target), wipe=True)
    assert names(target) == ["a", "d", "l"]


async def test_export_does_not_write_through_links_of_the_host(dag: dagger.Client, tmp_path: Path) -> None:
    outside, target = tmp_path / "outside", tmp_path / "target"
    outside.mkdir()
    target.mkdir()
    (outside / "precious").write_text("mine")
    (target / "sub").symlink_to(outside)
    (target / "file").symlink_to(outside / "precious")

    await dag.directory().with_new_file("sub/new", "x").with_new_file("file", "theirs").export(str(target))

    assert names(outside) == ["precious"]
    assert (outside / "precious").read_text() == "mine"
    assert (target / "file").read_text() == "theirs"


async def test_a_folder_of_the_host_is_taken_as_it_is_at_each_session(dag: dagger.Client, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/run").write_text("#!/bin/sh\n")
    (tmp_path / "sub/run").chmod(0o755)
    (tmp_path / "link").symlink_to("sub/run")
    os.mkfifo(tmp_path / "pipe")

    taken = dag.host().directory(str(tmp_path))

    assert await taken.entries() == ["link", "sub/"]
    assert await taken.stat("sub/run").permissions() == 0o755
    assert await taken.file("link").contents() == "#!/bin/sh\n"


@pytest.mark.usefixtures("local_only")  # Dagger's names the last part of a file's path
async def test_a_missing_folder_of_the_host_is_named(dag: dagger.Client, tmp_path: Path) -> None:
    with pytest.raises(dagger.QueryError, match=f"{tmp_path}/none"):
        await dag.host().directory(f"{tmp_path}/none").sync()
    with pytest.raises(dagger.QueryError, match=f"{tmp_path}/none"):
        await dag.host().file(f"{tmp_path}/none").contents()


@pytest.mark.usefixtures("local_only")  # Dagger's takes the name for a pattern
async def test_the_hosts_files_are_read_and_found(dag: dagger.Client, tmp_path: Path) -> None:
    name = "odd [name]*.txt"
    (tmp_path / name).write_text("x")

    assert await dag.host().file(f"{tmp_path}/{name}").contents() == "x"


async def test_owners_are_changed(dag: dagger.Client, tree: dagger.Directory) -> None:
    owned = tree.chown("src", "1000:2000")
    done = dag.container().from_("alpine:3.22.2").with_mounted_directory("/d", owned)

    listed = await done.with_exec(["stat", "-c", "%u:%g %n", "/d/src", "/d/src/lib/util.go", "/d/README.md"]).stdout()

    assert listed.splitlines() == ["1000:2000 /d/src", "1000:2000 /d/src/lib/util.go", "0:0 /d/README.md"]


@pytest.mark.parametrize(
    ("pattern", "start"),
    [
        ("a/b.txt", "a/b.txt"),
        (".git/HEAD", ".git/HEAD"),
        ("./a/*.txt", "a"),
        ("a/../b/*", "b"),
        ("a/[b]/c", "a"),
        ("**/c", ""),
        ("../a", ""),
        ("/a", ""),
        ("a/\\*", "a"),
    ],
)
async def test_a_glob_is_looked_for_where_it_spells_out(pattern: str, start: str) -> None:
    assert spelled_out(pattern) == start


async def test_a_glob_that_spells_out_folders_enters_no_link(dag: dagger.Client) -> None:
    directory = dag.directory().with_new_file("a/x", "").with_new_file("a/b/y", "").with_symlink("a", "link")
    globs = ["a/x", "a/b/*", "./a/*", "link", "link/x", "link/*", "none/*", "a"]
    found = {pattern: await directory.glob(pattern) for pattern in globs}
    assert found == {
        "a/x": ["a/x"],
        "a/b/*": ["a/b/y"],
        "./a/*": ["a/b/", "a/x"],
        "link": ["link"],
        "link/x": [],
        "link/*": [],
        "none/*": [],
        "a": ["a/"],
    }
