"""The images that the pipeline's own tools come from, pinned."""

GIT = "alpine/git:v2.49.1"
CRANE = "gcr.io/go-containerregistry/crane:v0.20.7"
KUSTOMIZE = "registry.k8s.io/kustomize/kustomize:v5.8.1"

# A rehearsal's throwaway servers: a registry, and git with its daemon, which alpine/git lacks.
REGISTRY = "registry:3.0.0"
GIT_SERVER = "buildpack-deps:bookworm-scm"
