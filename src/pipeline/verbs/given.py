"""What the constructor is given: constant for a repository, and shared by all verbs."""

import dataclasses
from typing import Annotated

import dagger
from dagger import DefaultPath, Doc, Ignore

from pipeline.call import Call
from pipeline.deployment import Access
from pipeline.description import LEFT_OUT
from pipeline.git import TOKEN_USER
from pipeline.registry import Credentials


@dataclasses.dataclass(kw_only=True)
class Given:
    """The constructor's arguments."""

    source: Annotated[
        dagger.Directory, DefaultPath("/"), Ignore(LEFT_OUT), Doc("the repository; the checkout if not given")
    ]
    registry: Annotated[str, Doc("registry's address instead of pipeline.yaml's, such as localhost:5000")] = ""
    registry_username: Annotated[str, Doc("user name at the registry")] = "AWS"
    registry_password: Annotated[dagger.Secret | None, Doc("password at the registry")] = None
    registry_service: Annotated[
        dagger.Service | None, Doc("service that answers for the registry's address, such as tcp://localhost:5000")
    ] = None
    origin_registry_username: Annotated[
        str, Doc("user name at the registry of the environment promoted from, where that is another one")
    ] = "AWS"
    origin_registry_password: Annotated[
        dagger.Secret | None, Doc("password there; without it, what is given for the registry holds there too")
    ] = None
    origin_registry_service: Annotated[
        dagger.Service | None, Doc("service that answers for its address, such as tcp://localhost:5001")
    ] = None
    git_service: Annotated[
        dagger.Service | None, Doc("service that answers for the Git repository's host, such as tcp://localhost:8080")
    ] = None
    git_known_hosts: Annotated[
        dagger.File | None, Doc("host keys of the Git repository's host, for SSH, such as ~/.ssh/known_hosts")
    ] = None
    github_api: Annotated[
        str, Doc("address of GitHub's API, such as https://github.example.com/api/v3; github.com's own if not given")
    ] = ""
    github_service: Annotated[
        dagger.Service | None, Doc("service that answers for that address, such as tcp://localhost:8080")
    ] = None
    git_username: Annotated[
        str, Doc("user name that goes with --git-token; forges take any but where the token is a user's or robot's own")
    ] = TOKEN_USER
    argocd_server: Annotated[str, Doc("address of Argo CD's API, such as argocd.example.com; to wait for it")] = ""
    argocd_token: Annotated[dagger.Secret | None, Doc("token for Argo CD that may get the applications")] = None
    argocd_service: Annotated[
        dagger.Service | None, Doc("service that answers for Argo CD's address, such as tcp://localhost:8080")
    ] = None

    @property
    def _call(self) -> Call:
        return Call(
            self.source,
            self.registry,
            Credentials(self.registry_username, self.registry_password, self.registry_service),
            Credentials(self.origin_registry_username, self.origin_registry_password, self.origin_registry_service),
            self.git_service,
            self.git_known_hosts,
            self.github_api,
            self.github_service,
            self.git_username,
            Access(self.argocd_server, self.argocd_token, self.argocd_service),
        )
