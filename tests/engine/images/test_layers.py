import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import IO

import pytest

from dagger_local.errors import EngineError
from dagger_local.images.blobs import Blobs
from dagger_local.images.layer_tar import write_stored, write_upper

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="device files and trusted attributes need root")


def tar_of(directory: Path) -> bytes:
    out = io.BytesIO()
    write_upper(directory, out)
    return out.getvalue()


def members(directory: Path) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(tar_of(directory))) as archive:
        return {member.name: member for member in archive}


def test_the_same_files_give_the_same_bytes_wherever_they_are(tmp_path: Path) -> None:
    for place, names in (("one", "abc"), ("two", "cab")):
        (tmp_path / place).mkdir()
        for name in names:
            path = tmp_path / place / name
            path.write_text(name)
            os.utime(path, (1, 1_700_000_000.25))
    assert tar_of(tmp_path / "one") == tar_of(tmp_path / "two")


def test_modes_links_and_times_are_kept(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir(mode=0o750)
    (tmp_path / "folder" / "run").write_text("x")
    (tmp_path / "folder" / "run").chmod(0o4755)
    os.utime(tmp_path / "folder" / "run", (0, 1_700_000_000.9))
    (tmp_path / "link").symlink_to("folder/run")
    (tmp_path / "hard").hardlink_to(tmp_path / "folder" / "run")
    os.mkfifo(tmp_path / "pipe")
    found = members(tmp_path)
    assert (found["folder"].mode, found["folder/run"].mode) == (0o750, 0o4755)
    assert found["folder/run"].mtime == 1_700_000_000
    assert found["link"].linkname == "folder/run"
    assert (found["hard"].type, found["hard"].linkname) == (tarfile.LNKTYPE, "folder/run")
    assert found["pipe"].isfifo()


@root_only
def test_deletions_and_opaque_folders_become_whiteouts(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    os.mknod(tmp_path / "etc" / "gone", 0o020000, 0)
    (tmp_path / "new").mkdir()
    os.setxattr(tmp_path / "new", "trusted.overlay.opaque", b"y")
    found = members(tmp_path)
    assert set(found) == {"etc", "etc/.wh.gone", "new", "new/.wh..wh..opq"}
    assert found["etc/.wh.gone"].isreg()
    assert not found["new"].pax_headers


@root_only
def test_capabilities_of_files_are_kept_byte_for_byte(tmp_path: Path) -> None:
    (tmp_path / "ping").write_text("x")
    capability = bytes.fromhex("0100000200200000000000000000000000000000")
    os.setxattr(tmp_path / "ping", "security.capability", capability)
    kept = members(tmp_path)["ping"].pax_headers["SCHILY.xattr.security.capability"]
    assert kept.encode("utf-8", "surrogateescape") == capability


@root_only
@pytest.mark.skipif(not shutil.which("tar"), reason="needs tar")
def test_names_that_are_no_utf8_survive(tmp_path: Path) -> None:
    name = b"caf\xe9-" + b"x" * 120
    Path(tmp_path / "in").mkdir()
    Path(os.fsdecode(bytes(tmp_path / "in") + b"/" + name)).write_text("x")
    (tmp_path / "out").mkdir()
    subprocess.run(["tar", "--extract", "--directory", tmp_path / "out"], input=tar_of(tmp_path / "in"), check=True)
    assert [os.fsencode(path.name) for path in (tmp_path / "out").iterdir()] == [name]


def test_links_of_a_stored_layer_do_not_lead_out_of_it(tmp_path: Path) -> None:
    diff = tmp_path / "layer" / "diff"
    (diff / "usr/bin").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    for place, text in ((diff / "usr/bin/tool", "mine"), (tmp_path / "outside/tool", "host")):
        place.write_text(text)
    (diff / "bin").symlink_to("/usr/bin")
    (diff / "out").symlink_to(tmp_path / "outside")
    (diff / "tool").symlink_to(tmp_path / "outside/tool")

    def stored(name: str) -> bytes:
        with gzip.open(tmp_path / "split.gz", "wt") as split:
            split.write(json.dumps({"type": 1, "name": name, "size": 4}) + "\n")
        out = io.BytesIO()
        write_stored(tmp_path / "split.gz", diff, out)
        return out.getvalue()

    assert stored("./bin/tool") == b"mine"
    for name in ("out/tool", "tool"):
        with pytest.raises(EngineError, match="is not what its image stored"):
            stored(name)


def _write(out: IO[bytes]) -> None:
    out.write(b"tar")


def test_a_layer_is_compressed_once_and_found_again(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    first = blobs.layer("key", _write, compressed=True)
    again = blobs.layer("key", lambda _: pytest.fail("written again"), compressed=True)
    assert first == again
    content = blobs.path(first.digest).read_bytes()
    assert first.size == len(content)
    assert first.digest == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert first.diff_id == f"sha256:{hashlib.sha256(b'tar').hexdigest()}"
    assert gzip.decompress(content) == b"tar"
    assert content[4:8] == bytes(4), "the header holds no time"


def test_a_layer_that_could_not_be_written_leaves_nothing(tmp_path: Path) -> None:
    def fail(_: object) -> None:
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        Blobs(tmp_path).layer("key", fail, compressed=True)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
