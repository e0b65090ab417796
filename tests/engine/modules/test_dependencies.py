"""Modules that a module depends on: where they may be, what is generated for them, and what is refused when."""

import json
from pathlib import Path
from typing import cast

import pytest

from dagger_local.api.objects.module import Module
from dagger_local.api.objects.typedef import (
    EnumTypeDef,
    EnumValueTypeDef,
    FieldTypeDef,
    Function,
    FunctionArg,
    ListTypeDef,
    ObjectTypeDef,
    TypeDef,
)
from dagger_local.engine import Engine
from dagger_local.errors import EngineError, UnsupportedError
from dagger_local.modules.bindings import bindings
from dagger_local.modules.dependencies import place_of
from dagger_local.modules.registration import refuse_external
from dagger_local.modules.source import Dependency, find_module
from dagger_local.modules.types import named_for_api

from .conftest import Call

NONE = cast("Engine", None)
TEXT = TypeDef(NONE, "STRING_KIND")
TEXTS = TypeDef(NONE, "LIST_KIND", as_list=ListTypeDef(NONE, TEXT))


def of(shape: ObjectTypeDef) -> TypeDef:
    return TypeDef(NONE, "OBJECT_KIND", as_object=shape)


def shop(*functions: Function, fields: tuple[FieldTypeDef, ...] = ()) -> Module:
    main = ObjectTypeDef(NONE, "Shop", functions=functions, fields=fields, original="Shop")
    bag = ObjectTypeDef(NONE, "Bag", functions=(Function(NONE, "label", return_type=TEXT),))
    size = EnumTypeDef(NONE, "Size", members=(EnumValueTypeDef(NONE, "LARGE", value="large"),))
    return Module(NONE, objects=(of(main), of(bag)), enums=(TypeDef(NONE, "ENUM_KIND", as_enum=size),))


def lines(module: Module) -> list[str]:
    text = bindings({module.name: module}, {})
    compile(text, "bindings", "exec")
    return [line.strip() for line in text.splitlines()]


def test_what_is_required_comes_first_and_the_rest_by_name_with_its_default() -> None:
    size = TypeDef(NONE, "ENUM_KIND", as_enum=EnumTypeDef(NONE, "Size"))
    args = (
        FunctionArg(NONE, "size", type_def=size, default_value='"LARGE"'),
        FunctionArg(NONE, "words", type_def=TEXTS, default_value='["a"]'),
        FunctionArg(NONE, "from", type_def=TEXT),
        FunctionArg(NONE, "note", type_def=TEXT.with_optional(True)),
    )
    bag = of(ObjectTypeDef(NONE, "Bag"))
    found = lines(named_for_api(shop(Function(NONE, "bagOf", args=args, return_type=bag)), "shop"))

    assert (
        'def bag_of(self, from_: "str", *, size: "ShopSize" = ShopSize.LARGE, words: "list[str] | None" = None, '
        'note: "str | None" = None) -> "ShopBag":'
    ) in found
    assert (
        '_ctx = self._select("bagOf", [Arg("from", from_), Arg("size", size, ShopSize.LARGE), '
        """Arg("words", ['a'] if words is None else words, ['a']), Arg("note", note, None)])"""
    ) in found


def test_a_module_has_the_name_that_the_other_calls_it_by() -> None:
    named = named_for_api(shop(), "shop", "corner-store")

    assert [each.name() for each in (*named.objects, *named.enums)] == [
        "CornerStore",
        "CornerStoreBag",
        "CornerStoreSize",
    ]
    assert 'ENTRIES = {"corner_store": corner_store}' in lines(named)
    assert 'def corner_store(self) -> "CornerStore":' in lines(named)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (Function(NONE, "a", return_type=TEXTS), ""),
        (Function(NONE, "a", return_type=of(ObjectTypeDef(NONE, "Far"))), 'function "a" cannot return external type'),
        (
            Function(
                NONE,
                "a",
                return_type=TEXT,
                args=(FunctionArg(NONE, "b", type_def=of(ObjectTypeDef(NONE, "Far"))),),
            ),
            'object "Shop" function "a" arg "b" cannot reference external type from dependency module "far"',
        ),
    ],
)
def test_types_of_others_are_refused_in_daggers_words(other: Function, said: str) -> None:
    def _far(name: str) -> str:
        return "far" if name == "Far" else ""

    if not said:
        refuse_external(named_for_api(shop(other), "shop"), _far)
        return
    with pytest.raises(EngineError, match=said):
        refuse_external(named_for_api(shop(other), "shop"), _far)


