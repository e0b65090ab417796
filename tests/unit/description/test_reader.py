"""pipeline.yaml: what it means, and that everything wrong with it is said at once."""

import pytest

from pipeline.description import Description, Environment, Service, read
from pipeline.errors import InvalidDescription, InvalidInput
from pipeline.tools import Tools

GOOD = """\
project: shop
registry: {address: ghcr.io/acme}
repository: https://git.example.com/acme/shop
branch: main
manifests: deploy/manifests
environments:
  - {name: dev}
  - {name: stg, promotes-from: dev}
  - {name: prod, promotes-from: stg}
services:
  - {name: api, context: services/api}
  - {name: web, context: services/web}
"""
DOCKERFILES = {"services/api/Dockerfile", "services/web/Dockerfile"}


def complaints(text: str) -> list[str]:
    with pytest.raises(InvalidDescription) as refused:
        read(text, DOCKERFILES)
    return str(refused.value).splitlines()


def test_a_good_file_is_read_whole() -> None:
    assert read(GOOD, DOCKERFILES) == Description(
        project="shop",
        registry="ghcr.io/acme",
        repository="https://git.example.com/acme/shop",
        branch="main",
        manifests="deploy/manifests",
        environments=(Environment("dev"), Environment("stg", "dev"), Environment("prod", "stg")),
        services=(Service("api", "services/api"), Service("web", "services/web")),
    )


def test_a_team_s_own_mirror_of_the_tools_is_taken_and_the_rest_stays_pinned() -> None:
    digest = f"sha256:{'a' * 64}"
    given = f"tools: {{git: mirror.example.com:5000/git:v2, git-server: mirror.example.com/git@{digest}}}\n"
    assert read(GOOD + given, DOCKERFILES).tools == Tools(
        git="mirror.example.com:5000/git:v2", git_server=f"mirror.example.com/git@{digest}"
    )


@pytest.mark.parametrize("image", ["git", "git:", "https://mirror/git:v2", "git@sha256:12", "robot:pw@mirror/git:v2"])
def test_a_tool_that_is_no_image_is_refused_by_line_and_key(image: str) -> None:
    (complaint,) = complaints(GOOD + f"tools:\n  crane: {image!r}\n")
    assert complaint.startswith("pipeline.yaml: line 14: tools.crane: ")
    assert "is no image" in complaint
    assert "robot:pw" not in complaint


def test_an_account_and_a_region_are_an_ecr_registry() -> None:
    aws = GOOD.replace("address: ghcr.io/acme", 'account: "123456789012", region: eu-central-1')
    assert read(aws, DOCKERFILES).registry == "123456789012.dkr.ecr.eu-central-1.amazonaws.com"


def test_a_reference_names_registry_environment_project_service_and_tag() -> None:
    description = read(GOOD, DOCKERFILES)
    assert description.reference("api", "stg", "v1.2.3") == "ghcr.io/acme/stg-shop-api:v1.2.3"
    assert description.at("localhost:5000").reference("api", "dev", "v1.0.0") == "localhost:5000/dev-shop-api:v1.0.0"
    assert description.overlay("api", "stg") == "deploy/manifests/api/overlays/stg"


