"""What the API says of an application is read, whatever form it has."""

from typing import Any

import pytest

from pipeline.deployment.application import Application, application, tree_messages

COMMIT = "a" * 40


def test_state_and_messages_are_read() -> None:
    found = application({
        "metadata": {"name": "backend-stg"},
        "status": {
            "sync": {"status": "OutOfSync", "revision": COMMIT},
            "health": {"status": "Degraded"},
            "conditions": [
                {"type": "SyncError", "message": "Failed last sync attempt"},
                {"type": "OrphanedResourceWarning", "message": "never mind"},
            ],
            "reconciledAt": "2026-01-02T03:04:04Z",
            "operationState": {
                "phase": "Failed",
                "finishedAt": "2026-01-02T03:04:05Z",
                "message": "one or more objects failed to apply",
                "syncResult": {
                    "revision": COMMIT,
                    "resources": [
                        {"kind": "Service", "name": "a", "status": "Synced", "message": "service/a serverside-applied"},
                        {"kind": "Job", "name": "b", "status": "SyncFailed", "message": "field is\n immutable"},
                    ],
                },
            },
            "resources": [
                {"kind": "Deployment", "name": "a", "health": {"status": "Degraded", "message": "too late"}},
                {"kind": "Service", "name": "a", "health": {"status": "Healthy", "message": "fine"}},
                {"kind": "Secret", "name": "a", "health": {"status": "Missing"}},
                {"kind": "ConfigMap", "name": "a"},
            ],
        },
    })  # fmt: skip
    assert found == Application("OutOfSync", "Degraded", (COMMIT,), "Failed", (COMMIT,), settled=False)
    assert found.messages == (
        "SyncError: Failed last sync attempt",
        "sync: one or more objects failed to apply",
        "Job/b: field is immutable",
        "Deployment/a: Degraded: too late",
        "Secret/a: Missing",
    )


def test_of_several_sources_all_commits_are_known() -> None:
    found = application({"status": {"sync": {"status": "Synced", "revisions": ["1.2.3", COMMIT, 7]}}})
    assert found.revisions == ("1.2.3", COMMIT)


@pytest.mark.parametrize(
    "document",
    [
        None, [], "x", 7, {}, {"status": None}, {"status": []},
        {"status": {"sync": "x", "health": [], "conditions": {}}},
        {"status": {"operationState": 7, "resources": [None, "x", {"health": 7}]}},
    ],
)  # fmt: skip
def test_another_form_is_taken_for_empty(document: Any) -> None:
    assert application(document) == Application()
    assert tree_messages(document) == []


def test_what_is_not_healthy_in_a_tree_is_told_once_on_one_line_of_bounded_length() -> None:
    pod = {"kind": "Pod", "name": "a", "health": {"status": "Degraded", "message": "x\x1b[31m" * 400}}
    progressing = {"kind": "ReplicaSet", "name": "a", "health": {"status": "Progressing"}}
    (message,) = tree_messages({"nodes": [pod, pod, progressing, {"kind": "Service", "name": "a"}]})
    assert message.startswith("Pod/a: Degraded: x [31mx")
    assert len(message) < 510
    assert message.isprintable()
