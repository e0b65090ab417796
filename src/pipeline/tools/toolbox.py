"""The container that crane, oras, kustomize and git run in."""

from pathlib import Path

import dagger
from dagger import dag

from .images import Tools

ATTACH = "attach"
DIGEST_OF = "digest-of"
CONTENT_OF = "content-of"
COPY_IMAGE = "copy-image"
GATHERED = "gathered"
COPY_REFERRER = "copy-referrer"
CLONE_PART = "clone-part"
FETCH_VERSIONS = "fetch-versions"
PUSH_ON_TIP = "push-on-tip"
PROPOSE = "propose"
REFERRERS_OF = "referrers-of"
SIGNED = "signed"
TAG_REFERRERS = "tag-referrers"
VULNERABILITIES_OF = "vulnerabilities-of"
WITH_DATABASE = "with-database"
DIFFERS = 100  # how PUSH_ON_TIP ends when the tip differs where it matters

_SCRIPTS = Path(__file__).parent / "scripts"


def patient(seconds: int, *command: str) -> list[str]:
    """Return the command that runs git, crane or oras again where the server asks for patience, for so long in all."""
    return ["patient", str(seconds), *command]


def toolbox(images: Tools) -> dagger.Container:
    """Return the container of the tools; `sync` it, and what follows names it by its id, in short queries."""
    crane = dag.container().from_(images.crane).file("/ko-app/crane")
    kustomize = dag.container().from_(images.kustomize).file("/app/kustomize")
    oras = dag.container().from_(images.oras).file("/bin/oras")
    container = (
        dag.container()
        .from_(images.git)
        .with_file("/usr/local/bin/crane", crane)
        .with_file("/usr/local/bin/kustomize", kustomize)
        .with_file("/usr/local/bin/oras", oras)
        .with_env_variable("HOME", "/tmp")  # noqa: S108  in a container of its own
    )
    for script in sorted(_SCRIPTS.iterdir()):
        container = container.with_new_file(f"/usr/local/bin/{script.name}", script.read_text(), permissions=0o755)
    return container
