"""Take an image archive into the storage."""

import asyncio
import hashlib
from pathlib import Path

from dagger_local.errors import EngineError
from dagger_local.images.archive import kind
from dagger_local.images.containers import Containers, last_words
from dagger_local.images.records import Records
from dagger_local.progress import step


async def load(containers: Containers, records: Records, archive: Path, tag: str) -> str:
    """Return the id of the archive's image; `tag` chooses among several. Known archives are not read again."""
    transport, digest = await asyncio.gather(asyncio.to_thread(kind, archive), asyncio.to_thread(_digest, archive))
    if not transport:
        raise EngineError(
            f"{archive.name} is no image archive; give a tar made by `docker save` or an OCI layout's tar"
        )
    named = hashlib.sha256(f"{digest}\n{tag}".encode()).hexdigest()[:32]
    name = f"localhost/loaded:{named}"
    if (known := records.image_named(name)) and records.has(known):
        return known
    with step(f"load {archive.name}") as this:
        source = f"{transport}:{archive}" + (f":{tag}" if tag else "")
        _ = containers.environment
        done = await containers.skopeo("copy", source, f"containers-storage:{name}", on_line=this.log, check=False)
    if done.exit_code:
        raise EngineError(f"{archive.name} cannot be loaded: {last_words(done)}")
    return records.image_named(name)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
