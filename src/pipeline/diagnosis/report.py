"""Write a diagnosis: what is wrong and its cure, by part."""

from pipeline.surface import Format, as_json, markdown_table

from .diagnose import Diagnosis
from .finding import Finding


def diagnosis_report(done: Diagnosis, format_: Format) -> str:
    """Write it."""
    found, parts = done.findings, done.parts
    if format_ is Format.JSON:
        entries = [
            {"part": one.part, "where": one.where, "problem": one.problem, "cure": one.cure or None} for one in found
        ]
        return as_json({"findings": entries, "looked_at": list(parts), "left_out": list(done.left_out)})
    count = {0: "nothing is wrong", 1: "1 thing is wrong"}.get(len(found), f"{len(found)} things are wrong")
    headline = f"{count}; looked at {', '.join(parts)}"
    notes = [f"not looked at: {reason}" for reason in done.left_out]
    if format_ is Format.MARKDOWN:
        table = markdown_table(
            ["part", "where", "problem", "cure"], [[one.part, one.where, one.problem, one.cure] for one in found]
        )
        return "\n\n".join([f"## {headline}", *([table] if found else []), *notes])
    return "\n".join([headline, *(line for one in found for line in _lines(one)), *notes])


def _lines(one: Finding) -> list[str]:
    lines = [f"! {one.part}: {one.where}: {one.problem}", *([f"    {one.cure}"] if one.cure else [])]
    return ["".join(char if char.isprintable() else " " for char in line) for line in lines]
