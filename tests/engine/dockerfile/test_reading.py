import pytest

from dagger_local.dockerfile.instructions import read_instructions, read_trigger
from dagger_local.dockerfile.mounts import Mount
from dagger_local.dockerfile.ports import ports
from dagger_local.dockerfile.stages import Dockerfile, Given, read
from dagger_local.errors import EngineError
from dagger_local.platforms import normalised

AMD, ARM = "linux/amd64", "linux/arm64"


def dockerfile(text: str, target: str = "", **args: str) -> Dockerfile:
    return read(text, "Dockerfile", Given(ARM, AMD, args, target))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("FROM a\nCOPY x\n", "Dockerfile, line 2: COPY: it requires at least two arguments"),
        ("FROM a\n\nRUN \\\n --oops x\n", "Dockerfile, line 3: RUN: unknown flag --oops; it has --mount, --network"),
        ("FROM a\nNOPE x\n", "Dockerfile, line 2: unknown instruction: NOPE"),
        ("FROM a\nARG =x\n", "Dockerfile, line 2: ARG: a name is blank"),
        ("RUN x\nFROM a\n", "Dockerfile, line 1: RUN: it stands before the first FROM"),
        ("# nothing\n", "Dockerfile: there is no instruction in it"),
        ("FROM a\nCOPY --from=one --from=two x y\n", "Dockerfile, line 2: COPY: --from is given twice"),
        ("FROM a\nRUN --mount=type=bind,from=$X,target=/x true\n", "takes no variable"),
        ("FROM a AS x\nCOPY --from=y /f /\nFROM a AS y\nCOPY --from=x /f /\n", "Dockerfile, line 1: FROM: the stage x"),
        ("FROM a\nCOPY --from=A:b /f /\n", "Dockerfile, line 2: COPY: invalid reference format: 'A:b'"),
    ],
)
def test_errors_name_file_line_and_instruction_in_one_line(text: str, message: str) -> None:
    with pytest.raises(EngineError) as caught:
        dockerfile(text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_stages_go_on_from_others_by_name_and_take_from_others_by_name_or_number() -> None:
    found = dockerfile(
        "ARG B=base\nFROM a:1 AS Base\nFROM ${B} AS two\nCOPY --from=0 /x /\nFROM c\nCOPY --from=TWO /x /\n"
    )
    first, second, third = found.stages
    assert second.parent is first
    assert found.sources(second) == {"0": first}
    assert found.sources(third) == {"TWO": second}
    assert found.target is third


def test_a_platform_of_a_stage_may_be_that_which_builds() -> None:
    found = dockerfile("FROM --platform=$BUILDPLATFORM a\nFROM --platform=x86_64 b\nFROM c\n")
    assert [stage.platform for stage in found.stages] == [AMD, AMD, ""]


@pytest.mark.parametrize(
    ("text", "args", "base"),
    [
        ("ARG V=1\nFROM a:$V", {}, "a:1"),
        ("ARG V=1\nFROM a:${V}-slim", {"V": "2"}, "a:2-slim"),
        ("ARG V\nFROM a:${V:-3}", {}, "a:3"),
        ("ARG V=1\nARG W=${V}.2\nFROM a:${W:+x}$W", {}, "a:x1.2"),
        ("ARG V='4'\nFROM a:$V", {}, "a:4"),
        ("FROM a:${V:-none}", {"V": "not declared"}, "a:none"),
        ("ARG V=1.2.3\nFROM a:${V%.*}", {}, "a:1.2"),
        ("FROM a:$TARGETARCH-$BUILDARCH", {}, "a:arm64-amd64"),
    ],
)
def test_arguments_before_from_are_filled_in(text: str, args: dict[str, str], base: str) -> None:
    assert dockerfile(text, **args).stages[0].base == base


def test_a_here_document_after_onbuild_belongs_to_it_and_one_in_another_is_text() -> None:
    text = "FROM a\nONBUILD RUN <<EOF\necho later\nEOF\nCOPY <<EOF /f\nONBUILD RUN <<X\nEOF\n"
    [_, onbuild, copy], _ = read_instructions(text, "Dockerfile")
    assert onbuild.args == ("RUN <<EOF\necho later\nEOF",)
    assert copy.heredocs[0].content == "ONBUILD RUN <<X\n"
    trigger = read_trigger(onbuild.args[0], copy)
    assert (trigger.keyword, trigger.heredocs[0].content, trigger.line) == ("RUN", "echo later\n", copy.line)


@pytest.mark.parametrize(
    ("text", "mount"),
    [
        ("target=/x", Mount(target="/x")),
        ("type=cache,dst=/c,id=$ID,sharing=LOCKED", Mount("cache", target="/c", id="one", sharing="locked")),
        ("type=tmpfs,target=/t,size=64m", Mount("tmpfs", target="/t", size=64 << 20)),
        ('type=bind,"target=/a,b",rw=true', Mount(target="/a,b", read_only=False)),
        ("type=secret,id=t,required,mode=0440", Mount("secret", id="t", required=True, mode=0o440)),
        ("type=bind,target=/x,ro=false", Mount(target="/x", read_only=False)),
    ],
)
def test_mounts_are_read(text: str, mount: Mount) -> None:
    assert Mount.read(text, lambda word: word.replace("$ID", "one")) == mount


@pytest.mark.parametrize(
    "text",
    [
        *("type=magic", "type=bind,uid=1", "type=tmpfs,target=/x,size=much", "type=secret", "type=bind,required"),
        *("target", "type=bind,sharing=locked,target=/x", "type=cache,target=/x,mode=9", "type=secret,id=a,source=b"),
        "x=y",
    ],
)
def test_mounts_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="--mount"):
        Mount.read(text, str)


def test_mounts_are_read_only_by_their_type() -> None:
    read_only = [kind for kind in ("bind", "cache", "tmpfs", "secret") if Mount(kind).is_read_only]
    assert read_only == ["bind", "secret"]


@pytest.mark.parametrize(
    ("word", "named"),
    [
        ("80", ["80/tcp"]),
        ("53/UDP", ["53/udp"]),
        ("8000-8002", ["8000/tcp", "8001/tcp", "8002/tcp"]),
        ("127.0.0.1:8080:80", ["80/tcp"]),
        ("65535/sctp", ["65535/sctp"]),
    ],
)
def test_ports_are_read(word: str, named: list[str]) -> None:
    assert ports(word) == named


@pytest.mark.parametrize("word", ["", "x", "70000", "9-1", "80/quic", "-1"])
def test_ports_that_are_none_are_refused(word: str) -> None:
    with pytest.raises(ValueError, match="port|protocol"):
        ports(word)


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        ("linux/amd64", AMD),
        ("linux/x86_64", AMD),
        ("amd64", AMD),
        ("LINUX/ARM64", ARM),
        ("linux/arm64/v8", ARM),
        ("aarch64", ARM),
        ("linux/arm", "linux/arm/v7"),
        ("linux/arm/v6", "linux/arm/v6"),
        ("linux/armhf", "linux/arm/v7"),
    ],
)
def test_platforms_have_one_spelling(text: str, platform: str) -> None:
    assert normalised(text) == platform


@pytest.mark.parametrize("text", ["", "lin/ux/am/d64", "vax", "linux/", "a b/c"])
def test_what_is_no_platform_is_refused(text: str) -> None:
    with pytest.raises(EngineError, match="unknown operating system or architecture"):
        normalised(text)
