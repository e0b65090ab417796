"""Addresses and references: what is accepted, and what is refused and how."""

import pytest

from pipeline.errors import InvalidInput
from pipeline.registry.references import check_address, host, is_label, is_local


@pytest.mark.parametrize(
    "address", ["localhost:5000", "ghcr.io/acme", "1.dkr.ecr.eu-west-1.amazonaws.com", "[::1]:5000/a"]
)
def test_a_registry_address_is_taken_as_it_is(address: str) -> None:
    assert check_address(address) == address


@pytest.mark.parametrize(
    "address",
    ["", "https://ghcr.io", "user:secret@ghcr.io", "secret@host/x", "ghcr.io/Acme", "ghcr.io/", "a b", "x:5000/y:tag",
     "x@sha256:00", "host:port", "-host", "host\n", "--insecure", "user:pw/secret@ghcr.io", "u:a@b/secret@ghcr.io/x", "https://u:pw/secret@ghcr.io",
     "ghcr.io/x?token=secret", "ghcr.io#secret"],
)  # fmt: skip
def test_any_other_address_is_refused_and_no_password_shown(address: str) -> None:
    with pytest.raises(InvalidInput, match="is no registry address") as refused:
        check_address(address)
    assert "secret" not in str(refused.value)


def test_a_host_is_what_stands_before_the_path() -> None:
    assert host("localhost:5000/acme/x") == "localhost:5000"


@pytest.mark.parametrize(
    ("address", "local"),
    [("localhost:5000", True), ("localhost", True), ("127.0.0.1:1/x", True), ("[::1]:5000", True), ("ghcr.io", False),
     ("localhost.example.com", False), ("127.0.0.1.example.com", False)],
)  # fmt: skip
def test_only_this_machine_is_local(address: str, local: bool) -> None:
    assert is_local(address) is local


@pytest.mark.parametrize(
    ("text", "good"),
    [("a", True), ("a-b2", True), ("-a", False), ("a.b", False), ("A", False), ("a" * 63, True), ("a" * 64, False),
     ("", False), ("a\n", False)],
)  # fmt: skip
def test_a_label_is_what_dns_allows(text: str, good: bool) -> None:
    assert is_label(text) is good
