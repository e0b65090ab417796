import enum
from typing import Annotated

import dagger
from dagger import DefaultPath, Doc, dag, enum_type, field, function, object_type


@enum_type
class Size(enum.Enum):
    """How much is in a bag."""

    SMALL = "one"
    LARGE = "ten"


@object_type
class Bag:
    """A bag of seeds."""

    kind: str = field()
    count: int = field()

    @function
    def label(self, prefix: str = "") -> str:
        """Say what is in it."""
        return f"{prefix}{self.count} {self.kind}"

    @function
    def mixed(self, other: str) -> "Bag":
        """Return a bag with something else in it."""
        return Bag(kind=f"{self.kind}+{other}", count=self.count)


@object_type
class Seeds:
    """A shop of seeds."""

    prices: Annotated[dagger.File, DefaultPath("prices.txt"), Doc("what seeds cost")]
    owner: Annotated[str, Doc("whose shop it is")] = field(default="nobody")

    @function
    def bag(self, kind: str, size: Size = Size.SMALL) -> Bag:
        """Return a bag."""
        return Bag(kind=kind, count=10 if size is Size.LARGE else 1)

    @function
    def bags(self, kinds: list[str]) -> list[Bag]:
        """Return a bag of each kind."""
        return [self.bag(kind) for kind in kinds]

    @function
    def size(self, large: bool = False) -> Size:
        """Return a size."""
        return Size.LARGE if large else Size.SMALL

    @function
    async def price(self, kind: str) -> int:
        """Return what a kind costs."""
        lines = (await self.prices.contents()).splitlines()
        found = [int(line.split()[1]) for line in lines if line.split()[0] == kind]
        if not found:
            msg = f"no price of {kind}"
            raise ValueError(msg)
        return found[0]

    @function
    def leaflet(self, text: str) -> dagger.Directory:
        """Return a folder with a leaflet in it."""
        return dag.directory().with_new_file("leaflet.txt", f"{self.owner}: {text}")

    @function
    async def words(self, folder: dagger.Directory) -> list[str]:
        """Return the names of the files in a folder."""
        return await folder.entries()

    @function
    async def module(self) -> list[str]:
        """Return what is in this module's own folder."""
        return await dag.current_module().source().entries()
