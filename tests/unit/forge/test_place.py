"""Which forge keeps a repository, and where people open a pull request there."""

import pytest

from pipeline.forge.place import Kind, place

OF_STG = "merge_request%5Bsource_branch%5D=promote%2Fstg&merge_request%5Btarget_branch%5D=main"


@pytest.mark.parametrize(
    ("url", "kind", "new"),
    [
        (
            "https://github.com/acme/shop.git",
            Kind.GITHUB,
            "https://github.com/acme/shop/compare/main...promote%2Fstg?expand=1",
        ),
        (
            "git@gitlab.com:acme/group/shop.git",
            Kind.GITLAB,
            f"https://gitlab.com/acme/group/shop/-/merge_requests/new?{OF_STG}",
        ),
        (
            "ssh://git@gitlab.example.com:2222/acme/shop",
            Kind.GITLAB,
            f"https://gitlab.example.com/acme/shop/-/merge_requests/new?{OF_STG}",
        ),
        (
            "ssh://git@ssh.github.com:443/acme/shop.git",
            Kind.GITHUB,
            "https://github.com/acme/shop/compare/main...promote%2Fstg?expand=1",
        ),
        ("https://git.example.com:8443/acme/shop", Kind.OTHER, "https://git.example.com:8443/acme/shop"),
        ("https://notgithub.com/acme/shop", Kind.OTHER, "https://notgithub.com/acme/shop"),
        ("https://example.com/gitlab.com/shop", Kind.OTHER, "https://example.com/gitlab.com/shop"),
    ],
)
def test_a_person_is_shown_where_to_open_one(url: str, kind: Kind, new: str) -> None:
    found = place(url, "acme/shop" if kind is Kind.GITHUB else "")
    assert (found.kind, found.new("main", "promote/stg")) == (kind, new)
