"""What is read from an OCI archive."""

import io
import json
import tarfile
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline.services.archive import Contents, contents

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


class Archive:
    """An OCI archive in the making."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def blob(self, value: Any, media_type: str) -> dict[str, Any]:
        data = json.dumps(value).encode()
        digest = sha256(data).hexdigest()
        self.files[f"blobs/sha256/{digest}"] = data
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}

    def image(self, layers: list[int], **config: str) -> dict[str, Any]:
        described = {**self.blob(config, "config"), "size": 100}
        return self.blob({"config": described, "layers": [{"size": size} for size in layers]}, MANIFEST)

    def write(self, path: Path, root: dict[str, Any]) -> Path:
        self.files["index.json"] = json.dumps({"manifests": [root]}).encode()
        with tarfile.open(path, "w") as tar:
            for name, data in self.files.items():
                member = tarfile.TarInfo(name)
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
        return path


def test_one_platform_is_the_manifest_itself(tmp_path: Path) -> None:
    archive = Archive()
    image = archive.image([10, 20], os="linux", architecture="amd64")
    path = archive.write(tmp_path / "a.tar", image)
    assert contents(path) == Contents(image["digest"], 130, ("linux/amd64",), 2)


def test_several_platforms_are_an_index_whose_digest_and_whole_size_count(tmp_path: Path) -> None:
    archive = Archive()
    amd = archive.image([10], os="linux", architecture="amd64")
    arm = archive.image([20], os="linux", architecture="arm", variant="v7")
    index = archive.blob({"manifests": [amd, arm]}, INDEX)
    path = archive.write(tmp_path / "a.tar", index)
    assert contents(path) == Contents(index["digest"], 230, ("linux/amd64", "linux/arm/v7"), 2)
