"""Every key of pipeline.yaml: the form of its value, and what it means."""

import re
from dataclasses import fields

from pipeline.errors import hidden
from pipeline.registry import ADDRESS as ADDRESS_PATTERN
from pipeline.registry import IMAGE as IMAGE_PATTERN
from pipeline.registry import LABEL as LABEL_PATTERN
from pipeline.surface import DURATION
from pipeline.tools import Tools

from .forms import Choice, Key, Mixed, Number, Section, Sections, Switch, Table, Text, Texts
from .freezes import MOMENT, WEEKLY

IMAGE_UPDATER, PIPELINE = "image-updater", "pipeline"
PUSH, PULL_REQUEST = "push", "pull-request"
SIGNATURE, SBOM, PROVENANCE = "signature", "sbom", "provenance"
GO, NODE, PYTHON = "go", "node", "python"
NONE, KEYLESS, KEY = "none", "keyless", "key"
PLATFORM = re.compile("linux/[a-z0-9]+(?:/v[0-9]+)?")
IMAGES = "{environment}-{project}-{service}"
APPLICATIONS_ = "{service}-{environment}"

_INSIDE = r"(?!/)(?!.*(?:^|/)\.\.(?:/|$))(?!.*/\.(?:/|$))"
_NO_PATH = "is no path inside the repository: write it relative, without '..'"
_PLACE = r"\{(?:environment|project|service)\}"
_LABEL = Text(LABEL_PATTERN, "is no DNS label: use a-z, 0-9 and inner '-', at most 63")
_ADDRESS = Text(ADDRESS_PATTERN, "is no registry address: write host[:port][/path]", hidden)
_FOLDER = Text(re.compile(rf"{_INSIDE}[A-Za-z0-9._-][A-Za-z0-9._/-]*"), _NO_PATH)
_FILE = Text(re.compile(rf"{_INSIDE}(?!\.$)[A-Za-z0-9._/-]*[A-Za-z0-9._-]"), _NO_PATH)
_BRANCH = re.compile(r"(?!.*(?:\.\.|//|/\.|\.lock(?:/|$)))[A-Za-z0-9][A-Za-z0-9._/-]*(?<![/.])")
# What a schema can tell of an address; the reader says more precisely what is wrong with it.
_REPOSITORY = re.compile(
    r"[A-Za-z0-9_.-]+@[A-Za-z0-9.-]+:[A-Za-z0-9._~/-]+"
    r"|(?:https://|http://(?=(?:localhost|127\.0\.0\.1)[:/])|ssh://(?:[A-Za-z0-9_.-]+@)?)"
    r"[A-Za-z0-9.-]+(?::(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-5][0-9]{3}))?/[!\x22$->A-~]*[!\x22$-.0->A-~][!\x22$->A-~]*"
)

ACCOUNT = Key("account", Text(re.compile("[0-9]{12}"), "is no AWS account: write its 12 digits"),
              "AWS account whose ECR it is, 12 digits in quotes; goes with region")  # fmt: skip
REGION = Key("region", Text(re.compile("[a-z]{2}(?:-[a-z]+)+-[0-9]{1,2}"), "is no AWS region, such as eu-central-1"),
             "AWS region of the ECR, such as eu-central-1")  # fmt: skip
ADDRESS = Key("address", _ADDRESS, "any registry's address: host[:port][/path], such as ghcr.io/acme")
_REGISTRY = Section((ACCOUNT, REGION, ADDRESS), (frozenset({"account", "region"}), frozenset({"address"})))

