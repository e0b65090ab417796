"""The commit's message: people read it, machines parse it, nobody forges it."""

import subprocess

from pipeline.git.commit_message import Change, Entry, message
from pipeline.git.signature import Circumstances

ENTRIES = (
    Entry("api", "r/stg-shop-api:v1.2.3@sha256:aa", "v1.2.3", "v1.2.2", referrers=3),
    Entry("frontend", "r/stg-shop-frontend:v1.2.3@sha256:bb", "v1.2.3", ""),
)


def trailers(text: str) -> list[str]:
    """Return the trailers as git sees them."""
    parse = ["git", "interpret-trailers", "--parse"]
    return subprocess.run(parse, input=text, capture_output=True, text=True, check=True).stdout.splitlines()


def test_a_promotion_reads_well_and_its_trailers_are_git_s() -> None:
    text = message(
        [Change("promote", "shop", "stg", "dev", ENTRIES, forced=True)],
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
        "Promoted-Referrers: api 3",
        "Run: https://ci.example.com/7",
        "Actor: octocat",
        "Forced: hotfix: no time",
    ]


def test_a_rollback_has_no_origin_and_what_is_unknown_is_left_out() -> None:
    text = message([Change("rollback", "shop", "prod", "", ENTRIES[:1])], Circumstances())
    assert text.startswith("rollback(prod): shop back to v1.2.3\n")
    assert [line.split(":")[0] for line in trailers(text)] == [
        "Promoted-Version",
        "Promoted-To",
        "Image",
        "Promoted-Referrers",
    ]


def test_several_environments_are_one_commit_with_the_trailers_of_one_after_another() -> None:
    other = (Entry("api", "r/eu:v1.3.0@sha256:cc", "v1.3.0", "v1.2.2"),)
    changes = [
        Change("promote", "shop", "prod-eu", "stg", other, forced=True),
        Change("promote", "shop", "prod-us", "dev", ENTRIES, forced=True, skipped=("qa", "stg")),
    ]
    text = message(changes, Circumstances(reason="now"))
    assert text.splitlines()[:5] == [
        "promote(prod-eu, prod-us): shop v1.3.0, v1.2.3",
        "",
        "prod-eu/api       v1.2.2 -> v1.3.0",
        "prod-us/api       v1.2.2 -> v1.2.3",
        "prod-us/frontend  (nothing) -> v1.2.3",
    ]
    assert trailers(text) == [
        "Promoted-Version: v1.3.0",
        "Promoted-To: prod-eu",
        "Promoted-From: stg",
        "Image: api=r/eu:v1.3.0@sha256:cc",
        "Promoted-Version: v1.2.3",
        "Promoted-To: prod-us",
        "Promoted-From: dev",
        "Skipped: qa, stg",
        "Image: api=r/stg-shop-api:v1.2.3@sha256:aa",
        "Image: frontend=r/stg-shop-frontend:v1.2.3@sha256:bb",
        "Promoted-Referrers: api 3",
        "Forced: now",
    ]


def test_a_reason_goes_with_every_promotion() -> None:
    text = message([Change("promote", "shop", "stg", "dev", ENTRIES)], Circumstances(reason="ticket 7"))
    assert trailers(text)[-1] == "Reason: ticket 7"


def test_some_services_of_many_are_named_in_the_subject() -> None:
    some = Change("promote", "shop", "stg", "dev", ENTRIES[:1], partial=True)
    assert message([some], Circumstances()).startswith("promote(stg): shop v1.2.3 (api)\n")
    back = Change("rollback", "shop", "stg", "", ENTRIES, partial=True)
    assert message([back], Circumstances()).startswith("rollback(stg): shop back to v1.2.3 (api, frontend)\n")


def test_a_downgrade_is_marked_but_a_rollback_is_none() -> None:
    entries = [Entry("api", "r:x", "v1.2.3-rc.9", "v1.2.3-rc.10")]
    assert "rc.10 -> v1.2.3-rc.9 (downgrade)\n" in message([Change("promote", "s", "a", "b", entries)], Circumstances())
    assert "downgrade" not in message([Change("rollback", "s", "a", "", entries)], Circumstances())
