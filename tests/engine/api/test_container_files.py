"""Files of a container and what is mounted over them."""

import secrets

import anyio
import dagger
import pytest
from dagger import CacheSharingMode, ReturnType

pytestmark = [pytest.mark.anyio, pytest.mark.engine]


async def owner_of(container: dagger.Container, path: str) -> str:
    return (await container.with_exec(["stat", "-c", "%u:%g %a", path]).stdout()).strip()


async def test_files_and_folders_are_put_with_owner_and_mode(dag: dagger.Client, alpine: dagger.Container) -> None:
    source = dag.directory().with_new_file("sub/file", "x", permissions=0o640)
    done = (
        alpine.with_directory("/put", source, owner="1000:2000")
        .with_file("/alone", source.file("sub/file"), permissions=0o755, owner="nobody")
        .with_new_file("/new/file", "y", permissions=0o600, owner="7")
        .with_files("/all", [source.file("sub/file")])
    )

    assert await owner_of(done, "/put/sub/file") == "1000:2000 640"
    assert await owner_of(done, "/put/sub") == "1000:2000 755"
    assert await owner_of(done, "/put") == "1000:2000 755"
    assert (await owner_of(done, "/alone")).endswith(" 755")
    assert not (await owner_of(done, "/alone")).startswith("0:")
    assert await owner_of(done, "/new/file") == "7:7 600"
    assert await owner_of(done, "/all/file") == "0:0 640"


async def test_putting_a_directory_merges_with_what_is_there(dag: dagger.Client, alpine: dagger.Container) -> None:
    done = alpine.with_new_file("/d/old", "old").with_directory("/d", dag.directory().with_new_file("new", "new"))

    assert await done.directory("/d").entries() == ["new", "old"]


async def test_a_link_to_a_folder_stays_one_when_something_is_put_there(
    dag: dagger.Client, alpine: dagger.Container
) -> None:
    linked = alpine.with_exec(["sh", "-c", "mkdir /real && ln -s /real /link && ln -s ../real /srv/rel"])

    done = linked.with_directory("/link", dag.directory().with_new_file("a", "a")).with_new_file("/srv/rel/b", "b")

    assert await done.with_exec(["sh", "-c", "ls /real; test -L /link && test -L /srv/rel"]).stdout() == "a\nb\n"


async def test_what_is_removed_is_gone_and_what_comes_after_starts_empty(
    dag: dagger.Client, alpine: dagger.Container
) -> None:
    full = alpine.with_exec(["sh", "-c", "mkdir -p /d/sub && touch /d/a /d/sub/b /f"])
    gone = full.without_directory("/d").without_file("/f").without_files(["/none", "/etc/profile"])

    assert not await gone.exists("/d")
    assert await gone.with_exec(["sh", "-c", "ls -d /d /f /etc/profile"], expect=ReturnType.ANY).stdout() == ""
    again = gone.with_directory("/d", dag.directory().with_new_file("new", "x"))
    assert await again.with_exec(["ls", "/d"]).stdout() == "new\n"
    assert await again.directory("/d").entries() == ["new"]


async def test_a_folder_replaced_by_a_command_hides_what_was_there(alpine: dagger.Container) -> None:
    done = alpine.with_exec(["sh", "-c", "mkdir /d && touch /d/old"]).with_exec(
        ["sh", "-c", "rm -r /d && mkdir /d && touch /d/new"]
    )

    assert await done.directory("/d").entries() == ["new"]
    assert await done.rootfs().glob("d/*") == ["d/new"]
    assert await done.with_exec(["ls", "/d"]).stdout() == "new\n"


async def test_a_file_replaced_by_a_folder_and_back(alpine: dagger.Container) -> None:
    done = (
        alpine.with_new_file("/x", "file")
        .with_exec(["sh", "-c", "rm /x && mkdir /x && echo in > /x/in"])
        .with_exec(["cat", "/x/in"])
    )
    assert await done.stdout() == "in\n"
    assert await done.file("/x/in").contents() == "in\n"

    back = done.without_directory("/x").with_new_file("/x", "again")
    assert await back.file("/x").contents() == "again"


async def test_paths_are_looked_up_through_links_inside_the_container(alpine: dagger.Container) -> None:
    linked = alpine.with_exec(["sh", "-c", "mkdir -p /a/b && echo x > /a/b/f && ln -s /a /l && ln -s b/../b/f /a/g"])

    assert await linked.file("/l/b/f").contents() == "x\n"
    assert await linked.file("/a/g").contents() == "x\n"
    assert await linked.directory("/l/b").entries() == ["f"]


