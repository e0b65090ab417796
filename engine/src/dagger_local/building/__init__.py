"""Dockerfiles built: every instruction one of the engine's own steps, kept by what it is made from."""
