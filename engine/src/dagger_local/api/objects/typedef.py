"""Type definitions: how a module describes its objects, functions and enumerations."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dagger_local.api.objects.base import Object
from dagger_local.errors import EngineError


@dataclass(frozen=True, slots=True)
class SourceMap(Object):
    """Where in a module's source something is defined."""

    filename: str = ""
    line: int = 0
    column: int = 0
    module: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Definition(Object):
    """What every named definition has."""

    name: str = ""
    description: str = ""
    deprecated: str | None = None
    source_map: SourceMap | None = None
    source_module_name: str = ""


@dataclass(frozen=True, slots=True)
class EnumValueTypeDef(Definition):
    """A member of an enumeration."""

    value: str = ""


@dataclass(frozen=True, slots=True)
class EnumTypeDef(Definition):
    """An enumeration."""

    members: tuple[EnumValueTypeDef, ...] = ()

    def values(self) -> tuple[EnumValueTypeDef, ...]:
        return self.members


@dataclass(frozen=True, slots=True)
class ScalarTypeDef(Definition):
    """A scalar of its own name."""


@dataclass(frozen=True, slots=True)
class InputTypeDef(Definition):
    """An input object of the core API."""

    fields: "tuple[FieldTypeDef, ...]" = ()


@dataclass(frozen=True, slots=True)
class ListTypeDef(Object):
    """A list."""

    element_type_def: "TypeDef"


@dataclass(frozen=True, slots=True)
class FieldTypeDef(Definition):
    """A field of an object."""

    type_def: "TypeDef" = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class FunctionArg(Definition):
    """An argument; `default_value` is JSON, empty without one; `user_default` is the address of an object."""

    type_def: "TypeDef" = field(kw_only=True)
    default_value: str = ""
    default_path: str = ""
    default_address: str = ""
    ignore: tuple[str, ...] = ()
    user_default: str = ""

    @property
    def is_required(self) -> bool:
        return not (self.default_value or self.type_def.optional)


@dataclass(frozen=True, slots=True)
class Function(Definition):
    """A function of an object; `policy` says whether a result may be used again."""

    return_type: "TypeDef" = field(kw_only=True)
    args: tuple[FunctionArg, ...] = ()
    policy: str = "Default"
    is_check: bool = False
    is_generator: bool = False
    is_service: bool = False

    def with_description(self, description: str) -> "Function":
        return replace(self, description=description)

    def with_deprecated(self, reason: str | None = None) -> "Function":
        return replace(self, deprecated=reason or "")

    def with_source_map(self, source_map: SourceMap) -> "Function":
        return replace(self, source_map=source_map)

    def with_cache_policy(self, policy: str, time_to_live: str | None = None) -> "Function":
        return replace(self, policy=policy)

    def with_check(self) -> "Function":
        return replace(self, is_check=True)

    def with_generator(self) -> "Function":
        return replace(self, is_generator=True)

    def with_up(self) -> "Function":
        return replace(self, is_service=True)

    def with_arg(
        self,
        name: str,
        type_def: "TypeDef",
        description: str = "",
        default_value: str | None = None,
        default_path: str = "",
        ignore: Sequence[str] = (),
        source_map: SourceMap | None = None,
        deprecated: str | None = None,
        default_address: str = "",
    ) -> "Function":
        arg = FunctionArg(
            *(self.engine, name, description, deprecated, source_map),
            type_def=type_def.with_optional(True) if default_path or default_address else type_def,
            default_value=default_value or "",
            default_path=default_path,
            default_address=default_address,
            ignore=tuple(ignore),
        )
        return replace(self, args=(*self.args, arg))


