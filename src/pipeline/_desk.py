"""What a promotion or a rollback works with: tools, registry, branch, and in whose name."""

from collections.abc import Sequence
from dataclasses import dataclass

import dagger

from ._commit import Author, Change, Circumstances, Entry, message
from ._copying import Copier
from ._description import Description
from ._landing import Draft, Tip, draft
from ._remote import Remote
from ._working import Edit


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that stays the same within one call."""

    description: Description
    tools: dagger.Container
    copier: Copier
    remote: Remote
    author: Author
    circumstances: Circumstances
    render_before: bool = False

    async def draft(self, tip: Tip, wanted: Sequence[Edit]) -> Draft:
        """Make those of the edits that change something."""
        edits = [edit for edit in wanted if tip.pin(edit.service, edit.overlay) != edit.pin]
        return await draft(self.tools, tip, edits, render_before=self.render_before)

    def message(self, verb: str, environment: str, source: str, tip: Tip, done: Draft) -> str:
        """Write the commit's message for edits made on a tip."""
        entries = []
        for edit in done.edits:
            before = tip.pin(edit.service, edit.overlay)
            entries.append(Entry(edit.service, edit.pin.reference, edit.pin.tag, before.tag if before else ""))
        return message(Change(verb, self.description.project, environment, source, entries), self.circumstances)
