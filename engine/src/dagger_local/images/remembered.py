"""What references were resolved to, kept between runs: a warm run asks no registry."""

import hashlib
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from dagger_local.images.containers import write_private

FRESH = 3600.0


@dataclass(frozen=True, slots=True)
class Resolved:
    """The image that a reference led to, and when that was last confirmed (seconds since the epoch)."""

    image_id: str
    digest: str
    stand_in: bool
    """Whether no registry answered; the stand-in is then looked up anew, as its recipe may have changed."""
    when: float

    @property
    def fresh(self) -> bool:
        """Whether it is too early to ask again."""
        return 0 <= time.time() - self.when < FRESH


class Remembered:
    """One small file a reference and platform."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def get(self, reference: str, platform: str) -> Resolved | None:
        """Return what was remembered, however old."""
        try:
            return Resolved(**json.loads(self._path(reference, platform).read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def put(self, reference: str, platform: str, resolved: Resolved) -> None:
        """Remember."""
        write_private(self._path(reference, platform), json.dumps(asdict(resolved)).encode())

    def forget_all(self, reference: str) -> None:
        """Ask again next time, for every platform."""
        for path in self._directory.glob(f"{_name(reference)}-*.json"):
            path.unlink(missing_ok=True)

    def _path(self, reference: str, platform: str) -> Path:
        return self._directory / f"{_name(reference)}-{platform.replace('/', '-')}.json"


def _name(reference: str) -> str:
    return hashlib.sha256(reference.encode()).hexdigest()[:32]
