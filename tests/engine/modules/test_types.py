"""A module's types, as they come into the API."""

from typing import cast

import pytest

from dagger_local.api.objects.module import Module
from dagger_local.api.objects.typedef import FieldTypeDef, Function, ObjectTypeDef, TypeDef
from dagger_local.engine import Engine
from dagger_local.errors import EngineError
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
