"""Argo CD: an Application for each service in each environment, and what else lists them."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from pipeline.description import IMAGE_UPDATER, Description, Environment, Service
from pipeline.overlays import file_of, namespace

from .fill import Values, fill, scalar

_MARK = "# pipeline.yaml: "
_BESIDE = "in-cluster"  # Argo CD's name for the cluster that it runs in
_APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: {name}
  namespace: argocd
  labels:
    app.kubernetes.io/name: {service}
    app.kubernetes.io/part-of: {project}
spec:
  project: {project}
  source:
    repoURL: {repository}
    targetRevision: {branch}
    path: {overlay}
  destination:
    name: {cluster}
    namespace: {namespace}
{scaled}  syncPolicy:
    automated:
      enabled: true
      prune: true
      selfHeal: true
    retry:
      limit: 5
      backoff:
        duration: 5s
        factor: 2
        maxDuration: 3m
      refresh: true
    syncOptions:
    - CreateNamespace=true
    - ServerSideApply=true
"""
_SCALED = """\
  # The autoscaler's business; git says no number.
  ignoreDifferences:
  - group: apps
    kind: Deployment
    jsonPointers:
    - /spec/replicas
"""


def argocd(description: Description, files: Mapping[str, str]) -> dict[str, str]:
    """Return Argo CD's files as they have to be, by path; none where the repository has no such Applications."""
    folder = f"{description.manifests}/argocd"
    if f"{folder}/applications/kustomization.yaml" not in files:
        return {}
    made = {
        f"{folder}/applications/{service.name}-{environment.name}.yaml": _application(
            description, files, service, environment
        )
        for environment in description.environments
        for service in description.services
    }
    made |= _clusters(description, files, f"{folder}/clusters")
    values = _values(description, files)
    ours = {path: text for path, text in files.items() if path.startswith(f"{folder}/") and path not in made}
    return made | {path: fill(text, values, path) for path, text in ours.items() if _MARK in text}


def _application(description: Description, files: Mapping[str, str], service: Service, environment: Environment) -> str:
    overlay = description.overlay(service.name, environment.name)
    scaled = any("kind: HorizontalPodAutoscaler" in files[path] for path in files if path.startswith(f"{overlay}/"))
    text = _APPLICATION.format(
        name=description.application(service.name, environment.name),
        service=service.name,
        project=description.project,
        repository=description.repository,
        branch=description.branch,
        overlay=overlay,
        cluster=_cluster(description, environment),
        namespace=_namespace(description, files, service, environment),
        scaled=_SCALED if scaled else "",
    )
    return f"{text}    - RespectIgnoreDifferences=true\n" if scaled else text


def _values(description: Description, files: Mapping[str, str]) -> Values:
    places = [
        (_cluster(description, environment), _namespace(description, files, service, environment))
        for environment in description.environments
        for service in description.services
    ]
    kept = description.first.deployed_by == IMAGE_UPDATER
    return {
        "applications": [
            f"{service.name}-{environment.name}.yaml"
            for environment in description.environments
            for service in description.services
        ],
        "destinations": [f"{{name: {cluster}, namespace: {space}}}" for cluster, space in dict.fromkeys(places)],
        "namespaces": [
            f'{{group: "", kind: Namespace, name: {space}}}' for space in dict.fromkeys(space for _, space in places)
        ],
        "repositories": [description.repository],
        "applications to update": [_updated(description, service) for service in description.services] if kept else [],
        "write-back": scalar(_over_ssh(description.repository)),
        "branch": scalar(description.branch),
    }


def _updated(description: Description, service: Service) -> str:
    """Return Image Updater's entry for a service."""
    first = description.first.name
    return f"""\
namePattern: {description.application(service.name, first)}
useAnnotations: false
writeBackConfig:
  gitConfig:
    writeBackTarget: kustomization:/{description.overlay(service.name, first)}
images:
- alias: {service.name}
  imageName: {description.repository_of(service.name, first)}
  manifestTargets:
    kustomize:
      name: {description.image_of(service.name)}"""


def _clusters(description: Description, files: Mapping[str, str], folder: str) -> dict[str, str]:
    """Return the clusters' list with those that are missing: their address is to be written in by hand, once."""
    path = f"{folder}/kustomization.yaml"
    if path not in files:
        return {}
    further = [environment.name for environment in description.environments if environment != description.first]
    known = [name for name in further if f"{folder}/{name}.json" in files]
    missing = [name for name in further if name not in known]
    if not missing or not known:
        return {}
    head, mark, tail = files[path].partition("generatorOptions:")
    entries = "".join(
        f"- name: cluster-{name}\n  literals:\n  - name={name}\n  - server=https://{name}.cluster.invalid\n"
        f"  files:\n  - config={name}.json\n"
        for name in missing
    )
    configs = {
        f"{folder}/{name}.json": _renamed(files[f"{folder}/{known[0]}.json"], known[0], name) for name in missing
    }
    return {path: head + entries + mark + tail} | configs


def _renamed(text: str, old: str, new: str) -> str:
    """Return a cluster's access with another cluster's name, in the role's too."""
    return text.replace(f'"{old}"', f'"{new}"').replace(f'-{old}"', f'-{new}"')


def _cluster(description: Description, environment: Environment) -> str:
    return _BESIDE if environment == description.first else environment.name


def _namespace(description: Description, files: Mapping[str, str], service: Service, environment: Environment) -> str:
    overlay = description.overlay(service.name, environment.name)
    said = namespace(files.get(file_of(files, overlay), ""))
    return said or description.namespace(service.name, environment.name) or service.name


def _over_ssh(repository: str) -> str:
    """Return a repository's address as a deploy key opens it."""
    url = urlsplit(repository)
    return f"git@{url.hostname}:{url.path.strip('/').removesuffix('.git')}.git" if url.scheme == "https" else repository
