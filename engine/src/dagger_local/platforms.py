"""Platforms, as images name them."""

import platform

from dagger_local.errors import EngineError

_ARCHITECTURES = {
    "x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "armv7l": "arm/v7", "armhf": "arm/v7", "armel": "arm/v6",
    "i386": "386", "i686": "386",
}  # fmt: skip
_KNOWN = {
    *("386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le"),
    *("riscv64", "s390x", "wasm"),
}
_SYSTEMS = {"linux", "windows", "darwin", "freebsd", "netbsd", "openbsd", "solaris", "wasip1"}


def own_platform() -> str:
    """Return this machine's platform, such as linux/amd64."""
    return normalised(f"linux/{platform.machine()}")


def named(text: str) -> str:
    """Return a platform by the names that images use, its variant as given; raises EngineError for an unknown one."""
    parts = text.lower().split("/")
    if len(parts) == 1:
        parts = [parts[0], own_platform().split("/")[1]] if parts[0] in _SYSTEMS else ["linux", parts[0]]
    system, architecture, *variant = parts
    architecture, *implied = _ARCHITECTURES.get(architecture, architecture).split("/")
    if system not in _SYSTEMS or architecture not in _KNOWN or len(variant) > 1:
        raise EngineError(f'"{text}": unknown operating system or architecture: invalid argument')
    return "/".join([system, architecture, *(variant or implied)])


def normalised(text: str) -> str:
    """Return a platform as Dockerfiles see it: arm has the variant v7, and arm64's v8 is not said."""
    name = named(text)
    return {"arm": f"{name}/v7", "arm64/v8": name.removesuffix("/v8")}.get(name.split("/", 1)[1], name)


def variables(prefix: str, text: str) -> dict[str, str]:
    """Return a platform as the variables that a Dockerfile knows: TARGETPLATFORM, TARGETOS, and so on."""
    system, architecture, variant = (*text.split("/"), "", "")[:3]
    values = {"PLATFORM": text, "OS": system, "ARCH": architecture, "VARIANT": variant}
    return {f"{prefix}{name}": value for name, value in values.items()}
