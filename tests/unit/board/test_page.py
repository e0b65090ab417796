"""The page: what it says, and that nothing of Git can be more than text in it."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from support.promotions import DAY, START
from support.promotions_board import SHOP, cell, hostile_board, sixty_board, wide_board

from pipeline.board import Past, board
from pipeline.board.page import page
from pipeline.git import Landings

NOW = START + 80 * DAY
SCRIPT = "<script>alert(1)</script>"
HOSTILE = f"\"' {SCRIPT} </style> <img src=x onerror=alert(1)> {{{{ 7*7 }}}} \x1b[31m \u202egnp.exe & \ufffd"
ALLOWED = {
    "a", "b", "body", "div", "h1", "h2", "head", "header", "html", "main", "meta", "nav", "p", "rect", "section",
    "small", "span", "style", "svg", "table", "tbody", "td", "th", "thead", "time", "title", "tr",
}  # fmt: skip


class Tags(HTMLParser):
    """Every tag of a page with its attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())


@pytest.mark.parametrize(
    "run", ["javascript:alert(1)", f"https://x/{HOSTILE}", "data:text/html,x", "//x", "https://[", ""]
)
def test_what_comes_from_git_is_text_whatever_it_says(run: str) -> None:
    found = Tags(page(hostile_board(HOSTILE, NOW, run)))
    assert {tag for tag, _ in found.tags} <= ALLOWED
    links = [attributes["href"] or "" for tag, attributes in found.tags if tag == "a"]
    assert [link for link in links if not link.startswith(("#", "https://github.com/acme/myapp/"))] == []
    assert not [name for _, attributes in found.tags for name in attributes if name.startswith("on")]
    assert found.text.count(SCRIPT) >= 8
    assert "\x1b" not in found.text
    assert "\u202e" not in found.text
    assert "49" not in found.text.replace("2026", "")


def test_a_text_has_an_end() -> None:
    assert len(page(hostile_board("x" * 100_000, NOW))) < 50_000


def test_the_page_asks_for_nothing_and_may_load_nothing_but_its_own_style() -> None:
    text = page(sixty_board(NOW))
    tags = Tags(text).tags
    assert {tag for tag, _ in tags} <= ALLOWED
    assert {name for tag, attributes in tags if tag != "a" for name in attributes} & {"src", "href", "style"} == set()
    (policy,) = [attributes["content"] for _, attributes in tags if attributes.get("http-equiv")]
    (style,) = re.findall("<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "url(" not in style
    assert "@import" not in style


@pytest.mark.parametrize(
    "said",
    [
        "v1.22.0", "for 13 d, by octocat", "1 release behind stg, v1.23.0",
        "released 3 h ago, kept by an image updater",
        "Drift: not what was promoted: that is v1.22.0", "missing in the registry",
        "22 % 4 of 18", "3 h 4 rollbacks, longest 3 h", "1 d 17 versions, longest 11 d", "1 without a release tag",
        "not known: an image updater's commits say nothing for it",
        "rollback prod", "errors in checkout", "taken back",
    ],
)  # fmt: skip
def test_the_page_says(said: str) -> None:
    assert said in Tags(page(sixty_board(NOW))).text


def test_a_page_of_nothing_says_so() -> None:
    empty = board(SHOP, [cell("stg", "backend", "")], Past([], Landings("", {}), {}), NOW, 90 * DAY)
    assert Tags(page(empty)).text.count("nothing was promoted yet") == 5


def test_what_no_promotion_brought_and_what_cannot_be_told_is_said_and_is_no_drift() -> None:
    text = Tags(page(wide_board(NOW))).text
    assert text.count("pinned by no promotion that is known") == 18
    assert text.count("not asked: it is down") == 3
    assert text.count("Drift: ") == 2  # prod's two services that were promoted, to another version


def test_every_commit_and_difference_is_a_link_where_the_forge_is_known() -> None:
    found = page(sixty_board(NOW))
    assert 'href="https://github.com/acme/myapp/compare/v1.22.0...v1.23.0"' in found
    assert found.count('href="https://github.com/acme/myapp/commit/') > 20
    elsewhere = page(replace(sixty_board(NOW), repository="https://git.example.com/acme/myapp"))
    assert "/commit/" not in elsewhere


def test_the_last_promotions_are_in_the_branch_s_order() -> None:
    latest = sixty_board(NOW).latest
    assert len(latest) == 25
    assert [one.record.version for one in latest[:3]] == ["v1.23.0", "v1.22.0", "v1.22.0"]
