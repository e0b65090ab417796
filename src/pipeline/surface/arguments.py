"""The arguments that several functions have, each described once."""

from typing import Annotated

import dagger
from dagger import Doc, Name

from .reports import Format

Tag = Annotated[str, Doc("release tag: v and a version by SemVer, such as v1.2.3")]
Version = Annotated[
    str, Doc("release tag to promote, such as v1.2.3; if not given, what the environment before runs of each service")
]
Environments = Annotated[list[str], Doc("environments to change, such as stg: in one commit")]
From = Annotated[
    str, Name("from"), Doc("environment to promote from instead of the one before, for a hot fix; needs --force")
]
Services = Annotated[list[str] | None, Doc("only these services; all of them if not given")]
Platforms = Annotated[list[str] | None, Doc("platforms, such as linux/amd64; the engine's own if not given")]
BuildSecrets = Annotated[
    list[dagger.Secret] | None,
    Name("build-secret"),
    Doc("a secret that Dockerfiles mount: an address ending in its id, such as env://npm_token"),
]
Style = Annotated[Format, Name("format"), Doc("how the report is written")]
DryRun = Annotated[bool, Doc("show what would happen, and change nothing")]
Environment = Annotated[str, Doc("environment to change, such as stg")]
GitToken = Annotated[dagger.Secret | None, Doc("token for the Git repository, over HTTPS")]
GitSsh = Annotated[dagger.Socket | None, Doc("SSH agent's socket for the Git repository, such as $SSH_AUTH_SOCK")]
SigningKey = Annotated[
    dagger.Secret | None, Doc("private key that commits are signed with, of SSH or GPG, without a passphrase")
]
ImageSigningKey = Annotated[
    dagger.Secret | None,
    Doc("cosign's private key that images are signed with, where pipeline.yaml says sign: key"),
]
ImageSigningPassword = Annotated[dagger.Secret | None, Doc("passphrase of that key, if it has one")]
OidcRequestUrl = Annotated[
    dagger.Secret | None,
    Doc("where GitHub proves a job's identity, for sign: keyless: env://ACTIONS_ID_TOKEN_REQUEST_URL"),
]
OidcRequestToken = Annotated[dagger.Secret | None, Doc("what it is asked with: env://ACTIONS_ID_TOKEN_REQUEST_TOKEN")]
Author = Annotated[str, Doc("who commits: 'Name <mail@example.com>'")]
Actor = Annotated[str, Doc("who started this, for the commit's trailer")]
RunUrl = Annotated[str, Doc("address of the CI run, for the commit's trailer")]
Force = Annotated[bool, Doc("promote although the environment before runs something else; needs a reason")]
Approved = Annotated[str, Doc("digest of the plan that was approved, as --dry-run says it; any other is refused")]
Reason = Annotated[str, Doc("why, for the commit's trailer")]
PullRequest = Annotated[bool, Doc("propose the commit by a pull request instead of pushing it to the branch")]
AutoMerge = Annotated[bool, Doc("let the forge merge the pull request as soon as its conditions are met")]
Wait = Annotated[str, Doc("wait so long, such as 10m, until Argo CD runs it in good health")]
Undo = Annotated[bool, Doc("commit what ran before, if it fails or is late")]

DEFAULT_AUTHOR = "Release pipeline <pipeline@example.com>"
