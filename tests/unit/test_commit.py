"""The commit's message: people read it, machines parse it, nobody forges it."""

import subprocess

import pytest

from pipeline._arguments import DEFAULT_AUTHOR, Signed
from pipeline._commit import Author, Change, Circumstances, Entry, check_author, check_line, message
from pipeline._errors import InvalidInput

ENTRIES = (
    Entry("api", "r/stg-shop-api:v1.2.3@sha256:aa", "v1.2.3", "v1.2.2"),
    Entry("frontend", "r/stg-shop-frontend:v1.2.3@sha256:bb", "v1.2.3", ""),
)


def trailers(text: str) -> list[str]:
    """Return the trailers as git sees them."""
    parse = ["git", "interpret-trailers", "--parse"]
    return subprocess.run(parse, input=text, capture_output=True, text=True, check=True).stdout.splitlines()


def test_a_promotion_reads_well_and_its_trailers_are_git_s() -> None:
    text = message(
        Change("promote", "shop", "stg", "dev", ENTRIES),
        Circumstances(actor="octocat", run="https://ci.example.com/7", reason="hotfix: no time"),
    )
    assert text.splitlines()[:5] == [
        "promote(stg): shop v1.2.3",
        "",
        "api       v1.2.2 -> v1.2.3",
        "frontend  (nothing) -> v1.2.3",
        "",
    ]
    assert trailers(text) == [
        "Promoted-Version: v1.2.3",
        "Promoted-To: stg",
        "Promoted-From: dev",
        "Image: api=r/stg-shop-api:v1.2.3@sha256:aa",
        "Image: frontend=r/stg-shop-frontend:v1.2.3@sha256:bb",
        "Run: https://ci.example.com/7",
        "Actor: octocat",
        "Forced: hotfix: no time",
    ]


def test_a_rollback_has_no_origin_and_what_is_unknown_is_left_out() -> None:
    text = message(Change("rollback", "shop", "prod", "", ENTRIES[:1]), Circumstances())
    assert text.startswith("rollback(prod): shop v1.2.3\n")
    assert [line.split(":")[0] for line in trailers(text)] == ["Promoted-Version", "Promoted-To", "Image"]


HOSTILE = [
    "a\nPromoted-To: prod", "a\r\nb", "a\x00b", "a\x1b[31m", "a\u2028b", "a\u202eb", "a\tb", " a", "a\n", "x" * 501,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", ["actor", "reason"])
def test_a_text_that_could_forge_a_trailer_is_refused_in_one_line(name: str, text: str) -> None:
    with pytest.raises(InvalidInput, match=f"^--{name} ") as refused:
        Signed(**{name: text}).circumstances()
    assert str(refused.value).isprintable()


def test_one_line_of_text_in_any_language_is_taken() -> None:
    assert check_line("reason", "Überlauf: 修复 #12; $(id) `x` -- ok") == "Überlauf: 修复 #12; $(id) `x` -- ok"


URLS = [
    "ftp://x",
    "javascript:1",
    "https://u:secret@x/",
    "https://x\nA: b",
    "x",
    "https://a b",
    "https://[",
    "https://",
    "https://[u:secret@x",
    "https://u:12/secret@ci.example.com/x",
    "https://u:12?secret@ci.example.com/x",
    "https://u:12#secret@ci.example.com/x",
    "https://ci.example.com/secret@x",
    "https://x:port/",
    "https://x:99999/",
    "https://x:0/?token=secret",
    "//u:secret@x/",
    "u:a/secret@x",
]


@pytest.mark.parametrize("url", URLS)
def test_a_run_s_address_is_http_and_holds_no_credentials(url: str) -> None:
    with pytest.raises(InvalidInput, match="is no http") as refused:
        Signed(run_url=url).circumstances()
    assert "secret" not in str(refused.value)


def test_an_author_is_a_name_and_an_address() -> None:
    assert check_author(DEFAULT_AUTHOR) == Author("Release pipeline", "pipeline@example.com")


AUTHORS = [
    "",
    "me",
    "me <x>",
    "<a@b>",
    "a <b@c> d",
    "a\nb <c@d>",
    "a <b@c>\n",
    "a <b\n@c>",
    "a<b <c@d>",
    ", <a@b>",
    ".\"' <a@b>",
]


@pytest.mark.parametrize("text", AUTHORS)
def test_anything_else_is_no_author(text: str) -> None:
    with pytest.raises(InvalidInput, match="is no author"):
        check_author(text)
