"""Every id the catalogue's files give, and where."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lbbd_jsna.catalogue.files import FileReader
from lbbd_jsna.catalogue.yaml_tree import Place

# Lists of the strategy files whose entries are counted, and so need an id of their own.
_COUNTED = {
    "measures": "measure",
    "parts": "measure",
    "statements": "statement",
    "outcomes": "outcome",
    "themes": "theme",
    "bullets": "bullet",
    "targets": "bullet",
}


@dataclass(frozen=True)
class Given:
    """Where an id is given."""

    name: str
    place: Place


class Names:
    """Every id the files give, sound entry or not, and where."""

    def __init__(self, reader: FileReader) -> None:
        self.reader = reader
        self.given: dict[str, dict[str, list[Given]]] = {}
        self.indicator_files = [Path(name).stem for name in reader.names("indicators/*.yml")]
        # Without one strategy the ids of its measures and outcomes are not known.
        self.all_strategies_read = all(
            name in reader.trees for name in reader.names("strategies/*.yml")
        )
        for name, tree in reader.trees.items():
            kind = {"indicators": "indicator", "strategies": "strategy"}.get(Path(name).parent.name)
            if kind:
                self._walk(name, tree.plain, (), kind)

    def _walk(self, name: str, plain: object, place: Place, kind: str | None) -> None:
        if isinstance(plain, list):
            for i, item in enumerate(plain):
                self._walk(name, item, (*place, i), kind)
        elif isinstance(plain, dict):
            if kind and isinstance(plain.get("id"), str):
                given = self.given.setdefault(kind, {})
                given.setdefault(plain["id"], []).append(Given(name, place))
            for key, value in plain.items():
                self._walk(name, value, (*place, key), _COUNTED.get(key))

    def of(self, kind: str) -> dict[str, list[Given]]:
        """Ids of one kind, with their places."""
        return self.given.get(kind, {})

    def known(self, *kinds: str) -> list[str]:
        """Ids that may be named; an indicator file that cannot be read counts by its name."""
        named = [name for kind in kinds for name in self.of(kind)]
        return [*named, *self.indicator_files] if "indicator" in kinds else named

    def where(self, kind: str, entry: str, *keys: str) -> str:
        """File, line, entry and key."""
        given = self.of(kind)[entry][0]
        line = self.reader.trees[given.name].line((*given.place, *keys))
        return self.reader.where(given.name, line, entry, keys[-1] if keys else "")
