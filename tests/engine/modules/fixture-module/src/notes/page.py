import dagger
from dagger import dag, field, function, object_type


@object_type
class Author:
    """Whoever wrote a page."""

    name: str = field()

    @function
    def initials(self) -> str:
        """Return the first letters of the author's names."""
        return "".join(part[0] for part in self.name.split())


@object_type
class Page:
    """One page of the book."""

    title: str = field()
    text: str = field()
    author: Author = field()

    @function
    def file(self) -> dagger.File:
        """Return the page as a file."""
        return dag.file(f"{self.title}.txt", self.text)

    @function
    def headline(self, *, prefix: str = "# ") -> str:
        """Return the title as a headline."""
        return prefix + self.title
