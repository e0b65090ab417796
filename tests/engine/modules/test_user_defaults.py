"""What a user gives to a module's arguments in a `.env`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dagger_local.api.objects.module import Module
from dagger_local.api.objects.typedef import Function, TypeDef
from dagger_local.errors import EngineError
from dagger_local.modules.user_defaults import with_user_defaults

ENGINE: Any = None
TEXT = TypeDef(ENGINE, "STRING_KIND")
NUMBER = TypeDef(ENGINE, "INTEGER_KIND")
SECRET = TypeDef(ENGINE).with_object("Secret")
FOLDER = TypeDef(ENGINE).with_object("Directory")


def shop() -> Module:
    """A module with a constructor and a function."""
    constructor = Function(ENGINE, "", return_type=TEXT).with_arg("registryHost", TEXT).with_arg("token", SECRET)
    build = (
        Function(ENGINE, "dryRun", return_type=TEXT)
        .with_arg("count", NUMBER)
        .with_arg("tags", TypeDef(ENGINE).with_list_of(NUMBER))
        .with_arg("source", FOLDER, default_path="/")
    )
    main = TypeDef(ENGINE).with_object("Shop").with_function(build).with_constructor(constructor)
    return Module(ENGINE, "shop", objects=(main,))


def given(folder: Path, inner: str = "", outer: str = "", environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the defaults that arguments have by two files, by the arguments' names."""
    for name, text in (("inner", inner), ("outer", outer)):
        (folder / name).write_text(text)
    made = with_user_defaults(shop(), "shop", folder / "inner", folder / "outer", environ or {})
    (main,) = (each.as_object for each in made.objects)
    assert main
    assert main.constructor
    args = [*main.constructor.args, *main.functions[0].args]
    return {arg.name: arg.user_default or arg.default_value for arg in args if arg.user_default or arg.default_value}


def test_the_constructors_arguments_go_by_their_names_and_a_functions_behind_its_own(tmp_path: Path) -> None:
    text = "registryhost=a\nDRYRUN_COUNT=3\ndry_run_tags=1,2\nCOUNT=9\n"

    assert given(tmp_path, text) == {"registryHost": '"a"', "count": "[3]"[1:-1], "tags": "[1, 2]"}


def test_where_it_is_called_names_are_behind_the_modules_and_win(tmp_path: Path) -> None:
    outer = "SHOP_REGISTRYHOST=b\nREGISTRYHOST=c\nshop_dryRun_count=4\n"

    assert given(tmp_path, "REGISTRYHOST=a\n", outer) == {"registryHost": '"b"', "count": "4"}


def test_objects_are_given_by_address_before_the_modules_own_default(tmp_path: Path) -> None:
    assert given(tmp_path, "TOKEN=env://T\ndryRun_source=./here\n") == {"token": "env://T", "source": "./here"}


def test_values_refer_to_others_and_to_the_callers_variables(tmp_path: Path) -> None:
    text = 'BASE=x\nREGISTRYHOST="${BASE}.${HOST_NAME}"\n'

    assert given(tmp_path, text, environ={"HOST_NAME": "y"}) == {"registryHost": '"x.y"'}


def test_a_value_of_another_type_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"user defaults shop.dryRun\(count=...\): 'many' in .env"):
        given(tmp_path, "DRYRUN_COUNT=many\n")


def test_a_variable_that_is_not_set_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"user defaults shop\(registryHost=...\): NOT_SET: unbound variable"):
        given(tmp_path, "REGISTRYHOST=${NOT_SET}\n")
