"""A registry that falls silent keeps nobody waiting for ever."""

import http.server
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dagger_local.errors import EngineError
from dagger_local.images import Assembled, ImageStore
from dagger_local.process import run

pytestmark = [pytest.mark.anyio, pytest.mark.engine]


class _Silent(http.server.BaseHTTPRequestHandler):
    """Greets as a registry does, and never answers anything else."""

    def do_GET(self) -> None:
        if self.path == "/v2/":
            self.send_response(200)
            self.end_headers()
        else:
            _ended.wait()

    do_HEAD = do_POST = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing."""


_ended = threading.Event()


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a registry that greets and falls silent."""
    _ended.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Silent)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    _ended.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def hasty(store: ImageStore) -> ImageStore:
    store._containers.patience = 1.0
    return store


async def test_a_pull_ends_in_one_line(hasty: ImageStore, silent: str) -> None:
    with pytest.raises(EngineError, match=rf"its registry {silent} stopped answering \(nothing for 1 s\)"):
        await hasty.pull(f"{silent}/some/image:1")


async def test_a_push_ends_in_one_line(hasty: ImageStore, silent: str, tmp_path: Path) -> None:
    upper = tmp_path / "upper"
    upper.mkdir()
    layout = await hasty.write_layout([Assembled(None, (upper,), {}, {}, "linux/amd64")])

    with pytest.raises(EngineError, match=rf"was not pushed: registry {silent} stopped answering"):
        await hasty.push(layout, f"{silent}/some/image:1")


async def test_a_program_that_does_nothing_is_ended() -> None:
    began = time.monotonic()

    with pytest.raises(TimeoutError):
        await run(["sleep", "60"], patience=0.2)

    assert time.monotonic() - began < 30


async def test_a_program_that_goes_on_is_not_ended_however_long_it_takes(tmp_path: Path) -> None:
    code = "import sys, time\nfor _ in range(8): open(sys.argv[1], 'wb').write(b'x' * 99999); time.sleep(0.2)"

    done = await run([sys.executable, "-c", code, tmp_path / "file"], patience=1.0)

    assert done.exit_code == 0
