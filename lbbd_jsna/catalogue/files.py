"""Files of the catalogue as models, with file, line and key of every fault."""

from __future__ import annotations

import copy
import csv
import difflib
import io
import typing
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from lbbd_jsna.catalogue.yaml_tree import Place, Tree, read_tree
from lbbd_jsna.errors import Fault, nearest

Entry = TypeVar("Entry", bound=BaseModel)
MOST_REPAIRS = 200
MOST_NAMES_LISTED = 20
_EXPECTED = {
    "string_type": "text",
    "string_too_short": "some text",
    "string_too_long": "shorter text",
    "too_short": "at least one entry",
    "model_type": "keys and values, indented below",
    "dict_type": "keys and values, indented below",
    "tuple_type": "a list, each entry on a line of its own after a hyphen",
    "bool_parsing": "true or false",
    "int_parsing": "a whole number",
}


class FileReader:
    """Reads files below one folder into models and gathers every fault on the way.

    `trees` keeps what each YAML file holds, sound or not, by its name; `faulty` names
    the files with a fault.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[Fault] = []
        self.trees: dict[str, Tree] = {}
        self.faulty: set[str] = set()

    def names(self, pattern: str) -> list[str]:
        """Names of the files that match, below the folder, sorted."""
        paths = sorted(self.folder.glob(pattern))
        return [path.relative_to(self.folder).as_posix() for path in paths]

    def where(self, name: str, line: int, entry: str = "", key: str = "") -> str:
        """File, line, entry and key, as a person would look them up."""
        place = f"{self.folder.name}/{name}" + (f", line {line}" if line else "")
        return place + (f", {entry}" if entry else "") + (f": {key}" if key else "")

    def fault(self, name: str, line: int, found: str, expected: str = "", todo: str = "") -> None:
        """Note a fault of a whole file or of one line."""
        self.faulty.add(name)
        self.faults.append(Fault(self.where(name, line), found, expected, todo))

    def text(self, name: str) -> str | None:
        """A text file, or None with a fault."""
        try:
            return (self.folder / name).read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            self.fault(name, 0, "the file is missing", todo="add it")
        except OSError as error:
            self.fault(name, 0, f"the file cannot be read: {error.strerror}")
        except UnicodeDecodeError:
            self.fault(name, 0, "not UTF-8 text", todo="save it as UTF-8")
        return None

    def yaml(self, name: str, model: type[Entry]) -> Entry | None:
        """One file that holds one entry, or None with faults."""
        tree = self._tree(name)
        return self._entry(name, model, tree, ()) if tree else None

    def yaml_map(self, name: str, model: type[Entry]) -> dict[str, Entry]:
        """One file that holds an entry under each key."""
        tree = self._tree(name)
        read = {key: self._entry(name, model, tree, (key,)) for key in tree.plain} if tree else {}
        return {key: entry for key, entry in read.items() if entry is not None}

    def _tree(self, name: str) -> Tree | None:
        text = self.text(name)
        if text is None:
            return None
        try:
            tree = read_tree(text)
        except yaml.YAMLError as error:
            self._not_yaml(name, error)
            return None
        for line, found in tree.faults:
            self.fault(name, line, found)
        if not isinstance(tree.plain, dict):
            self.fault(name, 1, "nothing to read", "a key and a value on each line")
            return None
        self.trees[name] = tree
        return tree

    def _not_yaml(self, name: str, error: yaml.YAMLError) -> None:
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        at = getattr(error, "problem_mark", None)
        start = getattr(error, "context_mark", None) or at
        lines = f" from line {start.line + 1} on" if start else ""
        self.fault(
            name,
            at.line + 1 if at else 0,
            f"not readable as YAML: {problem}",
            todo=f"look at the indents, colons and quotes{lines}",
        )

    def _entry(self, name: str, model: type[Entry], tree: Tree, base: Place) -> Entry | None:
        """Validate; after a fault, go on with what can be used so that the rest is checked too."""
        plain, first = copy.deepcopy(tree.at(base)), True
        for _ in range(MOST_REPAIRS):
            try:
                return model.model_validate(plain)
            except ValidationError as error:
                problems = [e for e in error.errors(include_url=False) if not _follows(e)]
            if first:
                self.faults += _model_faults(self, name, model, tree, base, problems)
                self.faulty.add(name)
            first = False
            # Misspelt keys first: once put right, the entry they stand in can be kept.
            problems.sort(key=lambda problem: problem["type"] != "extra_forbidden")
            if not problems or not _mend(plain, problems[0], model):
                return None
        return None

    def csv(self, name: str, model: type[Entry]) -> list[Entry]:
        """A table with an entry a row; its header must be the model's fields."""
        text = self.text(name)
        if text is None:
            return []
        rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        try:
            table = [(rows.line_num, row) for row in rows if any(row)]
        except csv.Error as error:
            self.fault(name, rows.line_num, f"not readable as CSV: {error}")
            return []
        header = table[0][1] if table else []
        if not self._header_is_right(name, header, list(model.model_fields)):
            return []
        read = [self._row(name, line, header, row, model) for line, row in table[1:]]
        return [entry for entry in read if entry is not None]

    def _header_is_right(self, name: str, header: list[str], fields: list[str]) -> bool:
        before = len(self.faults)
        for column in fields:
            if header.count(column) != 1:
                count = "missing" if column not in header else "given twice"
                self.fault(name, 1, f'the column "{column}" is {count}')
        for column in header:
            if column not in fields:
                self.fault(name, 1, f'unknown column "{column}"', todo=nearest(column, fields))
        return len(self.faults) == before

    def _row(
        self, name: str, line: int, header: list[str], row: list[str], model: type[Entry]
    ) -> Entry | None:
        if len(row) != len(header):
            self.fault(name, line, f"{len(row)} cells", f"{len(header)}, as in the header")
            return None
        plain = dict(zip(header, row, strict=True))
        tree = Tree(plain, {(): line})
        return self._entry(name, model, tree, ())


