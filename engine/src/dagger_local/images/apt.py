"""Debian packages by the host's own apt: its mirror, its keys, its proxies."""

import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from dagger_local.disk import is_no_space
from dagger_local.errors import EngineError
from dagger_local.images.locks import file_lock
from dagger_local.process import ProgramError, run

_SOURCES = Path("/etc/apt")
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_FRESH = 6 * 3600.0
_MOVED = 60.0
DPKG_EXCLUDES = (
    "/usr/share/doc/*",
    "/usr/share/man/*",
    "/usr/share/info/*",
    "/usr/share/locale/*",
    "/usr/share/i18n/*",
)


@dataclass(frozen=True, slots=True)
class Mirror:
    """Where Debian's archive is read from; no address means what mmdebstrap has built in."""

    uri: str
    keyring: Path | None

    def source(self, suite: str) -> str:
        """Write the line of a sources.list."""
        signed = f"[signed-by={self.keyring}] " if self.keyring else ""
        return f"deb {signed}{self.uri} {suite} main"


def find_mirror(sources: Path = _SOURCES) -> Mirror:
    """Read the mirror of Debian's archive off the host's sources, deb822 files first.

    Raises EngineError when the host's apt knows none (it is no Debian).
    """
    for path in sorted(sources.glob("sources.list.d/*.sources")):
        for uri, keyring in _deb822(path.read_text(errors="replace")):
            return Mirror(uri, keyring or _default_keyring())
    for path in [sources / "sources.list", *sorted(sources.glob("sources.list.d/*.list"))]:
        for uri, keyring in _one_line(path.read_text(errors="replace") if path.is_file() else ""):
            return Mirror(uri, keyring or _default_keyring())
    raise EngineError(
        "stand-ins for images need a Debian mirror, and this host's apt names none; "
        "make an image registry reachable, or run on Debian"
    )


class Packages:
    """One suite of Debian; its index is kept under `directory`."""

    def __init__(self, directory: Path, suite: str, mirror: Mirror) -> None:
        self.suite = suite
        self._directory = directory / suite
        self._mirror = mirror

    async def refresh(self, *, older_than: float = _FRESH) -> None:
        """Read the suite's index, unless it was read within so many seconds."""
        async with file_lock(self._directory / "lock"):
            stamp = self._directory / "updated"
            if stamp.exists() and time.time() - stamp.stat().st_mtime < older_than:
                return
            (self._directory / "lists" / "partial").mkdir(parents=True, exist_ok=True)
            (self._directory / "sources.list").write_text(self._mirror.source(self.suite) + "\n")
            await self._apt("update")
            stamp.touch()

    async def download(self, packages: tuple[str, ...], target: Path, *, status: Path | None) -> list[Path]:
        """Fetch `packages` to `target`, with what they depend on beyond `status`, a dpkg status file.

        Without it, only they are fetched. Returns the archives.
        """
        await self.refresh()
        try:
            await self._download(packages, target, status)
        except EngineError as error:
            if is_no_space(error):
                raise
            # An archive that moved on since its index was read has dropped what that index names.
            await self.refresh(older_than=_MOVED)
            await self._download(packages, target, status)
        return sorted(target.glob("*.deb"))

    async def describe(self, place: Path) -> None:
        """Write into a folder of an image where packages come from: a sources.list, its key beside it, and for what."""
        source = self._mirror.source(self.suite)
        if key := self._mirror.keyring:
            shutil.copyfile(key, place / key.name)
            source = source.replace(str(key), f"/usr/lib/apk/{key.name}")
        (place / "sources.list").write_text(f"{source}\n")
        (place / "architecture").write_text((await run(["dpkg", "--print-architecture"])).stdout)

    async def _download(self, packages: tuple[str, ...], target: Path, status: Path | None) -> None:
        (target / "partial").mkdir(parents=True, exist_ok=True)
        if status is None:
            await self._apt("download", *packages, cwd=target)
            return
        words = ["install", "--yes", "--no-install-recommends", "--download-only", *packages]
        await self._apt(*words, **{"Dir::State::status": status, "Dir::Cache::archives": target})

    async def _apt(self, *words: str, cwd: Path | None = None, **more: Path) -> None:
        options: dict[str, str | Path] = {
            "Dir::State::lists": self._directory / "lists",
            "Dir::State::status": "/dev/null",
            "Dir::Cache": self._directory,
            # What several write at once, whatever the status they have, is better not written.
            "Dir::Cache::pkgcache": "",
            "Dir::Etc::sourcelist": self._directory / "sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": "/dev/null",
            "APT::Sandbox::User": "root",
            "APT::Keep-Downloaded-Packages": "true",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
            "Acquire::Check-Valid-Until": "false",
            "Debug::NoLocking": "true",
            **more,
        }
        argv = ["apt-get", "-q", *(word for key, value in options.items() for word in ("-o", f"{key}={value}")), *words]
        try:
            await run(argv, cwd=cwd, env={"DEBIAN_FRONTEND": "noninteractive"})
        except ProgramError as error:
            if is_no_space(error):
                raise
            told = [line for line in error.completed.stderr.splitlines() if line.startswith("E: ")]
            message = told[0].removeprefix("E: ") if told else str(error)
            raise EngineError(f"Debian packages of {self.suite} cannot be fetched: {message}") from None


def _deb822(text: str) -> list[tuple[str, Path | None]]:
    found = []
    for paragraph in re.split(r"\n\s*\n", text):
        lines = [line for line in paragraph.splitlines() if not line.startswith("#")]
        pairs = (line.partition(":") for line in lines if not line.startswith((" ", "\t")))
        fields = {key.strip().lower(): value.strip() for key, _, value in pairs}
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() == "no":
            continue
        signed = fields.get("signed-by", "")
        keyring = Path(signed) if signed.startswith("/") else None
        found += [(uri, keyring) for uri in fields.get("uris", "").split() if _is_debian(uri)]
    return found


def _one_line(text: str) -> list[tuple[str, Path | None]]:
    found = []
    for line in text.splitlines():
        match = re.match(r"\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+\S+", line)
        if match and _is_debian(match[2]):
            signed = re.search(r"signed-by=(/\S+)", match[1] or "")
            found.append((match[2], Path(signed[1]) if signed else None))
    return found


def _is_debian(uri: str) -> bool:
    return uri.rstrip("/").endswith("/debian")


def _default_keyring() -> Path | None:
    return _KEYRING if _KEYRING.is_file() else None
