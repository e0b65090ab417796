"""The bindings of a module with an interface."""

import importlib
from pathlib import Path
from typing import Any

import dagger
import pytest

from dagger_local.api.objects.module import Module
from dagger_local.api.objects.typedef import Function, TypeDef
from dagger_local.modules.bindings import bindings

ENGINE: Any = None


def test_an_interface_is_a_protocol_that_objects_of_any_module_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = TypeDef(ENGINE, "STRING_KIND")
    labelled = TypeDef(ENGINE).with_interface("GardenLabelled")
    name = Function(ENGINE, "name", return_type=text)
    renamed = Function(ENGINE, "withName", return_type=labelled).with_arg("name", text)
    face = labelled.with_function(name).with_function(renamed)
    main = TypeDef(ENGINE).with_object("Garden")
    plant = TypeDef(ENGINE).with_object("GardenPlant").with_function(name).with_function(renamed)
    file = tmp_path / "bound_garden.py"
    file.write_text(bindings({"garden": Module(ENGINE, "garden", objects=(main, plant), interfaces=(face,))}, {}))
    monkeypatch.syspath_prepend(tmp_path)

    made: Any = importlib.import_module(file.stem)

    assert issubclass(made.GardenPlant, made.GardenLabelled)
    assert issubclass(dagger.File, made.GardenLabelled)
    assert not issubclass(dagger.Directory, made.GardenLabelled)
    assert made._GardenLabelledClient._graphql_name() == "GardenLabelled"
