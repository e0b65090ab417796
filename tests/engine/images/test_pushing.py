import json
import urllib.request
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from dagger_local.errors import EngineError
from dagger_local.images import Assembled, ImageStore, RegistryAuth
from dagger_local.images.oci import layout_digest

from ..conftest import Registry

pytestmark = [pytest.mark.anyio, pytest.mark.engine]


@pytest.fixture
async def image(store: ImageStore, tmp_path: Path) -> Assembled:
    upper = tmp_path / "upper"
    upper.mkdir()
    (upper / "hello").write_text("hello")
    base = await store.pull("busybox:1.36")
    return Assembled(base, (upper,), {**base.config["config"], "Labels": {"a": "b"}}, {"note": "x"}, "linux/amd64")


def manifest(registry: Registry, repository: str, reference: str) -> tuple[str, dict[str, Any]]:
    token = b64encode(f"{registry.auth.username}:{registry.auth.password}".encode()).decode()
    accept = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json"
    url = f"http://{registry.address}/v2/{repository}/manifests/{reference}"
    request = urllib.request.Request(url, headers={"Authorization": f"Basic {token}", "Accept": accept})
    with urllib.request.urlopen(request) as response:  # noqa: S310
        return response.headers["Docker-Content-Digest"], json.load(response)


async def test_the_digest_that_is_returned_is_the_registrys(
    store: ImageStore, registry: Registry, image: Assembled
) -> None:
    layout = await store.write_layout([image])
    digest = await store.push(layout, f"{registry.address}/dev-web:v1.2.3", auth=[registry.auth])
    found, content = manifest(registry, "dev-web", "v1.2.3")
    assert digest == found == layout_digest(layout)
    assert content["annotations"] == {"note": "x"}
    assert len(content["layers"]) == 2


async def test_a_base_comes_out_of_the_storage_as_it_went_in(
    store: ImageStore, registry: Registry, image: Assembled
) -> None:
    assert image.base is not None
    reference = f"{registry.address}/round:v1"
    await store.push(await store.write_layout([image]), reference, auth=[registry.auth])
    pulled = await store.pull(reference, auth=[registry.auth])
    on_top = Assembled(pulled, image.layers, image.config, {}, image.platform)
    await store.push(await store.write_layout([on_top]), f"{reference}-again", auth=[registry.auth])
    again = await store.pull(f"{reference}-again", auth=[registry.auth])
    assert again.config["rootfs"]["diff_ids"][:-1] == pulled.config["rootfs"]["diff_ids"]
    assert again.layers[:-1] == pulled.layers


async def test_an_index_is_pushed_whole(
    store: ImageStore, registry: Registry, image: Assembled, tmp_path: Path
) -> None:
    arm = Assembled(None, (tmp_path / "upper",), {}, {}, "linux/arm64")
    layout = await store.write_layout([image, arm])
    reference = f"{registry.address}/multi:v1"
    digest = await store.push(layout, reference, auth=[registry.auth])
    found, content = manifest(registry, "multi", "v1")
    assert digest == found
    assert [entry["platform"]["architecture"] for entry in content["manifests"]] == ["amd64", "arm64"]
    pulled = await store.pull(reference, platform="linux/arm64", auth=[registry.auth])
    assert pulled.config["architecture"] == "arm64"


async def test_an_archive_can_be_loaded_again(store: ImageStore, image: Assembled, tmp_path: Path) -> None:
    await store.write_archive(await store.write_layout([image]), tmp_path / "image.tar")
    loaded = await store.load(tmp_path / "image.tar")
    assert loaded.config["config"]["Labels"] == {"a": "b"}
    assert (loaded.layers[-1] / "hello").read_text() == "hello"
    (tmp_path / "text").write_text("hello")
    with pytest.raises(EngineError, match="text is no image archive"):
        await store.load(tmp_path / "text")


async def test_a_refusal_and_a_silence_are_told_apart(store: ImageStore, registry: Registry, image: Assembled) -> None:
    layout = await store.write_layout([image])
    for auth in ([], [RegistryAuth(registry.address, registry.username, "wrong-password")]):
        with pytest.raises(EngineError, match="refused the credentials for dev-web; check the username") as failed:
            await store.push(layout, f"{registry.address}/dev-web:v2", auth=auth)
        assert "wrong-password" not in str(failed.value)
    with pytest.raises(EngineError, match=r"registry 127\.0\.0\.1:1 cannot be reached"):
        await store.push(layout, "127.0.0.1:1/web:v1", auth=[registry.auth])
    with pytest.raises(EngineError, match="invalid reference format"):
        await store.push(layout, "127.0.0.1:1/Web:v1")


async def test_credentials_of_another_registry_are_not_sent(
    store: ImageStore, registry: Registry, image: Assembled
) -> None:
    other = RegistryAuth("other.example", registry.auth.username, registry.auth.password)
    with pytest.raises(EngineError, match="refused the credentials"):
        await store.push(await store.write_layout([image]), f"{registry.address}/dev-web:v3", auth=[other])