ENVIRONMENT_NAME = Key("name", _LABEL, "name of the environment and of its overlays' folder", required=True)
PROMOTES_FROM = Key("promotes-from", _LABEL, "environment whose versions are promoted to this one", required=True)
ENVIRONMENT_REGISTRY = Key("registry", _REGISTRY, "registry of this environment, where it is not the project's")
DEPLOYED_BY = Key(
    "deployed-by", Choice((IMAGE_UPDATER, PIPELINE)),
    "who writes the first environment's overlays: Argo CD Image Updater (the default), or build --push",
)  # fmt: skip
REVIEWERS = Key(
    "reviewers",
    Texts(Text(re.compile("(?:[A-Za-z0-9][A-Za-z0-9-]*/)?[A-Za-z0-9][A-Za-z0-9._-]*"),
               "is no user and no team: write octocat, or acme/platform"), most=6),
    "users, and teams as owner/team, one of whom approves a change; at most 6",
)  # fmt: skip
WAIT_MINUTES = Key("wait-minutes", Number(0, 43200), "minutes to wait before a change, at most 43200")
BRANCHES = Key(
    "branches",
    Texts(Text(re.compile(r"[A-Za-z0-9*][A-Za-z0-9._/*-]*"), "is no branch and no pattern, such as release/*")),
    "branches that may change the environment, by name or pattern",
)
CHANGES_BY = Key(
    "changes-by", Choice((PUSH, PULL_REQUEST)), "how a change reaches the branch: pushed (the default), or proposed"
)
SOAK = Key(
    "soak", Text(DURATION, "is no length of time: write 24h, 7d or 90m"),
    "how long a version has to have run where it is promoted from, such as 24h",
)  # fmt: skip
_MOMENT = Text(MOMENT, "is no date: write 2026-12-20, or 2026-12-20T18:00, in quotes")
FREEZE_FROM = Key("from", _MOMENT, "first date of a window, or moment in its zone's wall clock; goes with until")
FREEZE_UNTIL = Key("until", _MOMENT, "last date of the window, or the moment of its end")
FREEZE_WEEKLY = Key(
    "weekly", Text(WEEKLY, "is no weekly rule: write FREQ=WEEKLY;BYDAY=FR;BYHOUR=15, and ;BYMINUTE=30 if wanted"),
    "when windows begin instead, by RFC 5545: FREQ=WEEKLY with BYDAY, BYHOUR, BYMINUTE; goes with for",
)  # fmt: skip
FREEZE_FOR = Key("for", SOAK.form, "how long each of those is, such as 65h")
FREEZE_ZONE = Key(
    "zone", Text(re.compile("[A-Za-z][A-Za-z0-9_+/-]*"), "is no time zone, such as Europe/Berlin"),
    "time zone, such as Europe/Berlin", required=True,
)  # fmt: skip
FREEZE_REASON = Key("reason", Text(), "why, for whoever is refused", required=True)
FROZEN = Key(
    "frozen",
    Sections(Section(
        (FREEZE_FROM, FREEZE_UNTIL, FREEZE_WEEKLY, FREEZE_FOR, FREEZE_ZONE, FREEZE_REASON),
        (frozenset({"from", "until", "zone", "reason"}), frozenset({"weekly", "for", "zone", "reason"})),
    )),
    "windows in which nothing is promoted to it",
)  # fmt: skip
REQUIRE = Key(
    "require",
    Texts(Text(re.compile(f"{SIGNATURE}|{SBOM}|{PROVENANCE}"), "is not possible: write signature, sbom or provenance")),
    "what an image has to have to be promoted to it: signature, sbom, provenance; with signers, signed by one of them",
)  # fmt: skip
SIGNER_KEY = Key("key", _FILE, "path of a public key in the repository, as cosign generate-key-pair makes it")
SIGNER_ISSUER = Key(
    "issuer", Text(re.compile("https://[!-~]+"), "is no issuer of identities: write https://…"),
    "who vouches for a keyless signature's identity, such as https://token.actions.githubusercontent.com",
)  # fmt: skip
SIGNER_SUBJECT = Key(
    "subject", Text(re.compile("[!-~]+"), "is no identity: write it without blanks"),
    "that identity, such as a workflow's address with @refs/heads/main; * is anything but /; goes with issuer",
)  # fmt: skip
TRUSTED_ROOT = Key(
    "trusted-root", _FILE, "path of a trusted_root.json in the repository, for another Sigstore than the public one"
)
SIGNERS = Key(
    "signers",
    Sections(Section(
        (SIGNER_KEY, SIGNER_ISSUER, SIGNER_SUBJECT, TRUSTED_ROOT),
        (frozenset({"key"}), frozenset({"issuer", "subject"}), frozenset({"issuer", "subject", "trusted-root"})),
    )),
    "who may have signed that: a key, or an identity",
)  # fmt: skip
_ENVIRONMENT = Section((
    ENVIRONMENT_NAME, PROMOTES_FROM, ENVIRONMENT_REGISTRY, DEPLOYED_BY, REVIEWERS, WAIT_MINUTES, BRANCHES, CHANGES_BY,
    SOAK, FROZEN, REQUIRE, SIGNERS,
))  # fmt: skip

