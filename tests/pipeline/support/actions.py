"""Run the steps of a workflow's jobs as GitHub's runner does: their scripts, with its variables and files.

Actions are replaced by what they leave behind: a checkout, a `dagger` on PATH that reaches the test's servers, an `aws`
that prints the registry's password.
"""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from support.workspace import Workspace, git

_EXPRESSION = re.compile(r"\$\{\{ (.*?) \}\}")


@dataclass(slots=True)
class Ran:
    """What a job left behind."""

    code: int = 0
    log: str = ""
    summary: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs jobs of a repository's workflows."""

    workspace: Workspace
    folder: Path
    dagger: tuple[str, ...]  # the command line's words before the arguments of a call
    secrets: Mapping[str, str]  # environment variables of `dagger`, such as the registry's password
    token: str

    @property
    def checkout(self) -> Path:
        """Where the repository is: in the same place for all jobs, as on GitHub's own machines."""
        return self.folder / "checkout"

    def job(
        self, workflow: str, name: str, inputs: Mapping[str, Any], needs: Mapping[str, Ran] | None = None, ref: str = ""
    ) -> Ran:
        """Run a job on the branch, or on another ref; a failed step ends it."""
        document = yaml.safe_load((self.workspace.path / f".github/workflows/{workflow}.yaml").read_text())
        assert document["defaults"] == {"run": {"shell": "bash"}}, "then it is bash -eo pipefail"
        job = document["jobs"][name]
        place = self.folder / f"{workflow}-{name}-{len(list(self.folder.iterdir()))}"
        place.mkdir()
        context: dict[str, Any] = {
            **{f"inputs.{key}": value for key, value in inputs.items()},
            **{f"needs.{each}.outputs.{key}": value for each, ran in (needs or {}).items()
               for key, value in ran.outputs.items()},
            "github.token": self.token, "github.ref_name": ref or "main",
        }  # fmt: skip
        ran = Ran()
        if "if" in job and not _true(job["if"], context):
            ran.skipped = True
            return ran
        env = {**self._runner(place, ref or "main"), **_filled(document.get("env", {}), context)}
        for step in job["steps"]:
            if "if" in step and not _true(step["if"], context):
                continue
            if step.get("uses", "").startswith("actions/checkout@"):
                self._check_out(_fill(step["with"].get("ref", "main"), context))
            if "run" in step:
                self._run(step, place, env, context, ran)
                if ran.code:
                    break
        ran.summary = (place / "summary").read_text()
        ran.outputs = {key: _fill(value, context) for key, value in job.get("outputs", {}).items()}
        return ran

    def _runner(self, place: Path, ref: str) -> dict[str, str]:
        for name in ("summary", "output"):
            (place / name).touch()
        programs = place / "bin"
        programs.mkdir()
        _program(programs / "aws", '[[ "$*" == "ecr get-login-password" ]] && printf "%s\\n" "$REGISTRY_PASSWORD"')
        first, *given = self.dagger
        words = shlex.join(given)
        _program(
            programs / "dagger",
            f"export {' '.join(f'{key}={shlex.quote(value)}' for key, value in self.secrets.items())}\n"
            f'if [[ $1 == call ]]; then shift; exec {shlex.quote(first)} --progress=plain call {words} "$@"; fi\n'
            f'exec {shlex.quote(first)} "$@"',
        )
        (place / "temp").mkdir()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "REGISTRY_"))}
        return kept | {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTOR": "octocat",
            "GITHUB_OUTPUT": str(place / "output"),
            "GITHUB_REF_NAME": ref,
            "GITHUB_REPOSITORY": f"acme/{self.workspace.project}",
            "GITHUB_RUN_ID": "4711",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_STEP_SUMMARY": str(place / "summary"),
            "RUNNER_TEMP": str(place / "temp"),
        }

    def _check_out(self, ref: str) -> None:
        """Leave what actions/checkout leaves: one commit, and the tag if it was one."""
        shutil.rmtree(self.checkout, ignore_errors=True)
        name = ref.removeprefix("refs/tags/")
        address = self.workspace.remote.as_uri()
        git(self.folder, "clone", "--quiet", "--depth=1", f"--branch={name}", address, str(self.checkout))

    def _run(
        self, step: Mapping[str, Any], place: Path, env: Mapping[str, str], context: dict[str, Any], ran: Ran
    ) -> None:
        script = place / "script"
        script.write_text(step["run"])
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.checkout, env={**env, **_filled(step.get("env", {}), context)}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=600,
        )  # fmt: skip
        ran.code, ran.log = done.returncode, ran.log + done.stdout
        for line in (place / "output").read_text().splitlines():
            name, equals, value = line.partition("=")
            assert equals, f"no output: {line}"
            context[f"steps.{step.get('id', '')}.outputs.{name}"] = value
        (place / "output").write_text("")


def _program(path: Path, script: str) -> None:
    path.write_text(f"#!/usr/bin/env bash\n{script}\n")
    path.chmod(0o700)


def _filled(values: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, str]:
    return {name: _fill(str(value), context) for name, value in values.items()}


def _fill(text: str, context: Mapping[str, Any]) -> str:
    return _EXPRESSION.sub(lambda found: str(_value(found[1], context)), text)


def _value(expression: str, context: Mapping[str, Any]) -> Any:
    """Return the first of `a || b` that is something; what is unknown is empty, as GitHub has it."""
    values = [context.get(name.strip(), "") for name in expression.split("||")]
    return next((value for value in values if value), "")


def _true(condition: str, context: Mapping[str, Any]) -> bool:
    text = condition.removeprefix("${{ ").removesuffix(" }}")
    if text.startswith("!"):
        return not _value(text[1:], context)
    name, _, other = text.partition(" != ")
    assert other == "''", f"not a condition that this runner knows: {condition}"
    return bool(_value(name, context))
