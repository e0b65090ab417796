"""Ask grype about the SBOMs of what runs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import dagger
from dagger import dag

from pipeline.errors import explained
from pipeline.materials import Unreadable, sboms
from pipeline.referrers import listing
from pipeline.registry import Copier
from pipeline.tools import GATHERED, VULNERABILITIES_OF, WITH_DATABASE, Finished, once, patient, run, shown, unpacked

from .database import Database, database, reason
from .findings import Vulnerability, ordered, vulnerabilities
from .model import Image, Scan

_SECONDS = 1800
_PATIENCE = 60  # seconds that a registry may ask for in all
_AT_ONCE = 2  # it reckons more than it waits
_CACHE, _GIVEN = "/caches/grype", "/run/grype"
_SETTINGS = {
    "GRYPE_CHECK_FOR_APP_UPDATE": "false",
    "GRYPE_DB_AUTO_UPDATE": "false",  # once is enough
    "GRYPE_DB_VALIDATE_AGE": "false",  # an old database is better than none, and said to be old
    "GRYPE_DB_CACHE_DIR": _CACHE,
}


async def scan(copier: Copier, grype: str, images: Sequence[Image], given: dagger.File | None) -> Scan:
    """Find out which vulnerabilities are known of images; it raises nothing, but says what is not known.

    Args:
        copier: which has the right to read what is attached to them.
        grype: the image that grype comes from.
        images: what runs; one with a problem is left as it is.
        given: grype's database as an archive; otherwise the newest is fetched, and kept.
    """
    references = list(dict.fromkeys(image.reference for image in images if not image.problem))
    places = {reference: sboms(reference, tree) for reference, tree in (await listing(copier, references)).items()}
    wanted = list(dict.fromkeys(place for found, _ in places.values() for place in found))
    if not wanted:
        return Scan([_found(image, places, {}, "") for image in images])
    try:
        program = await dag.container().from_(grype).file("/grype").sync()
    except dagger.QueryError as error:
        there_is_none = Database(problem=f"grype cannot be had: {explained(error)}")
        return Scan([_found(image, places, {}, "grype cannot be had") for image in images], there_is_none)
    done = await _scanned(copier, program, given, wanted)
    said = unpacked(await done.stdout())
    why = reason(await done.stderr()) if done.code is not None else "grype took too long"
    known = database(said.pop("status", ""), said.pop("error", why), datetime.now(UTC))
    missing = (why or "grype gave no reason") if known.built else "grype has no database"
    seen = {place: said[copier.as_seen(place)] for place in wanted if copier.as_seen(place) in said}
    return Scan([_found(image, places, seen, missing) for image in images], known)


@shown(lambda _, __, ___, places: f"ask grype about {len(places)} SBOMs")
async def _scanned(copier: Copier, program: dagger.File, given: dagger.File | None, places: Sequence[str]) -> Finished:
    container = copier.container.with_file("/usr/local/bin/grype", program, permissions=0o755)
    for name, value in _SETTINGS.items():
        container = container.with_env_variable(name, value)
    if given:
        archive = f"{_GIVEN}/{await given.name()}"  # its ending says what it is
        container = container.with_mounted_file(archive, given)
    else:
        archive = "-"
        kept = dag.cache_volume("grype")
        container = container.with_mounted_cache(_CACHE, kept, sharing=dagger.CacheSharingMode.LOCKED)
    ask = [GATHERED, "1", str(_AT_ONCE), *patient(_PATIENCE, VULNERABILITIES_OF)]
    stdin = "\n".join(map(copier.as_seen, places))
    return await run(once(container), [WITH_DATABASE, archive, *ask], seconds=_SECONDS, stdin=stdin)


def _found(
    image: Image, places: Mapping[str, tuple[Sequence[str], str]], reports: Mapping[str, str], missing: str
) -> Image:
    """Return an image with what was found; `missing` is why there is no report."""
    if image.problem:
        return image
    attached, problem = places[image.reference]
    if problem:
        return replace(image, problem=problem)
    if not all(place in reports for place in attached):
        return replace(image, problem=missing)
    found: list[Vulnerability] = []
    for place in attached:
        try:
            found += vulnerabilities(reports[place])
        except Unreadable as error:
            return replace(image, problem=f"grype's report cannot be read: {error}")
    return replace(image, found=ordered(found))
