"""What a release did, and its report."""

from dataclasses import asdict, dataclass

from pipeline.surface import Format, as_json


@dataclass(frozen=True, slots=True)
class Outcome:
    """A branch's tip and the release that it is; no tag means that there is nothing to release.

    `previous` is the release before. `released` says that this run made the tag, `already_there` that a run before it
    did, or one beside it. `url` is the release's page, where the forge has one.
    """

    tag: str | None
    version: str | None
    previous: str | None
    notes: str
    commit: str
    dry_run: bool
    released: bool
    already_there: bool = False
    url: str | None = None

    def report(self, branch: str, format_: Format) -> str:
        """Write it down."""
        if format_ is Format.JSON:
            return as_json(asdict(self))
        text = [self._line(branch, format_), *([self.url] if self.url else []), self.notes.strip()]
        return "\n\n".join(part for part in text if part)

    def _line(self, branch: str, format_: Format) -> str:
        marked = "**" if format_ is Format.MARKDOWN else ""
        at = f"{self.commit[:12]} ({branch})"
        if not self.tag:
            since = f"since {self.previous}" if self.previous else "yet"
            return f"{marked}nothing to release{marked} at {at}: no feat, fix or breaking change {since}"
        verb = "is released" if self.released else "was released before" if self.already_there else "would be released"
        return f"{marked}{self.tag}{marked} {verb}: {at}"
