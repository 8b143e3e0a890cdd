"""A YAML file as plain text, lists and dicts, with the line of everything in it.

Every scalar is read as text and the model says what it becomes: no quotes are
needed round `2037`, `no` or `2021/22`, and nothing turns into a date or a number
by accident. A key given twice and an alias are faults.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

Place = tuple[str | int, ...]
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass
class Tree:
    """A YAML file as plain dicts, lists and text, with the line of every place in it."""

    plain: Any
    lines: dict[Place, int]
    faults: list[tuple[int, str]] = field(default_factory=list)

    def line(self, place: Place) -> int:
        """The line of a place, or of the nearest place round it."""
        while place not in self.lines:
            place = place[:-1]
        return self.lines[place]

    def identity(self, place: Place) -> str:
        """The id of the nearest entry round a place, or nothing."""
        for end in range(len(place), -1, -1):
            entry = self.at(place[:end])
            if isinstance(entry, dict) and isinstance(entry.get("id"), str):
                return entry["id"]
        return ""

    def at(self, place: Place) -> Any:
        """What stands at a place, or None."""
        found = self.plain
        for step in place:
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError):
                return None
        return found


def read_tree(text: str) -> Tree:
    """Read YAML text; repeated keys and aliases are gathered in `faults`.

    Raises
    ------
    yaml.YAMLError
        The text is not YAML.
    """
    node = yaml.compose(text, Loader=_LOADER)
    tree = Tree(None, {(): 1})
    if node is not None:
        tree.plain = _plain(node, (), tree, set())
    return tree


def _plain(node: yaml.Node, place: Place, tree: Tree, seen: set[int]) -> Any:
    line = node.start_mark.line + 1
    tree.lines.setdefault(place, line)
    if id(node) in seen:
        tree.faults.append((line, "an alias (*name) is used; write the value out"))
        return ""
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*place, i), tree, seen) for i, item in enumerate(node.value)]
    plain: dict[str, Any] = {}
    for key_node, value in node.value:
        key, at = str(key_node.value), key_node.start_mark.line + 1
        if key in plain:
            first = tree.lines[(*place, key)]
            tree.faults.append((at, f'the key "{key}" is already given on line {first}'))
            continue
        tree.lines[(*place, key)] = at
        plain[key] = _plain(value, (*place, key), tree, seen)
    return plain
