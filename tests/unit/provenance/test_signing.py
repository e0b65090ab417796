"""How cosign is told where to sign, and what is refused before anything is built."""

import json
from unittest.mock import Mock

import dagger
import pytest

from pipeline.description import Provenance
from pipeline.errors import InvalidInput
from pipeline.provenance.signing import Credentials, check, signing_config

SECRET = Mock(spec=dagger.Secret)
GITHUB = Credentials(oidc_url=SECRET, oidc_token=SECRET)


def services(settings: Provenance) -> dict[str, list[str]]:
    config = json.loads(signing_config(settings))
    assert config["mediaType"] == "application/vnd.dev.sigstore.signingconfig.v0.2+json"
    return {name: [one["url"] for one in config.get(name, [])] for name in ("caUrls", "rekorTlogUrls")}


def test_a_key_publishes_nothing_unless_a_log_is_named() -> None:
    assert services(Provenance(sign="key")) == {"caUrls": [], "rekorTlogUrls": []}
    assert services(Provenance(sign="key", rekor="https://r")) == {"caUrls": [], "rekorTlogUrls": ["https://r"]}


def test_an_identity_is_certified_and_logged_by_sigstore_unless_others_are_named() -> None:
    assert signing_config(Provenance(sign="keyless")) == ""
    own = Provenance(sign="keyless", fulcio="https://f", rekor="https://r", trusted_root="root.json")
    assert services(own) == {"caUrls": ["https://f"], "rekorTlogUrls": ["https://r"]}


@pytest.mark.parametrize(
    ("sign", "given", "complaint"),
    [
        ("none", Credentials(key=SECRET), "says sign: none: write key, or leave it out"),
        ("keyless", Credentials(key=SECRET, oidc_url=SECRET, oidc_token=SECRET), "says sign: keyless: write key"),
        ("key", Credentials(), "give --image-signing-key"),
        ("key", GITHUB, "give --image-signing-key"),
        ("keyless", Credentials(oidc_url=SECRET), "--oidc-request-token env://ACTIONS_ID_TOKEN_REQUEST_TOKEN"),
    ],
)
def test_what_does_not_go_with_the_description_is_refused(sign: str, given: Credentials, complaint: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check(Provenance(sign=sign), given)
    assert complaint in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize(("sign", "given"), [("none", GITHUB), ("keyless", GITHUB), ("key", Credentials(key=SECRET))])
def test_what_github_gives_every_job_may_be_given_and_not_be_used(sign: str, given: Credentials) -> None:
    check(Provenance(sign=sign), given)
