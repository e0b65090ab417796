"""What a function answers with, held to what it declares."""

from typing import Any

from dagger_local.api.objects.typedef import TypeDef
from dagger_local.errors import EngineError
from dagger_local.modules.types import type_name


def check_answer(function: str, value: Any, kind: TypeDef) -> None:
    """Refuse nothing where something is declared, in lists too: it is the module's error, by the function's name."""
    if kind.kind == "VOID_KIND":
        return
    if value is None:
        if not kind.optional:
            raise EngineError(
                f"{function} returned None where {type_name(kind)} is declared; return a value, or declare that there "
                "may be none"
            )
    elif kind.as_list and isinstance(value, list):
        for item in value:
            check_answer(function, item, kind.as_list.element_type_def)