@dataclass(frozen=True, slots=True)
class InterfaceTypeDef(Definition):
    """An interface."""

    functions: tuple[Function, ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectTypeDef(Definition):
    """An object."""

    fields: tuple[FieldTypeDef, ...] = ()
    functions: tuple[Function, ...] = ()
    constructor: Function | None = None
    original: str = ""
    """The name in the module's own code; `name` is that of the API."""


@dataclass(frozen=True, slots=True)
class TypeDef(Object):
    """A use of a type, or its definition."""

    kind: str = "VOID_KIND"
    optional: bool = False
    as_object: ObjectTypeDef | None = None
    as_interface: InterfaceTypeDef | None = None
    as_list: ListTypeDef | None = None
    as_enum: EnumTypeDef | None = None
    as_scalar: ScalarTypeDef | None = None
    as_input: InputTypeDef | None = field(default=None)

    def name(self) -> str:
        named = self.as_object or self.as_interface or self.as_enum or self.as_scalar or self.as_input
        return named.name if named else ""

    def with_kind(self, kind: str) -> "TypeDef":
        return replace(self, kind=kind)

    def with_optional(self, optional: bool) -> "TypeDef":
        return replace(self, optional=optional)

    def with_scalar(self, name: str, description: str = "") -> "TypeDef":
        return replace(self, kind="SCALAR_KIND", as_scalar=ScalarTypeDef(self.engine, name, description))

    def with_list_of(self, element_type: "TypeDef") -> "TypeDef":
        return replace(self, kind="LIST_KIND", as_list=ListTypeDef(self.engine, element_type))

    def with_object(
        self, name: str, description: str = "", source_map: SourceMap | None = None, deprecated: str | None = None
    ) -> "TypeDef":
        shape = ObjectTypeDef(self.engine, name, description, deprecated, source_map, original=name)
        return replace(self, kind="OBJECT_KIND", as_object=shape)

    def with_interface(self, name: str, description: str = "", source_map: SourceMap | None = None) -> "TypeDef":
        shape = InterfaceTypeDef(self.engine, name, description, None, source_map)
        return replace(self, kind="INTERFACE_KIND", as_interface=shape)

    def with_enum(self, name: str, description: str = "", source_map: SourceMap | None = None) -> "TypeDef":
        return replace(self, kind="ENUM_KIND", as_enum=EnumTypeDef(self.engine, name, description, None, source_map))

    def with_enum_member(
        self,
        name: str,
        value: str = "",
        description: str = "",
        source_map: SourceMap | None = None,
        deprecated: str | None = None,
    ) -> "TypeDef":
        if self.as_enum is None:
            raise EngineError(f"enum member {name}: the type is no enum; call withEnum first")
        member = EnumValueTypeDef(self.engine, name, description, deprecated, source_map, value=value or name)
        return replace(self, as_enum=replace(self.as_enum, members=(*self.as_enum.members, member)))

    def with_enum_value(self, value: str, **options: Any) -> "TypeDef":
        return self.with_enum_member(value, value, **options)

    def with_field(
        self,
        name: str,
        type_def: "TypeDef",
        description: str = "",
        source_map: SourceMap | None = None,
        deprecated: str | None = None,
    ) -> "TypeDef":
        if self.as_object is None:
            raise EngineError(f"field {name}: the type is no object; call withObject first")
        shape = FieldTypeDef(self.engine, name, description, deprecated, source_map, type_def=type_def)
        return replace(self, as_object=replace(self.as_object, fields=(*self.as_object.fields, shape)))

    def with_function(self, function: Function) -> "TypeDef":
        if self.as_interface is not None:
            functions = (*self.as_interface.functions, function)
            return replace(self, as_interface=replace(self.as_interface, functions=functions))
        if self.as_object is None:
            raise EngineError(f"function {function.name}: the type is no object; call withObject first")
        return replace(self, as_object=replace(self.as_object, functions=(*self.as_object.functions, function)))

    def with_constructor(self, function: Function) -> "TypeDef":
        if self.as_object is None:
            raise EngineError("a constructor needs an object; call withObject first")
        return replace(self, as_object=replace(self.as_object, constructor=function))
