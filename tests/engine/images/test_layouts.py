import asyncio
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from dagger_local.errors import UnsupportedError
from dagger_local.images import Assembled, Image
from dagger_local.images.archive import kind, write_archive
from dagger_local.images.oci import Layouts, is_index, layout_digest

pytestmark = pytest.mark.anyio


def image(upper: Path, **config: Any) -> Assembled:
    return Assembled(None, (upper,), config, {"org.example": "note"}, "linux/amd64")


@pytest.fixture
def upper(tmp_path: Path) -> Path:
    place = tmp_path / "upper"
    place.mkdir()
    (place / "hello").write_text("hello")
    return place


@pytest.fixture
def layouts(tmp_path: Path) -> Layouts:
    return Layouts(tmp_path / "oci", tmp_path / "storage")


def blob(layout: Path, digest: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((layout / "blobs" / digest.replace(":", "/")).read_bytes())
    return content


async def test_an_image_is_described_whole(layouts: Layouts, upper: Path) -> None:
    layout = await layouts.write([image(upper, Cmd=["/hello"], Labels={"a": "b"})], compression=None, media_types=None)
    manifest = blob(layout, layout_digest(layout))
    assert manifest["mediaType"] == "application/vnd.oci.image.manifest.v1+json"
    assert manifest["annotations"] == {"org.example": "note"}
    config = blob(layout, manifest["config"]["digest"])
    assert (config["os"], config["architecture"], config["created"]) == ("linux", "amd64", "1970-01-01T00:00:00Z")
    assert config["config"] == {"Cmd": ["/hello"], "Labels": {"a": "b"}}
    assert len(config["rootfs"]["diff_ids"]) == len(config["history"]) == len(manifest["layers"]) == 1


async def test_the_same_image_has_the_same_digest_on_another_machine(upper: Path, tmp_path: Path) -> None:
    digests = set()
    for name in ("one", "two"):
        layouts = Layouts(tmp_path / name, tmp_path / "storage")
        digests.add(layout_digest(await layouts.write([image(upper)], compression=None, media_types=None)))
    assert len(digests) == 1


async def test_a_second_call_writes_nothing(layouts: Layouts, upper: Path, tmp_path: Path) -> None:
    first = await layouts.write([image(upper)], compression=None, media_types=None)

    def facts() -> dict[Path, tuple[int, ...]]:
        # The time of the layout's own folder says when it was last used, and is no part of it.
        found = {path: path.lstat() for path in (tmp_path / "oci").rglob("*")}
        return {path: (info.st_ino, info.st_mtime_ns if path != first else 0) for path, info in found.items()}

    before = facts()
    assert await layouts.write([image(upper)], compression=None, media_types=None) == first
    assert facts() == before


async def test_what_a_container_left_in_the_configuration_is_not_the_images(layouts: Layouts, upper: Path) -> None:
    mine = image(upper, Hostname="3e8c", Image="x", Volumes={}, OnBuild=[], Healthcheck={"Test": ["CMD", "true"]})
    layout = await layouts.write([mine], compression=None, media_types=None)
    config = blob(layout, blob(layout, layout_digest(layout))["config"]["digest"])
    assert config["config"] == {"Healthcheck": {"Test": ["CMD", "true"]}}


async def test_the_history_goes_on_where_the_bases_ended(layouts: Layouts, upper: Path) -> None:
    base = Image("id", (), {"created": "2026-01-01T00:00:00Z", "history": [{"created_by": "base"}]}, "", "base")
    layout = await layouts.write([Assembled(base, (upper,), {}, {}, "linux/amd64")], compression=None, media_types=None)
    config = blob(layout, blob(layout, layout_digest(layout))["config"]["digest"])
    assert [entry["created_by"] for entry in config["history"]] == ["base", "dagger-local"]
    assert config["created"] == "2026-01-01T00:00:00Z"


async def test_several_images_are_one_index(layouts: Layouts, upper: Path) -> None:
    arm = Assembled(None, (upper,), {}, {}, "linux/arm/v7")
    layout = await layouts.write([image(upper), arm], compression=None, media_types=None)
    assert is_index(layout)
    index = blob(layout, layout_digest(layout))
    platforms = [manifest["platform"] for manifest in index["manifests"]]
    assert platforms[1] == {"os": "linux", "architecture": "arm", "variant": "v7"}


async def test_compression_and_media_types_are_as_asked(layouts: Layouts, upper: Path) -> None:
    layout = await layouts.write([image(upper)], compression="Uncompressed", media_types="DockerMediaTypes")
    manifest = blob(layout, layout_digest(layout))
    assert manifest["mediaType"] == "application/vnd.docker.distribution.manifest.v2+json"
    config = blob(layout, manifest["config"]["digest"])
    assert config["rootfs"]["diff_ids"] == [layer["digest"] for layer in manifest["layers"]]
    with pytest.raises(UnsupportedError, match="Zstd"):
        await layouts.write([image(upper)], compression="Zstd", media_types=None)


async def test_an_archive_has_the_same_bytes_every_time_and_docker_can_read_it(
    layouts: Layouts, upper: Path, tmp_path: Path
) -> None:
    layout = await layouts.write([image(upper)], compression=None, media_types=None)
    for name in ("one.tar", "two.tar"):
        write_archive(layout, tmp_path / name)
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()
    assert kind(tmp_path / "one.tar") == "oci-archive" or kind(tmp_path / "one.tar") == "docker-archive"
    with tarfile.open(tmp_path / "one.tar") as archive:
        entry = json.load(archive.extractfile("manifest.json") or io.BytesIO())[0]
        assert {entry["Config"], *entry["Layers"]} <= set(archive.getnames())


def test_what_is_no_image_archive_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    with tarfile.open(tmp_path / "other.tar", "w") as archive:
        archive.add(tmp_path / "text", "text")
    assert kind(tmp_path / "text") == kind(tmp_path / "other.tar") == ""


async def test_many_may_write_the_same_layout_at_once(upper: Path, tmp_path: Path) -> None:
    writers = [Layouts(tmp_path / "shared", tmp_path) for _ in range(8)]

    written = await asyncio.gather(
        *(each.write([image(upper)], compression=None, media_types=None) for each in writers)
    )

    assert len(set(written)) == 1
    assert not list((tmp_path / "shared" / "known").glob(".partial-*"))
