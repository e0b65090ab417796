"""Ask HTTP interfaces, by curl in a container: what authorizes is in a file that only it sees."""

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagger
from dagger import dag

from pipeline.errors import InvalidInput
from pipeline.surface import secret_of

from .commands import once, run

_CONFIG = "/run/http/curl.conf"
_TOKEN = re.compile(r"[!#-\[\]-~]+")  # nothing that ends the quotes, or the line, of curl's configuration
_CONNECT_SECONDS, _ANSWER_SECONDS = 10, 30
CURL_SECONDS = _CONNECT_SECONDS + _ANSWER_SECONDS
CURL_LIMITS = (("connect-timeout", str(_CONNECT_SECONDS)), ("max-time", str(_ANSWER_SECONDS)))
"""How long it waits, as options and their values."""

CURL = (
    *("curl", "--config", _CONFIG, "--silent", "--show-error", "--globoff"),
    *(word for name, value in CURL_LIMITS for word in (f"--{name}", value)),
)
"""How a container of `authorized` asks once, within `CURL_SECONDS`; redirects are not followed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: an HTTP status, 0 if there was no answer, and the body, or why there was none."""

    status: int
    body: str

    @property
    def document(self) -> Any:
        """What the body says; None if that is no JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True, slots=True)
class Http:
    """An interface, by its address as curl sees it, and whether its certificate is not looked at."""

    container: dagger.Container
    address: str
    insecure: bool = False

    async def get(self, paths: Sequence[str]) -> list[Answer]:
        """Ask for several paths, over one connection; redirects are not followed."""
        mark = uuid.uuid4().hex
        command = [*CURL, "--write-out", f"\\n{mark} %{{http_code}}\\n", *(["--insecure"] if self.insecure else [])]
        urls = [f"{self.address}/{path}" for path in paths]
        done = await run(once(self.container), [*command, *urls], seconds=CURL_SECONDS * len(urls))
        return split_answers(mark, len(paths), await done.stdout(), await done.stderr())


def split_answers(mark: str, count: int, stdout: str, stderr: str) -> list[Answer]:
    """Take apart what curl printed: each body ends with a line of the mark and the status."""
    why = stderr.strip() or "it did not answer in time"
    pieces = re.findall(rf"(.*?)\n{mark} ([0-9]{{3}})\n", stdout, re.DOTALL)
    answers = [Answer(int(status), body if int(status) else why) for body, status in pieces]
    return answers + [Answer(0, why)] * (count - len(answers))


async def authorized(
    image: str, token: dagger.Secret, option: str, headers: Mapping[str, str] | None = None
) -> dagger.Container:
    """Return a container whose curl sends a token, and other headers, with what it asks.

    Args:
        image: one with curl.
        token: the token, without a line end.
        option: what it was given by, for messages.
        headers: what else is sent.

    Raises:
        InvalidInput: the token is none.
    """
    plain = await token.plaintext()
    if not _TOKEN.fullmatch(plain):
        msg = f"the secret of --{option} is no token: it has blanks or quotes in it, check what it is read from"
        raise InvalidInput(msg)
    lines = {"Authorization": f"Bearer {plain}", **(headers or {})}
    config = secret_of(f"{option}-header", "".join(f'header = "{name}: {value}"\n' for name, value in lines.items()))
    return dag.container().from_(image).with_mounted_secret(_CONFIG, config)
