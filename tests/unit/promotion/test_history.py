"""How the history is reported."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.errors import InvalidInput
from pipeline.git import Record
from pipeline.git.commit_log import Landed
from pipeline.promotion import history_report
from pipeline.surface import Format

SHOP: Any = SimpleNamespace(services=[SimpleNamespace(name="api"), SimpleNamespace(name="web")])
BOTH = (Landed("api", "v1.3.0", "sha256:aa"), Landed("web", "v1.3.0", "sha256:bb"))
TIME = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
FORTH = Record(
    "c" * 40, TIME, "promote", "prod", "stg", "v1.3.0", BOTH, "Robot", "octocat", "spring", "https://ci.example.com/7"
)
BACK = Record("d" * 40, TIME, "rollback", "prod", "", "v1.2.0", BOTH[:1], "Robot", forced=True, reason="a\x1b[31mb")


def report(format_: Format = Format.TEXT, *, service: str = "", limit: int = 20) -> str:
    return history_report(SHOP, [BACK, FORTH], format_, service=service, limit=limit)


def test_a_text_has_a_line_each_and_what_is_long_below_it() -> None:
    assert report().splitlines() == [
        "WHEN              WHAT                   VERSION  SERVICES  BY       COMMIT",
        "2026-01-02 03:04  rollback prod          v1.2.0   api       Robot    dddddddddddd",
        "  forced: a [31mb",
        "2026-01-02 03:04  promote prod from stg  v1.3.0   all       octocat  cccccccccccc",
        "  because: spring",
        "  https://ci.example.com/7",
    ]


def test_what_a_hot_fix_skipped_is_told() -> None:
    fix = replace(BACK, verb="promote", origin="dev", reason="now", skipped=("qa", "stg"))
    for format_ in (Format.TEXT, Format.MARKDOWN):
        assert "now (skipping qa, stg)" in history_report(SHOP, [fix], format_, limit=1)
    (entry,) = json.loads(history_report(SHOP, [fix], Format.JSON, limit=1))["history"]
    assert entry["skipped"] == ["qa", "stg"]


def test_a_service_and_a_limit_choose() -> None:
    assert report(service="web").count("2026-01-02") == 1
    assert report(limit=1).count("2026-01-02") == 1
    with pytest.raises(InvalidInput, match="--limit 0 is no number of commits"):
        report(limit=0)
    assert history_report(SHOP, [], Format.TEXT, limit=1) == "nothing was promoted yet"


def test_markdown_has_all_in_its_table() -> None:
    assert report(Format.MARKDOWN).splitlines()[-1] == (
        "| 2026-01-02 03:04 | promote prod from stg | v1.3.0 | all | octocat | cccccccccccc | spring "
        "| https://ci.example.com/7 |"
    )


def test_json_is_the_contract() -> None:
    back, forth = json.loads(report(Format.JSON))["history"]
    assert forth == {
        "commit": "c" * 40,
        "time": "2026-01-02T03:04:05Z",
        "verb": "promote",
        "environment": "prod",
        "from": "stg",
        "version": "v1.3.0",
        "services": [
            {"service": "api", "version": "v1.3.0", "digest": "sha256:aa"},
            {"service": "web", "version": "v1.3.0", "digest": "sha256:bb"},
        ],
        "author": "Robot",
        "actor": "octocat",
        "reason": "spring",
        "forced": False,
        "run": "https://ci.example.com/7",
    }
    assert (back["from"], back["actor"], back["run"], back["forced"]) == (None, None, None, True)
    assert json.loads(history_report(SHOP, [], Format.JSON, limit=1)) == {"history": []}
