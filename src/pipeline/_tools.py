"""The images that the pipeline's own tools come from, pinned."""

GIT = "alpine/git:v2.49.1"
CRANE = "gcr.io/go-containerregistry/crane:v0.20.7"
KUSTOMIZE = "registry.k8s.io/kustomize/kustomize:v5.8.1"
