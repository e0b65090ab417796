"""Layered file trees: immutable, content-addressed, kept between runs, stacked by overlayfs."""
