"""How a promotion is reported."""

import json
from dataclasses import replace

from pipeline.git import Commit, Commits
from pipeline.materials import Difference, PackageChange
from pipeline.overlays import unified
from pipeline.promotion.carried import Carried
from pipeline.promotion.outcome import Outcome, Row
from pipeline.promotion.summary import summary
from pipeline.surface import Format

ROW = Row("api", "r/dev-shop-api:v1.2.3", "r/stg-shop-api:v1.2.3", "sha256:aa", copied=True, previous="v1.0.0")
DONE = Outcome("promote", "v1.2.3", "stg", "dev", dry_run=False, changed=True, rows=[ROW], commit="abc", diff="D")


def test_json_is_the_contract() -> None:
    assert json.loads(summary(DONE, Format.JSON)) == {
        "version": "v1.2.3",
        "environment": "stg",
        "from": "dev",
        "dry_run": False,
        "changed": True,
        "commit": "abc",
        "services": [
            {
                "service": "api",
                "source": "r/dev-shop-api:v1.2.3",
                "target": "r/stg-shop-api:v1.2.3",
                "digest": "sha256:aa",
                "copied": True,
                "previous": "v1.0.0",
            }
        ],
        "diff": "D",
    }


def test_what_is_unknown_is_null() -> None:
    row = Row("api", "a", "b", "c", copied=False, previous="")
    nothing = Outcome("promote", "v1.2.3", "stg", "dev", dry_run=False, changed=False, rows=[row]).as_dict()
    assert nothing["commit"] is None
    assert nothing["services"][0]["previous"] is None


def test_the_closing_line_says_what_came_of_it() -> None:
    old = Row("api", "a", "b", "c", copied=False, previous="v1.2.3")
    assert summary(DONE, Format.TEXT).endswith("committed abc")
    nothing = Outcome("promote", "v1.2.3", "stg", "dev", dry_run=False, changed=False, rows=[old])
    assert summary(nothing, Format.TEXT).endswith("nothing to do")
    copied = Outcome("promote", "v1.2.3", "stg", "dev", dry_run=False, changed=False, rows=[ROW])
    assert "nothing to commit" in summary(copied, Format.TEXT)


def test_a_dry_run_shows_the_diff() -> None:
    plan = Outcome("promote", "v1.2.3", "stg", "dev", dry_run=True, changed=True, rows=[ROW], diff="--- a\n+++ b\n")
    assert summary(plan, Format.TEXT).endswith("dry run: nothing was copied or committed\n\n--- a\n+++ b")


PLAN = replace(DONE, dry_run=True, rows=[replace(ROW, environment="stg")])
HOSTILE = Commit(
    "b" * 40, "Mallory `x`", "<script> @all #1 [a](b) ``` | end", "https://github.com/a/b/commit/b", undone=True
)


def test_what_is_approved_is_listed_in_every_format() -> None:
    commits = Commits([Commit("a" * 40, "Ann", "Mend the cart"), HOSTILE], url="https://github.com/a/b/compare/x...y")
    plan = replace(PLAN, commits={("stg", "api"): commits})
    text = summary(plan, Format.TEXT)
    assert "\n\napi: 1 commit, 1 commit taken back\n  aaaaaaaaaa  Mend the cart (Ann)\n  - bbbbbbbbbb  <script>" in text
    markdown = summary(plan, Format.MARKDOWN)
    assert "### api: [1 commit, 1 commit taken back](https://github.com/a/b/compare/x...y)\n\n" in markdown
    assert "- `aaaaaaaaaa` `Mend the cart` by `Ann`\n" in markdown
    assert (
        "- [`bbbbbbbbbb`](https://github.com/a/b/commit/b) taken back: "
        "```` <script> @all #1 [a](b) ``` | end ```` by `` Mallory `x` ``"
    ) in markdown
    (row,) = json.loads(summary(plan, Format.JSON))["services"]
    assert [commit["subject"] for commit in row["commits"]] == ["Mend the cart", HOSTILE.subject]
    assert "commits" not in json.loads(summary(PLAN, Format.JSON))["services"][0]


def test_how_much_is_not_known_of_what_is_approved_is_said() -> None:
    def said(commits: Commits) -> str:
        return summary(replace(PLAN, commits={("stg", "api"): commits}), Format.TEXT)

    assert "\n\napi: commits are not known: nothing ran before\n" in said(Commits(problem="nothing ran before"))
    assert "\n\napi: no commit\n" in said(Commits())
    many = said(Commits([Commit("a" * 40, "Ann", "Mend")] * 2, more=True))
    assert "api: more than 2 commits\n" in many
    assert "\n  … and more: these are the newest\n" in many


OPENSSL = PackageChange("openssl", "deb", "3.0.13", "3.0.15")
GOLANG = PackageChange("golang", "", f"1.25@sha256:{'a' * 64}", f"1.26@sha256:{'b' * 64}")
EVIL = PackageChange("<b>@all `x`|\n#1", "npm", "", "[a](b)")


