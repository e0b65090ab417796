import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dagger_local import progress
from dagger_local.errors import EngineError
from dagger_local.images import Assembled, ImageStore, RegistryAuth
from dagger_local.images.reach import Reach
from dagger_local.progress import Step

from ..conftest import Registry

pytestmark = [pytest.mark.anyio, pytest.mark.engine]


class Told:
    """Remembers the steps that were shown."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.lines: list[str] = []

    def started(self, step: Step) -> None:
        self.names.append(step.name)

    def logged(self, step: Step, line: str) -> None:  # noqa: ARG002
        self.lines.append(line)

    def ended(self, step: Step) -> None: ...


@pytest.fixture
def told() -> Iterator[Told]:
    sink = Told()
    progress.show(sink)
    yield sink
    progress.show(Told())


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    async def failure(_: Reach, domain: str) -> str:
        return "" if domain.startswith("127.") else "no such host"

    monkeypatch.setattr(Reach, "failure", failure)


async def push(store: ImageStore, registry: Registry, name: str, content: str, tmp_path: Path) -> tuple[str, str]:
    upper = tmp_path / f"upper-{content}"
    upper.mkdir(exist_ok=True)
    (upper / "content").write_text(content)
    layout = await store.write_layout([Assembled(None, (upper,), {"Labels": {"c": content}}, {}, "linux/amd64")])
    reference = f"{registry.address}/{name}"
    return reference, await store.push(layout, reference, auth=[registry.auth])


async def test_an_image_comes_from_its_registry_with_its_digest_and_layers(
    store: ImageStore, registry: Registry, tmp_path: Path
) -> None:
    reference, digest = await push(store, registry, "pulled:v1", "one", tmp_path)
    image = await store.pull(reference, auth=[registry.auth])
    assert (image.digest, image.reference, image.stand_in) == (digest, reference, False)
    assert image.config["config"]["Labels"] == {"c": "one"}
    assert [(layer / "content").read_text() for layer in image.layers] == ["one"]
    by_digest = await store.pull(f"{reference}@{digest}", auth=[registry.auth])
    assert by_digest.id == image.id


async def test_a_tag_that_moved_in_a_registry_of_this_machine_is_seen_at_once(
    store: ImageStore, registry: Registry, tmp_path: Path
) -> None:
    for content in ("first", "second"):
        reference, _ = await push(store, registry, "moves:v1", content, tmp_path)
        image = await store.pull(reference, auth=[registry.auth])
        assert image.config["config"]["Labels"] == {"c": content}


@pytest.mark.usefixtures("offline")
async def test_a_registry_that_is_silent_is_stood_in_for_and_said_so_once_a_run(store: ImageStore, told: Told) -> None:
    first = await store.pull("busybox:1.36")
    assert first.stand_in
    assert first.reference == "docker.io/library/busybox:1.36"
    assert any(name.startswith("stand-in for busybox:1.36") for name in told.names)
    assert "Debian's busybox" in " ".join([*told.names, *told.lines])
    told.names.clear()
    again = await store.pull("busybox:1.36")
    assert (again.id, told.names) == (first.id, [])
    pinned = await store.pull("busybox:1.36@sha256:" + "0" * 64)
    assert pinned.id == first.id
    [busybox] = [layer / "bin" / "busybox" for layer in first.layers]
    assert busybox.stat().st_mode & stat.S_IXUSR


@pytest.mark.usefixtures("offline")
async def test_what_has_no_stand_in_fails_in_a_line_that_says_why_and_what_next(store: ImageStore) -> None:
    with pytest.raises(EngineError) as failed:
        await store.pull("nowhere/nothing:v1")
    message = str(failed.value)
    assert "image nowhere/nothing:v1: its registry docker.io cannot be reached (no such host)" in message
    assert "no stand-in; check the name" in message
    with pytest.raises(EngineError, match="stand-ins are for linux/.* only, not linux/s390x"):
        await store.pull("busybox:1.36", platform="linux/s390x")


async def test_a_registry_that_says_no_is_not_stood_in_for(
    store: ImageStore, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dagger_local.images.stand_ins.find", lambda _: pytest.fail("looked for a stand-in"))
    with pytest.raises(EngineError, match="has no such image; check its name and tag"):
        await store.pull(f"{registry.address}/never:v1", auth=[registry.auth])
    for auth in ([], [RegistryAuth(registry.address, registry.username, "wrong")]):
        with pytest.raises(EngineError, match="refused access; check the name, and the registry's user and password"):
            await store.pull(f"{registry.address}/never:v1", auth=auth)


async def test_a_registry_that_is_down_is_named_within_bounded_time(store: ImageStore) -> None:
    began = time.monotonic()
    with pytest.raises(EngineError, match=r"127\.0\.0\.1:1 cannot be reached \(Connection refused\)"):
        await store.pull("127.0.0.1:1/web:v1")
    assert time.monotonic() - began < 5


def list_files(place: Path, pattern: str) -> list[Path]:
    return list(place.rglob(pattern))


async def test_a_password_is_only_in_a_private_file_of_the_session(
    store: ImageStore, registry: Registry, tmp_path: Path
) -> None:
    reference, _ = await push(store, registry, "private:v1", "x", tmp_path)
    await store.pull(reference, auth=[registry.auth])
    modes = {stat.S_IMODE(path.stat().st_mode) for path in list_files(tmp_path, "auth-*.json")}
    assert modes == {0o600}
    assert registry.auth.password not in repr(registry.auth)
