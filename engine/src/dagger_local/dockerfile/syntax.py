"""Cut a Dockerfile into instructions, by e2b-dockerfile-utils; what that lacks of BuildKit's own parser is here."""

import re

from e2b_dockerfile_utils import DockerfileAst, DockerfileInstruction, parse_dockerfile_ast

_ONBUILD = re.compile(r"[ \t]*ONBUILD[ \t]+(?=(?:RUN|COPY|ADD)[ \t].*<<)", re.IGNORECASE)


def parse(text: str) -> DockerfileAst:
    """Return the instructions of a text; the argument of ONBUILD is what it says, here-documents with it.

    The library knows no here-documents after ONBUILD, so it is shown what follows that word. Raises
    DockerfileSyntaxError.
    """
    lines = text.split("\n")
    triggers = {number for number, line in enumerate(lines, start=1) if _ONBUILD.match(line)}
    while True:
        shown = [_ONBUILD.sub("", line) if number in triggers else line for number, line in enumerate(lines, start=1)]
        ast = parse_dockerfile_ast("\n".join(shown))
        wrong = triggers - {one.start_line for one in ast.instructions}
        if not wrong:
            break
        triggers -= wrong  # lines of something else that only look like it
    ast.instructions = [_trigger(one) if one.start_line in triggers else _plain(one) for one in ast.instructions]
    return ast


def _trigger(one: DockerfileInstruction) -> DockerfileInstruction:
    said = one.original + "".join(f"\n{each.content}{each.name}" for each in one.heredocs)
    return DockerfileInstruction(
        "ONBUILD", f"ONBUILD {one.original}", [], [said], False, [], one.start_line, one.end_line
    )


def _plain(one: DockerfileInstruction) -> DockerfileInstruction:
    if one.name == "ONBUILD":
        said = one.original.strip().split(None, 1)[1:]
        one.args = [said[0]] if said else []
    return one