def test_what_changes_of_packages_is_listed_in_every_format() -> None:
    found = Difference([EVIL, PackageChange("left-pad", "npm", "1.3.0", ""), OPENSSL], [GOLANG])
    plan = replace(PLAN, packages={("stg", "api"): found})
    assert (
        "\n\napi: another base image, 1 package comes, 1 package goes, 1 package changes version\n"
        "  base image golang 1.25@aaaaaaaaaaaa → 1.26@bbbbbbbbbbbb\n"
        "  openssl 3.0.13 → 3.0.15 (deb)\n"
        "  comes: <b>@all `x`| #1 [a](b) (npm)\n"
        "  goes: left-pad 1.3.0 (npm)\n"
    ) in summary(plan, Format.TEXT)
    markdown = summary(plan, Format.MARKDOWN)
    assert "\n\n### api: another base image, 1 package comes, 1 package goes, 1 package changes version\n\n" in markdown
    assert "\n- `openssl` `3.0.13` → `3.0.15` (deb)\n- comes: `` <b>@all `x`| #1 `` `[a](b)` (npm)\n" in markdown
    (row,) = json.loads(summary(plan, Format.JSON))["services"]
    assert row["packages"][2] == {"name": "openssl", "type": "deb", "before": "3.0.13", "after": "3.0.15"}
    assert row["packages"][1]["after"] is None
    assert row["base_images"][0]["after"] == f"1.26@sha256:{'b' * 64}"
    assert "packages" not in json.loads(summary(PLAN, Format.JSON))["services"][0]


def test_what_is_not_known_of_packages_is_one_line_for_all_services_and_a_base_image_is_told_all_the_same() -> None:
    bare = Difference(problem="no SBOM is attached to v1.0.0")
    rows = [replace(ROW, service=name, environment="stg") for name in ("api", "web")]
    plan = replace(PLAN, rows=rows, packages={("stg", "api"): bare, ("stg", "web"): bare})
    for format_ in (Format.TEXT, Format.MARKDOWN):
        text = summary(plan, format_)
        assert text.count("SBOM") == 1
        assert "\n\napi, web: packages are not known: no SBOM is attached to v1.0.0\n" in f"{text}\n"
    known = replace(plan, packages={("stg", "api"): replace(bare, base_images=[GOLANG]), ("stg", "web"): Difference()})
    text = summary(known, Format.TEXT)
    assert "\n\napi: another base image\n  base image golang" in text
    assert "\n\nweb: no package changes\n" in text
    assert "\n\napi: packages are not known: no SBOM is attached to v1.0.0\n" in text


def test_of_a_thousand_packages_people_see_the_first_hundred_and_machines_all() -> None:
    many = Difference([replace(OPENSSL, name=f"lib{number:04}") for number in range(1000)])
    plan = replace(PLAN, packages={("stg", "api"): many})
    text = summary(plan, Format.TEXT)
    assert "api: 1000 packages change version\n" in text
    assert "  lib0099 3.0.13 → 3.0.15 (deb)\n  … and 900 more: --format json has all\n" in text
    assert len(json.loads(summary(plan, Format.JSON))["services"][0]["packages"]) == 1000
    rows = [replace(ROW, service=f"api{number}", environment="stg") for number in range(400)]
    long = Difference([replace(OPENSSL, name="x" * 200)] * 100)
    cut = summary(replace(PLAN, rows=rows, packages={("stg", row.service): long for row in rows}), Format.MARKDOWN)
    assert len(cut.encode()) < 1024 * 1024
    assert "**Cut: " in cut


def test_a_summary_is_cut_before_github_drops_it_and_says_so() -> None:
    whole = summary(replace(DONE, rendered_diff="+ä\n" * 1000), Format.MARKDOWN)
    assert "Cut" not in whole
    lines = 600_000
    text = summary(replace(DONE, rendered_diff="+ä\n" * lines), Format.MARKDOWN)
    assert 900_000 < len(text.encode()) < 1024 * 1024
    block, _, word = text.rpartition("\n```\n\n")
    assert block.endswith("\n+ä")
    assert word == f"**Cut: {lines - block.count('+ä')} lines are left out**, for GitHub shows no summary over 1 MiB"
    rows = [replace(ROW, service=f"api{number}", environment="stg") for number in range(200)]
    commits = Commits([Commit("a" * 40, "Ann", "x" * 500)] * 50)
    many = replace(PLAN, rows=rows, commits={("stg", row.service): commits for row in rows}, rendered_diff="+x")
    assert len(summary(many, Format.MARKDOWN).encode()) < 1024 * 1024
    assert "**Cut: " in summary(many, Format.MARKDOWN)


def test_a_plan_is_named_for_its_approval() -> None:
    plan = replace(DONE, dry_run=True)
    for format_ in Format:
        assert plan.digest in summary(plan, format_)
        assert plan.digest not in summary(DONE, format_)


def test_a_diff_cannot_end_its_block_in_markdown() -> None:
    text = summary(replace(DONE, rendered_diff="+```\n+# x\n"), Format.MARKDOWN)
    assert text.startswith("## promote v1.2.3: dev to stg\n")
    assert text.endswith("````diff\n+```\n+# x\n````")


