"""A small Dagger engine on Buildah and runc, for machines that have no Dagger engine."""

__version__ = "0.21.7"
"""The Dagger release whose session protocol and API this engine follows."""
