import enum
import uuid
from typing import Annotated

import dagger
from dagger import DefaultPath, Doc, Ignore, check, dag, enum_type, field, function, generate, object_type
from opentelemetry import trace

from .page import Author, Page
from .shelf import Shelf


@enum_type
class Style(enum.Enum):
    """How the book is printed."""

    PLAIN = "plain"
    """As it is written."""

    LOUD = "loud"
    """In capital letters."""


@object_type
class Notes:
    """A book of notes."""

    source: Annotated[dagger.Directory, DefaultPath("book"), Ignore(["drafts", "**/*.tmp"]), Doc("folder of the notes")]
    owner: Annotated[str, Doc("who owns the book")] = field(default="Ann Other")
    image: Annotated[str, Doc("image to print with")] = "alpine:3.22.2"

    @function
    async def titles(self) -> list[str]:
        """List the titles of all pages."""
        return [name.removesuffix(".txt") for name in await self.source.glob("*.txt")]

    @function
    async def pages(self) -> list[Page]:
        """Return all pages."""
        author = Author(name=self.owner)
        return [
            Page(title=title, text=await self.source.file(f"{title}.txt").contents(), author=author)
            for title in await self.titles()
        ]

    @function
    async def page(self, title: Annotated[str, Doc("title of the page")]) -> Page | None:
        """Return the page of that title, if there is one."""
        return next((page for page in await self.pages() if page.title == title), None)

    @function
    def printer(self, style: Annotated[Style, Doc("how to print")] = Style.PLAIN) -> dagger.Container:
        """Return a container that prints the book."""
        command = ["sh", "-c", "cat /book/*.txt" + (" | tr a-z A-Z" if style is Style.LOUD else "")]
        return dag.container().from_(self.image).with_directory("/book", self.source).with_default_args(command)

    @function
    async def printed(self, style: Style = Style.PLAIN) -> str:
        """Print the book."""
        return await self.printer(style).with_exec([]).stdout()

    @function
    async def run(self, command: Annotated[list[str], Doc("words of the command")]) -> str:
        """Run a command beside the book."""
        beside = dag.container().from_(self.image).with_mounted_directory("/book", self.source).with_workdir("/book")
        return await beside.with_exec(command).stdout()

    @function
    async def bind(self, command: Annotated[list[str], Doc("words of the command")]) -> str:
        """Run a command, in a step that says what for."""
        with trace.get_tracer("notes").start_as_current_span("bind the book"):
            return await self.run(command)

    @function
    async def sign(self, key: Annotated[dagger.Secret, Doc("key to sign with")]) -> str:
        """Sign the book with a key, and tell no one the key."""
        signing = dag.container().from_(self.image).with_secret_variable("KEY", key)
        script = 'printf "%s" "$KEY" | sha256sum | cut -c1-8'
        return (await signing.with_exec(["sh", "-c", script]).stdout()).strip()

    @function
    async def tidy(self) -> dagger.Changeset:
        """Give every page a newline at its end."""
        after = self.source
        for title in await self.titles():
            text = await self.source.file(f"{title}.txt").contents()
            after = after.with_new_file(f"{title}.txt", text.rstrip("\n") + "\n")
        return after.changes(self.source)

    @function
    @generate
    async def index(self) -> dagger.Changeset:
        """Write the list of all pages."""
        text = "".join(f"{title}\n" for title in sorted(await self.titles()))
        return self.source.with_new_file("index.md", text).changes(self.source)

    @function
    def greet(
        self,
        name: Annotated[str | None, Doc("whom to greet")] = None,
        times: Annotated[int, Doc("how often")] = 1,
        loud: Annotated[bool, Doc("in capital letters")] = False,
        words: Annotated[list[str] | None, Doc("what to say as well")] = None,
    ) -> str:
        """Greet someone."""
        text = " ".join([f"hello {name or 'you'}"] * times + (words or []))
        return text.upper() if loud else text

    @function
    def with_owner(self, name: str) -> "Notes":
        """Return the book with another owner."""
        return Notes(source=self.source, owner=name, image=self.image)

    @function
    async def count(self, folder: Annotated[dagger.Directory, Ignore(["*", "!*.md"])]) -> int:
        """Count the Markdown files of a folder."""
        return len(await folder.entries())

    @function
    def ratio(self, of: float = 0.5) -> float:
        """Return a half of it."""
        return of / 2

    @function(cache="never")
    def draw(self) -> str:
        """Draw a lot: another one each time."""
        return uuid.uuid4().hex

    @function
    def kept(self) -> str:
        """Draw a lot, once."""
        return uuid.uuid4().hex

    @function
    @check
    async def has_pages(self) -> None:
        """Check that the book is not empty."""
        if not await self.titles():
            msg = "the book has no pages"
            raise ValueError(msg)

    @function
    @check
    async def is_tidy(self) -> None:
        """Check that every page ends with a newline."""
        changes = await self.tidy()
        if not await changes.is_empty():
            msg = f"not tidy: {', '.join(await changes.modified_paths())}"
            raise ValueError(msg)

    @function
    def shelf(self, owner: str = "") -> Shelf:
        """Return where the book stands."""
        return Shelf(owner=owner or self.owner)

    @function
    def fail(self, message: str = "out of ink") -> str:
        """Raise an error."""
        raise RuntimeError(message)

    @function
    async def crash(self) -> str:
        """Run a command that fails."""
        script = "echo half done; echo no paper >&2; exit 9"
        return await dag.container().from_(self.image).with_exec(["sh", "-c", script]).stdout()

    @function
    def wrong(self) -> int:
        """Return something else than is said."""
        return "not a number"  # type: ignore[return-value]
