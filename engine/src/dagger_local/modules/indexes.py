"""Where packages come from on this machine: pip's configuration, said to uv, which does not read it."""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from dagger_local import process

# Not how long pip waits: uv tries a silent server again, and pip's patience would hold that up.
_SAID = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "cert": "SSL_CERT_FILE",
    "trusted-host": "UV_INSECURE_HOST",
}
_LISTS = {"find-links": ",", "extra-index-url": " ", "trusted-host": " "}


async def of_this_machine() -> dict[str, str]:
    """Return the variables that let uv ask where pip would; what is set for uv itself stays."""
    pip = Path(sys.prefix) / "bin" / "pip"
    program = str(pip) if pip.exists() else shutil.which("pip3") or shutil.which("pip")
    if not program:
        return {}
    done = await process.run([program, "config", "list"], check=False)
    return said_to_uv(done.stdout, os.environ)


def said_to_uv(listed: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Turn what `pip config list` prints into uv's variables, the weakest settings first, as pip lists none twice."""
    found: dict[str, str] = {}
    ordered = sorted(listed.splitlines(), key=lambda line: line.startswith(":env:"))
    for line in ordered:
        key, _, value = line.partition("=")
        place, _, name = key.rpartition(".")
        variable = _SAID.get(name)
        if variable and place in ("global", "install", ":env:") and variable not in environment:
            words = value.strip("'\"").replace("\\n", "\n").split()
            found[variable] = _LISTS.get(name, " ").join(words)
    return found
