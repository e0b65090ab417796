"""The optional keys of pipeline.yaml: what they mean, and what is said of those that are wrong."""

from datetime import datetime, time, timedelta

import pytest

from pipeline.description import Check, Description, Environment, Provenance, Service, Signer, read
from pipeline.description.freezes import Dates, Freeze, Weekly
from pipeline.errors import InvalidDescription

FULL = """\
project: shop
registry: {account: "123456789012", region: eu-central-1}
repository: git@git.example.com:acme/config.git
branch: main
manifests: .
images: "{project}/{service}-{environment}"
namespaces: "{project}-{environment}"
environments:
  - name: dev
    deployed-by: pipeline
  - name: prod
    promotes-from: dev
    registry: {account: "210987654321", region: eu-west-1}
    reviewers: [octocat, acme/platform]
    wait-minutes: 30
    branches: [main, release/*]
    changes-by: pull-request
    soak: 24h
    frozen:
      - {from: "2026-12-20", until: "2027-01-02T12:00", zone: Europe/Berlin, reason: Christmas}
      - {weekly: FREQ=WEEKLY;BYDAY=FR;BYHOUR=15, for: 65h, zone: UTC, reason: the weekend}
    require: [signature, sbom]
    signers:
      - key: keys/cosign.pub
      - {issuer: https://token.example.com, subject: "https://github.com/acme/*", trusted-root: keys/root.json}
services:
  - name: web
    context: .
    dockerfile: ./apps/web/Dockerfile
    target: runtime
    args: {NODE_ENV: production, EMPTY: ""}
    secrets: [npm_token]
    image: ghcr.io/acme/web
    manifests: apps/web/deploy/
    platforms: [linux/amd64, linux/arm64/v8]
    checks: [node, {target: test}]
  - {name: api, context: ./apps/api/, checks: []}
provenance:
  sbom: false
  sign: keyless
  fulcio: https://fulcio.example.com/
  rekor: https://rekor.example.com
  trusted-root: ./deploy/trusted-root.json
board: {pages: true}
"""
SIGNERS = FULL[FULL.index("    signers:") : FULL.index("services:")]
DOCKERFILES = {"apps/web/Dockerfile", "apps/api/Dockerfile"}


def description(text: str = FULL) -> Description:
    return read(text, DOCKERFILES)


def complaints(text: str) -> list[str]:
    with pytest.raises(InvalidDescription) as refused:
        read(text, DOCKERFILES)
    return str(refused.value).splitlines()


def test_every_optional_key_is_read() -> None:
    assert description().environments == (
        Environment("dev", deployed_by="pipeline"),
        Environment(
            "prod",
            "dev",
            registry="210987654321.dkr.ecr.eu-west-1.amazonaws.com",
            reviewers=("octocat", "acme/platform"),
            wait_minutes=30,
            branches=("main", "release/*"),
            changes_by="pull-request",
            soak=timedelta(hours=24),
            frozen=(
                Freeze(Dates(datetime(2026, 12, 20), datetime(2027, 1, 2, 12)), "Europe/Berlin", "Christmas"),  # noqa: DTZ001
                Freeze(Weekly((4,), time(15), timedelta(hours=65)), "UTC", "the weekend"),
            ),
            require=("signature", "sbom"),
            signers=(
                Signer("keys/cosign.pub"),
                Signer("", "https://token.example.com", "https://github.com/acme/*", "keys/root.json"),
            ),
        ),
    )
    assert description().services == (
        Service(
            "web",
            ".",
            dockerfile="apps/web/Dockerfile",
            target="runtime",
            args=(("NODE_ENV", "production"), ("EMPTY", "")),
            secrets=("npm_token",),
            image="ghcr.io/acme/web",
            manifests="apps/web/deploy",
            platforms=("linux/amd64", "linux/arm64/v8"),
            checks=(Check("node"), Check(target="test")),
        ),
        Service("api", "apps/api", checks=()),
    )
    assert description(FULL.replace(", checks: []", "")).services[1].checks is None, "told by its files"
    address = "https://{}.example.com".format
    assert description().provenance == Provenance(
        sbom=False,
        sign="keyless",
        fulcio=address("fulcio"),
        rekor=address("rekor"),
        trusted_root="deploy/trusted-root.json",
    )
    default = description(FULL.partition("provenance:")[0]).provenance
    assert (default.sbom, default.attest, default.sign) == (True, True, "none")
    assert description().board_on_pages
    assert not description(FULL.replace("board: {pages: true}", "board: {}")).board_on_pages


