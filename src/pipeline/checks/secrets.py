"""Secrets in files: gitleaks."""

import json

import dagger

from pipeline.errors import last_lines
from pipeline.tools import Tools

from .outcome import Failed, Missing, Passed, verdict
from .running import ended, on, program

_FOUND = 100  # how gitleaks is told to end when it finds something


async def check_secrets(tools: Tools, source: dagger.Directory) -> str:
    """Look for secrets in all files with gitleaks, and report it; a secret itself is not repeated.

    Raises:
        CheckFailed: there are some.
        NotRun: gitleaks could not run.
    """
    what = "gitleaks"
    scanner = await program(tools.gitleaks, what)
    if isinstance(scanner, Missing):
        return verdict([scanner])
    command = [what, "dir", "--redact", "--no-banner", "--no-color", "--log-level=error", f"--exit-code={_FOUND}",
               "--report-format=json", "--report-path=-", "."]  # fmt: skip
    done = await ended(on(scanner, source.without_directory(".git")), command)
    if done.code == _FOUND:
        return verdict([Failed(what, secrets_found(done.stdout))])
    return verdict([Missing(what, f"it ended with {done.code}{last_lines(done.said)}") if done.code else Passed(what)])


def secrets_found(report: str) -> str:
    """Return a line for each finding of gitleaks: where it is, by which rule, and how it is let be."""
    try:
        lines = [f"{one['File']}:{one['StartLine']}: {one['RuleID']}" for one in json.loads(report)]
    except (ValueError, TypeError, KeyError):
        return report
    return "\n".join([*sorted(lines), "revoke it and take it out; a line that holds none is marked: gitleaks:allow"])
