from collections.abc import Mapping
from textwrap import dedent

import pytest

from dagger_local.errors import EngineError
from dagger_local.images.dockerfile import Dockerfile, Needed

AMD, ARM = "linux/amd64", "linux/arm64"


def scan(text: str, *, platform: str = AMD, args: Mapping[str, str] | None = None) -> Dockerfile:
    return Dockerfile(dedent(text), platform=platform, build_platform=AMD, args=args or {})


def test_every_image_is_found_and_stages_are_none() -> None:
    found = scan(
        """\
        # syntax=docker/dockerfile:1
        FROM golang:1.25 AS build
        RUN --mount=type=bind,from=tools:1,source=/bin,target=/t --mount=type=cache,target=/c go build \\
            # a comment in between
            -o /out
        from BUILD as test
        FROM scratch
        COPY --chown=1:1 --from=build /out /
        COPY --from=0 /x /
        COPY --from=ghcr.io/acme/uv:1 /uv /
        """
    ).needed()
    assert {need.reference for need in found} == {"golang:1.25", "tools:1", "ghcr.io/acme/uv:1"}


def test_stages_that_the_target_does_not_reach_need_nothing() -> None:
    text = "FROM a:1 AS one\nFROM b:1 AS two\nCOPY --from=one /x /\nFROM c:1 AS three\n"
    assert scan(text).needed() == [Needed("c:1", AMD)]
    assert {need.reference for need in scan(text).needed("two")} == {"a:1", "b:1"}
    with pytest.raises(EngineError, match="no stage 'four'; its stages: one, two, three"):
        scan(text).needed("four")


@pytest.mark.parametrize(
    ("text", "args", "image"),
    [
        ("ARG V=1\nFROM a:$V", {}, "a:1"),
        ("ARG V=1\nFROM a:${V}-slim", {"V": "2"}, "a:2-slim"),
        ("ARG V\nFROM a:${V:-3}", {}, "a:3"),
        ("ARG V=1\nARG W=${V}.2\nFROM a:${W:+x}$W", {}, "a:x1.2"),
        ("ARG V='4'\nFROM a:$V", {}, "a:4"),
        ("FROM a:$V", {"V": "not declared"}, "a:"),
    ],
)
def test_arguments_are_filled_in_as_docker_does(text: str, args: dict[str, str], image: str) -> None:
    assert [need.reference for need in scan(text, args=args).needed()] == [image]


def test_a_stage_may_be_for_the_platform_that_builds() -> None:
    found = scan("FROM --platform=$BUILDPLATFORM a:1 AS x\nFROM b:1\nCOPY --from=x /x /\n", platform=ARM).needed()
    assert set(found) == {Needed("a:1", AMD), Needed("b:1", ARM)}


def test_pinning_replaces_images_and_nothing_else() -> None:
    scanned = scan(
        """\
        FROM --platform=$BUILDPLATFORM \\
            a:1 AS x
        RUN --mount=type=bind,from=a:1,target=/m echo from=a:1x --from=a:10
        FROM scratch
        COPY --from=x /a:1 /
        COPY --from=a:1 \\
            /x /
        """
    )
    assert scanned.pinned({Needed("a:1", AMD): "0123"}) == dedent(
        """\
        FROM --platform=linux/amd64 0123 AS x
        RUN --mount=type=bind,from=0123,target=/m echo from=a:1x --from=a:10
        FROM scratch
        COPY --from=x /a:1 /
        COPY --from=0123 \\
            /x /
        """
    )


@pytest.mark.parametrize(
    ("mount", "written"),
    [
        ("--mount=type=secret,id=token,required cat", "--mount=type=secret,id=token,required=true cat"),
        ("--mount=type=secret,required,id=token cat", "--mount=type=secret,required=true,id=token cat"),
        ("--mount=type=secret,id=token,required=false cat", "--mount=type=secret,id=token,required=false cat"),
        ("--mount=type=secret,id=required cat", "--mount=type=secret,id=required cat"),
        ("echo required", "echo required"),
    ],
)
def test_a_secret_that_is_required_by_name_alone_is_required(mount: str, written: str) -> None:
    assert scan(f"FROM a\nRUN {mount}\n").pinned({}) == f"FROM a\nRUN {written}\n"


def test_lines_of_a_here_document_are_no_instructions() -> None:
    text = "FROM a:1\nRUN <<EOF\nFROM b:1\nEOF\nCOPY --from=c:1 /x /\n"
    assert {need.reference for need in scan(text).needed()} == {"a:1", "c:1"}
    assert scan(text).here_document() == 2


@pytest.mark.parametrize("command", ["cat <<<EOF", "echo $((1<<N))", "x=$((1 << N))", "RUN a<<b", "echo '<<' <<1"])
def test_other_uses_of_its_signs_are_no_here_document(command: str) -> None:
    text = f"FROM a:1\nRUN {command}\nCOPY --from=c:1 /x /\n"
    assert {need.reference for need in scan(text).needed()} == {"a:1", "c:1"}
    assert scan(text).here_document() == 0


@pytest.mark.parametrize("opening", ["<<EOF", "cat <<-'EOF' >x", 'cat 3<<"EOF"', "cat <<ONE <<EOF"])
def test_a_here_document_may_be_opened_in_many_ways(opening: str) -> None:
    text = f"FROM a:1\nRUN {opening}\nFROM b:1\nONE\nFROM c:1\nEOF\n"
    if "ONE" not in opening:
        text = text.replace("ONE\n", "")
    assert [need.reference for need in scan(text).needed()] == ["a:1"]


def test_tabs_part_words_too() -> None:
    dockerfile = scan("FROM\ta:1\tAS\tone\nFROM one\nCOPY\t--from=c:1\t/x\t/\n")

    assert {need.reference for need in dockerfile.needed()} == {"a:1", "c:1"}


def test_another_character_may_continue_lines() -> None:
    assert [need.reference for need in scan("# escape=`\nFROM `\n  a:1\n").needed()] == ["a:1"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no FROM"),
        ("RUN true", "has no FROM"),
        ("FROM", "line 1: write it as FROM"),
        ("ARG A\nFROM a b c d", "line 2: write it as FROM"),
        ("ARG A\nFROM $A", r"line 2: \$A is empty; give the build argument"),
    ],
)
def test_a_broken_from_is_named_by_its_line(text: str, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        scan(text).needed()
