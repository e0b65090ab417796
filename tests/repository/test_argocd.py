"""manifests/argocd/: what it says agrees with pipeline.yaml and with the overlays."""

import base64
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DESCRIPTION = yaml.safe_load((ROOT / "pipeline.yaml").read_text())
MANIFESTS = ROOT / DESCRIPTION["manifests"]
FOLDER = MANIFESTS / "argocd"
FIRST, *FURTHER = [environment["name"] for environment in DESCRIPTION["environments"]]
SERVICES = [service["name"] for service in DESCRIPTION["services"]]
PLACES = [(service, environment) for environment in (FIRST, *FURTHER) for service in SERVICES]


def read(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text())


def overlay(service: str, environment: str) -> Any:
    return read(f"{DESCRIPTION['manifests']}/{service}/overlays/{environment}/kustomization.yaml")


def application(service: str, environment: str) -> Any:
    return yaml.safe_load((FOLDER / f"applications/{service}-{environment}.yaml").read_text())


def argocd(path: str) -> Any:
    return yaml.safe_load((FOLDER / path).read_text())


def test_there_is_an_application_for_each_service_in_each_environment_and_none_besides() -> None:
    expected = {f"{service}-{environment}.yaml" for service, environment in PLACES}
    assert {path.name for path in (FOLDER / "applications").iterdir()} == expected | {"kustomization.yaml"}
    assert set(argocd("applications/kustomization.yaml")["resources"]) == expected


@pytest.mark.parametrize(("service", "environment"), PLACES)
def test_an_application_takes_its_overlay_from_git_to_the_overlays_namespace(service: str, environment: str) -> None:
    found = application(service, environment)
    path = f"{DESCRIPTION['manifests']}/{service}/overlays/{environment}"

    assert found["metadata"]["name"] == f"{service}-{environment}"
    assert found["spec"]["project"] == DESCRIPTION["project"]
    assert found["spec"]["source"] == {
        "repoURL": DESCRIPTION["repository"], "targetRevision": DESCRIPTION["branch"], "path": path,
    }  # fmt: skip
    assert (ROOT / path / "kustomization.yaml").is_file()
    assert found["spec"]["destination"] == {
        "name": "in-cluster" if environment == FIRST else environment,
        "namespace": overlay(service, environment)["namespace"],
    }


@pytest.mark.parametrize(("service", "environment"), PLACES)
def test_an_application_syncs_by_itself_and_leaves_replicas_to_an_autoscaler(service: str, environment: str) -> None:
    spec = application(service, environment)["spec"]
    scaled = any("autoscaler" in resource for resource in overlay(service, environment)["resources"])

    assert spec["syncPolicy"]["automated"] == {"enabled": True, "prune": True, "selfHeal": True}
    assert spec["syncPolicy"]["retry"]["refresh"], "a retry takes the newest commit, not the one that failed"
    assert {"CreateNamespace=true", "ServerSideApply=true"} <= set(spec["syncPolicy"]["syncOptions"])
    assert ("ignoreDifferences" in spec) is scaled
    assert ("RespectIgnoreDifferences=true" in spec["syncPolicy"]["syncOptions"]) is scaled


def test_the_project_allows_what_the_overlays_have_and_what_a_deployment_makes_and_nothing_else() -> None:
    spec = argocd("project.yaml")["spec"]
    places = [application(*place)["spec"]["destination"] for place in PLACES]
    kinds = {
        (api.rpartition("/")[0].partition("/")[0] if "/" in api else "", kind)
        for service in SERVICES
        for path in (MANIFESTS / service).rglob("*.yaml")
        for document in yaml.safe_load_all(path.read_text())
        for api, kind in [(document["apiVersion"], document["kind"])]
        if kind != "Kustomization"
    }
    if any("configMapGenerator" in overlay(*place) for place in PLACES):
        kinds.add(("", "ConfigMap"))
    made = {("apps", "ReplicaSet"), ("", "Pod")}  # Argo CD shows nothing else, and Image Updater goes by what it shows

    assert spec["sourceRepos"] == [DESCRIPTION["repository"]]
    assert sorted(map(str, spec["destinations"])) == sorted(map(str, places))
    assert {(item["group"], item["kind"]) for item in spec["namespaceResourceWhitelist"]} == kinds | made
    assert {(item["group"], item["kind"]) for item in spec["clusterResourceWhitelist"]} == {("", "Namespace")}
    assert {item["name"] for item in spec["clusterResourceWhitelist"]} == {place["namespace"] for place in places}


