"""When a release counts as the one that is in the registry already."""

import pytest

from pipeline.services.labels import REVISION, VERSION
from pipeline.services.released import difference

OURS = {REVISION: "a1", VERSION: "v1.2.3", "org.opencontainers.image.created": "2026-01-02T03:04:05Z"}


def test_the_same_commit_and_version_are_the_same_release() -> None:
    assert difference(OURS, {REVISION: "a1", VERSION: "v1.2.3"}) == ""


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        (OURS, {REVISION: "b2", VERSION: "v1.2.3"}, "built from b2, not from a1"),
        (OURS, {}, "built from an unknown commit, not from a1"),
        (OURS, {REVISION: "a1", VERSION: "v1.2.2"}, "labelled as version v1.2.2, not as v1.2.3"),
        ({VERSION: "v1.2.3"}, {REVISION: "b2"}, "built from b2, and there is no Git history here"),
        ({VERSION: "v1.2.3"}, {VERSION: "v1.2.3"}, "built from an unknown commit, and there is no Git history here"),
    ],
)
def test_anything_else_is_another_release(ours: dict[str, str], theirs: dict[str, str], said: str) -> None:
    assert difference(ours, theirs).startswith(said)
