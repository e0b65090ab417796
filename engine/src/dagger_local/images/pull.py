"""Find an image: remembered, in its registry, or as a stand-in where the registry cannot be reached."""

import hashlib
import re
import time
from collections.abc import Sequence
from dataclasses import replace

from dagger_local.disk import is_no_space
from dagger_local.errors import EngineError
from dagger_local.images import stand_ins
from dagger_local.images.containers import Containers, last_words
from dagger_local.images.locks import Keyed
from dagger_local.images.model import Image, RegistryAuth
from dagger_local.images.reach import NETWORK_FAILURES, Reach
from dagger_local.images.records import Records
from dagger_local.images.references import Reference, parse, registry_of
from dagger_local.images.remembered import Remembered, Resolved
from dagger_local.images.stand_in_builder import StandInBuilder
from dagger_local.images.stand_ins import StandIn
from dagger_local.platforms import own_platform
from dagger_local.progress import step

_REFUSED = ("unauthorized", "authentication required", "denied", "no basic auth credentials", "403 (Forbidden)")
_MISSING = re.compile(r"manifest unknown|name unknown|not found|repository name not known|\b404\b")  # no port


class UnreachableError(EngineError):
    """A registry gave no answer."""


class Puller:
    """Resolves references to images of the engine's storage, each once at a time."""

    def __init__(
        self, containers: Containers, records: Records, builder: StandInBuilder, remembered: Remembered, reach: Reach
    ) -> None:
        self._containers = containers
        self._records = records
        self._builder = builder
        self._remembered = remembered
        self._reach = reach
        self._locks = Keyed()
        self._announced: set[str] = set()

    async def pull(self, text: str, platform: str, auth: Sequence[RegistryAuth]) -> Image:
        """Return the image that `text` refers to."""
        reference = parse(text)
        async with self._locks[f"{reference}\n{platform}"]:
            known = self._remembered.get(str(reference), platform)
            # A registry on this machine costs nothing to ask, and what it holds changes from one test to the next.
            if known and not reference.plain_http and (known.fresh or (reference.digest and not known.stand_in)):
                if known.stand_in:
                    return await self._stand_in(reference, platform, f"{reference.domain} could not be reached before")
                if image := self._image(reference, known):
                    return image
            return await self._resolve(reference, platform, auth, known)

    async def _resolve(
        self, reference: Reference, platform: str, auth: Sequence[RegistryAuth], known: Resolved | None
    ) -> Image:
        try:
            resolved = await self._from_registry(reference, platform, auth)
        except UnreachableError as error:
            # A machine without a network must not wait for it at every run: what is here holds for another hour.
            if known and not known.stand_in and not reference.plain_http and (image := self._image(reference, known)):
                self._remembered.put(str(reference), platform, replace(known, when=time.time()))
                return image
            image = await self._stand_in(reference, platform, str(error))
            self._remembered.put(str(reference), platform, Resolved(image.id, "", stand_in=True, when=time.time()))
            return image
        self._remembered.put(str(reference), platform, resolved)
        if found := self._image(reference, resolved):
            return found
        raise EngineError(f"image {reference.short} vanished while it was pulled (pruned?); run again")

    async def _from_registry(self, reference: Reference, platform: str, auth: Sequence[RegistryAuth]) -> Resolved:
        if why := await self._reach.failure(reference.domain):
            raise UnreachableError(f"its registry {reference.domain} cannot be reached ({why})")
        with step(f"pull {reference}") as this:
            system, architecture, variant = (*platform.split("/"), "", "")[:3]
            # A name of its own for each platform: what another session pulls for another one is not taken for it.
            named = hashlib.sha256(f"{reference}\n{platform}".encode()).hexdigest()[:32]
            name = f"localhost/pulled:{named}"
            words = ["--override-os", system, "--override-arch", architecture]
            words += ["--override-variant", variant] if variant else []
            words += ["copy", "--quiet", *(["--src-tls-verify=false"] if reference.plain_http else [])]
            mine = [one for one in auth if registry_of(one.address) == reference.domain]
            words += [*self._containers.authfile(mine), f"docker://{reference.pullable}", f"containers-storage:{name}"]
            patience = self._containers.patience
            try:
                done = await self._containers.skopeo(*words, on_line=this.log, check=False, patience=patience)
            except TimeoutError:
                message = f"its registry {reference.domain} stopped answering (nothing for {patience:.0f} s)"
                raise UnreachableError(message) from None
            if done.exit_code:
                raise explain(reference, last_words(done))
        image_id = self._records.image_named(name)
        return Resolved(image_id, self._records.digest(image_id), stand_in=False, when=time.time())

    async def _stand_in(self, reference: Reference, platform: str, why: str) -> Image:
        """Return the table's image of that name, built now unless it is kept, and say once a run what it is."""
        recipe = stand_ins.find(reference)
        if recipe is None:
            raise EngineError(
                f"image {reference.short}: {why}, and it has no stand-in; "
                "check the name, or run where the registry can be reached"
            )
        if platform != own_platform():
            raise EngineError(
                f"image {reference.short}: {why}, and stand-ins are for {own_platform()} only, not {platform}"
            )
        image = self._builder.kept(recipe, str(reference))
        if image is None:
            await self._build(reference, recipe, why)
            image = self._builder.kept(recipe, str(reference))
        if str(reference) not in self._announced:
            with step(f"stand-in for {reference.short}: {self._builder.say(recipe)}", notable=True) as this:
                this.cached()
        self._announced.add(str(reference))
        if image is None:
            raise EngineError(f"the stand-in for {reference.short} vanished (pruned?); run again")
        return image

    async def _build(self, reference: Reference, recipe: StandIn, why: str) -> None:
        with step(f"stand-in for {reference.short}", notable=True) as this:
            this.log(f"{why}: building a stand-in from packages")
            try:
                await self._builder.build(recipe, this)
            except EngineError as error:
                if is_no_space(error):
                    raise
                raise EngineError(f"image {reference.short}: {why}, and its stand-in failed: {error}") from None

    def _image(self, reference: Reference, resolved: Resolved) -> Image | None:
        return self._records.image(resolved.image_id, reference=str(reference), digest=resolved.digest)


def explain(reference: Reference, message: str) -> EngineError:
    """Tell a silent registry from one that says no."""
    if any(sign in message for sign in NETWORK_FAILURES):
        return UnreachableError(f"its registry {reference.domain} cannot be reached ({message.rpartition(': ')[2]})")
    if _MISSING.search(message):
        return EngineError(f"image {reference.short}: {reference.domain} has no such image; check its name and tag")
    if any(sign in message for sign in _REFUSED):
        return EngineError(
            f"image {reference.short}: {reference.domain} refused access; "
            "check the name, and the registry's user and password"
        )
    return EngineError(f"image {reference.short} cannot be pulled: {message}")
