"""Let containers trust what the host trusts: its bundle of certificates, while a step runs, never in a layer."""

import os
from pathlib import Path

from dagger_local.execution.spec import Bind
from dagger_local.store.tree import Tree, resolve

BUNDLES = (
    "etc/ssl/certs/ca-certificates.crt",  # Debian, Alpine, Arch
    "etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL
    "etc/ssl/ca-bundle.pem",  # openSUSE
    "etc/ssl/cert.pem",  # Alpine's OpenSSL
)
INSIDE = "/dev/host-ca-certificates.crt"
"""Where Node.js is told to look: on /dev, which is no part of an image."""


def host_bundle() -> Path | None:
    """Return the host's bundle where it holds roots of its own (else containers' own bundles do)."""
    added = Path("/usr/local/share/ca-certificates")
    named = os.environ.get("SSL_CERT_FILE") or os.environ.get("NODE_EXTRA_CA_CERTS")
    if not named and not (added.is_dir() and any(added.rglob("*.crt"))):
        return None
    candidates = [*([named] if named else []), *(f"/{name}" for name in BUNDLES)]
    return next((Path(name) for name in candidates if Path(name).is_file()), None)


def trust(tree: Tree, bundle: Path | None) -> tuple[list[Bind], dict[str, str]]:
    """Return the mounts and the variables that make a container trust `bundle`.

    Its own bundles are covered where it has them. Node.js brings its own roots and reads a variable for more, uv
    reads one for others in their place.
    """
    if bundle is None:
        return [], {}
    found = {entry.path for name in BUNDLES if (entry := resolve(tree, name)) and entry.is_file}
    binds: list[Bind] = [(bundle, f"/{name}", True) for name in sorted(found)]
    return [*binds, (bundle, INSIDE, True)], {"NODE_EXTRA_CA_CERTS": INSIDE, "SSL_CERT_FILE": INSIDE}
