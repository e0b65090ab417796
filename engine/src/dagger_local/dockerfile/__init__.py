"""Dockerfiles, read as BuildKit reads them: pure, without an engine; the words themselves by e2b-dockerfile-utils."""
