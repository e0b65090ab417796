"""A Git server's own words, and advice where it fits."""

import pytest

from pipeline.git.refusals import advice, words

GH013 = """\
remote: error: GH013: Repository rule violations found for refs/heads/main.
remote: Review all repository rules at https://github.com/acme/shop/rules?ref=refs%2Fheads%2Fmain
remote:
remote: - Commits must have verified signatures.
remote:   Found 1 violation:
remote:
remote:   1f0c5e7
remote:
To https://github.com/acme/shop
!\tHEAD:refs/heads/main\t[remote rejected] (push declined due to repository rule violations)
error: failed to push some refs to 'https://github.com/acme/shop'
"""
RULE = GH013.replace("Commits must have verified signatures.", "Changes must be made through a pull request.")
GITLAB = """\
remote: GL-HOOK-ERR: The commit's subject must name a ticket, such as SHOP-7.
remote: GL-HOOK-ERR: access denied to what has none.
!\tHEAD:refs/heads/main\t[remote rejected] (pre-receive hook declined)
"""


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (GH013, "--signing-key"),
        (RULE, "pull requests only"),
        ("remote: error: GH006: Protected branch update failed for refs/heads/main.", "the branch is protected"),
        ("remote: GitLab: You are not allowed to push code to protected branches on this project.", "is protected"),
        (GITLAB, ""),
        ("remote: HTTP Basic: Access denied\nfatal: Authentication failed for 'https://g'", "check --git-token"),
        ("remote: no\nfatal: unable to access 'https://g/': The requested URL returned error: 403", "may not push"),
        ("git@g: Permission denied (publickey).\nfatal: Could not read from remote repository.", "--git-ssh"),
        ("fatal: unable to access 'https://g/': The requested URL returned error: 429", "asks for patience"),
    ],
)
def test_advice_is_given_where_it_fits(said: str, expected: str) -> None:
    assert expected in advice(said)
    assert bool(advice(said)) == bool(expected)


def test_what_a_server_says_is_shown_whole_however_long_it_is() -> None:
    shown = words(GH013)
    assert all(f"\n  {line}" in shown for line in GH013.splitlines() if line.startswith("remote: "))
    many = "".join(f"remote: line {number}\n" for number in range(100))
    assert words(many + GH013).count("remote: line") == 100
    assert words("remote:\nremote: \x1b[31mred\x07\nremote:\n") == "\n  remote:  [31mred"
