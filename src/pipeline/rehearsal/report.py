"""What a rehearsal did: its stages, and the proof."""

from dataclasses import dataclass

from pipeline.surface import Format, as_json, markdown_table, text_table


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: what it was, what came of it, and the seconds it took."""

    name: str
    result: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """All stages, and the proof: the one digest of each service in all environments."""

    tag: str
    environments: tuple[str, ...]
    stages: tuple[Stage, ...]
    proof: dict[str, str]

    def report(self, format_: Format) -> str:
        """Write a line a stage, and the proof."""
        if format_ is Format.JSON:
            stages = [{"stage": one.name, "result": one.result, "seconds": one.seconds} for one in self.stages]
            return as_json({"tag": self.tag, "stages": stages, "digests": self.proof})
        table = markdown_table if format_ is Format.MARKDOWN else text_table
        rows = [[one.name, one.result, f"{one.seconds:.1f} s"] for one in self.stages]
        proof = [[service, digest, ", ".join(self.environments)] for service, digest in self.proof.items()]
        return "\n\n".join([
            table(["stage", "result", "time"], rows),
            table(["service", "one digest", f"runs as {self.tag} in"], proof),
        ])  # fmt: skip
