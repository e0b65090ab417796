"""A small Dagger engine on runc and skopeo, for machines that have no Dagger engine."""

__version__ = "0.21.8"
"""The Dagger release whose session protocol and API this engine follows."""