async def test_a_link_cannot_lead_out_of_the_container(alpine: dagger.Container) -> None:
    escaping = alpine.with_exec(["ln", "-s", "../../../../../../etc/hostname", "/up"])

    host = await escaping.with_exec(["cat", "/proc/sys/kernel/random/boot_id"]).stdout()
    assert host  # the command runs; the link does not reach the machine's own files
    with pytest.raises(dagger.QueryError, match="no such file"):
        await escaping.without_file("/etc/hostname").file("/up").contents()


async def test_a_missing_file_or_folder_is_named(alpine: dagger.Container) -> None:
    with pytest.raises(dagger.QueryError, match=r"/no/file: no such file"):
        await alpine.file("/no/file").contents()
    with pytest.raises(dagger.QueryError, match=r"/no/dir: no such file"):
        await alpine.directory("/no/dir").entries()
    with pytest.raises(dagger.QueryError, match="not a directory"):
        await alpine.directory("/etc/passwd").entries()


async def test_stat_and_exists_tell_what_is_there(alpine: dagger.Container) -> None:
    made = alpine.with_new_file("/f", "12345", permissions=0o640).with_symlink("/f", "/l")

    stat = made.stat("/f")
    assert (await stat.size(), await stat.permissions(), await stat.name()) == (5, 0o640, "f")
    assert await stat.file_type() == dagger.FileType.REGULAR
    assert await made.exists("/l", expected_type=dagger.ExistsType.SYMLINK_TYPE)
    assert await made.exists("/l", expected_type=dagger.ExistsType.REGULAR_TYPE)
    assert not await made.exists("/f", expected_type=dagger.ExistsType.DIRECTORY_TYPE)
    assert not await made.exists("/none")


async def test_a_new_root_filesystem_takes_the_place_of_all(dag: dagger.Client, alpine: dagger.Container) -> None:
    bare = dag.container().with_rootfs(alpine.rootfs().with_new_file("mark", "x"))

    assert await bare.with_exec(["cat", "/mark"]).stdout() == "x"


async def test_a_mounted_directory_is_written_to_and_passed_on(dag: dagger.Client, alpine: dagger.Container) -> None:
    source = dag.directory().with_new_file("a", "a").with_new_file("b", "b")
    done = (
        alpine.with_mounted_directory("/src", source)
        .with_exec(["sh", "-c", "echo new > /src/c; rm /src/a; mkdir /src/d"])
        .with_exec(["sh", "-c", "echo more >> /src/c"])
    )

    assert await done.directory("/src").entries() == ["b", "c", "d/"]
    assert await done.file("/src/c").contents() == "new\nmore\n"
    assert await source.entries() == ["a", "b"]
    assert await done.mounts() == ["/src"]
    assert await done.without_mount("/src").rootfs().glob("src/**") == []


async def test_a_read_only_mount_cannot_be_written_to(dag: dagger.Client, alpine: dagger.Container) -> None:
    mounted = alpine.with_mounted_directory("/src", dag.directory().with_new_file("a", "a"), read_only=True)

    done = mounted.with_exec(["sh", "-c", "cat /src/a; touch /src/b"], expect=ReturnType.ANY)

    assert await done.stdout() == "a"
    assert await done.exit_code() != 0


async def test_mounts_have_owners(dag: dagger.Client, alpine: dagger.Container) -> None:
    source = dag.directory().with_new_file("sub/f", "x")
    mounted = alpine.with_mounted_directory("/m", source, owner="1000").with_mounted_file(
        "/one", source.file("sub/f"), owner="1000:5"
    )

    assert (await owner_of(mounted, "/m/sub/f")).startswith("1000:1000")
    assert (await owner_of(mounted, "/m")).startswith("1000:1000")
    assert (await owner_of(mounted, "/one")).startswith("1000:5")


async def test_mounts_lie_in_mounts(dag: dagger.Client, alpine: dagger.Container) -> None:
    outer, inner = dag.directory().with_new_file("o", "o"), dag.directory().with_new_file("i", "i")

    done = (
        alpine.with_mounted_directory("/m", outer)
        .with_mounted_directory("/m/inner", inner)
        .with_exec(["sh", "-c", "find /m -type f | sort; touch /m/inner/made"])
    )

    assert await done.stdout() == "/m/inner/i\n/m/o\n"
    assert await done.directory("/m/inner").entries() == ["i", "made"]


async def test_a_mount_covers_those_at_its_place_and_below(dag: dagger.Client, alpine: dagger.Container) -> None:
    one = dag.directory().with_new_file("f", "f")
    mounted = alpine.with_mounted_directory("/m/inner", one).with_mounted_temp("/m/temp")

    assert await mounted.with_mounted_directory("/m", one).mounts() == ["/m"]


async def test_what_is_written_to_a_mounted_file_is_kept(dag: dagger.Client, alpine: dagger.Container) -> None:
    mounted = alpine.with_mounted_file("/conf", dag.file("conf", "old"))
    done = mounted.with_exec(["sh", "-c", "echo new > /conf"])

    assert await done.file("/conf").contents() == "new\n"
    assert await done.with_exec(["cat", "/conf"]).stdout() == "new\n"
    assert await mounted.with_exec(["cat", "/conf"]).stdout() == "old"
    assert not await done.rootfs().exists("/conf")


