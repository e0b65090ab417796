"""When an API is asked again, and what is said when it refuses."""

from typing import cast

import dagger
import pytest

from pipeline.forge.http import Answer, Api, patience, refused


@pytest.mark.parametrize(
    ("answer", "attempt", "expected"),
    [
        (Answer(200, ""), 0, None),
        (Answer(404, ""), 0, None),
        (Answer(500, ""), 0, None),
        (Answer(0, "refused"), 0, None),
        (Answer(503, ""), 0, 1.0),
        (Answer(503, ""), 2, 4.0),
        (Answer(503, ""), 3, None),
        (Answer(502, "", 7.0), 0, 7.0),
        (Answer(429, "", 30.0), 1, 30.0),
        (Answer(429, "", 3600.0), 0, None),
        (Answer(403, "no"), 0, None),
        (Answer(403, "secondary rate limit", 5.0), 0, 5.0),
        (Answer(403, "secondary rate limit", 5.0), 3, None),
    ],
)
def test_it_is_asked_again_only_where_that_helps_and_as_late_as_it_says(
    answer: Answer, attempt: int, expected: float | None
) -> None:
    assert patience(answer, attempt) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://api.github.com", "https://api.github.com/graphql"),
        ("https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql"),
        ("https://git.example.com/api/v3", "https://git.example.com/api/graphql"),
        ("http://github.local:2", "http://github.local:2/graphql"),
    ],
)
def test_the_other_api_is_beside_the_first(address: str, expected: str) -> None:
    assert Api(cast("dagger.Container", None), address).graphql == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(0, "curl: (7) Failed to connect"), "is GitHub's API up, and --github-api right?\n  curl: (7) Failed"),
        (Answer(401, '{"message": "Bad credentials"}'), "failed (401), check --git-token: 'Bad credentials'"),
        (Answer(403, '{"message": "Resource not accessible"}'), "give one with pull-requests: write"),
        (Answer(403, '{"message": "slow down"}', 90.0), "GitHub asks to wait 90 s: run again then"),
        (Answer(429, "", 3600.0), "GitHub asks to wait 3600 s: run again then"),
        (Answer(404, '{"message": "Not Found"}'), "check the repository in pipeline.yaml"),
        (Answer(301, '{"message": "Moved Permanently"}'), "has moved: write its new address in pipeline.yaml"),
        (Answer(503, "<html>\n<p>down</p>"), "GitHub is busy or in trouble: run again: '<html>\\n<p>down</p>'"),
        (Answer(422, '{"message": "No", "errors": [{"code": "bad"}, {"message": "why"}]}'), "'No; bad; why'"),
        (Answer(422, '{"message": "No", "errors": ["odd"]}'), "'No'"),
    ],
)
def test_a_refusal_says_what_where_why_and_what_to_do(answer: Answer, expected: str) -> None:
    message = str(refused("opening a pull request", "https://github.com/acme/shop", answer))
    assert message.startswith("opening a pull request at https://github.com/acme/shop failed")
    assert expected in message
