"""What a promotion or a rollback works with: tools, registry, branch, and in whose name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import dagger

from pipeline.concurrency import both
from pipeline.description import Description, Environment
from pipeline.forge import Forge
from pipeline.git import Access, Change, Entry, Remote, Signature, check_key, message, remote
from pipeline.overlays import Edit, EditFailed
from pipeline.registry import Copier, Logins, copier
from pipeline.tools import toolbox

from .branch import Tip
from .draft import Draft, draft
from .intent import Intent


@dataclass(frozen=True, slots=True)
class Workspace:
    """Everything that stays the same within one call.

    `source` is the repository as it is here. `render_before` is for the diff of manifests, `explaining` for the commits
    between what runs and what comes. With a `forge`, changes are proposed there, not pushed.
    """

    description: Description
    source: dagger.Directory
    tools: dagger.Container
    copier: Copier
    remote: Remote
    signature: Signature
    render_before: bool = False
    explaining: bool = False
    forge: Forge | None = None

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
        self,
        verb: str,
        tip: Tip,
        done: Draft,
        *,
        meant: int,
        intents: Sequence[Intent] = (),
        referrers: Mapping[tuple[str, str], int] = MappingProxyType({}),
    ) -> str:
        """Write the commit's message for edits made on a tip.

        Args:
            verb: promote, rollback or deploy.
            tip: what there was before.
            done: the edits.
            meant: how many services were to be changed; fewer than there are is a part.
            intents: what a promotion is for, an environment each.
            referrers: how many things refer to the images, by environment and service.
        """
        wanted = {intent.target.name: intent for intent in intents}
        changes = []
        for environment in dict.fromkeys(edit.environment for edit in done.edits):
            intent = wanted.get(environment)
            changes.append(
                Change(
                    verb,
                    self.description.project,
                    environment,
                    intent.origin if intent else "",
                    [
                        self._entry(tip, edit, referrers.get((edit.environment, edit.service), 0))
                        for edit in done.edits
                        if edit.environment == environment
                    ],
                    partial=meant < len(self.description.services),
                    forced=bool(intent and intent.force),
                    skipped=intent.skipped if intent else (),
                )
            )
        return message(changes, self.signature.circumstances)

    def _entry(self, tip: Tip, edit: Edit, referrers: int) -> Entry:
        before = tip.before(edit)
        return Entry(edit.service, edit.pin.reference, edit.pin.tag, before.tag if before else "", referrers)


async def open_workspace(
    description: Description,
    targets: Sequence[Environment],
    logins: Logins,
    access: Access,
    signature: Signature,
    *,
    source: dagger.Directory,
    writing: bool,
    render_before: bool = False,
    explaining: bool = False,
) -> Workspace:
    """Set up the tools, side by side with what they need to reach registry and branch.

    Args:
        description: which registries and which branch.
        targets: the environments that are changed.
        logins: the right to use their registries, and those of the environments that are promoted from.
        access: the right to use the branch.
        signature: in whose name commits are made.
        source: the repository, for the files that tell who may sign.
        writing: refuse a remote that could only be read.
        render_before: render overlays before their edits too, for the diff of manifests.
        explaining: find the commits between what runs and what comes.

    Raises:
        InvalidInput: a credential is missing or cannot be used.
    """
    await check_key(signature.author.key)
    tools = await toolbox(description.tools).sync()
    names = [name for target in targets for name in (target.name, target.promotes_from) if name]
    registries = list(dict.fromkeys(description.registry_of(name) for name in names))
    branch, crane = await both(
        remote(tools, description.repository, description.branch, access, writing=writing),
        copier(tools, logins.by_host(registries, description.origins(targets))),
    )
    return Workspace(description, source, tools, crane, branch, signature, render_before, explaining)
