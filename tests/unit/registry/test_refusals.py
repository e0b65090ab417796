"""What crane and oras say that went wrong, among all else that they print."""

import pytest

from pipeline.registry import reasons
from pipeline.registry.refusals import advice


def test_errors_of_either_program_are_told_without_how_they_begin() -> None:
    said = (
        "2026/11/25 13:17:54 pushed blob: sha256:aa\n"
        "Error: GET https://r.example.com/v2/a/manifests/v1: DENIED: no\n"
        "Exists  44136fa355b3 application/vnd.oci.empty.v1+json\n"
        "Error response from registry: denied: no\n"
        "Errors were seen\n"
    )
    assert reasons(said) == ["GET https://r.example.com/v2/a/manifests/v1: DENIED: no", "denied: no"]
    assert reasons("") == []


@pytest.mark.parametrize(
    ("said", "begins"),
    [
        ("GET http://localhost:5000/v2/: unexpected status code 401", "check --registry-username"),
        ("PUT http://localhost:5000/v2/a/manifests/v1: 403 Forbidden", "check --registry-username"),
        ("PUT http://localhost:40313/v2/a/manifests/v1: tag is immutable", "the tag is taken for good"),
        ("GET http://localhost:5000/v2/a/manifests/sha256:a401b: EOF", "is the registry up"),
    ],
)
def test_a_status_is_told_from_the_digits_of_a_port_or_a_digest(said: str, begins: str) -> None:
    assert advice(said).startswith(begins)