def depending(folder: Path, name: str, *sources: str | dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    said = [each if isinstance(each, dict) else {"name": "other", "source": each} for each in sources]
    about = {"name": name, "sdk": {"source": "python"}, "dependencies": said}
    (folder / "dagger.json").write_text(json.dumps(about))
    (folder / "main.py").touch()
    return folder


@pytest.mark.parametrize(
    ("source", "kind", "said"),
    [
        ("../../out", EngineError, r'local module dep source path "\.\./\.\./out" escapes context'),
        ("/out", EngineError, 'local module dep source path "/out" is absolute'),
        ("../none", EngineError, "no dagger.json"),
        ("github.com/a/b@v1", UnsupportedError, "a module from github.com/a/b@v1"),
        ({"source": "../b", "pin": "0123"}, UnsupportedError, r"a module from \.\./b"),
    ],
)
def test_a_module_is_in_the_repository_or_refused(
    tmp_path: Path, source: str | dict[str, str], kind: type[Exception], said: str
) -> None:
    (tmp_path / "repository/.git").mkdir(parents=True)
    this = find_module(depending(tmp_path / "repository/a", "a", source))

    with pytest.raises(kind, match=said):
        place_of(this, this.dependencies[0])


def test_a_toolchain_is_called_as_a_dependency_is(tmp_path: Path) -> None:
    about = {"name": "a", "sdk": "python", "toolchains": [{"name": "lint", "source": "lint"}]}
    (tmp_path / "dagger.json").write_text(json.dumps(about))

    assert find_module(tmp_path).dependencies == (Dependency("lint", "lint", is_toolchain=True),)


@pytest.mark.engine
def test_what_cannot_be_served_is_refused_only_when_it_is_used(call: Call, module: Path) -> None:
    (module / ".git").mkdir()
    about = json.loads((module / "dagger.json").read_text())
    depending(module / "go", "go")
    (module / "go/dagger.json").write_text('{"name": "go", "sdk": {"source": "go"}}')
    far = {"name": "far-away", "source": "github.com/a/b@v1"}
    own = {"name": "golang", "source": "go"}
    (module / "dagger.json").write_text(json.dumps({**about, "dependencies": [far, own]}))
    main = module / "src/notes/main.py"
    more = (
        "    @function\n    async def far(self) -> str:\n        return await dag.far_away().name()\n\n"
        "    def _near(self) -> dagger.GolangBuild:\n        return dag.golang().build()\n\n"
        "    @function\n    def near(self) -> str:\n        return str(self._near())\n\n"
    )
    main.write_text(main.read_text().replace("    @function\n    def wrong", f"{more}    @function\n    def wrong"))

    assert call("call", "titles").out == "one\ntwo\n"
    far_away, near = call("call", "far"), call("call", "near")
    assert (far_away.code, near.code) == (1, 1)
    assert "module far-away, on which notes depends: a module from github.com/a/b@v1 is not supported" in far_away.err
    assert "module golang, on which notes depends: a module in go" in near.err


@pytest.mark.engine
def test_modules_that_depend_on_each_other_are_refused_in_daggers_words(call: Call, module: Path) -> None:
    (module / ".git").mkdir()
    (module / "dagger.json").write_text(
        json.dumps({"name": "notes", "sdk": "python", "dependencies": [{"name": "b", "source": "b"}]})
    )
    depending(module / "b", "b", {"name": "notes", "source": ".."})

    done = call("functions")
    assert done.code == 1
    assert 'module "b" has a circular dependency on itself through dependency "notes"' in done.err
