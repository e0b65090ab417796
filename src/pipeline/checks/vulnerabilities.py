"""Known vulnerabilities of what is depended on, and misconfiguration: trivy, on the file system."""

import json
from collections.abc import Iterator
from typing import Any

import dagger
from dagger import dag

from pipeline.concurrency import side_by_side
from pipeline.errors import last_lines
from pipeline.tools import Tools, once

from .outcome import Failed, Missing, Outcome, Passed, verdict
from .running import ended, on, program

_FOUND = 100  # how trivy is told to end when it finds something
_CACHE = "/caches/trivy"
_IGNORED = ".trivyignore.yaml"  # .trivyignore is read without being named
_SCANNERS = {"vulnerabilities": "vuln", "misconfiguration": "misconfig"}


async def check_vulnerabilities(tools: Tools, source: dagger.Directory) -> str:
    """Look for vulnerabilities and misconfiguration with trivy, and report it.

    Raises:
        CheckFailed: some are high or critical.
        NotRun: trivy or its database cannot be had.
    """
    scanner = await program(tools.trivy, "trivy")
    if isinstance(scanner, Missing):
        return verdict([scanner])
    # The database is another one every few hours: what was found before says little. One at a time writes it.
    cached = scanner.with_mounted_cache(_CACHE, dag.cache_volume("trivy"), sharing=dagger.CacheSharingMode.LOCKED)
    ready = once(on(cached, source.without_directory(".git")))
    command = ["trivy", "filesystem", "--severity=HIGH,CRITICAL", f"--exit-code={_FOUND}", "--format=json",
               f"--cache-dir={_CACHE}", "--no-progress", "--skip-version-check"]  # fmt: skip
    command += [f"--ignorefile={_IGNORED}"] if await source.glob(_IGNORED) else []

    # Apart: without a database for the one, the other is still told.
    async def scan(kind: str) -> Outcome:
        what = f"trivy ({kind})"
        done = await ended(ready, [*command, f"--scanners={_SCANNERS[kind]}", "."])
        if done.code == _FOUND:
            return Failed(what, findings(done.stdout))
        if done.code:
            return Missing(what, f"it ended with exit code {done.code}{last_lines(done.said, 3)}")
        return Passed(what)

    return verdict(await side_by_side(scan, list(_SCANNERS)))


def findings(report: str) -> str:
    """Return a line for each finding of trivy's report; what is none is shown as it is."""
    try:
        results = json.loads(report)["Results"]
        return "\n".join(sorted({line for result in results for line in _lines(result)}))
    except (ValueError, TypeError, KeyError):
        return report


def _lines(result: dict[str, Any]) -> Iterator[str]:
    place = result["Target"]
    for one in result.get("Vulnerabilities") or []:
        fixed = f", fixed in {one['FixedVersion']}" if one.get("FixedVersion") else ", not fixed yet"
        package = f"{one['PkgName']} {one['InstalledVersion']}"
        yield f"{place}: {package}: {one['VulnerabilityID']} {one['Severity']}: {one.get('Title', 'untitled')}{fixed}"
    for one in result.get("Misconfigurations") or []:
        line = one.get("CauseMetadata", {}).get("StartLine")
        yield f"{place}:{f'{line}:' if line else ''} {one['ID']} {one['Severity']}: {one['Message']}"
