"""What a repository begins with that has Dockerfiles and nothing else."""

import re
import sys
from collections.abc import Mapping
from pathlib import PurePosixPath

import dagger
from dagger import dag

from pipeline.description import FILE, read
from pipeline.errors import InvalidInput
from pipeline.overlays import contents
from pipeline.registry import ecr_of

from .fill import scalar
from .generate import generated
from .starter import MODULE, NOT_TEXTS, TEXTS, texts

_HEAD = re.compile(r"ref: refs/heads/(\S+)\s*")
_EXPOSE = re.compile(r"^[ \t]*EXPOSE[ \t]+([0-9]{1,5})(?:/tcp)?(?=\s|$)", re.IGNORECASE | re.MULTILINE)
_CHECKED_BY = ("go.mod", "package.json", "pyproject.toml")
_APART = "copy it into a folder such as ci/, and name that by -m, see Layouts in docs/reference.md"
_ENVIRONMENTS = """\
environments:  # in order; the first receives builds
  - {name: dev{deployed}}
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
          readOnlyRootFilesystem: true
        # Where else the service writes needs a volume too.
        volumeMounts:
        - {{name: tmp, mountPath: /tmp}}
      volumes:
      - name: tmp
        emptyDir: {{}}
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
    include = ["**/Dockerfile", *(f"**/{name}" for name in _CHECKED_BY), ".git/HEAD", ".gitignore", *TEXTS]
    files = await contents(dag.directory().with_directory("/", source, include=include))
    found = _HEAD.fullmatch(files.get(".git/HEAD", ""))
    if not branch and not found:
        msg = "no branch is checked out: give --branch, the one that Argo CD reads"
        raise InvalidInput(msg)
    name = project or label(PurePosixPath(repository.rstrip("/").removesuffix(".git")).name.rpartition(":")[2])
    own = dag.current_module().source()
    pattern = await contents(dag.directory().with_directory("/", own, include=TEXTS, exclude=NOT_TEXTS))
    made = initial(files, repository, registry, branch or (found[1] if found else ""), name, pattern=pattern)
    after, there = source, set(await dag.directory().with_directory("/", source, include=MODULE).entries())
    if not there:
        after = after.with_directory("/", dag.directory().with_directory("/", own, include=MODULE, exclude=["**/sdk"]))
        made[".gitignore"] = _ignoring(files.get(".gitignore", ""))
    elif "dagger.json" not in there:
        sys.stderr.write(
            f"the pipeline itself is not written, for {', '.join(sorted(there))} is there already: {_APART}\n"
        )
    for path, text in sorted(made.items()):
        after = after.with_new_file(path, text)
    return after.changes(source)


def initial(
    files: Mapping[str, str],
    repository: str,
    registry: str,
    branch: str,
    project: str,
    *,
    pattern: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the first files, by path; none that is there.

    Args:
        files: the Dockerfiles, what tells how services are checked, and what is there already of all that is written.
        repository: its address, for Git.
        registry: the address of the image registry.
        branch: which Argo CD reads.
        project: its name.
        pattern: this project's own files, see `starter`.

    Raises:
        InvalidInput: there is no Dockerfile.
        InvalidDescription: what was given makes no description.
    """
    services = named([path for path in files if PurePosixPath(path).name == "Dockerfile"], project)
    if not services:
        msg = "there is no Dockerfile here: write one for each service, and run this again"
        raise InvalidInput(msg)
    # Image Updater's settings are written for ECR. Elsewhere a build commits what the first environment runs.
    environments = _ENVIRONMENTS.replace("{deployed}", "" if ecr_of(registry) else ", deployed-by: pipeline")
    text = "# The one description of this pipeline.\n"
    text += f"project: {scalar(project)}\nregistry: {_registry(registry)}\n"
    text += f"repository: {scalar(repository)}  # the Git repository that Argo CD reads\nbranch: {scalar(branch)}\n"
    text += f'manifests: manifests\nnamespaces: "{{service}}-{{environment}}"\n{environments}services:\n'
    for name, context in services.items():
        # Without anything that says how it is checked, that there is no check has to be said.
        known = any(str(PurePosixPath(context) / marker) in files for marker in _CHECKED_BY)
        text += f"  - {{name: {name}, context: {scalar(context)}{'' if known else ', checks: []'}}}\n"
    description = read(text, list(files))
    manifests: dict[str, str] = {}
    for name, context in services.items():
        dockerfile = files[str(PurePosixPath(context) / "Dockerfile")]
        manifests |= _manifests(name, project, registry, dockerfile)
    first = {**texts(pattern or {}, description), **manifests}
    made = {FILE: text, **first, **generated(description, {**files, **first})}
    return {path: content for path, content in made.items() if path not in files}


def _registry(address: str) -> str:
    """Write a registry as pipeline.yaml has it: Terraform makes what is in ECR by its account and region."""
    found = ecr_of(address)
    if found and address == f"{found.account}.dkr.ecr.{found.region}.{found.domain}":
        return f'{{account: "{found.account}", region: {found.region}}}'
    return f"{{address: {scalar(address)}}}"


def _ignoring(text: str) -> str:
    """Return a .gitignore with what the pipeline leaves beside it."""
    missing = [line for line in ("/.venv/", "/sdk/") if line not in text.splitlines()]
    return "".join(f"{line}\n" for line in [*text.splitlines(), *missing])


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