def test_an_unknown_service_or_environment_is_refused_and_those_that_exist_are_listed() -> None:
    description = read(GOOD, DOCKERFILES)
    assert [service.name for service in description.select(["web", "api"])] == ["api", "web"]
    assert description.select([]) == description.services
    with pytest.raises(InvalidInput, match="no service 'nope': choose from api, web"):
        description.select(["api", "nope"])
    with pytest.raises(InvalidInput, match="no environment 'qa': choose one of dev, stg, prod"):
        description.environment("qa")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("project: shop", "project: Shop", "line 1: project: 'Shop' is no DNS label"),
        ("project: shop", "project:", "line 1: project: must be a text, not nothing"),
        ("project: shop\n", "", "line 1: project: is missing: add it"),
        ("project: shop", "project: shop\nproject: x", "line 2: project: is there twice, first in line 1"),
        ("project: shop", "project: shop\nowner: me", "line 2: owner: 'owner' is no key here: use project"),
        ("ghcr.io/acme", "https://ghcr.io", "line 2: registry.address: 'https://ghcr.io' is no registry address"),
        ("ghcr.io/acme", "ghcr.io, region: x", "line 2: registry.region: says the same as address"),
        ("{address: ghcr.io/acme}", "{}", "line 2: registry.account: is missing"),
        ("{address: ghcr.io/acme}", "{account: 123456789012, region: eu-west-1}", 'a number: write "123456789012"'),
        ("{address: ghcr.io/acme}", '{account: "12", region: eu-west-1}', "'12' is no AWS account"),
        ("{address: ghcr.io/acme}", '{account: "123456789012", region: Mars}', "'Mars' is no AWS region"),
        ("{address: ghcr.io/acme}", "ghcr.io", "line 2: registry: must be a mapping, not a text"),
        ("https://git.", "https://me:secret@git.", "'https://***@git.example.com/acme/shop' holds credentials"),
        ("https://git.", "https://secret@git.", "holds credentials: remove them"),
        ("https://git.", "ssh://git:secret@git.", "holds credentials: remove them"),
        ("https://git.", "https://me:x/secret@git.", "'https://***@git.example.com/acme/shop' holds credentials"),
        ("https://git.", "https://me:12/secret@git.", "'https://***@git.example.com/acme/shop' holds credentials"),
        ("https://git.", "https://me:12?secret@git.", "holds credentials: remove them"),
        ("https://git.", "https://me:secret//x@git.", "holds credentials: remove them"),
        ("https://git.", "ssh://git:12/secret@git.", "holds credentials: remove them"),
        ("https://git.", "ssh://git@a:12/secret@git.", "holds credentials: remove them"),
        ("https://git.", "me:secret@git.", "'***@git.example.com/acme/shop' holds credentials"),
        ("acme/shop\n", "acme/shop?access_token=secret\n", "'https://git.example.com/acme/shop?***' is no Git repo"),
        ("acme/shop\n", "acme/shop#secret\n", "'https://git.example.com/acme/shop#***' is no Git repository"),
        ("git.example.com/", "git.example.com:port/", "is no Git repository"),
        ("git.example.com/", "git.example.com:99999/", "is no Git repository"),
        ("ghcr.io/acme", "u:pw/secret@ghcr.io", "line 2: registry.address: '***@ghcr.io' is no registry address"),
        ("https://git.", "http://git.", "is not reached over https or ssh"),
        ("https://git.example.com/acme/shop", "ext::sh -c id", "is no Git repository"),
        ("https://git.example.com/acme/shop", "--upload-pack=id", "is not reached over https or ssh"),
        ("https://git.example.com/acme/shop", "/etc", "is not reached over https or ssh"),
        ("https://git.example.com/acme/shop", "https://[", "is no Git repository"),
        ("branch: main", "branch: --force", "line 4: branch: '--force' is no branch name"),
        ("branch: main", "branch: a..b", "'a..b' is no branch name"),
        ("branch: main", "branch: a.lock", "'a.lock' is no branch name"),
        ("deploy/manifests", "../m", "line 5: manifests: '../m' is no path inside the repository"),
        ("deploy/manifests", "/m", "'/m' is no path inside the repository"),
        ("{name: dev}", "{name: dev, promotes-from: stg}", "line 7: environments[0].promotes-from: the first"),
        ("{name: stg, promotes-from: dev}", "{name: stg}", "line 8: environments[1].promotes-from: is missing"),
        ("promotes-from: stg", "promotes-from: qa", "there is no environment 'qa': choose one of dev, stg, prod"),
        ("promotes-from: dev", "promotes-from: prod", "is a loop, stg <- prod <- stg"),
        ("promotes-from: dev", "promotes-from: stg", "is a loop, stg <- stg"),
        ("name: prod", "name: stg", "line 9: environments[2].name: 'stg' is there twice, first in line 8"),
        ("name: web", "name: api", "line 12: services[1].name: 'api' is there twice, first in line 11"),
        ("name: web", "name: '../web'", "'../web' is no DNS label"),
        ("services/web", "services/nope", "there is no services/nope/Dockerfile: create it, or correct the path"),
        ("services/web", "services/../..", "is no path inside the repository"),
        ("- {name: dev}", "- dev", "line 7: environments[0]: must be a mapping, not a text"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_key(old: str, new: str, complaint: str) -> None:
    assert old in GOOD
    found = complaints(GOOD.replace(old, new, 1))
    assert any(complaint in line for line in found), found
    assert all(line.startswith("pipeline.yaml: line ") and line.isprintable() for line in found)
    assert "secret" not in "".join(found)


@pytest.mark.parametrize(
    "url", ["git@git.example.com:acme/shop.git", "ssh://git@git.example.com:22/acme/shop", "https://localhost:8443/a"]
)
def test_a_repository_may_have_an_ssh_user_and_a_port(url: str) -> None:
    assert read(GOOD.replace("https://git.example.com/acme/shop", url), DOCKERFILES).repository == url


def test_all_mistakes_of_a_file_are_reported_at_once_in_its_order() -> None:
    found = complaints('project: X\nbranch: "-"\nenvironments: []\nservices: {}\n')
    keys = ["project", "registry", "repository", "manifests", "branch", "environments", "services"]
    assert [line.split(": ")[2] for line in found] == keys


@pytest.mark.parametrize("text", ["", "# nothing", "- a", "a: [", "a: b: c", "\x00", "a: 1\n---\nb: 2", "[" * 5000])
def test_what_is_no_mapping_in_yaml_is_one_mistake(text: str) -> None:
    assert len(complaints(text)) == 1


def test_a_forward_reference_without_a_loop_is_allowed() -> None:
    text = GOOD.replace("promotes-from: dev", "promotes-from: late")
    text = text.replace("  - {name: prod,", "  - {name: late, promotes-from: dev}\n  - {name: prod,")
    description = read(text, DOCKERFILES)
    assert description.environment("stg").promotes_from == "late"
    assert [environment.name for environment in description.environments] == ["dev", "stg", "late", "prod"]
    assert [environment.name for environment in description.in_order_of_promotion] == ["dev", "late", "stg", "prod"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("PROD", "prod"),
        ("prd", "prod"),
        ("production", "prod"),
        ("staging", "stg"),
        ("stage", "stg"),
        ("develop", "dev"),
    ],
)
def test_a_near_miss_of_an_environment_is_answered_with_it(name: str, meant: str) -> None:
    with pytest.raises(InvalidInput, match=f"no environment '{name}': did you mean {meant}\\? choose one of dev, stg"):
        read(GOOD, DOCKERFILES).environment(name)


def test_a_near_miss_of_a_service_is_answered_with_it_and_a_missing_comma_with_the_comma() -> None:
    description = read(GOOD, DOCKERFILES)
    with pytest.raises(InvalidInput, match=r"no service 'aip': did you mean api\? choose from api, web"):
        description.select(["aip"])
    for typed in ("api web", "api;web", "api  + web"):
        with pytest.raises(InvalidInput, match="write api,web, with a comma in between"):
            description.select([typed])
