import pytest

from dagger_local.errors import EngineError
from dagger_local.images.references import parse, registry_of

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("alpine", "docker.io/library/alpine:latest"),
        ("alpine:3.20", "docker.io/library/alpine:3.20"),
        ("acme/web", "docker.io/acme/web:latest"),
        ("index.docker.io/library/alpine", "docker.io/library/alpine:latest"),
        ("docker.io/alpine", "docker.io/library/alpine:latest"),
        ("localhost/web:v1", "localhost/web:v1"),
        ("localhost:5000/web", "localhost:5000/web:latest"),
        ("ghcr.io/acme/deep/web:v1.2.3-rc.1", "ghcr.io/acme/deep/web:v1.2.3-rc.1"),
        (f"alpine@{DIGEST}", f"docker.io/library/alpine@{DIGEST}"),
        (f"alpine:3.20@{DIGEST}", f"docker.io/library/alpine:3.20@{DIGEST}"),
        ("[::1]:5000/web", "[::1]:5000/web:latest"),
    ],
)
def test_a_reference_has_one_canonical_form(text: str, canonical: str) -> None:
    assert str(parse(text)) == canonical
    assert str(parse(canonical)) == canonical


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            ":",
            "@",
            "invalid!",
            "UPPER",
            "acme/Web",
            "web:",
            "web:-x",
            "web:a b",
            "web@sha256:12",
            "web@md5:" + "a" * 64,
        ),
        *("a//b", "/web", "web/", "../web", "http://host/web", "web;rm", "host:port/web", "-web", "web:" + "t" * 129),
        "a" * 300,
    ],
)
def test_garbage_is_refused_in_one_line_that_names_it(text: str) -> None:
    with pytest.raises(EngineError, match="invalid reference format") as failed:
        parse(text)
    assert repr(text) in str(failed.value)
    assert "\n" not in str(failed.value)


def test_a_digest_wins_over_its_tag_where_tools_take_only_one() -> None:
    assert parse(f"alpine:3@{DIGEST}").pullable == f"docker.io/library/alpine@{DIGEST}"


@pytest.mark.parametrize(("text", "plain"), [("localhost:5000/x", True), ("127.9.9.9/x", True), ("[::1]:5/x", True)])
def test_only_registries_of_this_machine_are_spoken_to_without_tls(text: str, plain: bool) -> None:
    assert parse(text).plain_http is plain
    assert not parse("ghcr.io/x").plain_http
    assert not parse("10.0.0.1:5000/x").plain_http


@pytest.mark.parametrize(
    ("address", "registry"),
    [
        ("https://index.docker.io/v1/", "docker.io"),
        ("docker.io", "docker.io"),
        ("acme/web", "docker.io"),
        ("ghcr.io/acme", "ghcr.io"),
        ("http://localhost:5000", "localhost:5000"),
        ("1234.dkr.ecr.eu-central-1.amazonaws.com", "1234.dkr.ecr.eu-central-1.amazonaws.com"),
    ],
)
def test_credentials_find_their_registry_however_its_address_is_written(address: str, registry: str) -> None:
    assert registry_of(address) == registry
