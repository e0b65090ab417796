"""Make the images of a release."""

from typing import Annotated

from dagger import Doc

from pipeline import promotion, provenance
from pipeline.call import GitCredentials, Proposing
from pipeline.description import PIPELINE
from pipeline.git import sign
from pipeline.registry import require_password
from pipeline.services import Build, check_committed, report
from pipeline.surface import Format, arguments, uncached

from .given import Given


class Building(Given):
    """Build, and the images as objects."""

    @uncached
    async def build(
        self,
        *,
        tag: arguments.Tag,
        push: Annotated[bool, Doc("push to the repositories of the first environment")] = False,
        strict: Annotated[bool, Doc("push nothing but what Git has under the tag, all of it committed")] = False,
        services: arguments.Services = None,
        platforms: arguments.Platforms = None,
        build_secret: arguments.BuildSecrets = None,
        pull_request: arguments.PullRequest = False,
        auto_merge: arguments.AutoMerge = False,
        git_token: arguments.GitToken = None,
        git_ssh: arguments.GitSsh = None,
        signing_key: arguments.SigningKey = None,
        image_signing_key: arguments.ImageSigningKey = None,
        image_signing_password: arguments.ImageSigningPassword = None,
        oidc_request_url: arguments.OidcRequestUrl = None,
        oidc_request_token: arguments.OidcRequestToken = None,
        author: arguments.Author = arguments.DEFAULT_AUTHOR,
        actor: arguments.Actor = "",
        run_url: arguments.RunUrl = "",
        format_: arguments.Style = Format.TEXT,
    ) -> str:
        """Build the services' images side by side and report them; push them if asked.

        A push attaches what they are made of, as pipeline.yaml says. Where that says that the pipeline deploys the
        first environment, it is committed as well.
        """
        signature = sign(author, actor, run_url, key=signing_key)
        made, workspace, attaching = await self._call.recipe(tag, services, platforms, build_secret), None, None
        if push:
            description = made.description
            first = description.first
            require_password(description.registry_of(first.name), self.registry_password)
            signing = provenance.Credentials(
                image_signing_key, image_signing_password, oidc_request_url, oidc_request_token
            )
            attaching = await provenance.attachments(made, signing, signature.circumstances.run)
            await check_committed(self.source, description, tag, services or [], strict=strict)
            if first.deployed_by == PIPELINE:
                git = GitCredentials(git_token, git_ssh)
                proposing = Proposing(pull_request, auto_merge)
                workspace = await self._call.workspace(
                    description, [first], git, signature, writing=True, proposing=proposing
                )
        images = Build(tag=tag, images=made.images)
        there = await images.released() if push else []
        built = await images.build()
        published = await images.push(there) if push else []
        attached = await attaching.complete(provenance.pushed(built, there, published)) if attaching else []
        names = [image.service for image in made.images]
        deployed = await promotion.deploy(workspace, dict(zip(names, published, strict=True))) if workspace else None
        return report(
            tag,
            built,
            published,
            there,
            attached,
            format_=format_,
            commit=deployed.commit if deployed else None,
            pull_request=deployed.pull_request if deployed else None,
        )

    @uncached
    async def images(
        self,
        *,
        tag: arguments.Tag,
        services: arguments.Services = None,
        platforms: arguments.Platforms = None,
        build_secret: arguments.BuildSecrets = None,
    ) -> Build:
        """Return the images of a release, to go on with: each with its container, reference and publish."""
        made = await self._call.recipe(tag, services, platforms, build_secret)
        return Build(tag=tag, images=made.images)
