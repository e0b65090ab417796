"""The images that the pipeline's own tools come from, pinned by tag, which people read, and digest, which counts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tools:
    """References of images; pipeline.yaml may name others, such as a company's mirror of them."""

    git: str = "alpine/git:v2.49.1@sha256:c0280cf9572316299b08544065d3bf35db65043d5e3963982ec50647d2746e26"
    crane: str = (
        "gcr.io/go-containerregistry/crane:v0.21.8"
        "@sha256:e85fa14e99e5ef7351822ed887ce322bc1e22f9ef8e9eb54ebf2d7a9473bfef9"
    )
    kustomize: str = (
        "registry.k8s.io/kustomize/kustomize:v5.8.1"
        "@sha256:899fcd3bc898160e62bcaf82932b0cb29ba38d16272353db2e7acbba82129429"
    )
    # What the checks run: linters, scanners, and what the languages' own tools run in.
    node: str = "node:24-slim@sha256:a9f5f7c91a432850b2a8a7797adf5eadb6c733ceed61167806cee7ea7fbc29df"
    # A rehearsal's throwaway servers: a registry, and git with its daemon, which alpine/git lacks.
    registry: str = "registry:3.0.0@sha256:6c5666b861f3505b116bb9aa9b25175e71210414bd010d92035ff64018f9457e"
    git_server: str = (
        "buildpack-deps:bookworm-scm@sha256:4274ea4975976f86239384ac206f98af5f0978fd8f054886eec1371fc7664025"
    )