def _follows(problem: Any) -> bool:
    """Whether a list only counts as too short because of faults inside it."""
    return problem["type"] == "too_short" and bool(problem["input"])


def _mend(plain: Any, problem: Any, model: type[BaseModel]) -> bool:
    """Make a copy readable: a misspelt key as it was meant, or no faulty entry at all."""
    place = problem["loc"]
    if problem["type"] == "extra_forbidden":
        holder, key = _reach(plain, place[:-1]), place[-1]
        value = holder.pop(key)
        meant = difflib.get_close_matches(str(key), _fields_at(model, place[:-1]), n=1, cutoff=0.5)
        for name in meant:
            holder.setdefault(name, value)
        return True
    steps = [i for i, step in enumerate(place) if isinstance(step, int)]
    while steps:
        at = steps.pop()
        holder = _reach(plain, place[:at])
        del holder[place[at]]
        if holder or not steps:
            return True
    return False


def _reach(plain: Any, place: Place) -> Any:
    for step in place:
        plain = plain[step]
    return plain


def _model_faults(
    reader: FileReader,
    name: str,
    model: type[BaseModel],
    tree: Tree,
    base: Place,
    problems: list[Any],
) -> list[Fault]:
    """Each problem in the words of the file; a misspelt key hides the gap it leaves."""
    misspelt = {}
    for problem in problems:
        if problem["type"] == "extra_forbidden":
            around, key = problem["loc"][:-1], str(problem["loc"][-1])
            misspelt[problem["loc"]] = nearest(key, _fields_at(model, around))
    faults = []
    for problem in problems:
        place = problem["loc"]
        gap = f'did you mean "{place[-1]}"?' if place else ""
        if problem["type"] == "missing" and any(
            at[:-1] == place[:-1] and todo == gap for at, todo in misspelt.items()
        ):
            continue
        full = (*base, *place)
        key = ".".join(str(step) for step in full if isinstance(step, str))
        entry = tree.identity(full[:-1])
        key = key.rsplit(".", 1)[-1] if entry else key
        where = reader.where(name, tree.line(full), entry, key)
        faults.append(_fault(where, problem, misspelt.get(place, "")))
    return faults


def _fault(where: str, problem: Any, todo: str) -> Fault:
    kind = problem["type"]
    if kind == "extra_forbidden":
        return Fault(where, "nobody knows this key", todo=todo)
    if kind == "missing":
        return Fault(where, "the key is missing", todo="add it")
    found = problem["input"]
    shown = f'"{found}"' if isinstance(found, str) else f"a {type(found).__name__}"
    expected = problem.get("ctx", {}).get("expected") or _EXPECTED.get(kind) or problem["msg"]
    if kind == "string_pattern_mismatch":
        area = problem["ctx"]["pattern"].startswith("^[EKW]")
        expected = "a GSS code, such as E09000002" if area else "lower-case words and hyphens"
    return Fault(where, shown[:120], str(expected).replace("'", '"'))


def _fields_at(model: Any, place: Place) -> list[str]:
    """The keys a model knows at a place inside it."""
    for step in place:
        model = _inside(model)
        if isinstance(step, str) and isinstance(model, type) and issubclass(model, BaseModel):
            model = model.model_fields[step].annotation
    model = _inside(model)
    return list(model.model_fields) if hasattr(model, "model_fields") else []


def _inside(annotation: Any) -> Any:
    """The model inside `tuple[Model, ...]`, `dict[str, Model]`, `Model | None`."""
    origin = typing.get_origin(annotation)
    if origin is None:
        return annotation
    parts = [_inside(part) for part in typing.get_args(annotation)]
    models = [p for p in parts if isinstance(p, type) and issubclass(p, BaseModel)]
    return models[0] if models else parts[0]


def unknown(where: str, used: Iterable[str], known: Iterable[str], kind: str) -> Iterator[Fault]:
    """A fault for each name used that is not a name known, with the nearest one."""
    known = list(known)
    for name in used:
        if name not in known:
            meant = nearest(name, known)
            if meant.startswith("known names") and len(known) > MOST_NAMES_LISTED:
                meant = f"none of the {len(known)} names known is near"
            yield Fault(where, f'unknown {kind} "{name}"', todo=meant)
