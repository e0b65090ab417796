"""How cosign is told of who may sign."""

import re

from pipeline.description import Signer
from pipeline.referrers.signers import options

ISSUER = "https://token.actions.githubusercontent.com"
WORKFLOW = "https://github.com/acme/shop/.github/workflows/release.yml@refs/tags/"


def test_a_key_is_trusted_without_a_log() -> None:
    assert options(Signer(key="keys/cosign.pub")) == [
        "--key",
        "/run/signers/keys/cosign.pub",
        "--insecure-ignore-tlog=true",
    ]


def test_an_identity_is_one_of_its_issuer_and_needs_the_log() -> None:
    assert options(Signer(issuer=ISSUER, subject=f"{WORKFLOW}v1.2.3", trusted_root="keys/root.json")) == [
        *("--certificate-identity", f"{WORKFLOW}v1.2.3", "--certificate-oidc-issuer", ISSUER),
        *("--trusted-root", "/run/signers/keys/root.json"),
    ]


def test_a_pattern_is_anchored_and_does_not_reach_over_a_slash() -> None:
    option, pattern, *_ = options(Signer(issuer=ISSUER, subject=f"{WORKFLOW}*"))
    assert option == "--certificate-identity-regexp"
    assert re.search(pattern, f"{WORKFLOW}v1.2.3")
    for other in (f"{WORKFLOW}v1/evil", f"https://evil.example/{WORKFLOW}v1", WORKFLOW.replace(".", "x") + "v1"):
        assert not re.search(pattern, other), other
