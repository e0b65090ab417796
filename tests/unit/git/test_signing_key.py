"""What a signing key may be."""

import subprocess
from pathlib import Path

import pytest

from pipeline.errors import InvalidInput
from pipeline.git.signing_key import Kind, kind_of


@pytest.mark.parametrize("form", [[], ["-m", "PEM"]])
@pytest.mark.parametrize("passphrase", ["", "correct horse"])
def test_an_ssh_key_is_taken_without_a_passphrase_only(tmp_path: Path, form: list[str], passphrase: str) -> None:
    path = tmp_path / "key"
    line = ["ssh-keygen", "-q", "-t", "ecdsa", *form, "-N", passphrase, "-f", str(path)]
    subprocess.run(line, check=True)
    if not passphrase:
        assert kind_of(path.read_text()) is Kind.SSH
        return
    with pytest.raises(InvalidInput, match="has a passphrase"):
        kind_of(path.read_text())


def test_gpgs_own_form_is_known_and_anything_else_refused() -> None:
    private = "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nx\n-----END PGP PRIVATE KEY BLOCK-----\n"  # gitleaks:allow
    assert kind_of(private) is Kind.GPG
    public = "-----BEGIN PGP PUBLIC KEY BLOCK-----\nx\n-----END PGP PUBLIC KEY BLOCK-----\n"
    for text in ("\n", "ssh-ed25519 AAAA x\n", public):
        with pytest.raises(InvalidInput, match="no private key"):
            kind_of(text)
