"""What ECR may delete by itself is never what an overlay can name or a signature."""

from fnmatch import fnmatchcase
from typing import Any

import pytest

DIGEST = "0" * 64


def _expired(policy: Any, tags: tuple[str, ...]) -> bool:
    """Tell whether a lifecycle policy selects an image, however old it is.

    Several patterns of one rule have all to match: https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
    """
    for rule in (policy or {"rules": []})["rules"]:
        selection = rule["selection"]
        assert selection["tagStatus"] == "tagged", "any and untagged take signatures"
        assert selection["countType"] == "sinceImagePushed", "a count takes what is old and runs"
        if all(any(fnmatchcase(tag, pattern) for tag in tags) for pattern in selection["tagPatternList"]):
            return True
    return False


@pytest.mark.parametrize(
    "tags",
    [
        (),
        ("v1.2.3",),
        ("v0.0.0",),
        ("v10.20.30",),
        (f"sha256-{DIGEST}",),
        (f"sha256-{DIGEST}.sig",),
        ("latest",),
        ("v1.2.3", "stable"),
    ],
)
def test_releases_and_signatures_stay(sample: Any, grid: Any, tags: tuple[str, ...]) -> None:
    for repository in (*sample["repositories"].values(), *grid["repositories"].values()):
        assert not _expired(repository["lifecycle_policy"], tags), repository["name"]


def test_a_pre_release_leaves_only_where_image_updater_keeps_the_overlay(sample: Any, grid: Any) -> None:
    cleared = {
        item["environment"]
        for item in sample["repositories"].values()
        if _expired(item["lifecycle_policy"], ("v1.2.3-rc.1",))
    }
    assert cleared == {"dev"}
    # There the pipeline itself writes what it builds, pre-releases too.
    assert not any(_expired(item["lifecycle_policy"], ("v1.2.3-rc.1",)) for item in grid["repositories"].values())
