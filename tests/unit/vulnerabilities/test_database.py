"""How old grype's database is, and what is said where there is none: its words are its own."""

import json
from datetime import UTC, datetime, timedelta

from pipeline.vulnerabilities.database import Database, database

BUILT = datetime(2026, 11, 20, 6, tzinfo=UTC)
NOW = BUILT + timedelta(hours=30)
GOOD = json.dumps({"schemaVersion": "v6.1.10", "built": "2026-11-20T06:00:00Z", "path": "/x", "valid": True})
NONE = json.dumps({"schemaVersion": "", "path": "/x", "valid": False, "error": "database does not exist"})
OFFLINE = (
    "[0000]  WARN unable to check for vulnerability database update\n"
    "[0000] ERROR \x1b[31munable to update vulnerability database: unable to download listing: no such host\x1b[0m\n"
)


def test_a_database_is_told_with_its_age() -> None:
    found = database(GOOD, "", NOW)
    assert found == Database(BUILT, timedelta(hours=30))
    assert found.told == "database of 2026-11-20 06:00 UTC, 1 d 6 h old"
    assert database(GOOD, "", BUILT + timedelta(days=6)).problem == "it is old"


def test_offline_an_older_one_counts_and_that_it_is_not_newer_is_told() -> None:
    found = database(GOOD, OFFLINE, NOW)
    assert found.built == BUILT
    assert found.problem == (
        "it could not be updated: unable to update vulnerability database: unable to download listing: no such host"
    )
    assert found.told.startswith("database of 2026-11-20 06:00 UTC, 1 d 6 h old: it could not be updated: ")


def test_without_any_there_is_a_reason() -> None:
    assert database(NONE, OFFLINE, NOW).told == (
        "no database: unable to update vulnerability database: unable to download listing: no such host"
    )
    for status in (NONE, "", "[]", "{}", '{"valid": true}', '{"valid": true, "built": "x"}', "[" * 100_000):
        assert database(status, "", NOW) == Database(problem="grype has none that it can use")
