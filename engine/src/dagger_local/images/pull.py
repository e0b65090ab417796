"""Find an image: remembered, in its registry, or as a stand-in where the registry cannot be reached."""

import time
from collections.abc import Sequence
from dataclasses import replace

from dagger_local.errors import EngineError
from dagger_local.images import stand_ins
from dagger_local.images.containers import Containers, last_words
from dagger_local.images.locks import Keyed
from dagger_local.images.model import Image, RegistryAuth
from dagger_local.images.platforms import own_platform
from dagger_local.images.reach import NETWORK_FAILURES, Reach
from dagger_local.images.records import Records
from dagger_local.images.references import Reference, parse, registry_of
from dagger_local.images.remembered import Remembered, Resolved
from dagger_local.images.stand_in_builder import StandInBuilder
from dagger_local.images.stand_ins import StandIn
from dagger_local.progress import step

_REFUSED = ("unauthorized", "authentication required", "denied", "no basic auth credentials", "403 (Forbidden)")
_MISSING = ("manifest unknown", "name unknown", "not found", "repository name not known", "404")


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
            image = self._image(reference, known)
            # A registry on this machine costs nothing to ask, and what it holds changes from one test to the next.
            if (
                image
                and known
                and (known.fresh or (reference.digest and not image.stand_in))
                and not reference.plain_http
            ):
                return self._announce(image, reference, known.stand_in)
            return await self._resolve(reference, platform, auth, image, known)

    async def _resolve(
        self,
        reference: Reference,
        platform: str,
        auth: Sequence[RegistryAuth],
        image: Image | None,
        known: Resolved | None,
    ) -> Image:
        try:
            resolved = await self._from_registry(reference, platform, auth)
        except UnreachableError as error:
            if image and known and not reference.plain_http:
                # Confirmed for another hour: a machine without a network must not wait for it at every run.
                self._remembered.put(str(reference), platform, replace(known, when=time.time()))
                return self._announce(image, reference, known.stand_in)
            recipe = stand_ins.find(reference)
            if recipe is None:
                raise EngineError(
                    f"image {reference.short}: {error}, and it has no stand-in; "
                    "check the name, or run where the registry can be reached"
                ) from None
            resolved = await self._stand_in(reference, platform, recipe)
        self._remembered.put(str(reference), platform, resolved)
        found = self._image(reference, resolved)
        if found is None:
            raise EngineError(
                f"image {reference.short} vanished from {self._containers.root} while it was pulled; run again"
            )
        return found

    async def _from_registry(self, reference: Reference, platform: str, auth: Sequence[RegistryAuth]) -> Resolved:
        if why := await self._reach.failure(reference.domain):
            raise UnreachableError(f"its registry {reference.domain} cannot be reached ({why})")
        with step(f"pull {reference}") as this:
            system, architecture, variant = (*platform.split("/"), "", "")[:3]
            options = ["--quiet", "--policy", "always", "--os", system, "--arch", architecture]
            options += ["--variant", variant] if variant else []
            options += ["--tls-verify=false"] if reference.plain_http else []
            options += ["--signature-policy", str(self._containers.policy)]
            mine = [one for one in auth if registry_of(one.address) == reference.domain]
            words = ("pull", *options, *self._containers.authfile(mine), f"docker://{reference.pullable}")
            done = await self._containers.buildah(*words, on_line=this.log, check=False)
            if done.exit_code:
                raise _explain(reference, last_words(done))
        image_id = done.stdout.strip().splitlines()[-1]
        return Resolved(image_id, self._records.digest(image_id), "", time.time())

    async def _stand_in(self, reference: Reference, platform: str, recipe: StandIn) -> Resolved:
        if platform != own_platform():
            raise EngineError(
                f"image {reference.short}: its registry {reference.domain} cannot be reached, "
                f"and stand-ins are for {own_platform()} only, not {platform}"
            )
        built = self._builder.kept(recipe)
        if built is None:
            with step(f"stand-in for {reference.short}") as this:
                this.log(f"{reference.domain} cannot be reached: building a stand-in from packages")
                built = await self._builder.build(recipe, this)
                this.log(f"it is {built.say}")
            self._announced.add(str(reference))
        else:
            self._say(reference, built.say)
        return Resolved(built.image_id, "", built.say, time.time())

    def _announce(self, image: Image, reference: Reference, what: str) -> Image:
        if image.stand_in:
            self._say(reference, what)
        return image

    def _say(self, reference: Reference, what: str) -> None:
        """Say once a run that an image is a stand-in."""
        if str(reference) in self._announced:
            return
        self._announced.add(str(reference))
        with step(f"stand-in for {reference.short}: {what}") as this:
            this.cached()

    def _image(self, reference: Reference, resolved: Resolved | None) -> Image | None:
        if resolved is None:
            return None
        return self._records.image(
            resolved.image_id, reference=str(reference), digest=resolved.digest, stand_in=bool(resolved.stand_in)
        )


def _explain(reference: Reference, message: str) -> EngineError:
    """Tell a silent registry from one that says no."""
    if any(sign in message for sign in NETWORK_FAILURES):
        return UnreachableError(f"its registry {reference.domain} cannot be reached ({message.rpartition(': ')[2]})")
    if any(sign in message for sign in _MISSING):
        return EngineError(f"image {reference.short}: {reference.domain} has no such image; check its name and tag")
    if any(sign in message for sign in _REFUSED):
        return EngineError(
            f"image {reference.short}: {reference.domain} refused access; "
            "check the name, and the registry's user and password"
        )
    return EngineError(f"image {reference.short} cannot be pulled: {message}")