SERVICE_NAME = Key("name", _LABEL, "name of the service", required=True)
CONTEXT = Key("context", _FOLDER, "folder that the image is built from; . is the whole repository", required=True)
DOCKERFILE = Key(
    "dockerfile", _FILE, "path of its Dockerfile in the repository, inside of context; the one in context if not given"
)
_STAGE = Text(re.compile("[A-Za-z0-9][A-Za-z0-9_.-]*"), "is no stage of a Dockerfile")
TARGET = Key("target", _STAGE, "stage to build; the last one if not given")
ARGS = Key(
    "args",
    Table(Text(re.compile("(?!VERSION$)[A-Za-z_][A-Za-z0-9_]*"), "is no argument to set; VERSION is the release tag"),
          Text()),
    "build arguments besides VERSION, the release tag; nothing secret: they stay in the image",
)  # fmt: skip
SECRETS = Key(
    "secrets", Texts(Text(re.compile("[A-Za-z0-9_][A-Za-z0-9_.-]*"), "is no name of a secret")),
    "ids of the Dockerfile's RUN --mount=type=secret; values are given by --build-secret",
)  # fmt: skip
IMAGE_NAME = Key(
    "image", Text(ADDRESS_PATTERN, "is no image's name: write it as the base does, without a tag"),
    "name of the image in the base and in the overlays' images:; the service's if not given",
)  # fmt: skip
SERVICE_MANIFESTS = Key(
    "manifests", _FOLDER, "folder that holds its overlays; the one of its name in manifests if not given"
)
PLATFORMS = Key(
    "platforms",
    Texts(Text(PLATFORM, "is no platform: write linux/amd64")),
    "platforms to build for; the engine's own if not given",
)
CHECK_TARGET = Key(
    "target", _STAGE, "stage that fails to build when something is wrong: lint, lint-… is a lint, any other a test",
    required=True,
)  # fmt: skip
CHECKS = Key(
    "checks", Mixed(Choice((GO, NODE, PYTHON)), Section((CHECK_TARGET,))),
    "what lint and test do with it: go, node, python, {target: …}; told by its files if not given, [] is nothing",
)  # fmt: skip
_SERVICE = (
    SERVICE_NAME, CONTEXT, DOCKERFILE, TARGET, ARGS, SECRETS, IMAGE_NAME, SERVICE_MANIFESTS, PLATFORMS, CHECKS,
)  # fmt: skip