def test_a_diff_is_unified_over_all_files() -> None:
    before, after = {"a": "1\n2\n", "b": "x\n"}, {"a": "1\n3\n", "b": "x\n"}
    assert unified(before, after) == "--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n 1\n-2\n+3\n"
    assert unified({"a": "1"}, {"a": "1"}) == ""


def test_several_environments_are_listed_each_with_its_own() -> None:
    europe = replace(ROW, environment="prod-eu", origin="stg", target="r/prod-eu-shop-api:v1.2.3")
    america = replace(ROW, environment="prod-us", origin="stg-us", target="r/prod-us-shop-api:v1.3.0", copied=False)
    done = replace(DONE, version="v1.2.3, v1.3.0", environment="prod-eu, prod-us", rows=[europe, america])
    report = json.loads(summary(done, Format.JSON))
    assert [*report] == ["version", "environments", "dry_run", "changed", "commit", "diff"]
    assert [(part["environment"], part["from"], part["version"]) for part in report["environments"]] == [
        ("prod-eu", "stg", "v1.2.3"),
        ("prod-us", "stg-us", "v1.3.0"),
    ]
    assert [part["services"][0]["copied"] for part in report["environments"]] == [True, False]
    for format_ in (Format.TEXT, Format.MARKDOWN):
        text = summary(done, format_)
        assert "promote v1.2.3, v1.3.0: dev to prod-eu, prod-us\n" in text
        lines = [line.strip("| ") for line in text.splitlines()]
        assert [line.split()[0] for line in lines if "shop-api" in line] == ["prod-eu", "prod-us"]


def test_what_was_forced_and_what_it_skipped_is_said_with_the_reason() -> None:
    forced = replace(DONE, forced=True, reason="incident 7", skipped=("qa", "stg"))
    assert "forced, skipping qa, stg, which stay as they are: incident 7\n" in summary(forced, Format.TEXT)
    assert "forced: incident 7\n" in summary(replace(forced, skipped=()), Format.MARKDOWN)
    report = forced.as_dict()
    assert (report["forced"], report["reason"], report["skipped"]) == (True, "incident 7", ["qa", "stg"])
    assert "forced" not in DONE.as_dict()


def test_a_downgrade_is_marked_with_the_way_back() -> None:
    row = Row("api", "r/stg-shop-api:v1.2.3", "r/prod-shop-api:v1.2.3", "sha256:aa", copied=True, previous="v1.10.0")
    new = Outcome("promote", "v1.2.3", "prod", "stg", dry_run=True, changed=True, rows=[row])
    for format_ in (Format.TEXT, Format.MARKDOWN):
        assert "downgrade: api from v1.10.0 to v1.2.3\n\ndry run" in summary(new, format_)
    assert new.as_dict()["services"][0]["downgrade"] is True
    again = replace(new, rows=[replace(row, copied=False)])
    assert "use rollback --target-env prod --to v1.2.3 --services api\n" in summary(again, Format.TEXT)
    assert "downgrade" not in summary(replace(again, verb="rollback"), Format.TEXT)


def test_what_refers_to_an_image_is_counted_and_what_is_missing_named() -> None:
    kinds = ["sbom", "provenance", "signature", "signature"]
    rows = [replace(ROW, referrers=Carried(kinds, 4)), replace(ROW, service="web", referrers=Carried(["sbom"], 0))]
    done = replace(DONE, rows=rows)
    text = summary(done, Format.TEXT)
    assert [line.split()[-2:] for line in text.splitlines()[3:5]] == [["4", "copied"], ["there", "already"]]
    assert "\n\nweb has no signature and no provenance\n\n" in text
    assert "| 4 copied |\n" in summary(done, Format.MARKDOWN)
    assert "4 to copy\n" in summary(replace(done, dry_run=True), Format.TEXT)
    report = done.as_dict()["services"]
    assert report[0]["referrers"] == {
        "count": 4,
        "copied": 4,
        "kinds": {"sbom": 1, "provenance": 1, "signature": 2},
        "missing": [],
    }
    assert report[1]["referrers"]["missing"] == ["signature", "provenance"]


def test_images_that_nothing_refers_to_are_reported_as_ever_unless_it_is_not_known() -> None:
    nothing = replace(DONE, rows=[replace(ROW, referrers=Carried())])
    assert summary(nothing, Format.TEXT) == summary(DONE, Format.TEXT)
    unknown = replace(DONE, rows=[replace(ROW, referrers=Carried(problem="what refers to it is not known"))])
    assert "\n\napi: what refers to it is not known\n\n" in summary(unknown, Format.TEXT)
    assert unknown.as_dict()["services"][0]["referrers"]["problem"] == "what refers to it is not known"


def test_what_is_copied_late_is_something_that_was_to_do() -> None:
    late = replace(DONE, changed=False, commit="", rows=[replace(ROW, copied=False, referrers=Carried(["sbom"], 1))])
    assert not late.idle
    assert "nothing to commit" in summary(late, Format.TEXT)
    assert replace(late, rows=[replace(ROW, copied=False, referrers=Carried(["sbom"], 0))]).idle
