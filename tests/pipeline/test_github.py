"""The emulated GitHub answers as GitHub does: who may do what, what is there already, and what is recorded."""

import json
import urllib.error
import urllib.request
from typing import Any

from support.github import GitHub

RELEASES = "/repos/acme/shop/releases"


def ask(github: GitHub, token: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}"}
    request = urllib.request.Request(github.url + path, data, headers, method=method)  # noqa: S310  the fixture's
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_a_release_is_made_once_by_who_may(github: GitHub) -> None:
    release = {"tag_name": "v1.0.0", "name": "v1.0.0", "body": "notes"}
    assert ask(github, "wrong", "POST", RELEASES, release)[0] == 401
    assert ask(github, github.reader, "POST", RELEASES, release)[0] == 403
    assert ask(github, github.reader, "GET", f"{RELEASES}/tags/v1.0.0")[0] == 404
    assert ask(github, github.writer, "POST", RELEASES, release)[0] == 201
    status, again = ask(github, github.writer, "POST", RELEASES, release)
    assert (status, again["errors"][0]["code"]) == (422, "already_exists")
    assert ask(github, github.reader, "GET", f"{RELEASES}/tags/v1.0.0")[1]["body"] == "notes"
    assert ask(github, github.writer, "GET", "/repos/acme/shop/unknown")[0] == 404
    assert [request.method for request in github.requests] == ["POST", "POST", "GET", "POST", "POST", "GET", "GET"]


def test_a_fault_is_answered_instead(github: GitHub) -> None:
    github.fault = lambda request: (502, {"message": "Bad Gateway"}) if request.method == "POST" else None
    assert ask(github, github.writer, "POST", RELEASES, {"tag_name": "v2.0.0"})[0] == 502
    assert ask(github, github.writer, "GET", f"{RELEASES}/tags/v2.0.0")[0] == 404
