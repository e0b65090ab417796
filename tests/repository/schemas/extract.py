"""Write the schemas of Argo CD's resources beside this file, from the repositories that define them (Apache-2.0).

Of each resource what a manifest says is kept: `metadata` is Kubernetes' own, `status` and `operation` are written by
controllers, and descriptions are for people. Given clones of both repositories, at the tags of SOURCES:

    python tests/repository/schemas/extract.py PATH-OF-argo-cd PATH-OF-argocd-image-updater
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

SOURCES = [
    ("https://github.com/argoproj/argo-cd", "v3.5.1", [
        "manifests/crds/application-crd.yaml", "manifests/crds/appproject-crd.yaml",
    ]),
    ("https://github.com/argoproj-labs/argocd-image-updater", "v1.3.0", [
        "config/crd/bases/argocd-image-updater.argoproj.io_imageupdaters.yaml",
    ]),
]  # fmt: skip


def without_descriptions(schema: Any) -> Any:
    """Return a schema without its descriptions; a property of that name stays."""
    if isinstance(schema, list):
        return [without_descriptions(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: without_descriptions(value)
        for key, value in schema.items()
        if not (key == "description" and isinstance(value, str))
    }


def main() -> None:
    """Write a file for each kind."""
    for repository, (url, tag, paths) in zip(sys.argv[1:], SOURCES, strict=True):
        for path in paths:
            shown = subprocess.run(
                ["git", "-C", repository, "show", f"{tag}:{path}"], check=True, capture_output=True, text=True
            )
            definition = yaml.safe_load(shown.stdout)
            (version,) = definition["spec"]["versions"]
            schema = without_descriptions(version["schema"]["openAPIV3Schema"])
            schema["$comment"] = f"{url}/blob/{tag}/{path} (Apache-2.0), without descriptions, status and operation"
            for written_by_controllers in ("status", "operation"):
                schema["properties"].pop(written_by_controllers, None)
            where = Path(__file__).with_name(f"{definition['spec']['names']['kind']}.json")
            where.write_text(json.dumps(schema, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