def test_whoever_waits_for_a_promotion_may_look_and_nothing_else() -> None:
    (role,) = argocd("project.yaml")["spec"]["roles"]
    project = DESCRIPTION["project"]
    assert role["policies"] == [f"p, proj:{project}:{role['name']}, applications, get, {project}/*, allow"]


def test_the_app_of_apps_brings_all_of_it() -> None:
    spec = argocd("root.yaml")["spec"]
    assert spec["source"] == {
        "repoURL": DESCRIPTION["repository"],
        "targetRevision": DESCRIPTION["branch"],
        "path": f"{DESCRIPTION['manifests']}/argocd",
    }
    there = {path.name for path in FOLDER.iterdir()} - {"kustomization.yaml"}
    assert set(argocd("kustomization.yaml")["resources"]) == there - {"pull-secret"}


def test_image_updater_keeps_the_first_environment_and_no_other() -> None:
    spec = argocd("image-updater/image-updater.yaml")["spec"]
    owner_and_name = DESCRIPTION["repository"].removeprefix("https://github.com/")

    assert [reference["namePattern"] for reference in spec["applicationRefs"]] == [
        f"{name}-{FIRST}" for name in SERVICES
    ]
    assert spec["writeBackConfig"]["gitConfig"] == {
        "repository": f"git@github.com:{owner_and_name}.git", "branch": DESCRIPTION["branch"],
    }  # fmt: skip
    for service, reference in zip(SERVICES, spec["applicationRefs"], strict=True):
        (pin,) = overlay(service, FIRST)["images"]
        (image,) = reference["images"]
        assert image["imageName"] == pin["newName"]
        assert image["manifestTargets"] == {"kustomize": {"name": pin["name"]}}
        target = reference["writeBackConfig"]["gitConfig"]["writeBackTarget"]
        assert target == f"kustomization:/{application(service, FIRST)['spec']['source']['path']}"
        assert "digest" not in pin, "Image Updater writes tags; a digest beside one would win for ever"


@pytest.mark.parametrize(
    ("tag", "allowed"),
    [
        *((tag, True) for tag in ("v1.2.3", "v10.20.30")),
        *((tag, False) for tag in ("v1.2.3-rc.1", "1.2.3", "v1.2", "v1.2.3x", "latest")),
    ],
)
def test_image_updater_deploys_releases_only(tag: str, allowed: bool) -> None:
    settings = argocd("image-updater/image-updater.yaml")["spec"]["commonUpdateSettings"]
    kind, _, pattern = settings["allowTags"].partition(":")
    assert (settings["updateStrategy"], kind) == ("semver", "regexp")
    # As Image Updater does: a match anywhere.
    assert (re.search(pattern, tag) is not None) is allowed


def test_image_updater_knows_the_registry_and_asks_for_credentials_before_they_expire() -> None:
    (registry,) = argocd("image-updater/registries.conf")["registries"]
    hosts = {overlay(service, FIRST)["images"][0]["newName"].partition("/")[0] for service in SERVICES}
    assert {registry["prefix"]} == hosts
    assert registry["api_url"] == f"https://{registry['prefix']}"
    assert int(registry["credsexpire"].removesuffix("h")) < 12
    mount = argocd("image-updater/scripts-patch.yaml")["spec"]["template"]["spec"]["containers"][0]["volumeMounts"][0]
    assert registry["credentials"] == f"ext:{mount['mountPath']}/ecr.sh"


@pytest.fixture
def aws(tmp_path: Path) -> dict[str, str]:
    """An environment whose `aws` prints a token for the region that it is asked for."""
    program = tmp_path / "aws"
    program.write_text('#!/bin/sh\nprintf "token-of-%s\\n" "$*${AWS_REGION:-}"\n')
    program.chmod(0o755)
    return {"PATH": f"{tmp_path}:{os.environ['PATH']}"}


