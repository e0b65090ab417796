"""A module that depends on another of its repository, by a name of its own for it: alike on both engines."""

from collections.abc import Callable

import pytest

from .conftest import Caller

pytestmark = pytest.mark.engine


@pytest.fixture
def nursery(copied: Callable[[str], Caller]) -> Caller:
    copied("seeds")
    return copied("nursery")


def test_only_its_own_functions_are_offered(nursery: Caller) -> None:
    listed, helped = nursery("functions"), nursery("call", "sown", "--help")

    names = [line.split()[0] for line in listed.out.split("\n\n")[0].splitlines()[1:]]
    assert (listed.code, helped.code) == (0, 0)
    assert names == ["cost", "labels", "largest", "leaflet", "module", "oaks-are-cheap", "shared", "sown"]
    assert '(default "oak")' in helped.out
    assert nursery("call", "stock").code == 1, "the other module's are its own business"


def test_it_calls_the_other_module_and_gets_objects_lists_and_members_of_it(nursery: Caller) -> None:
    assert nursery("call", "sown").out == "sown: 10 oak+sand"
    assert nursery("call", "labels", "--kinds", "oak,ash").out == "1 oak\n1 ash\n"
    assert nursery("call", "largest").out == "LARGE True"


def test_the_other_module_has_its_own_files_and_takes_and_gives_folders(nursery: Caller) -> None:
    assert nursery("call", "cost").out == "3"
    assert nursery("call", "leaflet", "file", "--path", "leaflet.txt", "contents").out == "Ann: oaks"
    shared = nursery("call", "shared").out.split()
    assert shared[:2] == ["a.txt", "b.txt"]
    assert "prices.txt" in shared
    assert "prices.txt" not in nursery("call", "module").out.split()

    (nursery.module / "dear.txt").write_text("oak 9\n")
    assert nursery("call", "cost", "--prices", "dear.txt").out == "9"


def test_its_checks_see_what_the_other_module_is_now(nursery: Caller) -> None:
    assert nursery("check").code == 0

    (nursery.module.parent / "seeds/prices.txt").write_text("oak 7\n")
    dear = nursery("check")
    assert dear.code == 1
    assert "oaks cost 7" in dear.out + dear.err


def test_the_other_modules_error_is_told_in_its_words(nursery: Caller) -> None:
    done = nursery("call", "cost", "--kind", "fir")

    assert done.code == 1
    assert "no price of fir" in done.err


def test_types_of_the_other_module_are_not_offered_as_its_own(nursery: Caller) -> None:
    main = nursery.module / "src/nursery/main.py"
    more = "    @function\n    def bag(self) -> dagger.StockBag:\n        return dag.stock().bag('oak')\n"
    main.write_text(f"{main.read_text()}\n{more}")

    done = nursery("functions")
    assert done.code == 1
    said = 'object "Nursery" function "bag" cannot return external type from dependency module "stock"'
    assert said in done.err
