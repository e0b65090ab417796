"""A module's types as the engine would tell them, and an engine that only remembers what it was asked."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dagger_local.cli import typedefs
from dagger_local.cli.parse import Plan, Types, constructor_of, plan
from dagger_local.cli.typedefs import Object, TypeDefs


def kind(name: str, *, optional: bool = False, of: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a use of a type: a primitive by its kind, an `object:Name`, `enum:Name` or `scalar:Name`, a list."""
    if of:
        return {"kind": "LIST_KIND", "optional": optional, "asList": {"elementTypeDef": of}}
    family, _, named = name.partition(":")
    shape: dict[str, Any] = {"kind": f"{family.upper()}_KIND", "optional": optional}
    return shape | ({f"as{family.title()}": {"name": named}} if named else {})


def argument(name: str, of: Mapping[str, Any], description: str = "", **more: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {"defaultValue": None, "defaultPath": "", "ignore": []}
    return {"name": name, "typeDef": of, "description": description} | plain | more


def function(name: str, returns: Mapping[str, Any], *args: Mapping[str, Any], description: str = "") -> dict[str, Any]:
    return {"name": name, "returnType": returns, "args": list(args), "description": description}


ANSWER = {
    "currentTypeDefs": [
        {
            "kind": "OBJECT_KIND",
            "asObject": {
                "name": "Shop",
                "description": "Sell things.\n\nAll sorts of them.",
                "constructor": function(
                    "",
                    kind("object:Shop"),
                    argument("source", kind("object:Directory", optional=True), defaultPath="/", ignore=["*", "!src"]),
                    argument("registryPassword", kind("object:Secret", optional=True), "Password of the registry."),
                ),
                "functions": [
                    function(
                        "build",
                        kind("string"),
                        argument("tag", kind("string"), "The release tag."),
                        argument("push", kind("boolean"), "Publish as well.", defaultValue="false"),
                        argument("services", kind("", of=kind("string"), optional=True), "Which ones."),
                        argument("platforms", kind("", of=kind("scalar:Platform"), optional=True)),
                        argument("retries", kind("integer"), defaultValue="3"),
                        argument("severity", kind("enum:ShopSeverity"), "How bad.", defaultValue='"LOW"'),
                        description="Build every image.\n\nNothing is pushed without --push.",
                    ),
                    function("images", kind("", of=kind("object:ShopImage")), description="The images."),
                    function("box", kind("object:Container"), argument("base", kind("object:Container"))),
                    function(
                        "inputs",
                        kind("void"),
                        argument("dirs", kind("", of=kind("object:Directory")), ignore=["node_modules"]),
                        argument("file", kind("object:File", optional=True)),
                        argument("service", kind("object:Service", optional=True)),
                        argument("tokens", kind("", of=kind("object:Secret"), optional=True)),
                        argument("ratio", kind("float", optional=True)),
                        argument("args", kind("", of=kind("input:BuildArg"), optional=True)),
                        argument("level", kind("", of=kind("enum:ShopSeverity"), optional=True)),
                    ),
                    function("tidy", kind("object:Changeset"), description="Format the source."),
                    function("pack", kind("object:Shop"), argument("other", kind("object:Shop"))),
                ],
                "fields": [{"name": "version", "description": "", "typeDef": kind("string")}],
            },
        },
        {
            "kind": "OBJECT_KIND",
            "asObject": {
                "name": "ShopImage",
                "description": "",
                "constructor": None,
                "functions": [function("reference", kind("string"), description="Where it lives.")],
                "fields": [],
            },
        },
        {
            "kind": "ENUM_KIND",
            "asEnum": {
                "name": "ShopSeverity",
                "description": "",
                "members": [
                    {"name": "LOW", "value": "low", "description": ""},
                    {"name": "VERY_HIGH", "value": "very-high", "description": ""},
                ],
            },
        },
    ]
}


@pytest.fixture(scope="session")
def known() -> TypeDefs:
    return typedefs.read(ANSWER)


@pytest.fixture(scope="session")
def core() -> dict[str, Object]:
    """Return the engine's own types that the module's functions lead to."""
    shapes = [
        (
            "Container",
            [
                function("withEnvVariable", kind("object:Container"), argument("name", kind("string")),
                         argument("value", kind("string"))),
                function("stdout", kind("string")),
                function("sync", kind("scalar:ID")),
                function("export", kind("string"), argument("path", kind("string"))),
            ],
        ),
        ("Changeset", [function("sync", kind("scalar:ID")), function("isEmpty", kind("boolean"))]),
    ]  # fmt: skip
    answer = [{"asObject": {"name": name, "description": "", "functions": some}} for name, some in shapes]
    return dict(typedefs.read({"currentTypeDefs": answer}).objects)


class Planner:
    """Plans a line against the shop module, in a directory of its own."""

    def __init__(self, known: TypeDefs, core: Mapping[str, Object], cwd: Path) -> None:
        self.known = known
        self.types = Types(lambda name: known.objects.get(name) or core.get(name), known.enums)
        self.cwd = cwd

    def __call__(self, *words: str) -> Plan:
        constructor = constructor_of(self.known.objects["Shop"])
        return plan(words, "shop", constructor, self.types, self.cwd)


@pytest.fixture
def planned(known: TypeDefs, core: Mapping[str, Object], tmp_path: Path) -> Planner:
    return Planner(known, core, tmp_path)


class FakeEngine:
    """Answers each query with the next of the answers it was given, and remembers what it was asked."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, dict[str, Any]]] = []

    async def query(self, text: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        self.asked.append((" ".join(text.split()), dict(variables or {})))
        return self.answers.pop(0)
