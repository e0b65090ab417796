"""What skopeo says, as people are told it."""

import pytest

from dagger_local.images import pull, push
from dagger_local.images.references import parse

WEB = parse("registry.example/dev-web:v1")
_IMMUTABLE = "The image tag 'v1' already exists in the 'dev-web' repository and cannot be overwritten"
_UPLOAD = "initiating layer upload to /v2/dev-web/blobs/uploads/ in registry.example"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            f"writing manifest: uploading manifest v1 to registry.example/dev-web: tag invalid: {_IMMUTABLE}",
            f"tag invalid: {_IMMUTABLE}",
        ),
        (
            f"writing blob: {_UPLOAD}: unauthorized: authentication required",
            "refused the credentials for dev-web; check",
        ),
        (
            f"writing blob: {_UPLOAD}: denied: User: arn:x is not authorized to perform: ecr:InitiateLayerUpload",
            "(User: arn:x is not authorized to perform: ecr:InitiateLayerUpload); check the username",
        ),
        (
            f"writing blob: {_UPLOAD}: name unknown: no repository 'dev-web'",
            "no repository 'dev-web'; create the repository",
        ),
        (
            'writing blob: Patch "http://registry.example/v2/x?_state=abc": EOF',
            "the registry ended the connection; run again",
        ),
        (
            'pinging container registry x: Get "https://registry.example/v2/": dial tcp: connection refused',
            "registry registry.example cannot be reached (connection refused); check its address and the network",
        ),
    ],
)
def test_a_failed_push_is_told_in_the_registrys_words(said: str, told: str) -> None:
    message = str(push.explain(WEB, f"trying to reuse blob: {said}"))
    assert told in message
    assert "_state=" not in message


@pytest.mark.parametrize(
    ("said", "told", "silent"),
    [
        (
            "reading manifest v1 in registry.example/dev-web: manifest unknown",
            "has no such image; check its name",
            False,
        ),
        ("reading manifest v1: unauthorized: authentication required", "refused access; check the name", False),
        ("reading manifest v1 in localhost:40477/web: unauthorized", "refused access; check the name", False),
        ("reading manifest v1: StatusCode: 404, page", "has no such image; check its name", False),
        ("reading manifest v1: toomanyrequests: You have reached your limit", "toomanyrequests: You have", False),
        ("pinging container registry x: dial tcp: lookup x: no such host", "cannot be reached (no such host)", True),
        ("copying blob: net/http: TLS handshake timeout", "cannot be reached (TLS handshake timeout)", True),
    ],
)
def test_a_failed_pull_tells_silence_from_a_no(said: str, told: str, silent: bool) -> None:
    error = pull.explain(WEB, said)
    assert told in str(error)
    assert isinstance(error, pull.UnreachableError) is silent
