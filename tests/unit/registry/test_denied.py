"""What registries say of a repository that is not there yet."""

import pytest

from pipeline.registry.crane import denied

REFERENCE = "ghcr.io/acme/prod-shop-api:v1.2.3"
MANIFEST = "Error: GET https://ghcr.io/v2/acme/prod-shop-api/manifests/v1.2.3: "
TOKEN = "Error: GET https://ghcr.io/token?scope=repository%3Aacme%2Fprod-shop-api%3Apull&service=ghcr.io: "


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (f"{MANIFEST}DENIED: requested access to the resource is denied", True),
        (f"{MANIFEST}unexpected status code 403 Forbidden: <html>", True),
        (f"{TOKEN}DENIED: requested access to the resource is denied", True),
        (f"{TOKEN}UNAUTHORIZED: authentication required; denied", False),
        (f"{MANIFEST}unexpected status code 401 Unauthorized: DENIED", False),
        (f"{MANIFEST}unexpected status code 500 Internal Server Error", False),
        (f"{MANIFEST.replace('api', 'web')}DENIED: no", False),
        (f"{TOKEN.replace('api', 'api-jobs')}DENIED: no", False),
        (f"other line\n{MANIFEST}DENIED: no\nlast", True),
    ],
)
def test_denied_is_told_from_a_user_who_is_unknown_and_from_other_repositories(said: str, expected: bool) -> None:
    assert denied(REFERENCE, said) is expected
