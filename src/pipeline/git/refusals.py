"""What a Git server's refusal means, what to do about it, and its own words."""

import re

_SIGNED = r"verified signature|unsigned|(?:must|should) be signed|not signed|GPG signature"
_PROTECTED = r"protected branch|protected ref|GH006"
# What servers say by their hooks, and what to do about it. Of any other rule, they know more than this does.
_OF_HOOKS = {
    _SIGNED: "the branch takes signed commits only: give --signing-key",
    r"through a pull request|merge request": (
        "the branch is protected and takes pull requests only: add --pull-request, or let the token's owner bypass it"
    ),
    _PROTECTED: "the branch is protected: let the token's owner bypass the rule",
}
# What git says, in its own lines.
_OF_GIT = {
    r"Host key verification failed": "the server's key is not in --git-known-hosts: add what its owner publishes",
    r"returned error: 403|Permission (?:to .* )?denied to|access denied|not allowed to push|write access": (
        "the token may not push: give one that has the right to write contents"
    ),
    r"Authentication failed|could not read Username|returned error: 401|Permission denied \(publickey": (
        "check --git-token, --git-username or --git-ssh"
    ),
    r"Remote branch .* not found|couldn't find remote ref": "create the branch, or correct pipeline.yaml",
    r"returned error: 30[1278]|unable to update url base from redirection": (
        "the repository has moved, and a token follows no redirect: write its new address in pipeline.yaml"
    ),
    r"returned error: 404|Repository not found|repository '.*' not found|does not appear to be a git repository": (
        "check the repository in pipeline.yaml, and that the token can read it"
    ),
    r"returned error: (?:429|503)": "the server asks for patience: run again a bit later",
    r"Could not resolve host|Failed to connect|too slow|Connection refused|timed out|Connection reset": (
        "is the Git server up, and its address right?"
    ),
}
_OWN_LINES = 4  # of git's


def advice(said: str) -> str:
    """Say what to do about a refusal; empty where the server's own words are all that is known."""
    lines = said.splitlines()
    hooks = "\n".join(line for line in lines if line.startswith("remote:") or "[remote rejected]" in line)
    own = "\n".join(line for line in lines if not line.startswith("remote:"))
    return _first(_OF_HOOKS, hooks) or _first(_OF_GIT, own)


def words(said: str) -> str:
    """Return what a server said, all of it, and the last lines of what git did, indented, to be put under a message.

    Of the server's lines nothing is cut: they say which rule it was. What could steer a terminal is taken out.
    """
    lines = ["".join(char if char.isprintable() else " " for char in line).rstrip() for line in said.splitlines()]
    server = [line for line in lines if line.startswith("remote:")]
    while server and server[-1] == "remote:":
        server.pop()
    while server and server[0] == "remote:":
        server.pop(0)
    own = [line for line in lines if line and not line.startswith("remote:")]
    return "".join(f"\n  {line}" for line in [*server, *own[-_OWN_LINES:]])


def _first(table: dict[str, str], text: str) -> str:
    return next((todo for pattern, todo in table.items() if re.search(pattern, text, re.IGNORECASE)), "")
