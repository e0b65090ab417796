"""GitLab's merge requests, by what is sent along with a push, and by what the server says to it."""

import anyio

from pipeline.forge.gitlab import GitLab
from pipeline.forge.place import place
from pipeline.forge.pull_request import Proposal

GITLAB = GitLab(place("https://gitlab.example.com/acme/shop"), "main", auto_merge=False)
MESSAGE = "promote(stg): shop v1.2.3\n\nbackend  v1.2.2 -> v1.2.3\n\nPromoted-To: stg\n"
PROPOSAL = Proposal("promote/stg", "c0ffee", MESSAGE, "")
PAGE = "https://gitlab.example.com/acme/shop/-/merge_requests/7"


def test_a_push_opens_a_merge_request_with_the_commits_words_in_options_of_one_line_each() -> None:
    assert GITLAB.options(MESSAGE) == [
        "--push-option=merge_request.create",
        "--push-option=merge_request.target=main",
        "--push-option=merge_request.title=promote(stg): shop v1.2.3",
        "--push-option=merge_request.description=backend  v1.2.2 -&gt; v1.2.3<br>Promoted-To: stg",
        "--push-option=merge_request.remove_source_branch",
    ]
    merging = GitLab(GITLAB.place, "main", auto_merge=True).options(MESSAGE)
    assert merging[-1] == "--push-option=merge_request.merge_when_pipeline_succeeds"


def test_no_option_has_a_line_break_forges_markup_or_is_longer_than_a_packet() -> None:
    options = GITLAB.options("title\n\n<script>\r\n" + f"Reason: {'é' * 500}\n" * 200)
    assert not any(char in option for option in options for char in "\r\n")
    assert max(len(option.encode()) for option in options) < 65_000
    assert "description=&lt;script&gt;<br>Reason: " in options[3]
    assert options[3].endswith("<br>…")


def test_the_server_names_the_merge_request() -> None:
    made = anyio.run(GITLAB.propose, PROPOSAL, f"remote: View merge request for promote/stg:\nremote:   {PAGE}\n")
    assert (made.number, made.url, made.state) == (7, PAGE, "open")
    none = anyio.run(GITLAB.propose, PROPOSAL, "Everything up-to-date\n")
    assert (none.number, none.state) == (None, "pushed")
    assert none.url.startswith("https://gitlab.example.com/acme/shop/-/merge_requests/new?")
