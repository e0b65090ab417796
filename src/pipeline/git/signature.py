"""In whose name and why something is committed: nothing of it can forge an author or a trailer."""

import re
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import dagger

from pipeline.errors import InvalidInput, hidden, shown

_URL = re.compile("https?://[!-~]+")
# The name has a character that git keeps: it strips what it calls crud, and refuses a name that is nothing else.
_NAME = r"""(?=[^<]*[^\s.,:;<>"\\'])([^<>\x00-\x1f\x7f]*[^<>\x00-\x20\x7f])"""
_AUTHOR = re.compile(_NAME + r" <([^<>@\s\x00-\x1f\x7f]+@[^<>@\s\x00-\x1f\x7f]+)>")
_LIMIT = 500  # characters of a reason: a sentence or two


@dataclass(frozen=True, slots=True)
class Author:
    """Who commits, and the key that is signed with, if there is one."""

    name: str
    email: str
    key: dagger.Secret | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Why and by whom a change is made; empty is unknown."""

    actor: str = ""
    run: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who commits, and the circumstances."""

    author: Author
    circumstances: Circumstances = Circumstances()


def sign(
    author: str, actor: str = "", run_url: str = "", reason: str = "", key: dagger.Secret | None = None
) -> Signature:
    """Check what becomes a commit's author and its trailers.

    Raises:
        InvalidInput: a value is none, or could forge a trailer, or the URL holds credentials.
    """
    return Signature(replace(check_author(author), key=key), circumstances(actor, run_url, reason))


def circumstances(actor: str = "", run_url: str = "", reason: str = "") -> Circumstances:
    """Check what becomes trailers of a commit.

    Raises:
        InvalidInput: a value could forge a trailer, or the URL is none or holds credentials.
    """
    if run_url and not _is_address(run_url):
        msg = f"--run-url {hidden(run_url)} is no http(s) address: give the CI run's, without a user and any @"
        raise InvalidInput(msg)
    return Circumstances(check_line("actor", actor), run_url, check_line("reason", reason))


def check_author(text: str) -> Author:
    """Read `Name <mail@host>`.

    Raises:
        InvalidInput: it is none.
    """
    match = _AUTHOR.fullmatch(text)
    if not match:
        msg = f"{shown(text)} is no author: write 'Name <mail@example.com>'"
        raise InvalidInput(msg)
    return Author(match[1].strip(), match[2])


def check_line(name: str, text: str) -> str:
    """Return a text that becomes a trailer's value, as it is.

    Raises:
        InvalidInput: it holds a line break or another control character, which could forge a trailer, or is long.
    """
    if not text.isprintable() or text != text.strip():
        msg = f"--{name} {shown(text)} must be one line of printable text: take out line breaks and outer blanks"
        raise InvalidInput(msg)
    if len(text) > _LIMIT:
        msg = f"--{name} has {len(text)} characters: shorten it to {_LIMIT}"
        raise InvalidInput(msg)
    return text


def _is_address(url: str) -> bool:
    """Tell whether a text is an http(s) address without a user.

    It has no `@` at all: what stands before one may be a password, for a `/` in it ends the host by the standard.
    """
    try:
        parts = urlsplit(url)
        return bool(_URL.fullmatch(url) and parts.hostname and parts.port != 0 and "@" not in url)
    except ValueError:  # a host in brackets that is none, or a port
        return False
