"""Build, promote and roll back container images: one pipeline from a release tag to production."""

from .main import Pipeline as Pipeline
