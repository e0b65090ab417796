"""What a promotion or a rollback works with: tools, registry, branch, and in whose name."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import dagger

from pipeline.concurrency import both
from pipeline.description import PULL_REQUEST, Description, Environment
from pipeline.errors import InvalidInput
from pipeline.git import Access, Change, Entry, Remote, Signature, check_key, message, remote
from pipeline.overlays import Edit, EditFailed
from pipeline.registry import Copier, Logins, copier
from pipeline.tools import toolbox

from .branch import Tip
from .draft import Draft, draft


@dataclass(frozen=True, slots=True)
class Workspace:
    """Everything that stays the same within one call."""

    description: Description
    tools: dagger.Container
    copier: Copier
    remote: Remote
    signature: Signature
    render_before: bool = False

    async def draft(self, tip: Tip, wanted: Sequence[Edit]) -> Draft:
        """Make those of the edits that change something.

        The tip has the folders of manifests alone. An overlay that reaches out of them gets the other files too.
        """
        edits = [edit for edit in wanted if tip.before(edit) != edit.pin]
        try:
            return await draft(self.tools, tip, edits, render_before=self.render_before)
        except EditFailed as error:
            if "no such file" not in str(error):
                raise
            whole = replace(tip, clone=await self.remote.whole(tip.clone))
            return await draft(self.tools, whole, edits, render_before=self.render_before)

    def message(
        self, verb: str, environment: str, source: str, tip: Tip, done: Draft, *, meant: int, forced: bool = False
    ) -> str:
        """Write the commit's message for edits made on a tip.

        Args:
            verb: promote, rollback or deploy.
            environment: which one is changed.
            source: the environment promoted from; empty if it is no promotion.
            tip: what there was before.
            done: the edits.
            meant: how many services were to be changed; fewer than there are is a part.
            forced: the environment promoted from runs something else.
        """
        entries = []
        for edit in done.edits:
            before = tip.before(edit)
            entries.append(Entry(edit.service, edit.pin.reference, edit.pin.tag, before.tag if before else ""))
        partial = meant < len(self.description.services)
        change = Change(verb, self.description.project, environment, source, entries, partial, forced)
        return message(change, self.signature.circumstances)


async def open_workspace(
    description: Description,
    target: Environment,
    logins: Logins,
    access: Access,
    signature: Signature,
    *,
    writing: bool,
    render_before: bool = False,
) -> Workspace:
    """Set up the tools, side by side with what they need to reach registry and branch.

    Args:
        description: which registries and which branch.
        target: the environment that is changed.
        logins: the right to use its registry, and that of the environment that is promoted from.
        access: the right to use the branch.
        signature: in whose name commits are made.
        writing: refuse a remote that could only be read.
        render_before: render overlays before their edits too, for the diff of manifests.

    Raises:
        InvalidInput: a credential is missing or cannot be used, or the environment is not changed by a push.
    """
    await check_key(signature.author.key)
    tools = await toolbox(description.tools).sync()
    if writing and target.changes_by == PULL_REQUEST:
        msg = f"{target.name} takes its changes by pull-request, which is not done yet: apply the changes of `plan`"
        raise InvalidInput(msg)
    registries = [description.registry_of(name) for name in (target.name, target.promotes_from) if name]
    branch, crane = await both(
        remote(tools, description.repository, description.branch, access, writing=writing),
        copier(tools, logins.by_host(registries, description.origins([target]))),
    )
    return Workspace(description, tools, crane, branch, signature, render_before)
