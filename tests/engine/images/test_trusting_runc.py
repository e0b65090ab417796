from pathlib import Path
from typing import Any

import pytest

from dagger_local.execution.trust import INSIDE
from dagger_local.images.trusting_runc import add_trust

BUNDLE = "/host/bundle.crt"
NAMES = ["etc/ssl/certs/ca-certificates.crt", "etc/pki/tls/certs/ca-bundle.crt"]


def spec_of(root: Path, *env: str) -> dict[str, Any]:
    return {"root": {"path": str(root)}, "mounts": [], "process": {"env": list(env)}}


def targets(spec: dict[str, Any]) -> list[str]:
    return [mount["destination"] for mount in spec["mounts"]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    bundle = tmp_path / "root" / NAMES[0]
    bundle.parent.mkdir(parents=True)
    bundle.write_text("public roots")
    return tmp_path / "root"


def test_only_bundles_that_the_image_has_are_covered(root: Path) -> None:
    spec = spec_of(root)
    add_trust(spec, BUNDLE, INSIDE, NAMES)
    assert targets(spec) == [f"/{NAMES[0]}", "/dev/host-ca-certificates.crt"]
    assert all({"bind", "ro"} <= set(mount["options"]) for mount in spec["mounts"])


def test_node_is_told_where_to_look_unless_the_image_tells_it(root: Path) -> None:
    spec = spec_of(root, "PATH=/bin")
    add_trust(spec, BUNDLE, INSIDE, NAMES)
    assert spec["process"]["env"] == ["PATH=/bin", "NODE_EXTRA_CA_CERTS=/dev/host-ca-certificates.crt"]
    own = spec_of(root, "NODE_EXTRA_CA_CERTS=/own.crt")
    add_trust(own, BUNDLE, INSIDE, NAMES)
    assert own["process"]["env"] == ["NODE_EXTRA_CA_CERTS=/own.crt"]


@pytest.mark.parametrize("link", ["/outside", "../../../../../outside", "ca-bundle.crt"])
def test_a_link_out_of_the_image_or_to_itself_is_not_followed(root: Path, link: str) -> None:
    (root.parent / "outside").write_text("the host's")
    place = root / NAMES[1]
    place.parent.mkdir(parents=True)
    place.symlink_to(link)
    spec = spec_of(root)
    add_trust(spec, BUNDLE, INSIDE, NAMES)
    assert f"/{NAMES[1]}" not in targets(spec)


def test_a_link_within_the_image_is_followed(root: Path) -> None:
    place = root / NAMES[1]
    place.parent.mkdir(parents=True)
    place.symlink_to(f"/{NAMES[0]}")
    spec = spec_of(root)
    add_trust(spec, BUNDLE, INSIDE, NAMES)
    assert f"/{NAMES[1]}" in targets(spec)
