"""Platforms, as images name them."""

import platform

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm/v7", "i686": "386"}


def own_platform() -> str:
    """Return this machine's platform, such as linux/amd64."""
    machine = platform.machine()
    return f"linux/{_ARCHITECTURES.get(machine, machine)}"
