"""Which GitHub a repository is on, by its address and the API that is given."""

from typing import cast

import dagger
import pytest

from pipeline.errors import InvalidInput
from pipeline.git import github

SERVICE = cast("dagger.Service", object())


@pytest.mark.parametrize(
    ("url", "api", "expected"),
    [
        ("https://github.com/acme/shop", "", ("https://api.github.com", "acme/shop")),
        ("https://acme.ghe.com/acme/shop", "", ("https://api.acme.ghe.com", "acme/shop")),
        ("https://github.com/acme/shop.git", "", ("https://api.github.com", "acme/shop")),
        ("git@github.com:acme/shop.js.git", "", ("https://api.github.com", "acme/shop.js")),
        ("ssh://git@ssh.github.com:443/acme/shop.git", "", ("https://api.github.com", "acme/shop")),
        ("https://ghe.example/a/shop", "https://ghe.example/api/v3/", ("https://ghe.example/api/v3", "a/shop")),
        ("http://localhost:8/acme/shop.git", "http://localhost:9", ("http://github.local:9", "acme/shop")),
    ],
)  # fmt: skip
def test_the_api_and_the_repository_s_name_there_are_known(url: str, api: str, expected: tuple[str, str]) -> None:
    found = github(url, api, SERVICE)
    assert found
    assert (found.api, found.repository) == expected


@pytest.mark.parametrize(
    "url", ["https://gitlab.com/acme/shop", "git@github.com.example.com:acme/shop", "http://localhost:8/a/b"]
)
def test_another_forge_is_no_github(url: str) -> None:
    assert github(url) is None


@pytest.mark.parametrize(
    ("url", "api", "expected"),
    [
        ("https://github.com/acme/shop", "ftp://x", "is no address of an API: write https://HOST/api/v3"),
        ("https://github.com/acme/shop", "http://github.example.com", "is no address of an API"),
        ("https://github.com/acme/shop", "https://me:pass-9@github.example.com", "***@github.example.com"),
        ("https://github.com/acme/shop", "http://localhost:9", "give --github-service tcp://HOST:PORT before the verb"),
        ("https://github.com/acme/group/shop", "", "is no repository of GitHub, which are OWNER/NAME"),
        ("https://github.com/shop", "", "is no repository of GitHub"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(url: str, api: str, expected: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        github(url, api)
    assert expected in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1
    assert "pass-9" not in str(raised.value)
