"""Small things: files by content, JSON, environment files, ids, and the protocol's own rules."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import dagger
import pytest

pytestmark = [pytest.mark.anyio, pytest.mark.engine]


async def test_files_are_read_in_whole_and_in_part(dag: dagger.Client) -> None:
    file = dag.file("name.txt", "1\n2\n3\n4\n", permissions=0o600)

    assert await file.contents() == "1\n2\n3\n4\n"
    assert await file.contents(offset_lines=1, limit_lines=2) == "2\n3\n"
    assert (await file.name(), await file.size()) == ("name.txt", 8)
    assert await file.stat().permissions() == 0o600


async def test_a_files_digest_is_of_content_and_of_metadata_if_asked(dag: dagger.Client) -> None:
    one, other = dag.file("a", "x"), dag.file("b", "x", permissions=0o755)

    assert await one.digest(exclude_metadata=True) == await other.digest(exclude_metadata=True)
    assert await one.digest() != await other.digest()


async def test_text_is_replaced(dag: dagger.Client) -> None:
    file = dag.file("f", "a b a b a\n")

    assert await file.with_replaced("b", "X", all=True).contents() == "a X a X a\n"
    assert await dag.file("f", "a\nb\nb\n").with_replaced("b", "X", first_from=3).contents() == "a\nb\nX\n"
    with pytest.raises(dagger.QueryError):
        await file.with_replaced("none", "X").contents()


async def test_a_file_is_renamed_and_exported(dag: dagger.Client, tmp_path: Path) -> None:
    target = f"{tmp_path}/sub/out.txt"

    assert await dag.file("a", "x").with_name("b").name() == "b"
    assert await dag.file("a", "x").export(target) == target
    assert Path(target).read_text() == "x"
    with pytest.raises(dagger.QueryError, match="directory"):
        await dag.file("a", "x").export(f"{tmp_path}/sub")
    assert await dag.file("a", "x").export(f"{tmp_path}/sub", allow_parent_dir_path=True) == f"{tmp_path}/sub"
    assert Path(tmp_path, "sub", "a").read_text() == "x"


async def test_a_files_name_is_no_path(dag: dagger.Client) -> None:
    with pytest.raises(dagger.QueryError):
        await dag.file("a/b", "x").sync()


async def test_what_is_not_text_is_replaced_in_what_is_shown(alpine: dagger.Container) -> None:
    binary = alpine.with_exec(["sh", "-c", r"printf '\377\376a' > /binary"]).file("/binary")

    assert await binary.contents() == "\ufffd\ufffda"


async def test_an_environment_file_resolves_what_it_refers_to(dag: dagger.Client) -> None:
    file = dag.file(".env", "A=1\nB=\"x $A\"\nC='$A'\nD=${B}y\n").as_env_file()

    assert [await file.get(name) for name in ("B", "C", "D", "NOPE")] == ["x 1", "$A", "x 1y", ""]
    assert await file.get("B", raw=True) == '"x $A"'
    assert await file.with_variable("A", "2").as_file().contents() == "A=2\nB=\"x $A\"\nC='$A'\nD=${B}y\n"


async def test_json_is_made_and_read(dag: dagger.Client) -> None:
    value = dag.json().with_contents(dagger.JSON('{"a": {"b": [1, true, "x"]}}'))

    assert await value.fields() == ["a"]
    items = await value.field(["a", "b"]).as_array()
    assert (await items[0].as_integer(), await items[1].as_boolean(), await items[2].as_string()) == (1, True, "x")
    more = value.with_field(["a", "c"], dag.json().new_string("new"))
    assert await more.field(["a", "c"]).as_string() == "new"
    assert await value.field(["a"]).fields() == ["b"]
    with pytest.raises(dagger.QueryError):
        await value.field(["a", "none"]).as_string()
    with pytest.raises(dagger.QueryError):
        await dag.json().with_contents(dagger.JSON("{")).contents()


async def test_a_file_of_json_is_json(dag: dagger.Client) -> None:
    assert await dag.file("f.json", '{"n": 3}').as_json().field(["n"]).as_integer() == 3


async def test_environment_files_hold_variables(dag: dagger.Client) -> None:
    file = dag.env_file().with_variable("A", "1").with_variable("B", "2").with_variable("A", "3").without_variable("B")

    assert await file.get("A") == "3"
    assert not await file.exists("B")
    assert await file.as_file().contents() == "A=3\n"


async def test_a_file_is_read_as_an_environment_file(dag: dagger.Client) -> None:
    file = dag.file(".env", "# comment\n\nA=1\nexport B='two words'\n").as_env_file()

    assert (await file.get("A"), await file.get("B")) == ("1", "two words")


async def test_objects_are_loaded_by_their_ids(dag: dagger.Client, alpine: dagger.Container) -> None:
    container = alpine.with_new_file("/f", "x")
    identity = await container.id()

    loaded = dag.load_container_from_id(dagger.ContainerID(identity))

    assert await loaded.file("/f").contents() == "x"
    assert await loaded.id() == identity


async def test_sync_makes_what_is_lazy(alpine: dagger.Container) -> None:
    failing = alpine.with_exec(["false"])

    assert await failing.id(), "an id costs nothing"
    with pytest.raises(dagger.ExecError):
        await failing.sync()


async def test_a_long_chain_is_one_query(alpine: dagger.Container) -> None:
    long = alpine
    for number in range(150):
        long = long.with_env_variable(f"V{number}", str(number))

    assert await long.env_variable("V149") == "149"


async def test_the_version_and_the_platform_are_told(dag: dagger.Client) -> None:
    assert (await dag.version()).startswith("v")
    assert (await dag.default_platform()).startswith("linux/")


@pytest.mark.usefixtures("local_only")
@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda dag: dag.llm().id(), "Query.llm"),
        (lambda dag: dag.llm().with_prompt("p").last_reply(), "Query.llm"),
        (lambda dag: dag.engine().name(), "Engine.name"),
        (lambda dag: dag.cloud().trace_url(), "Query.cloud"),
        (lambda dag: dag.directory().as_module().name(), "Directory.asModule"),
        (lambda dag: dag.container().up(), "Container.up"),
    ],
)
async def test_what_this_engine_lacks_is_refused_by_name(
    dag: dagger.Client, call: Callable[[dagger.Client], Awaitable[object]], name: str
) -> None:
    with pytest.raises(dagger.QueryError, match=f"{name} is not supported by the local engine"):
        await call(dag)
