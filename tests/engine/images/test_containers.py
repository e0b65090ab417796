"""What the programs of the containers family are told by files."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dagger_local.images.containers import write_private


def test_many_may_write_the_same_private_file_at_once(tmp_path: Path) -> None:
    place = tmp_path / "private" / "file"
    contents = [str(number).encode() * 10_000 for number in range(8)]

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda content: write_private(place, content), contents * 10))

    assert place.read_bytes() in contents
    assert place.stat().st_mode & 0o777 == 0o600
    assert list(place.parent.iterdir()) == [place]