async def test_a_mounted_file_is_read_where_it_lies(dag: dagger.Client, alpine: dagger.Container) -> None:
    file = dag.file("conf", "text")
    mounted = alpine.with_mounted_file("/etc/conf", file)

    assert await mounted.with_exec(["cat", "/etc/conf"]).stdout() == "text"
    assert await mounted.file("/etc/conf").contents() == "text"
    assert not await mounted.without_mount("/etc/conf").exists("/etc/conf")


async def test_files_are_put_into_mounts(dag: dagger.Client, alpine: dagger.Container) -> None:
    mounted = alpine.with_mounted_directory("/src", dag.directory()).with_new_file("/src/a", "a")

    assert await mounted.with_exec(["cat", "/src/a"]).stdout() == "a"
    assert await mounted.without_file("/src/a").directory("/src").entries() == []


async def test_temporary_mounts_are_empty_limited_and_forgotten(alpine: dagger.Container) -> None:
    mounted = alpine.with_mounted_temp("/scratch", size=1 << 20)

    first = mounted.with_exec(["sh", "-c", "touch /scratch/x; ls /scratch"])
    assert await first.stdout() == "x\n"
    assert await first.with_exec(["ls", "/scratch"]).stdout() == ""
    too_much = mounted.with_exec(["dd", "if=/dev/zero", "of=/scratch/x", "bs=1M", "count=2"], expect=ReturnType.ANY)
    assert await too_much.exit_code() != 0
    with pytest.raises(dagger.QueryError, match="tmpfs"):
        await mounted.file("/scratch/x").contents()


async def test_a_cache_is_kept_between_commands_and_containers(dag: dagger.Client, alpine: dagger.Container) -> None:
    cache = dag.cache_volume(f"kept-{secrets.token_hex(8)}")
    await alpine.with_mounted_cache("/cache", cache).with_exec(["sh", "-c", "echo one > /cache/f"]).sync()

    done = alpine.with_mounted_cache("/other", cache).with_exec(["cat", "/other/f"])

    assert await done.stdout() == "one\n"
    assert not await done.without_mount("/other").exists("/other/f")


async def test_a_cache_starts_with_its_source_and_owner(dag: dagger.Client, alpine: dagger.Container) -> None:
    cache = dag.cache_volume(f"source-{secrets.token_hex(8)}")
    source = dag.directory().with_new_file("first", "1")

    mounted = alpine.with_mounted_cache("/cache", cache, source=source, owner="1000:1000")

    assert await mounted.with_exec(["cat", "/cache/first"]).stdout() == "1"
    assert (await owner_of(mounted, "/cache")).startswith("1000:1000")
    assert await mounted.with_user("1000").with_exec(["sh", "-c", "touch /cache/mine && echo ok"]).stdout() == "ok\n"


async def test_a_locked_cache_is_used_by_one_at_a_time(dag: dagger.Client, alpine: dagger.Container) -> None:
    cache = dag.cache_volume(f"locked-{secrets.token_hex(8)}")
    mounted = alpine.with_mounted_cache("/c", cache, sharing=CacheSharingMode.LOCKED)
    script = "mkdir /c/busy && sleep 0.05 && rmdir /c/busy && echo $0 >> /c/done"

    async with anyio.create_task_group() as group:
        for number in range(5):
            group.start_soon(mounted.with_exec(["sh", "-c", script, str(number)]).sync)

    assert len((await mounted.with_exec(["cat", "/c/done"]).stdout()).split()) == 5


async def test_a_private_cache_is_seen_by_one_at_a_time(dag: dagger.Client, alpine: dagger.Container) -> None:
    cache = dag.cache_volume(f"private-{secrets.token_hex(8)}")
    mounted = alpine.with_mounted_cache("/c", cache, sharing=CacheSharingMode.PRIVATE)
    script = "mkdir /c/busy && sleep 0.2 && rmdir /c/busy"

    async with anyio.create_task_group() as group:
        for number in range(3):
            group.start_soon(mounted.with_exec(["sh", "-c", script, str(number)]).sync)


@pytest.mark.usefixtures("local_only")  # Dagger's hides it by the folder
async def test_a_secret_is_mounted_inside_a_temporary_folder(dag: dagger.Client, alpine: dagger.Container) -> None:
    secret = dag.set_secret("key", "open sesame")
    mounted = alpine.with_mounted_temp("/work").with_mounted_secret("/work/keys/one", secret)
    assert await mounted.with_exec(["sh", "-c", "touch /work/x && wc -c < /work/keys/one"]).stdout() == "11\n"
