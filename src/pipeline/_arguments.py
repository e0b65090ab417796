"""The arguments that several functions have, each described once."""

import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

import dagger
from dagger import Doc, Name

from ._commit import Circumstances, check_line
from ._errors import InvalidInput, hidden
from ._reports import Format

Tag = Annotated[str, Doc("release tag: v and a version by SemVer, such as v1.2.3")]
Services = Annotated[list[str] | None, Doc("only these services; all of them if not given")]
Platforms = Annotated[list[str] | None, Doc("platforms, such as linux/amd64; the engine's own if not given")]
Style = Annotated[Format, Name("format"), Doc("how the report is written")]
DryRun = Annotated[bool, Doc("show what would happen, and change nothing")]
Environment = Annotated[str, Doc("environment to change, such as stg")]
GitToken = Annotated[dagger.Secret | None, Doc("token for the Git repository, over HTTPS")]
GitSsh = Annotated[dagger.Socket | None, Doc("SSH agent's socket for the Git repository, such as $SSH_AUTH_SOCK")]
Author = Annotated[str, Doc("who commits: 'Name <mail@example.com>'")]
Actor = Annotated[str, Doc("who started this, for the commit's trailer")]
RunUrl = Annotated[str, Doc("address of the CI run, for the commit's trailer")]
Force = Annotated[bool, Doc("promote although the environment before runs something else; needs a reason")]
Reason = Annotated[str, Doc("why, for the commit's trailer")]

DEFAULT_AUTHOR = "Release pipeline <pipeline@example.com>"

_URL = re.compile("https?://[!-~]+")


@dataclass(frozen=True, slots=True)
class Signed:
    """In whose name and why something is committed, as it was given."""

    author: str = DEFAULT_AUTHOR
    actor: str = ""
    run_url: str = ""
    reason: str = ""

    def circumstances(self) -> Circumstances:
        """Check what becomes trailers of a commit.

        Raises:
            InvalidInput: a value could forge a trailer, or the URL is none or holds credentials.
        """
        url = self.run_url
        if url and not _is_address(url):
            msg = f"--run-url {hidden(url)} is no http(s) address: give the CI run's, without a user and any @"
            raise InvalidInput(msg)
        return Circumstances(check_line("actor", self.actor), url, check_line("reason", self.reason))


def _is_address(url: str) -> bool:
    """Tell whether a text is an http(s) address without a user.

    It has no `@` at all: what stands before one may be a password, for a `/` in it ends the host by the standard.
    """
    try:
        parts = urlsplit(url)
        return bool(_URL.fullmatch(url) and parts.hostname and parts.port != 0 and "@" not in url)
    except ValueError:  # a host in brackets that is none, or a port
        return False
