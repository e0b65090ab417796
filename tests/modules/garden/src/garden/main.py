import enum
import typing
from pathlib import Path
from typing import Annotated

import dagger
from dagger import Doc, check, dag, enum_type, field, function, generate, interface, object_type, up

IMAGE = "alpine:3.22.2"


@enum_type
class Season(enum.Enum):
    """When something is done."""

    SPRING = "spring"
    """When it is sown."""

    AUTUMN = "autumn"
    """When it is reaped."""


@interface
class Labelled(typing.Protocol):
    """What has a name and can be told by it."""

    @function
    async def name(self) -> str: ...

    @function
    def with_name(self, name: str) -> typing.Self: ...


@object_type
class Plant:
    """Something that grows."""

    name: str = field()

    @function
    def with_name(self, name: str) -> "Plant":
        """Return it under another name."""
        return Plant(name=name)


@object_type
class Bed:
    """Where things grow."""

    first: Labelled = field()
    others: list[Labelled] = field(default=list)

    @function
    async def labels(self) -> list[str]:
        """List the names of all that grows here."""
        return [await self.first.name(), *[await each.name() for each in self.others]]


@object_type
class Garden:
    """A garden."""

    port: Annotated[int, Doc("where the door is")] = 8080
    owner: Annotated[str, Doc("whose it is")] = "nobody"

    @function
    def plan(self, season: Annotated[Season, Doc("when")] = Season.SPRING) -> str:
        """Tell what to do in a season."""
        return f"{self.owner}: {'sow' if season is Season.SPRING else 'reap'} ({season.value})"

    @function
    def next(self, season: Season) -> Season:
        """Return the other season."""
        return Season.AUTUMN if season is Season.SPRING else Season.SPRING

    @function
    def plant(self, name: str) -> Plant:
        """Return a plant."""
        return Plant(name=name)

    @function
    def seed(self, name: str = "seed.txt") -> Labelled:
        """Return something that has a name, and a file that has one is such a thing."""
        return dag.file(name, "oak")

    @function
    async def call(self, thing: Labelled, times: int = 1) -> str:
        """Call something by its name."""
        return " ".join([await thing.name()] * times)

    @function
    def rename(self, thing: Labelled, name: str) -> Labelled:
        """Return a thing under another name."""
        return thing.with_name(name)

    @function
    def rows(self, things: list[Labelled]) -> list[Labelled]:
        """Return things the other way round."""
        return things[::-1]

    @function
    def bed(self, names: list[str]) -> Bed:
        """Return a bed in which things of these names grow."""
        first, *others = (self.seed(name) for name in names)
        return Bed(first=first, others=others)

    @function
    async def sign(self, workspace: dagger.Workspace, path: Annotated[str, Doc("which file")] = "sign.txt") -> str:
        """Read a file of the workspace."""
        return await workspace.file(path).contents()

    @function
    async def around(self, workspace: dagger.Workspace, path: str = ".") -> list[str]:
        """List a folder of the workspace."""
        return await workspace.directory(path, exclude=["**/*.tmp"]).entries()

    @function
    async def gate(self, workspace: dagger.Workspace, name: str) -> str:
        """Say where a file is, in the folder of the workspace or above it."""
        return await workspace.find_up(name) or "nowhere"

    @function
    async def shed(self, workspace: dagger.Workspace) -> str:
        """Tell where the workspace is in its repository."""
        return await workspace.path()

    @function
    async def compost(self, text: str = "leaves") -> str:
        """Write a file where the function works, and read it through the API."""
        Path("heap").mkdir()
        Path("heap/top.txt").write_text(text)
        module = dag.current_module()
        entries = await module.workdir("heap").entries()
        return f"{entries[0]}: {await module.workdir_file('heap/top.txt').contents()}"

    @function
    @generate
    def labels(self, workspace: dagger.Workspace) -> dagger.Changeset:
        """Write the labels of all seasons."""
        before = workspace.directory(".", include=["labels.txt"])
        names = "".join(f"{each.value}\n" for each in Season)
        return before.with_new_file("labels.txt", names).changes(before)

    @function
    @check
    async def is_signed(self, workspace: dagger.Workspace) -> None:
        """Check that the garden has a sign."""
        if "sign.txt" not in await workspace.directory(".").entries():
            msg = "the garden has no sign"
            raise ValueError(msg)

    @function
    @up
    def door(self) -> dagger.Service:
        """Open the door."""
        page = dag.container().from_(IMAGE).with_new_file("/www/index.html", f"garden of {self.owner}\n")
        served = page.with_exposed_port(self.port)
        return served.as_service(args=["httpd", "-f", "-p", str(self.port), "-h", "/www"])
