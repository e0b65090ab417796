"""Read a YAML document key by key, and collect everything that is wrong with it, each with its line and key."""

from difflib import get_close_matches

import yaml

from pipeline.errors import shown

from .forms import AnyKey, Choice, Key, Mixed, Number, Section, Sections, Switch, Table, Text, Texts
from .places import Found, Place, Problems

_KINDS = {"str": "a text", "int": "a number", "float": "a number", "bool": "a truth value", "null": "nothing",
          "map": "a mapping", "seq": "a list", "timestamp": "a date"}  # fmt: skip


class Mapping:
    """A mapping of which the keys are known; those that are not are among the problems."""

    def __init__(self, node: yaml.Node | None, at: Place, problems: Problems, section: Section) -> None:
        self.at = at
        self._problems = problems
        self._section = section
        self._values: dict[str, tuple[Place, yaml.Node]] = {}
        self._readable = isinstance(node, yaml.MappingNode)
        if isinstance(node, yaml.MappingNode):
            self._values = _pairs(node, at, problems)
        elif node is not None:
            problems.add(at, f"must be a mapping, not {_kind(node)}")
        known = [key.name for key in section.keys]
        self._meant: set[str] = set()  # what stands here misspelt, and so is not missing as well
        for name, (place, _) in self._values.items():
            if name not in known:
                close = get_close_matches(name, [one for one in known if one not in self._values], n=1, cutoff=0.8)
                self._meant.update(close)
                hint = f"did you mean {close[0]}? " if close else ""
                problems.add(place, f"{shown(name)} is no key here: {hint}use {', '.join(known)}")

    def has(self, key: AnyKey) -> bool:
        """Tell whether a key is there."""
        return key.name in self._values

    def place(self, key: AnyKey) -> Place:
        """Return where a key stands, or would."""
        return self._values[key.name][0] if self.has(key) else Place(self.at.line, _under(self.at, key.name))

    def text(self, key: Key[Text], *, required: bool | None = None, checked: bool = True) -> Found:
        """Take a text; one that is not checked may be anything, and is looked at by the caller."""
        at, node = self._take(key, required)
        return _text(node, at, key.form if checked else None, self._problems)

    def choice(self, key: Key[Choice]) -> str:
        """Take one of a few texts; the first of them where there is none."""
        at, node = self._take(key)
        return _one_of(node, at, key.form, self._problems) or key.form.values[0]

    def switch(self, key: Key[Switch]) -> bool:
        """Take a truth value."""
        at, node = self._take(key)
        if node is None:
            return key.form.default
        if not isinstance(node, yaml.ScalarNode) or _tag(node) != "bool":
            self._problems.add(at, f"must be true or false, not {_kind(node)}")
            return key.form.default
        return node.value.lower() in {"true", "yes", "on"}  # YAML 1.1, as Python reads it

    def number(self, key: Key[Number]) -> int:
        """Take a whole number; 0 where there is none."""
        at, node = self._take(key)
        if node is None:
            return 0
        if not isinstance(node, yaml.ScalarNode) or _tag(node) != "int" or not node.value.isdecimal():
            self._problems.add(at, f"must be a whole number, not {_kind(node)}")
            return 0
        number = int(node.value)
        if not key.form.lowest <= number <= key.form.highest:
            self._problems.add(at, f"{shown(node.value)} must be from {key.form.lowest} to {key.form.highest}")
        return number

    def texts(self, key: Key[Texts]) -> tuple[str, ...]:
        """Take a list of texts."""
        at, node = self._take(key)
        found: dict[str, Place] = {}
        for place, item in self._items(node, at):
            text = _text(item, place, key.form.item, self._problems).value
            if text in found:
                self._problems.add(place, f"{shown(text)} is there twice: remove one")
            found[text] = place
        if len(found) > key.form.most:
            self._problems.add(at, f"has {len(found)} entries: at most {key.form.most} are possible")
        return tuple(found)

    def table(self, key: Key[Table]) -> tuple[tuple[str, str], ...]:
        """Take a mapping of texts to texts."""
        at, node = self._take(key)
        if node is None:
            return ()
        if not isinstance(node, yaml.MappingNode):
            self._problems.add(at, f"must be a mapping, not {_kind(node)}")
            return ()
        pairs = _pairs(node, at, self._problems)
        for name, (place, _) in pairs.items():
            _check(Found(name, place), key.form.name, self._problems)
        return tuple(
            (name, _text(item, place, key.form.value, self._problems, empty=True).value)
            for name, (place, item) in pairs.items()
        )

    def section(self, key: Key[Section]) -> "Mapping":
        """Take a mapping."""
        at, node = self._take(key)
        return Mapping(node, at, self._problems, key.form)

    def sections(self, key: Key[Sections]) -> "list[Mapping]":
        """Take a list of mappings, at least one."""
        at, node = self._take(key)
        if isinstance(node, yaml.SequenceNode) and not node.value:
            self._problems.add(at, "must not be empty: name at least one")
        return [Mapping(item, place, self._problems, key.form.section) for place, item in self._items(node, at)]

    def mixed(self, key: Key[Mixed]) -> "list[str | Mapping]":
        """Take a list of some of a few texts, and of mappings."""
        at, node = self._take(key)
        return [
            Mapping(item, place, self._problems, key.form.section)
            if isinstance(item, yaml.MappingNode)
            else _one_of(item, place, key.form.choice, self._problems)
            for place, item in self._items(node, at)
        ]

    def _items(self, node: yaml.Node | None, at: Place) -> list[tuple[Place, yaml.Node]]:
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self._problems.add(at, f"must be a list, not {_kind(node)}")
            return []
        places = (Place(item.start_mark.line + 1, f"{at.key}[{index}]") for index, item in enumerate(node.value))
        return list(zip(places, node.value, strict=True))

    def _take(self, key: AnyKey, required: bool | None = None) -> tuple[Place, yaml.Node | None]:
        if self.has(key):
            return self._values[key.name]
        at = self.place(key)
        wanted = key.required if required is None else required
        if self._readable and wanted and key.name not in self._meant:
            self._problems.add(at, "is missing: add it")
        return at, None


