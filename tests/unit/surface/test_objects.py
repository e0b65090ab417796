"""The objects that the module exposes are such as Dagger's engine takes."""

from dagger.mod import default_module

from pipeline import Pipeline


def test_no_field_or_function_has_a_name_that_is_every_object_s_own() -> None:
    module = default_module()
    assert module.get_object(Pipeline.__name__).functions
    found = {name: [*kind.fields, *kind.functions] for name, kind in module._objects.items()}
    assert len(found) > 3
    assert {name: names for name, names in found.items() if "id" in names} == {}
