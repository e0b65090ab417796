"""What is found in Dockerfiles that an engine dies of, and what is left alone."""

import pytest

from pipeline.services.dockerfile import writable_binds


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("RUN --mount=type=bind,target=/src,rw make", ["type=bind,target=/src,rw"]),
        ("RUN --mount=target=/src,readwrite=true make", ["target=/src,readwrite=true"]),
        ("run --network=none --mount=type=bind,rw,target=/a make", ["type=bind,rw,target=/a"]),
        ("RUN --mount=type=cache,target=/c \\\n  # why\n  --mount=type=BIND,target=/s,RW \\\n  make", 1),
        ("RUN --mount=type=bind,target=/src make", []),
        ("RUN --mount=type=bind,target=/src,rw=false make", []),
        ("RUN --mount=type=cache,target=/c,rw make", []),
        ("RUN echo --mount=type=bind,rw", []),
        ("# RUN --mount=type=bind,rw make", []),
    ],
)
def test_mounts_of_files_that_a_step_may_write_are_found(line: str, found: list[str] | int) -> None:
    mounts = writable_binds(f"FROM busybox:1.37\n{line}\nCOPY . .\n")
    assert len(mounts) == found if isinstance(found, int) else mounts == found
