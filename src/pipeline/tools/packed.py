"""Take apart what the toolbox's `packed` says: files, each with a name, on a line each."""

import base64
import binascii
import gzip
import zlib


def unpacked(output: str) -> dict[str, str]:
    """Return the texts of files by their names; what is no text is left out."""
    found = {}
    for line in output.splitlines():
        name, _, packed = line.partition(" ")
        try:
            found[name] = gzip.decompress(base64.b64decode(packed, validate=True)).decode()
        except (binascii.Error, OSError, EOFError, zlib.error, UnicodeDecodeError):
            continue
    return found
