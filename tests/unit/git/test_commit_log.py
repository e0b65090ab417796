"""What is read back out of the commits that promotions and rollbacks are."""

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.git.commit_log import _FIELDS, Landed, records
from pipeline.git.commit_message import Change, Entry, message
from pipeline.git.signature import Circumstances

DIGEST = "sha256:" + "a" * 64
API = Entry("api", f"localhost:5000/stg-shop-api:v1.2.3@{DIGEST}", "v1.2.3", "v1.2.2")
WEB = Entry("web", f"r/stg-shop-web:v1.2.3@{DIGEST}", "v1.2.3", "")
WHO = Circumstances(actor="octocat", run="https://ci.example.com/7", reason="hotfix: no time")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    _git(tmp_path, "init", "--quiet")
    return tmp_path


def _git(where: Path, *args: str, stdin: bytes = b"") -> bytes:
    who = {"NAME": "Robot", "EMAIL": "robot@example.com", "DATE": "2026-01-02T03:04:05+02:00"}
    names = {f"GIT_{role}_{name}": value for role in ("AUTHOR", "COMMITTER") for name, value in who.items()}
    env = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", **names}
    return subprocess.run(
        ["git", "-C", str(where), *args], env=env, input=stdin, capture_output=True, check=True
    ).stdout


def _commit(where: Path, text: str | bytes) -> None:
    stdin = text if isinstance(text, bytes) else text.encode()
    _git(where, "commit", "--quiet", "--allow-empty", "--cleanup=verbatim", "--file=-", stdin=stdin)


def _log(where: Path) -> bytes:
    return _git(where, "log", "-z", f"--format={'%x00'.join(_FIELDS)}")


def test_what_a_promotion_and_a_rollback_wrote_is_read_back(repository: Path) -> None:
    _commit(repository, message([Change("promote", "shop", "stg", "dev", [API, WEB], forced=True)], WHO))
    _commit(repository, "Fix a typo\n\nSigned-off-by: Someone <someone@example.com>\n")
    _commit(repository, message([Change("rollback", "shop", "prod", "", [API])], Circumstances(reason="broken")))
    back, forth = records(_log(repository))
    assert (back.verb, back.environment, back.origin, back.version) == ("rollback", "prod", "", "v1.2.3")
    assert (back.reason, back.forced, back.actor, back.author, back.run) == ("broken", False, "", "Robot", "")
    assert (forth.verb, forth.environment, forth.origin) == ("promote", "stg", "dev")
    assert (forth.reason, forth.forced, forth.actor, forth.run) == (WHO.reason, True, WHO.actor, WHO.run)
    assert forth.services == (Landed("api", "v1.2.3", DIGEST), Landed("web", "v1.2.3", DIGEST))
    assert forth.time == datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)
    assert forth.commit == _git(repository, "rev-parse", "HEAD~2").decode().strip()


def test_a_commit_of_several_environments_is_a_record_of_each(repository: Path) -> None:
    changes = [
        Change("promote", "shop", "prod-eu", "stg", [API, WEB], forced=True),
        Change("promote", "shop", "prod-us", "dev", [API], forced=True, skipped=("qa", "stg")),
    ]
    _commit(repository, message(changes, WHO))
    europe, america = records(_log(repository))
    assert (europe.environment, europe.origin, europe.skipped) == ("prod-eu", "stg", ())
    assert (america.environment, america.origin, america.skipped) == ("prod-us", "dev", ("qa", "stg"))
    assert [landed.service for landed in europe.services] == ["api", "web"]
    assert [landed.service for landed in america.services] == ["api"]
    assert europe.commit == america.commit
    for one in (europe, america):
        assert (one.verb, one.version, one.forced, one.reason) == ("promote", "v1.2.3", True, WHO.reason)
        assert (one.actor, one.run) == (WHO.actor, WHO.run)
    assert [one.environment for one in records(_log(repository), "prod-us")] == ["prod-us"]


def test_one_environment_can_be_asked_for_by_its_whole_name(repository: Path) -> None:
    for environment in ("prod", "prod-eu", "stg"):
        _commit(repository, message([Change("promote", "shop", environment, "dev", [API])], Circumstances()))
    assert [one.environment for one in records(_log(repository), "prod")] == ["prod"]


def test_a_subject_that_others_wrote_a_body_that_only_mentions_it_and_broken_text_stop_nothing(
    repository: Path,
) -> None:
    text = message([Change("rollback", "shop", "stg", "", [API])], Circumstances())
    _commit(repository, f"Merged by hand\n\n{text}")
    _commit(repository, "Explain promotions\n\nPromoted-To: stg\nis a trailer, but not up here.\n\nThat is all.\n")
    _commit(repository, b"promote(stg): caf\xe9\n\nPromoted-To: stg\nImage: no image\nImage: api=r/api\n")
    broken, merged = records(_log(repository))
    assert (broken.version, broken.services) == ("", (Landed("api", "", ""),))
    assert (merged.verb, merged.version) == ("rollback", "v1.2.3")
    assert records(b"") == []


def test_a_date_that_is_none_any_more_is_the_last_one(repository: Path) -> None:
    """Whoever commits says when."""
    text = message([Change("promote", "shop", "stg", "dev", [API])], WHO)
    head = f"commit refs/heads/main\ncommitter R <r@example.com> 99999999999999 +0000\ndata {len(text)}\n"
    _git(repository, "fast-import", "--quiet", stdin=f"{head}{text}\n".encode())
    _git(repository, "symbolic-ref", "HEAD", "refs/heads/main")
    (one,) = records(_log(repository))
    assert one.time.year == 9999
