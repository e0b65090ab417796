"""Which secret an address is for."""

import pytest

from pipeline.services.secrets import named

IDS = ["token", "npm_token", "cert.pem"]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("env://npm_token", "npm_token"),
        ("env://token", "token"),
        ("file:///run/secrets/cert.pem", "cert.pem"),
        ("op://vault/item/npm_token", "npm_token"),
        ("op://vault/item/npm_token?ttl=60s", "npm_token"),
        ("vault://secret/npm.token", "token"),
        ("cmd://pass show npm # npm_token", "npm_token"),
        ("token", "token"),
        ("env://my_token", ""),
        ("env://TOKEN", ""),
        ("env://tokens", ""),
        ("file:///cert_pem", ""),
    ],
)
def test_an_address_is_for_the_secret_that_it_ends_in(address: str, expected: str) -> None:
    assert named(address, IDS) == expected
