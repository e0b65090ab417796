import dagger
from dagger import check, dag, function, object_type


@object_type
class Nursery:
    """Grow what the shop has."""

    @function
    async def sown(self, kind: str = "oak") -> str:
        """Sow a large bag."""
        bag: dagger.StockBag = dag.stock().bag(kind, size=dagger.StockSize.LARGE)
        return await bag.mixed("sand").label(prefix="sown: ")

    @function
    async def labels(self, kinds: list[str]) -> list[str]:
        """Return the labels of bags."""
        return [await bag.label() for bag in await dag.stock().bags(kinds)]

    @function
    async def largest(self) -> str:
        """Return the name of the largest size."""
        size = await dag.stock().size(large=True)
        return f"{size.name} {size is dagger.StockSize.LARGE}"

    @function
    async def cost(self, kind: str = "oak", prices: dagger.File | None = None) -> int:
        """Return what a kind costs, by the shop's prices or by others."""
        shop = dag.stock(prices=prices) if prices else dag.stock()
        return await shop.price(kind)

    @function
    def leaflet(self) -> dagger.Directory:
        """Return the shop's leaflet."""
        return dag.stock(owner="Ann").leaflet("oaks")

    @function
    async def shared(self) -> list[str]:
        """Let the shop read a folder of this module's, and say what the shop's own folder holds."""
        own = dag.directory().with_new_file("a.txt", "").with_new_file("b.txt", "")
        return [*await dag.stock().words(own), *sorted(await dag.stock().module())]

    @function
    async def module(self) -> list[str]:
        """Return what is in this module's own folder."""
        return await dag.current_module().source().entries()

    @function
    @check
    async def oaks_are_cheap(self) -> None:
        """Check what oaks cost."""
        if (price := await self.cost()) > 5:
            msg = f"oaks cost {price}"
            raise ValueError(msg)
