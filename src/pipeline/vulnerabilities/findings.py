"""What grype reports, and how two reports differ."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.materials import Unreadable, mapping, mappings

SEVERITIES = ("critical", "high", "medium", "low", "negligible", "unknown")


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """A known vulnerability of a package; `fixed` are the versions without it, with commas, empty if there are none."""

    id: str
    severity: str
    package: str
    version: str
    type: str
    fixed: str

    @property
    def matter(self) -> tuple[str, str, str]:
        """What it is about: another version of the package may still have it."""
        return self.id, self.type, self.package


def vulnerabilities(report: str) -> list[Vulnerability]:
    """Return what grype found, the worst first, each once.

    Raises:
        Unreadable: it is no report of grype's.
    """
    matches = mapping(report).get("matches")
    if not isinstance(matches, list):
        msg = "it lists no matches"
        raise Unreadable(msg)
    return ordered(map(_vulnerability, mappings(matches)))


def ordered(found: Iterable[Vulnerability]) -> list[Vulnerability]:
    """Return vulnerabilities by their severity, each once."""
    return sorted(
        dict.fromkeys(found), key=lambda one: (SEVERITIES.index(one.severity), one.package, one.id, one.version)
    )


def without(found: Sequence[Vulnerability], others: Sequence[Vulnerability]) -> list[Vulnerability]:
    """Return the vulnerabilities that others lack."""
    there = {one.matter for one in others}
    return [one for one in found if one.matter not in there]


def _vulnerability(match: Mapping[str, Any]) -> Vulnerability:
    vulnerability, artifact = _object(match.get("vulnerability")), _object(match.get("artifact"))
    severity = str(vulnerability.get("severity", "")).lower()
    versions = _object(vulnerability.get("fix")).get("versions")
    return Vulnerability(
        str(vulnerability.get("id", "")),
        severity if severity in SEVERITIES else "unknown",
        str(artifact.get("name", "")),
        str(artifact.get("version", "")),
        str(artifact.get("type", "")),
        ", ".join(map(str, versions)) if isinstance(versions, list) else "",
    )


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
