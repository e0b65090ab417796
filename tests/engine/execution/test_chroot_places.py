"""What a container's root says of links does not lead a mount out of it."""

from pathlib import Path

import pytest

from dagger_local.execution.chroot import inside


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = tmp_path / "root"
    (place / "real").mkdir(parents=True)
    links = {"abs": "/etc", "up": "../../outside", "chain": "abs/../real", "real/back": "..", "loop": "loop"}
    for name, target in links.items():
        (place / name).symlink_to(target)
    return place


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/real/x", "real/x"),
        ("/abs/resolv.conf", "etc/resolv.conf"),
        ("/up/x", "outside/x"),
        ("/chain/x", "real/x"),
        ("/real/back/real", "real"),
        ("/../../x", "x"),
        ("/missing/deep", "missing/deep"),
        ("/", "."),
    ],
)
def test_links_are_followed_inside(root: Path, path: str, found: str) -> None:
    assert Path(inside(str(root), path)) == root / found


def test_links_in_a_circle_are_an_error(root: Path) -> None:
    with pytest.raises(OSError, match="symbolic links"):
        inside(str(root), "/loop/x")
