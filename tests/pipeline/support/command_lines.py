"""Find the command lines of `dagger` in scripts and documents, as lists of words."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

_PROGRAM = re.compile(r"dagger|[\w./-]+/daggerw")
_FENCED = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+(?:\n[^`\n]+)?)`")


def of_workflow(path: Path) -> Iterator[list[str]]:
    """Return the command lines in a workflow's `run:` steps."""
    for script in scripts(yaml.safe_load(path.read_text())):
        yield from of_script(script)


def scripts(node: Any) -> Iterator[str]:
    """Return what stands under `run:` of GitHub, or `script:` of GitLab, wherever it is."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "run" and isinstance(value, str):
                yield value
            elif key == "script":
                yield from value
            else:
                yield from scripts(value)
    elif isinstance(node, list):
        for each in node:
            yield from scripts(each)


def of_document(path: Path) -> Iterator[list[str]]:
    """Return the command lines in a Markdown file: in blocks of code, and in code within a line."""
    text = path.read_text()
    for _, language, block in _FENCED.findall(text):
        if language == "yaml":
            for script in scripts(yaml.safe_load(block)):
                yield from of_script(script)
        elif language in {"", "sh"}:
            yield from of_script(block)
    for code in _INLINE.findall(_FENCED.sub("", text)):
        if _PROGRAM.fullmatch(code.split()[0]):
            yield from of_script(code.replace("\n", " "))


def of_script(script: str) -> Iterator[list[str]]:
    """Return the command lines in a script: a command ends with its line, at `|`, `>`, `&&` and the like."""
    for line in re.sub(r"\\\n\s*", "", script).splitlines():
        try:
            lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
            lexer.whitespace_split = True
            words = list(lexer)
        except ValueError:
            assert not _PROGRAM.fullmatch(line.split()[0]), f"not a line that a shell would read: {line}"
            continue
        command: list[str] = []
        for word in [*words, ";"]:
            if set(word) <= set("|&;<>"):
                while command and re.fullmatch(r"\w+=.*", command[0]):
                    command.pop(0)
                if command and _PROGRAM.fullmatch(command[0]):
                    yield command[1:]
                command = []
            else:
                command.append(word)
