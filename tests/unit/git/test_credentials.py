"""What is asked for before a Git remote is used."""

from typing import cast

import dagger
import pytest

from pipeline.errors import InvalidInput
from pipeline.git.credentials import Access, inside, require

HTTPS, LOCAL = "https://git.example.com/acme/shop", "http://localhost:8080/acme/shop"
SCP, SSH = "git@git.example.com:acme/shop.git", "ssh://git@git.example.com/acme/shop.git"
TOKEN = cast("dagger.Secret", object())
AGENT = cast("dagger.Socket", object())
HOSTS = cast("dagger.File", object())
SERVICE = cast("dagger.Service", object())


@pytest.mark.parametrize(
    ("url", "access", "writing", "expected"),
    [
        (HTTPS, Access(), True, f"committing to {HTTPS} needs a token: give --git-token"),
        (HTTPS, Access(ssh=AGENT, known_hosts=HOSTS), True, "needs a token"),
        (SCP, Access(token=TOKEN), True, "is reached over SSH: give --git-ssh"),
        (LOCAL, Access(token=TOKEN), False, "give --git-service tcp://localhost:8080 before the verb"),
        (SSH, Access(), False, "is reached over SSH: give --git-ssh"),
        (SCP, Access(ssh=AGENT), False, "give --git-known-hosts before the verb, a file with git.example.com's keys"),
        (SSH, Access(ssh=AGENT), True, "give --git-known-hosts before the verb, a file with git.example.com's keys"),
    ],
)
def test_what_is_missing_is_asked_for_in_one_line(url: str, access: Access, writing: bool, expected: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        require(url, access, writing=writing)
    assert expected in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("url", "access", "writing"),
    [
        (HTTPS, Access(), False),
        (HTTPS, Access(token=TOKEN), True),
        (HTTPS, Access(service=SERVICE), True),
        (LOCAL, Access(service=SERVICE), True),
        (SCP, Access(ssh=AGENT, known_hosts=HOSTS), True),
        (SSH, Access(ssh=AGENT, known_hosts=HOSTS), True),
    ],
)
def test_what_is_enough_is_let_through(url: str, access: Access, writing: bool) -> None:
    require(url, access, writing=writing)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (LOCAL, "http://git.local:8080/acme/shop"),
        ("http://127.0.0.1/localhost/shop", "http://git.local/localhost/shop"),
        ("ssh://localhost@localhost:22/shop", "ssh://localhost@git.local:22/shop"),
        ("git@localhost:acme/shop.git", "git@git.local:acme/shop.git"),
        (HTTPS, HTTPS),
        (SCP, SCP),
    ],
)
def test_a_service_at_localhost_has_another_name_in_a_container(url: str, expected: str) -> None:
    assert inside(url, Access(service=SERVICE)) == expected
    assert inside(url, Access()) == url