def unique(name: Found, found: dict[str, Found], problems: Problems) -> str:
    """Return a name, and note it among those found; one that is there already is a problem."""
    if name.value in found:
        problems.add(
            name.at, f"{shown(name.value)} is there twice, first in line {found[name.value].at.line}: rename one"
        )
    elif name.value:
        found[name.value] = name
    return name.value


def _pairs(node: yaml.MappingNode, at: Place, problems: Problems) -> dict[str, tuple[Place, yaml.Node]]:
    """Return a mapping's values with their places, by name; a name that is there twice is a problem."""
    values: dict[str, tuple[Place, yaml.Node]] = {}
    for key, value in node.value:
        name = key.value if isinstance(key, yaml.ScalarNode) else ""
        place = Place(key.start_mark.line + 1, _under(at, name))
        if name in values:
            problems.add(place, f"is there twice, first in line {values[name][0].line}: remove one")
        else:
            values[name] = place, value
    return values


def _under(at: Place, name: str) -> str:
    return f"{at.key}.{name}".lstrip(".")


def _text(node: yaml.Node | None, at: Place, form: Text | None, problems: Problems, *, empty: bool = False) -> Found:
    if node is None:
        return Found("", at)
    if not isinstance(node, yaml.ScalarNode) or _tag(node) != "str":
        quote = f': write "{node.value}"' if isinstance(node, yaml.ScalarNode) and node.value else ""
        problems.add(at, f"must be a text, not {_kind(node)}{quote}")
        return Found("", at)
    if not node.value and not empty:
        problems.add(at, "must not be empty")
    found = Found(node.value, at)
    return _check(found, form, problems) if form else found


def _one_of(node: yaml.Node | None, at: Place, form: Choice, problems: Problems) -> str:
    found = _text(node, at, None, problems).value
    if found and found not in form.values:
        problems.add(at, f"{shown(found)} is not possible: write {' or '.join(form.values)}")
    return found


def _check(found: Found, form: Text, problems: Problems) -> Found:
    if not found.value or form.pattern.fullmatch(found.value):
        return found
    problems.add(found.at, f"{form.quote(found.value)} {form.complaint}")
    return Found(found.value, found.at, wrong=True)


def compose(text: str, problems: Problems, section: Section) -> Mapping | None:
    """Parse a document whose root is a mapping; what cannot be parsed becomes the one problem."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problems.add(Place(line, ""), f"cannot be read as YAML: {error.problem}")
        return None
    except yaml.YAMLError as error:
        problems.add(Place(1, ""), f"cannot be read as YAML: {' '.join(str(error).split())}")
        return None
    except RecursionError:
        problems.add(Place(1, ""), "cannot be read as YAML: it is nested too deeply")
        return None
    if node is None:
        problems.add(Place(1, ""), "the file is empty: describe the project, as the README does")
        return None
    return Mapping(node, Place(1, ""), problems, section)


def _tag(node: yaml.Node) -> str:
    return node.tag.rsplit(":", 1)[-1]


def _kind(node: yaml.Node) -> str:
    return _KINDS.get(_tag(node), f"a {_tag(node)}")
