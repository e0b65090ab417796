"""How steps are shown."""

import asyncio
import contextlib
import io
from collections.abc import Iterator
from itertools import pairwise
from types import SimpleNamespace

import anyio
import pytest
from rich.console import Console

from dagger_local.cli.options import preview
from dagger_local.progress import choose, plain, show, step, steps
from dagger_local.progress.choose import progress
from dagger_local.progress.plain import PlainLines
from dagger_local.progress.text import clean, duration
from dagger_local.progress.tty import LiveTree


@pytest.fixture(autouse=True)
def silence_after() -> Iterator[None]:
    before = steps._current_sink[0]
    yield
    show(before)


def lines(stream: io.StringIO) -> list[str]:
    """Return what was written, without the steps' numbers."""
    return [line[4:] for line in stream.getvalue().splitlines()]


def fail() -> None:
    with step("backend"), step("RUN go build") as this:
        this.log("no such package")
        raise LookupError


class TestText:
    @pytest.mark.parametrize(
        ("line", "left"),
        [
            ("\x1b[31mred\x1b[0m", "red"),
            (" 10%\r 50%\r100%\n", "100%"),
            ("\x1b]0;title\x07text", "text"),
            ("a\tb", "a   b"),
            ("bell\x07", "bell"),
        ],
    )
    def test_a_terminals_codes_are_gone(self, line: str, left: str) -> None:
        assert clean(line) == left

    @pytest.mark.parametrize(("took", "said"), [(0.04, "0.0s"), (12.34, "12.3s"), (125.0, "2m05s")])
    def test_times_are_short(self, took: float, said: str) -> None:
        assert duration(took) == said


