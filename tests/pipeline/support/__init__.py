"""Servers and callers for the module's tests."""
