"""HEALTHCHECK, as the image configuration has it: times in nanoseconds."""

import re
from typing import Any

from dagger_local.dockerfile.instructions import Instruction

_UNITS = {"h": 3600 * 10**9, "m": 60 * 10**9, "s": 10**9, "ms": 10**6, "us": 10**3, "µs": 10**3, "ns": 1}
_PART = re.compile(r"(\d+\.?\d*|\.\d+)(h|ms|us|µs|ns|m|s)")
_TIMES = {
    "interval": "Interval",
    "timeout": "Timeout",
    "start-period": "StartPeriod",
    "start-interval": "StartInterval",
}


def healthcheck(instruction: Instruction) -> dict[str, Any]:
    """Return the section `Healthcheck` of an image's configuration. Raises ValueError."""
    kind, *command = instruction.args
    if kind.upper() == "NONE":
        if command:
            raise ValueError("NONE takes no arguments")
        return {"Test": ["NONE"]}
    if kind.upper() != "CMD":
        raise ValueError(f"{kind} is not known; write HEALTHCHECK CMD COMMAND, or HEALTHCHECK NONE")
    if not command:
        raise ValueError("the command after CMD is missing")
    check: dict[str, Any] = {"Test": ["CMD" if instruction.is_json else "CMD-SHELL", *command]}
    for flag, name in _TIMES.items():
        if time := _nanoseconds(flag, instruction.flags.text(flag)):
            check[name] = time
    if retries := instruction.flags.text("retries"):
        if not re.fullmatch(r"\+?\d+", retries):
            raise ValueError(f"--retries={retries} is no number from 0 on")
        if int(retries):
            check["Retries"] = int(retries)
    return check


def _nanoseconds(flag: str, text: str) -> int:
    """Read a duration as Go writes it (1m30s); 0 when it is empty."""
    if text in ("", "0"):
        return 0
    if not re.fullmatch(rf"\+?(?:{_PART.pattern})+", text):
        raise ValueError(f"--{flag}={text} is no duration; write it like 30s or 1m30s")
    time = round(sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text)))
    if 0 < time < _UNITS["ms"]:
        raise ValueError(f"--{flag}={text} is less than a millisecond")
    return time
