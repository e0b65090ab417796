"""A module's types, as they come into the API."""

from typing import cast

import pytest

from dagger_local.api.objects.module import Module
from dagger_local.api.objects.typedef import FieldTypeDef, Function, ListTypeDef, ObjectTypeDef, TypeDef
from dagger_local.engine import Engine
from dagger_local.errors import EngineError
from dagger_local.modules.answers import check_answer
from dagger_local.modules.registration import refuse_reserved
from dagger_local.modules.types import named_for_api

NONE = cast("Engine", None)
TEXT = TypeDef(NONE, "STRING_KIND")


def _module(shape: ObjectTypeDef) -> Module:
    return Module(NONE, objects=(TypeDef(NONE, "OBJECT_KIND", as_object=shape),))


def test_a_member_with_the_name_of_what_identifies_objects_is_refused_as_by_dagger() -> None:
    good = ObjectTypeDef(NONE, "Commit", fields=(FieldTypeDef(NONE, "sha", type_def=TEXT),))
    assert named_for_api(_module(good), "shop").objects[0].name() == "ShopCommit"
    for bad in (
        ObjectTypeDef(NONE, "Commit", fields=(FieldTypeDef(NONE, "id", type_def=TEXT),)),
        ObjectTypeDef(NONE, "Commit", functions=(Function(NONE, "id", return_type=TEXT),)),
    ):
        with pytest.raises(EngineError, match='reserved name "id" on object "ShopCommit"'):
            refuse_reserved(named_for_api(_module(bad), "shop"))


def test_nothing_where_something_is_declared_is_the_modules_error() -> None:
    texts = TypeDef(NONE, "LIST_KIND", as_list=ListTypeDef(NONE, TEXT))
    check_answer("shop.open", None, TypeDef(NONE, "VOID_KIND"))
    check_answer("shop.name", None, TEXT.with_optional(True))
    check_answer("shop.names", ["a"], texts)

    for value, kind in ((None, TEXT), (None, texts), (["a", None], texts)):
        with pytest.raises(EngineError, match=r"shop\.name returned None where .* is declared"):
            check_answer("shop.name", value, kind)