class TestPlain:
    def test_a_short_step_is_one_line(self) -> None:
        stream = io.StringIO()
        show(PlainLines(stream))
        with step("backend"):
            with step("COPY go.mod"):
                pass
            with step("FROM golang") as cached:
                cached.cached()
        assert lines(stream) == ["backend DONE [0.0s]"]

    def test_the_parts_of_a_step_are_told_where_more_is_asked_for(self) -> None:
        stream = io.StringIO()
        show(PlainLines(stream, verbosity=1))
        with step("backend"):
            with step("COPY go.mod"):
                pass
            with step("FROM golang") as cached:
                cached.cached()
        assert lines(stream) == [
            "backend › COPY go.mod DONE [0.0s]",  # noqa: RUF001
            "backend › FROM golang CACHED",  # noqa: RUF001
            "backend DONE [0.0s]",
        ]

    def test_of_a_failed_step_the_end_of_its_output_is_left(self) -> None:
        stream = io.StringIO()
        show(PlainLines(stream))
        with step("backend") as this:
            this.log("all is well")
        with pytest.raises(LookupError):
            fail()
        assert lines(stream) == [
            "backend DONE [0.0s]",
            "| no such package",
            "backend › RUN go build ERROR [0.0s]",  # noqa: RUF001
            "backend ERROR [0.0s]",
        ]

    def test_how_a_step_is_done_counts_only_if_it_fails(self) -> None:
        stream = io.StringIO()
        show(PlainLines(stream))
        for fails in (False, True):
            with contextlib.suppress(LookupError), step("ask the registry for 8 digests"):
                with contextlib.suppress(LookupError), step("xargs digest-of", shown=1) as this:
                    this.log("Error: not found")
                    raise LookupError
                if fails:
                    raise LookupError
        assert lines(stream) == [
            "ask the registry for 8 digests DONE [0.0s]",
            "| Error: not found",
            "ask the registry for 8 digests ERROR [0.0s]",
        ]

    def test_a_call_encloses_steps_and_is_no_part_of_their_names(self) -> None:
        stream = io.StringIO()
        show(PlainLines(stream))
        with step("pipeline.promote", heard=0, call=True) as this:
            this.log("a warning of the module")
            with step("copy 2 images"), step("stand-in for alpine", notable=True) as found:
                found.cached()
        assert lines(stream) == [
            "pipeline.promote",
            "| a warning of the module",
            "copy 2 images › stand-in for alpine CACHED",  # noqa: RUF001
            "copy 2 images DONE [0.0s]",
            "pipeline.promote DONE [0.0s]",
        ]

    def test_each_verbosity_shows_more_than_the_one_below(self) -> None:
        def told(verbosity: int) -> set[str]:
            stream = io.StringIO()
            show(PlainLines(stream, verbosity=verbosity))
            with step("push") as this, step("start service registry", shown=1, heard=2) as service:
                this.log("pushing")
                service.log("GET /v2/ 200")
            with pytest.raises(LookupError):
                fail()
            return {line for line in lines(stream) if not line.endswith("backend › RUN go build")}  # noqa: RUF001

        said = [told(verbosity) for verbosity in (-1, 0, 1, 2)]
        assert all(less < more for less, more in pairwise(said))
        assert "| pushing" in said[2]
        assert "| GET /v2/ 200" not in said[2]

    def test_what_was_interrupted_is_not_told_step_by_step(self) -> None:
        stream = io.StringIO()
        show(PlainLines(stream))
        with contextlib.suppress(asyncio.CancelledError), step("backend"), step("RUN go build"):
            raise asyncio.CancelledError
        assert lines(stream) == []

    def test_output_stands_between_its_steps_lines_where_it_is_asked_for(self) -> None:
        stream = io.StringIO()
        show(PlainLines(stream, verbosity=1))
        with pytest.raises(LookupError):
            fail()
        assert lines(stream) == [
            "backend › RUN go build",  # noqa: RUF001
            "| no such package",
            "backend › RUN go build ERROR [0.0s]",  # noqa: RUF001
            "backend ERROR [0.0s]",
        ]

    def test_a_flood_is_thinned_and_counted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stream = io.StringIO()
        show(PlainLines(stream, verbosity=1))
        monkeypatch.setattr(plain, "time", SimpleNamespace(monotonic=lambda: 7.0))
        with step("RUN npm ci") as this:
            for number in range(1000):
                this.log(f"line {number}")
        said = [line for line in lines(stream) if line.startswith("|")]
        assert len(said) == 106
        assert said[-1] == "| … 895 lines left out (-vv leaves none out)"

    def test_a_long_step_says_that_it_has_begun(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stream = io.StringIO()
        show(PlainLines(stream))
        monkeypatch.setattr(plain, "_PATIENCE", 0)

        async def work() -> None:
            with step("RUN go test"):
                await anyio.lowlevel.checkpoint()
                await anyio.lowlevel.checkpoint()
                assert lines(stream) == ["RUN go test"]

        anyio.run(work)

    def test_quiet_leaves_the_failures(self) -> None:
        stream = io.StringIO()
        show(PlainLines(stream, verbosity=-1))
        with step("COPY"):
            pass
        with pytest.raises(LookupError):
            fail()
        assert lines(stream) == [
            "backend › RUN go build ERROR [0.0s]",  # noqa: RUF001
            "backend ERROR [0.0s]",
        ]

    @pytest.mark.parametrize(("quiet", "told"), [(1, True), (2, False)])
    def test_more_quiet_leaves_nothing(
        self, quiet: int, told: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(choose, "_shown", [])
        show(steps._Silent())
        asked = preview([f"-{'q' * quiet}"]).verbosity
        with progress("plain", verbosity=asked, silent=False, live=False), pytest.raises(LookupError):
            fail()
        assert bool(capsys.readouterr().err) is told


class TestTree:
    def tree(self, *, width: int = 60, height: int = 12) -> LiveTree:
        console = Console(file=io.StringIO(), width=width, height=height, force_terminal=True, color_system=None)
        return LiveTree(console)

    def drawn(self, tree: LiveTree) -> list[str]:
        console = Console(file=io.StringIO(), width=tree._console.width, color_system=None)
        with console.capture() as capture:
            console.print(tree._draw())
        return capture.get().splitlines()

    def test_what_runs_is_a_tree_with_times_and_the_end_of_its_output(self) -> None:
        tree = self.tree()
        show(tree)
        with step("backend"), step("RUN go build") as this:
            for number in range(10):
                this.log(f"line {number}")
            drawn = self.drawn(tree)
        assert drawn[0].endswith("backend 0.0s")
        assert drawn[1].startswith("  ")
        assert drawn[1].endswith("RUN go build 0.0s")
        assert drawn[2:-1] == [f"    │ line {number}" for number in (6, 7, 8, 9)]

    @pytest.mark.parametrize(("width", "height"), [(20, 5), (10, 2), (200, 60)])
    def test_it_fits_any_terminal(self, width: int, height: int) -> None:
        tree = self.tree(width=width, height=height)
        show(tree)
        with step("a" * 50), step("b" * 50), step("c" * 50), step("d" * 50) as this:
            this.log("x" * 300)
            drawn = self.drawn(tree)
        assert len(drawn) <= height
        assert all(len(line) <= width for line in drawn)

    def test_what_failed_stays_with_its_output_and_the_rest_is_counted(self) -> None:
        tree = self.tree()
        show(tree)
        with tree:
            with step("FROM golang") as cached:
                cached.cached()
            with pytest.raises(LookupError):
                fail()
        file = tree._console.file
        assert isinstance(file, io.StringIO)
        left = file.getvalue()
        assert "✘ backend › RUN go build 0.0s" in left  # noqa: RUF001
        assert "│ no such package" in left
        assert "● 1 cached  ✘ 2 failed" in left
