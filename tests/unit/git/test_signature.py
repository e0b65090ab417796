"""In whose name is committed, and why: nobody forges a trailer, and no address holds a secret."""

import pytest

from pipeline.errors import InvalidInput
from pipeline.git.signature import Author, check_author, check_line, circumstances
from pipeline.surface.arguments import DEFAULT_AUTHOR

HOSTILE = [
    "a\nPromoted-To: prod", "a\r\nb", "a\x00b", "a\x1b[31m", "a\u2028b", "a\u202eb", "a\tb", " a", "a\n", "x" * 501,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", ["actor", "reason"])
def test_a_text_that_could_forge_a_trailer_is_refused_in_one_line(name: str, text: str) -> None:
    with pytest.raises(InvalidInput, match=f"^--{name} ") as refused:
        circumstances(**{name: text})
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
        circumstances(run_url=url)
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
