"""A module with what few have: an interface, a generator, a service to open, a Workspace and an enumeration."""

from .main import Garden as Garden
