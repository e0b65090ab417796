"""How a promotion is reported."""

import json
from dataclasses import replace

from pipeline.overlays import unified
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


def test_a_downgrade_is_marked_with_the_way_back() -> None:
    row = Row("api", "r/stg-shop-api:v1.2.3", "r/prod-shop-api:v1.2.3", "sha256:aa", copied=True, previous="v1.10.0")
    new = Outcome("promote", "v1.2.3", "prod", "stg", dry_run=True, changed=True, rows=[row])
    for format_ in (Format.TEXT, Format.MARKDOWN):
        assert "downgrade: api from v1.10.0 to v1.2.3\n\ndry run" in summary(new, format_)
    assert new.as_dict()["services"][0]["downgrade"] is True
    again = replace(new, rows=[replace(row, copied=False)])
    assert "use rollback --target-env prod --to v1.2.3 --services api\n" in summary(again, Format.TEXT)
    assert "downgrade" not in summary(replace(again, verb="rollback"), Format.TEXT)