def test_the_script_prints_user_and_token(aws: dict[str, str]) -> None:
    done = subprocess.run(["sh", FOLDER / "image-updater/ecr.sh"], env=aws, capture_output=True, text=True, check=True)
    region = DESCRIPTION["registry"]["region"]
    assert done.stdout == f"AWS:token-of-ecr get-login-password --region {region}\n"


def test_the_clusters_are_there_by_name_and_hold_no_secret() -> None:
    kustomization = argocd("clusters/kustomization.yaml")
    assert kustomization["generatorOptions"]["labels"] == {"argocd.argoproj.io/secret-type": "cluster"}
    names = set()
    for secret in kustomization["secretGenerator"]:
        values = dict(literal.split("=", 1) for literal in secret["literals"])
        names.add(values["name"])
        assert values["server"].startswith("https://")
        (file,) = secret["files"]
        config = json.loads((FOLDER / "clusters" / file.removeprefix("config=")).read_text())
        assert set(config) == {"awsAuthConfig", "tlsClientConfig"}
        assert set(config["awsAuthConfig"]) == {"clusterName", "roleARN"}
        assert set(config["tlsClientConfig"]) == {"insecure", "caData"}
        assert config["tlsClientConfig"]["insecure"] is False
        assert base64.b64decode(config["tlsClientConfig"]["caData"], validate=True).startswith(
            b"-----BEGIN CERTIFICATE"
        )
    assert names == {application(*place)["spec"]["destination"]["name"] for place in PLACES} - {"in-cluster"}


def test_a_failed_sync_is_told_to_those_who_are_named() -> None:
    data = argocd("notifications.yaml")["data"]
    (subscription,) = yaml.safe_load(data["subscriptions"])
    key, _, value = subscription["selector"].partition("=")
    for path in (FOLDER / "applications").glob("*-*.yaml"):
        assert yaml.safe_load(path.read_text())["metadata"]["labels"][key] == value
    for name in subscription["triggers"]:
        (trigger,) = yaml.safe_load(data[f"trigger.{name}"])
        assert all(yaml.safe_load(data[f"template.{template}"])["message"] for template in trigger["send"])
    assert all(f"service.{recipient.split(':')[0]}" in data for recipient in subscription["recipients"])
    assert yaml.safe_load(data["service.slack"]) == {"token": "$slack-token"}, "from Argo CD's Secret"


def test_the_pull_secret_is_off_until_someone_wants_it() -> None:
    assert argocd("pull-secret/cron-job.yaml")["spec"]["suspend"] is True
    for path in FOLDER.rglob("kustomization.yaml"):
        assert not any(
            "pull-secret" in resource
            for resource in yaml.safe_load(path.read_text()).get("resources", [])
            if path.parent.name != "pull-secret"
        )


def test_the_pull_secret_opens_the_registry(aws: dict[str, str], tmp_path: Path) -> None:
    (literals,) = [
        item["literals"]
        for item in argocd("pull-secret/kustomization.yaml")["configMapGenerator"]
        if "literals" in item
    ]
    values = dict(literal.split("=", 1) for literal in literals)
    target = tmp_path / "pull-secret.json"
    subprocess.run(["sh", FOLDER / "pull-secret/write.sh", target], env=aws | values, check=True)

    secret = json.loads(target.read_text())
    config = json.loads(base64.b64decode(secret["data"][".dockerconfigjson"]))
    (registry,) = config["auths"]
    assert registry == overlay(SERVICES[0], FIRST)["images"][0]["newName"].partition("/")[0]
    password = f"token-of-ecr get-login-password{values['AWS_REGION']}"
    assert base64.b64decode(config["auths"][registry]["auth"]).decode() == f"AWS:{password}"
    assert target.stat().st_mode & 0o077 == 0


def test_no_manifest_leaves_a_divisor_to_the_server() -> None:
    for service in SERVICES:
        for path in (MANIFESTS / service).rglob("*.yaml"):
            text = path.read_text()
            assert text.count("resourceFieldRef:") == text.count('divisor: "'), path
