"""Ask a forge's API, by curl in a container: the token is in a file that only it sees."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import anyio
import dagger

from pipeline.errors import PipelineError, last_lines, shown
from pipeline.git import GitHub
from pipeline.tools import CURL, CURL_SECONDS, authorized, once, run

_PAUSES = (1.0, 2.0, 4.0)  # seconds before it is asked again, where it does not say how long
_LONGEST_PAUSE = 60.0
_BUSY = {429, 502, 503, 504}
_MOVED = "the repository has moved: write its new address in pipeline.yaml"
_ADVICE = {
    0: "is GitHub's API up, and --github-api right?",
    **dict.fromkeys((301, 302, 307, 308), _MOVED),
    401: "check --git-token",
    403: "the token may not: give one with pull-requests: write, and let Actions open them in the settings",
    404: "check the repository in pipeline.yaml, and that the token has pull-requests: read and write",
}


class ForgeFailed(PipelineError):
    """A forge that could not be asked, or that refuses."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: an HTTP status, 0 if there was no answer, and the body, or why there was none.

    `pause` is how many seconds it asks to be left alone, if it says so.
    """

    status: int
    body: str
    pause: float | None = None

    @property
    def document(self) -> Any:
        """What the body says; None if that is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def words(self) -> str:
        """What a refusal says: GitHub's message, and those of the errors under it."""
        found = self.document
        if not isinstance(found, dict):
            return self.body
        errors = found.get("errors")
        inner = [error.get("message") or error.get("code") for error in errors or [] if isinstance(error, dict)]
        return "; ".join(str(text) for text in [found.get("message"), *inner] if text)


def patience(answer: Answer, attempt: int) -> float | None:
    """Return after how many seconds to ask again; None if that is no use, or it wants more time than there is."""
    asks_for_time = answer.status in _BUSY or (answer.status == 403 and answer.pause is not None)
    if not asks_for_time or attempt >= len(_PAUSES):
        return None
    pause = _PAUSES[attempt] if answer.pause is None else answer.pause
    return pause if pause <= _LONGEST_PAUSE else None


@dataclass(frozen=True, slots=True)
class Api:
    """GitHub's API, and the container with curl and the token that reaches it."""

    container: dagger.Container
    address: str

    @property
    def graphql(self) -> str:
        """The address of GitHub's other API, for what the first one lacks."""
        return f"{self.address.removesuffix('/v3')}/graphql"

    async def ask(self, method: str, url: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Ask, and again after a while where the API is busy or wants to be left alone for a while."""
        attempt = 0
        while True:
            answer = await self._once(method, url, body)
            pause = patience(answer, attempt)
            if pause is None:
                return answer
            await anyio.sleep(pause)
            attempt += 1

    async def _once(self, method: str, url: str, body: Mapping[str, Any] | None) -> Answer:
        command = [*CURL, "--write-out", "\\n%{http_code} %header{retry-after}", "--request", method]
        if body is not None:
            command += ["--header", "Content-Type: application/json", "--data-binary", "@-"]
        text = "" if body is None else json.dumps(body)
        done = await run(once(self.container), [*command, url], seconds=CURL_SECONDS, stdin=text)
        content, _, end = (await done.stdout()).rpartition("\n")
        status, _, pause = end.partition(" ")
        if not done.succeeded or not status.isdecimal():
            said = (await done.stderr()).strip() or "it did not answer in time"
            return Answer(0, said)
        return Answer(int(status), content, float(pause) if pause.strip().isdecimal() else None)


async def api(image: str, github: GitHub, token: dagger.Secret) -> Api:
    """Return the API to ask.

    Args:
        image: one with curl.
        github: where the API is.
        token: the right to ask it, without a line end.

    Raises:
        InvalidInput: the token is none.
    """
    headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
    container = await authorized(image, token, "git-token", headers)
    return Api(github.reached_by(container), github.api)


def refused(doing: str, where: str, answer: Answer) -> ForgeFailed:
    """Return the error for an answer that is none of those that are expected.

    Args:
        doing: what was asked for, such as `opening a pull request`.
        where: the repository's page.
        answer: what came back.
    """
    said = last_lines(answer.words, 2) if answer.status == 0 else f": {shown(answer.words, 200)}"
    status = f" ({answer.status})" if answer.status else ""
    return ForgeFailed(f"{doing} at {where} failed{status}, {_advice(answer)}{said}")


def _advice(answer: Answer) -> str:
    if answer.status in {403, 429} and answer.pause is not None:
        return f"GitHub asks to wait {answer.pause:.0f} s: run again then"
    if answer.status == 429 or answer.status >= 500:
        return "GitHub is busy or in trouble: run again"
    return _ADVICE.get(answer.status, "see what it says")