def test_an_environment_s_registry_is_its_own_unless_one_is_given_for_all() -> None:
    found = description()
    assert (
        found.reference("web", "dev", "v1.0.0") == "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop/web-dev:v1.0.0"
    )
    assert found.repository_of("web", "prod") == "210987654321.dkr.ecr.eu-west-1.amazonaws.com/shop/web-prod"
    assert len(found.registries) == 2
    assert found.at("localhost:5000").repository_of("web", "prod") == "localhost:5000/shop/web-prod"
    assert found.at("localhost:5000").registries == ("localhost:5000",)


def test_paths_are_the_repository_s_and_normal() -> None:
    assert description().overlay("web", "prod") == "apps/web/deploy/overlays/prod"
    assert description().overlay("api", "prod") == "api/overlays/prod"
    assert description().image_of("web") == "ghcr.io/acme/web"
    assert description().image_of("api") == "api"


def test_a_pattern_of_namespaces_is_filled_for_each_overlay_and_none_holds_to_nothing() -> None:
    assert description().namespace("web", "prod") == "shop-prod"
    assert description(FULL.replace('namespaces: "{project}-{environment}"\n', "")).namespace("web", "prod") == ""


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('images: "{project}/{service}-{environment}"', 'images: "{project}"', "line 6: images: '{project}' is no"),
        ("{service}-{environment}", "{service}-{stage}", "line 6: images: '{project}/{service}-{stage}' is no"),
        ("{service}-{environment}", "{service}..", "shop/web..' would be no image repository"),
        ("{project}-{environment}", "{project}_x", "line 7: namespaces: '{project}_x' is no pattern of namespaces"),
        ("{project}-{environment}", "-{project}", "line 7: namespaces: '-shop' would be no namespace"),
        ("deployed-by: pipeline", "deployed-by: me", "'me' is not possible: write image-updater or pipeline"),
        ("promotes-from: dev", "promotes-from: dev\n    deployed-by: pipeline", "].deployed-by: is for the first"),
        ("reviewers: [octocat,", "reviewers: ['@octocat',", "[1].reviewers[0]: '@octocat' is no user and no team"),
        ("[octocat, acme/platform]", "octocat", "line 14: environments[1].reviewers: must be a list, not a text"),
        ("[octocat, acme/platform]", "[a, b, c, d, e, f, g]", "has 7 entries: at most 6 are possible"),
        ("[octocat, acme/platform]", "[a, a]", "environments[1].reviewers[1]: 'a' is there twice"),
        ("wait-minutes: 30", "wait-minutes: 43201", "line 15: environments[1].wait-minutes: '43201' must be from"),
        ("wait-minutes: 30", 'wait-minutes: "30"', "must be a whole number, not a text"),
        ("wait-minutes: 30", "wait-minutes: -1", "environments[1].wait-minutes: "),
        ("soak: 24h", "soak: 24", "line 18: environments[1].soak: must be a text, not a number"),
        ("soak: 24h", "soak: a day", "environments[1].soak: 'a day' is no length of time: write 24h"),
        ("pipeline\n", "pipeline\n    soak: 24h\n", "environments[0].soak: is for environments that are promoted to"),
        ("pipeline\n", "pipeline\n    frozen: []\n", "environments[0].frozen: is for environments that are promoted"),
        ('from: "2026-12-20"', "from: 2026-12-20", 'frozen[0].from: must be a text, not a date: write "2026-12-20"'),
        ("2026-12-20", "2026-02-30", "line 20: environments[1].frozen[0].from: '2026-02-30' is no date that there"),
        ("2026-12-20", "20.12.2026", "frozen[0].from: '20.12.2026' is no date: write 2026-12-20, or"),
        ("2027-01-02T12:00", "2026-12-19", "frozen[0].until: is not after from: correct one of them"),
        ('until: "2027-01-02T12:00", ', "", "line 20: environments[1].frozen[0].until: is missing: add it"),
        ("Europe/Berlin", "Europe/Nowhere", "frozen[0].zone: 'Europe/Nowhere' is no time zone: write one such as"),
        ("Europe/Berlin", "../etc/passwd", "frozen[0].zone: '../etc/passwd' is no time zone"),
        (", reason: Christmas", "", "frozen[0].reason: is missing: add it"),
        ("BYHOUR=15", "BYHOUR=24", "line 21: environments[1].frozen[1].weekly: 'FREQ=WEEKLY;BYDAY=FR;BYHOUR=24' is no"),
        ("for: 65h, ", "", "frozen[1].for: is missing: add it"),
        ("for: 65h", 'for: 65h, until: "2026-12-20"', "frozen[1].until: does not go with weekly: keep the dates"),
        ("pipeline\n", "pipeline\n    require: [sbom]\n", "environments[0].require: is for environments that"),
        ("[signature, sbom]", "[seal]", "environments[1].require[0]: 'seal' is not possible: write signature, sbom or"),
        (SIGNERS, "", "environments[1].require: requires a signature: name in signers who may have made it"),
        ("    require: [signature, sbom]\n", "", "environments[1].signers: is for what is required: add require"),
        ("keys/cosign.pub\n", "../cosign.pub\n", "signers[0].key: '../cosign.pub' is no path inside the repository"),
        ("issuer: https://token.example.com, ", "", "environments[1].signers[1].issuer: is missing: add it"),
        ("{issuer: https", "{issuer: http", "signers[1].issuer: 'http://token.example.com' is no issuer"),
        ("{issuer:", "{key: a.pub, issuer:", "environments[1].signers[1].issuer: does not go with key"),
        ("release/*", "-x", "environments[1].branches[1]: '-x' is no branch"),
        ("pull-request", "mail", "'mail' is not possible: write push or pull-request"),
        ("./apps/web/Dockerfile", "Dockerfile.web", "there is no Dockerfile.web: create it, or correct the path"),
        ("./apps/web/Dockerfile", "../Dockerfile", "services[0].dockerfile: '../Dockerfile' is no path inside"),
        ("context: ./apps/api/", "context: apps/api, dockerfile: apps/web/Dockerfile", "is not inside of the context"),
        ("target: runtime", "target: --x", "services[0].target: '--x' is no stage"),
        ("NODE_ENV: production", "VERSION: v1", "services[0].args.VERSION: 'VERSION' is no argument to set"),
        ("NODE_ENV: production", "NODE_ENV: 1", 'services[0].args.NODE_ENV: must be a text, not a number: write "1"'),
        ('args: {NODE_ENV: production, EMPTY: ""}', "args: [A=b]", "services[0].args: must be a mapping, not a list"),
        ("[npm_token]", "['a b']", "services[0].secrets[0]: 'a b' is no name of a secret"),
        ("[npm_token]", "[1]", 'services[0].secrets[0]: must be a text, not a number: write "1"'),
        ("image: ghcr.io/acme/web", "image: ghcr.io/acme/web:v1", ".image: 'ghcr.io/acme/web:v1' is no image's name"),
        ("apps/web/deploy/", "/deploy", "services[0].manifests: '/deploy' is no path inside the repository"),
        ("linux/arm64/v8", "windows/amd64", "services[0].platforms[1]: 'windows/amd64' is no platform"),
        ("[node,", "[rust,", "services[0].checks[0]: 'rust' is not possible: write go or node or python"),
        ("[node, {target: test}]", "node", "services[0].checks: must be a list, not a text"),
        ("{target: test}", "{stage: test}", "services[0].checks[1].stage: 'stage' is no key here: use target"),
        ("{target: test}", "{target: -x}", "services[0].checks[1].target: '-x' is no stage of a Dockerfile"),
        ("{target: test}", "node", "services[0].checks: 'node' is there twice"),
        ("pages: true", "pages: github", "board.pages: must be true or false, not a text"),
        ("sbom: false", "sbom: 0", "line 39: provenance.sbom: must be true or false, not a number"),
        ("sbom: false", 'sbom: "true"', "provenance.sbom: must be true or false, not a text"),
        ("sign: keyless", "sign: yes", "provenance.sign: must be a text, not a truth value"),
        ("sign: keyless", "sign: gpg", "provenance.sign: 'gpg' is not possible: write none or keyless or key"),
        ("sign: keyless", "sign: none", "provenance.rekor: is for signatures, and nothing is signed: add sign"),
        ("  rekor: https://rekor.example.com\n", "", "provenance.fulcio: goes with rekor and trusted-root"),
        ("https://rekor", "http://rekor", "provenance.rekor: 'http://rekor.example.com' is no address"),
        ("https://rekor", "https://me:secret@rekor", "provenance.rekor: 'https://***@rekor.example.com' is no address"),
        ("./deploy/trusted", "/trusted", "provenance.trusted-root: '/trusted-root.json' is no path inside"),
        ('registry: {account: "210987654321", region: eu-west-1}', "registry: {}", "[1].registry.account: is missing"),
    ],
)  # fmt: skip
def test_a_mistake_in_an_optional_key_is_named_with_its_line_and_key(old: str, new: str, complaint: str) -> None:
    assert old in FULL
    found = complaints(FULL.replace(old, new, 1))
    assert any(complaint in line for line in found), found
    assert all(line.startswith("pipeline.yaml: line ") and line.isprintable() for line in found)
