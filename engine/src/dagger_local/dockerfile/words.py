"""Substitution of variables in words."""

from collections.abc import Mapping

from e2b_dockerfile_utils import ShellLex


def expand(word: str, variables: Mapping[str, str], escape: str) -> str:
    """Return a word with its variables filled in and its quotes taken off. Raises ValueError."""
    return ShellLex(escape, env=variables, skip_unset_env=False).process_word(word)


def expand_text(text: str, variables: Mapping[str, str]) -> str:
    """Return a here-document's text with its variables filled in, its quotes kept. Raises ValueError."""
    return ShellLex("\\", skip_process_quotes=True, env=variables, skip_unset_env=False).process_word(text)
