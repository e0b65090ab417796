"""A first pipeline.yaml and first manifests, for a repository that has Dockerfiles and nothing else."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

import dagger
from dagger import dag

from pipeline.description import FILE, read
from pipeline.errors import InvalidInput
from pipeline.overlays import contents

from .fill import scalar
from .generate import generated

_HEAD = re.compile(r"ref: refs/heads/(\S+)\s*")
_EXPOSE = re.compile(r"^[ \t]*EXPOSE[ \t]+([0-9]{1,5})(?:/tcp)?(?=\s|$)", re.IGNORECASE | re.MULTILINE)
_CHECKED_BY = ("go.mod", "package.json", "pyproject.toml")
_ENVIRONMENTS = """\
environments:  # in order; the first receives builds
  - {name: dev}
  - {name: stg, promotes-from: dev}
  - {name: prod, promotes-from: stg}
"""
_KUSTOMIZATION = """\
# What is the same everywhere. An overlay adds the namespace and the image.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
labels:
- includeTemplates: true
  pairs:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: {project}
resources:
- deployment.yaml
"""
_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {name}
    spec:
      automountServiceAccountToken: false
      securityContext:
        seccompProfile:
          type: RuntimeDefault
      containers:
      - name: {name}
        image: {name}
{ports}        resources:
          requests: {{cpu: 20m, memory: 64Mi}}
          limits: {{memory: 256Mi}}
        securityContext:
          allowPrivilegeEscalation: false
"""
_PORTS = """\
        ports:
        - name: http
          containerPort: {port}
        readinessProbe:
          tcpSocket: {{port: http}}
"""
_SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: {name}
spec:
  selector:
    app.kubernetes.io/name: {name}
  ports:
  - name: http
    port: 80
    targetPort: http
"""
_OVERLAY = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: {name}-dev
resources:
- ../../base
images:
- name: {name}
  newName: {registry}/dev-{project}-{name}
  newTag: v0.0.0
"""


async def init(source: dagger.Directory, repository: str, registry: str, branch: str, project: str) -> dagger.Changeset:
    """Return what a repository needs to begin with.

    Args:
        source: the repository.
        repository: its address, for Git.
        registry: the address of the image registry.
        branch: which Argo CD reads; empty is the one that is checked out.
        project: its name; empty is the repository's.

    Raises:
        InvalidInput: there is a description already, or no Dockerfile, or no branch is checked out.
        InvalidDescription: what was given makes none.
    """
    if await source.glob(FILE):
        msg = f"there is a {FILE} already: change it, and run generate"
        raise InvalidInput(msg)
    include = ["**/Dockerfile", *(f"**/{name}" for name in _CHECKED_BY), ".git/HEAD", ".github/workflows/**"]
    files = await contents(dag.directory().with_directory("/", source, include=include))
    found = _HEAD.fullmatch(files.get(".git/HEAD", ""))
    if not branch and not found:
        msg = "no branch is checked out: give --branch, the one that Argo CD reads"
        raise InvalidInput(msg)
    name = project or label(PurePosixPath(repository.rstrip("/").removesuffix(".git")).name.rpartition(":")[2])
    made = initial(files, repository, registry, branch or (found[1] if found else ""), name)
    after = source
    for path, text in sorted(made.items()):
        after = after.with_new_file(path, text)
    return after.changes(source)


def initial(files: Mapping[str, str], repository: str, registry: str, branch: str, project: str) -> dict[str, str]:
    """Return the first files, by path; those of Dockerfiles and workflows that there are, are given.

    Raises:
        InvalidInput: there is no Dockerfile.
        InvalidDescription: what was given makes no description.
    """
    services = named([path for path in files if PurePosixPath(path).name == "Dockerfile"], project)
    if not services:
        msg = "there is no Dockerfile here: write one for each service, and run this again"
        raise InvalidInput(msg)
    text = "# The one description of this pipeline.\n"
    text += f"project: {scalar(project)}\nregistry: {{address: {scalar(registry)}}}\n"
    text += f"repository: {scalar(repository)}  # the Git repository that Argo CD reads\nbranch: {scalar(branch)}\n"
    text += f'manifests: manifests\nnamespaces: "{{service}}-{{environment}}"\n{_ENVIRONMENTS}services:\n'
    for name, context in services.items():
        # Without anything that says how it is checked, that there is no check has to be said.
        known = any(str(PurePosixPath(context) / marker) in files for marker in _CHECKED_BY)
        text += f"  - {{name: {name}, context: {scalar(context)}{'' if known else ', checks: []'}}}\n"
    description = read(text, list(files))
    manifests: dict[str, str] = {}
    for name, context in services.items():
        dockerfile = files[str(PurePosixPath(context) / "Dockerfile")]
        manifests |= _manifests(name, project, registry, dockerfile)
    return {FILE: text, **manifests, **generated(description, {**files, **manifests})}


def named(dockerfiles: list[str], project: str) -> dict[str, str]:
    """Return the services' contexts by name: each is the folder's, with those above where two would have the same."""
    contexts = sorted(str(PurePosixPath(path).parent) for path in dockerfiles)
    names: dict[str, str] = {}
    for context in contexts:
        parts = PurePosixPath(context).parts or (project,)
        taken = next((n for n in range(1, len(parts) + 1) if label("-".join(parts[-n:])) not in names), len(parts))
        names[label("-".join(parts[-taken:]))] = context
    return names


def label(text: str) -> str:
    """Return a text as a DNS label."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-") or "app"


def _manifests(name: str, project: str, registry: str, dockerfile: str) -> dict[str, str]:
    """Return the base and the first overlay of a service; one that says no port gets no Service."""
    folder = f"manifests/{name}"
    ports = _EXPOSE.findall(dockerfile)
    said = _PORTS.format(port=ports[-1]) if ports else ""
    made = {
        f"{folder}/base/kustomization.yaml": _KUSTOMIZATION.format(name=name, project=project)
        + ("- service.yaml\n" if ports else ""),
        f"{folder}/base/deployment.yaml": _DEPLOYMENT.format(name=name, ports=said),
        f"{folder}/overlays/dev/kustomization.yaml": _OVERLAY.format(name=name, project=project, registry=registry),
    }
    return made | ({f"{folder}/base/service.yaml": _SERVICE.format(name=name)} if ports else {})
