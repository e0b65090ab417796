"""Known vulnerabilities of what is depended on, and misconfiguration: trivy, on the file system."""

import dagger
from dagger import dag

from pipeline.errors import last_lines
from pipeline.tools import Tools, once

from .outcome import Failed, Missing, Outcome, Passed, verdict
from .running import Ended, ended, on, program

_WHAT = "trivy (vulnerabilities, misconfiguration)"
_FOUND = 100  # how trivy is told to end when it finds something
_CACHE = "/caches/trivy"


async def check_vulnerabilities(tools: Tools, source: dagger.Directory) -> str:
    """Look for vulnerabilities and misconfiguration with trivy, and report it.

    Raises:
        CheckFailed: some are high or critical.
        NotRun: trivy or its database cannot be had.
    """
    scanner = await program(tools.trivy, _WHAT)
    if isinstance(scanner, Missing):
        return verdict([scanner])
    # The database is another one every few hours: what was found before says little. One at a time writes it.
    cached = scanner.with_mounted_cache(_CACHE, dag.cache_volume("trivy"), sharing=dagger.CacheSharingMode.LOCKED)
    command = ["trivy", "filesystem", "--scanners=vuln,misconfig", "--severity=HIGH,CRITICAL", "--no-progress",
               "--skip-version-check", f"--cache-dir={_CACHE}", f"--exit-code={_FOUND}", "."]  # fmt: skip
    return verdict([outcome(await ended(once(on(cached, source.without_directory(".git"))), command))])


def outcome(done: Ended) -> Outcome:
    """Tell findings from a scan that could not take place."""
    if done.code == _FOUND:
        return Failed(_WHAT, done.stdout)
    if done.code:
        return Missing(_WHAT, f"it ended with exit code {done.code}{last_lines(done.said, 3)}")
    return Passed(_WHAT)
