"""The images that a Dockerfile builds on are found as BuildKit would, for one target and its arguments."""

import pytest

from pipeline.provenance.base_images import base_images

SEVERAL = """\
# syntax=docker/dockerfile:1
ARG GO=1.25
ARG BASE=gcr.io/distroless/static
FROM --platform=$BUILDPLATFORM golang:${GO} AS Build
RUN --mount=type=cache,target=/root/.cache --mount=type=bind,from=ghcr.io/acme/tools:v1,target=/tools \\
    # a comment in between
    go build
FROM node:24 AS page
COPY <<EOF /page
FROM nothing
EOF
FROM $BASE AS test
COPY --from=page /page /page
FROM scratch
COPY --from=build /out /out
COPY --chown=1:1 --from=busybox:1.37 /bin/sh /sh
"""


def test_only_what_the_target_needs_is_named() -> None:
    assert base_images(SEVERAL, {}) == ["golang:1.25", "ghcr.io/acme/tools:v1", "busybox:1.37"]
    assert base_images(SEVERAL, {}, "test") == ["node:24", "gcr.io/distroless/static"]
    assert base_images(SEVERAL, {}, "PAGE") == ["node:24"]


def test_arguments_replace_the_defaults() -> None:
    assert "golang:1.26" in base_images(SEVERAL, {"GO": "1.26", "UNUSED": "x"})


@pytest.mark.parametrize(
    ("dockerfile", "found"),
    [
        ("FROM scratch\n", []),
        ("", []),
        ("from alpine:3 as one\nFROM one AS two\nFROM two\n", ["alpine:3"]),
        ("FROM alpine AS alpine\nRUN true\n", ["alpine"]),
        ("FROM a\nFROM b\nCOPY --from=0 / /\n", ["a", "b"]),
        ("FROM a\nFROM 0\n", ["0"]),
        ("FROM registry:5000/x/y@sha256:abc\n", ["registry:5000/x/y@sha256:abc"]),
        ("ARG A\nFROM ${A:-b}:${B-1}\n", ["b:1"]),
        ("ARG A=x\nFROM a${A:+-slim}\n", ["a-slim"]),
        ("FROM base-${TARGETARCH}\n", ["base-amd64"]),
        ("FROM base-${NOBODY}\n", ["base-${NOBODY}"]),
        ("FROM a AS b\nCOPY --from=b / /\n", ["a", "b"]),
        ('ARG V="1"\nFROM "a:$V"\n', ["a:1"]),
    ],
)
def test_stages_numbers_and_variables_are_told_from_images(dockerfile: str, found: list[str]) -> None:
    assert base_images(dockerfile, {"TARGETARCH": "amd64"}) == found
