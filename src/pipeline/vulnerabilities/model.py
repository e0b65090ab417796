"""What runs, with the vulnerabilities that are known of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.errors import PipelineError

from .database import Database
from .findings import Vulnerability


class NotKnown(PipelineError):
    """Vulnerabilities that are not known, where they have to be."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image that runs; its vulnerabilities are not known where `problem` says why."""

    environment: str
    service: str
    version: str
    reference: str
    found: Sequence[Vulnerability] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """What grype found in what runs; it was not asked where no SBOM is attached at all, without a database then."""

    images: Sequence[Image]
    database: Database | None = None

    def require_known(self) -> None:
        """Refuse what is not known, or by an old database alone.

        Raises:
            NotKnown: saying of what, and why.
        """
        unknown = {f"{one.service} in {one.environment}: {one.problem}": None for one in self.images if one.problem}
        reasons = [*([self.database.told] if self.database and self.database.problem else []), *unknown]
        if reasons:
            msg = "\n".join(
                ["not all vulnerabilities are known (without --strict, those that are get reported)", *reasons]
            )
            raise NotKnown(msg)
