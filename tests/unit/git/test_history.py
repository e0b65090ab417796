"""Splitting what `git cat-file --batch` prints."""

import subprocess
from pathlib import Path

from pipeline.git.history import blobs


def test_contents_come_apart_whatever_bytes_they_are(tmp_path: Path) -> None:
    contents = [b"name: caf\xe9\n", b"", "newTag: v1.2.3 \N{SNOWMAN}".encode(), b"deadbeef blob 3\n\nabc\n"]
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    ids = []
    for content in contents:
        line = ["git", "-C", str(tmp_path), "hash-object", "-w", "--stdin"]
        ids.append(subprocess.run(line, input=content, stdout=subprocess.PIPE, check=True).stdout.strip())
    line = ["git", "-C", str(tmp_path), "cat-file", "--batch"]
    batch = subprocess.run(line, input=b"\n".join([*ids, b"0" * 40]), stdout=subprocess.PIPE, check=True).stdout
    assert blobs(batch) == [*contents, None]