PROVENANCE_SBOM = Key("sbom", Switch(default=True), "attach an SBOM, SPDX 2.3; true if not given")
PROVENANCE_ATTEST = Key("attest", Switch(default=True), "attach a SLSA provenance statement; true if not given")
PROVENANCE_SIGN = Key(
    "sign", Choice((NONE, KEYLESS, KEY)), "sign the image, and what is attached: none (the default), keyless, or by key"
)
_SERVICE_ADDRESS = Text(
    re.compile(r"(?:https://|http://(?=(?:localhost|127\.0\.0\.1)(?::|/|$)))[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]*)?"),
    "is no address: write https://host", hidden,
)  # fmt: skip
PROVENANCE_FULCIO = Key(
    "fulcio",
    _SERVICE_ADDRESS,
    "address of a Fulcio of one's own that certifies identities; goes with rekor, trusted-root",
)
PROVENANCE_REKOR = Key(
    "rekor",
    _SERVICE_ADDRESS,
    "address of the transparency log; if not given, Sigstore's for keyless and none for a key",
)
PROVENANCE_ROOT = Key(
    "trusted-root", _FILE, "path in the repository of that Sigstore's trusted root, as cosign trusted-root writes it"
)
PROVENANCE_ = Key(
    "provenance",
    Section((
        PROVENANCE_SBOM, PROVENANCE_ATTEST, PROVENANCE_SIGN, PROVENANCE_FULCIO, PROVENANCE_REKOR, PROVENANCE_ROOT,
    )),
    "what build attaches to the images that it pushes",
)  # fmt: skip

BOARD_PAGES = Key("pages", Switch(default=False), "let generate write a workflow that puts it on GitHub Pages")
BOARD = Key("board", Section((BOARD_PAGES,)), "the board, and where it is published")

TOOLS = {
    field.name: Key(
        field.name.replace("_", "-"),
        Text(IMAGE_PATTERN, "is no image: write host[:port]/path:tag, or …@sha256:…", hidden),
        f"image of {field.name.replace('_', '-')}, such as a mirror's",
    )
    for field in fields(Tools)
}

PROJECT = Key("project", _LABEL, "name of the project, part of its image repositories", required=True)
REGISTRY = Key("registry", _REGISTRY, "registry of all environments that name no other", required=True)
REPOSITORY = Key(
    "repository", Text(_REPOSITORY, "is no Git repository", hidden),
    "Git repository of the overlays, that Argo CD reads: https://host/owner/name, or over SSH", required=True,
)  # fmt: skip
BRANCH = Key("branch", Text(_BRANCH, "is no branch name"), "branch that Argo CD reads", required=True)
MANIFESTS = Key("manifests", _FOLDER, "folder that holds a folder for each service", required=True)
IMAGES_ = Key(
    "images",
    Text(re.compile(rf"(?=.*\{{service\}})(?:[a-z0-9._/-]|{_PLACE})+"),
         "is no pattern of image repositories: write {service}, {environment}, {project}, a-z, 0-9 and . _ - /"),
    f"pattern of the image repositories' names; {IMAGES} if not given",
)  # fmt: skip
NAMESPACES = Key(
    "namespaces",
    Text(re.compile(rf"(?:[a-z0-9-]|{_PLACE})+"),
         "is no pattern of namespaces: write {service}, {environment}, {project}, a-z, 0-9 and -"),
    "pattern of the overlays' namespaces, such as {service}-{environment}; they are not checked without it",
)  # fmt: skip
APPLICATIONS = Key(
    "applications",
    Text(re.compile(rf"(?=.*\{{service\}})(?=.*\{{environment\}})(?:[a-z0-9.-]|{_PLACE})+"),
         "is no pattern of Argo CD's applications: write {service}, {environment}, {project}, a-z, 0-9 and . -"),
    f"pattern of the names of Argo CD's applications; {APPLICATIONS_} if not given",
)  # fmt: skip
ENVIRONMENTS = Key(
    "environments",
    Sections(
        _ENVIRONMENT, frozenset({"promotes-from", "soak", "frozen", "require", "signers"}),
        not_rest=frozenset({"deployed-by"}),
    ),
    "the environments; the first receives builds", required=True,
)  # fmt: skip
SERVICES = Key("services", Sections(Section(_SERVICE)), "services, an image each", required=True)
TOOLS_ = Key("tools", Section(tuple(TOOLS.values())), "other references of the images that the tools come from")

ROOT = Section((
    PROJECT, REGISTRY, REPOSITORY, BRANCH, MANIFESTS, IMAGES_, NAMESPACES, APPLICATIONS, ENVIRONMENTS, SERVICES,
    PROVENANCE_, BOARD, TOOLS_,
))  # fmt: skip
