"""The methods page: what a verdict means, and how every figure is worked out.

Its first part, for a member of a board, is in `plain_words`. All the rest is read from the
docstrings of `lbbd_jsna.statistics`, so that the page and the code cannot tell two stories.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from types import ModuleType
from typing import Any

from lbbd_jsna import statistics
from lbbd_jsna.exhibits.exhibit import Cell, ColumnHead, Exhibit, Links, Section, Table, Text, Title
from lbbd_jsna.reporting.docstrings import Docstring, Entry, read_docstring, typeset
from lbbd_jsna.reporting.export import page_from_bundles
from lbbd_jsna.reporting.frame import METHODS, PageFrame
from lbbd_jsna.reporting.plain_words import WORDS

# In the order a reader of a report meets them; modules not named here follow by name.
ORDER = (
    "intervals", "rounding", "comparisons", "verdicts", "agreement", "quantiles", "funnels",
    "trends", "control_charts", "ranks", "leagues", "targets", "changes", "forecasts", "turning",
    "back_tests", "inequality", "life_tables", "areas", "shrinkage",
)  # fmt: skip
# What methods are made of is told where it is used.
WORKINGS = f"{statistics.__name__}.workings."


def anchor(module: str, function: str = "") -> str:
    """Where a method stands on the page: `methods-intervals-wilson`."""
    return "-".join(part for part in ("methods", module, function) if part).replace("_", "-")


def modules() -> tuple[ModuleType, ...]:
    """The modules of `lbbd_jsna.statistics` in the order of the page."""
    names = [found.name for found in pkgutil.iter_modules(statistics.__path__) if not found.ispkg]
    place = {name: number for number, name in enumerate(ORDER)}
    ordered = sorted(names, key=lambda name: (place.get(name, len(ORDER)), name))
    return tuple(importlib.import_module(f"{statistics.__name__}.{name}") for name in ordered)


def public_parts(module: ModuleType) -> tuple[list[Any], list[type]]:
    """The public functions of a module and the structures they give back.

    Each in the order written. Structures of the workings are told of where they come out.
    """
    public = {name: part for name, part in vars(module).items() if not name.startswith("_")}
    own = [part for part in public.values() if _home(part) == module.__name__]
    functions = [part for part in own if inspect.isfunction(part)]
    returned = " ".join(str(each.__annotations__.get("return")) for each in functions)
    others = [
        part
        for part in public.values()
        if _home(part).startswith(WORKINGS)
        and part.__name__ in re.findall(r"\w+", returned)
    ]
    return functions, [part for part in [*own, *others] if inspect.isclass(part)]


def _home(part: Any) -> str:
    return getattr(part, "__module__", None) or ""


def methods_page(frame: PageFrame) -> str:
    """The page, as HTML that is the same on every run of the same code.

    Parameters
    ----------
    frame : PageFrame
        Of slug `methods`.
    """
    sections = [_module(module) for module in modules()]
    known = {each.anchor for part in sections for each in (part, *part.children)
             if isinstance(each, Section)}  # fmt: skip
    exhibits: list[Exhibit] = [_title(), _words(known), *sections]
    bundles = [exhibit.as_json() for exhibit in exhibits]
    return page_from_bundles(bundles, replace(frame, pack=""))


def _title() -> Title:
    return Title(
        heading=METHODS.label,
        lead=(
            "What the words in the reports mean, and then the method behind every figure. Figures "
            "quoted in the notes come from trying the methods on published series, and are real "
            "whatever the pack.",
        ),
        context="Methods of the pack",
    )


def _words(known: set[str]) -> Section:
    lists = [
        Links(label, tuple(_word(*entry, known=known) for entry in entries))
        for label, entries in WORDS.items()
    ]
    return Section("", tuple(lists), side_by_side=True)


def _word(word: str, method: str, meaning: str, *, known: set[str]) -> Cell:
    target = anchor(*method.split())
    return Cell(word, sub=meaning, href=f"#{target}" if target in known else "")


def _module(module: ModuleType) -> Section:
    """A module as a part of the page: what it is for, its methods, what they give back."""
    said, name = read_docstring(module.__doc__ or ""), module.__name__.rsplit(".", 1)[-1]
    functions, classes = public_parts(module)
    children: list[Exhibit] = [*_texts(said.words)]
    children += [_function(name, function, module) for function in functions]
    if classes:
        children.append(_classes(name, classes))
    return Section(_heading(said.summary) or name, tuple(children), anchor=anchor(name))


def _function(module: str, function: Any, home: ModuleType) -> Section:
    said, name = read_docstring(function.__doc__ or ""), function.__name__
    children: list[Exhibit] = [
        Text((f"{module}.{name}{signature(function, home)}",), tone="code"),
        *_texts(said.words),
        *_texts(said.sections.get("Notes", ())),
        *_texts(said.sections.get("Source", ()), label="Formula and source: ", tone="note"),
    ]
    if said.entries:
        table = Section(
            f"What {name} takes and gives back", (_table(name, said),), level=4, folded=True
        )
        children.append(table)
    return Section(
        _heading(said.summary) or name, tuple(children), anchor=anchor(module, name), level=3
    )


def signature(function: Any, home: ModuleType) -> str:
    """A function's parameters with their defaults, without types.

    A default that is a constant of the module goes by its name.
    """
    constants = {
        id(value): name
        for name, value in vars(home).items()
        if name.isupper() and not isinstance(value, (int, float, str))
    }
    whole = inspect.signature(function)
    words = []
    for part in whole.parameters.values():
        default = part.default
        if default is not part.empty:
            written = constants.get(id(default)) or _quoted(default)
            words.append(f"{part.name}={written}")
        else:
            words.append(part.name)
        if part.kind is part.KEYWORD_ONLY and "*" not in words:
            words.insert(-1, "*")
    return f"({', '.join(words)})"


def _quoted(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _table(name: str, said: Docstring) -> Table:
    rows = []
    for section, entries in said.entries.items():
        rows += [_row(section, entry) for entry in entries]
    heads = (ColumnHead("Name and type"), ColumnHead("What it is"))
    return Table(f"Parameters, result and errors of {name}", heads, tuple(rows))


def _row(section: str, entry: Entry) -> tuple[Cell, Cell]:
    """A parameter goes by its name; a result and an error say what they are."""
    names = ", ".join(entry.names)
    if section != "Parameters":
        names = f"{section} {names}".strip()
    kind, text = typeset(entry.kind), typeset(entry.text)
    return Cell(names, sub=kind if text else ""), Cell(text or kind)


def _classes(module: str, classes: list[type]) -> Section:
    """The structures that the methods of a module give back."""
    rows = []
    for each in classes:
        said = read_docstring(each.__doc__ or "")
        fields = getattr(each, "_fields", None) or getattr(each, "__dataclass_fields__", ())
        words = [said.summary, *said.words]
        words += [
            f"{', '.join(entry.names)}: {entry.text or entry.kind}"
            for entries in said.entries.values()
            for entry in entries
        ]
        rows.append((Cell(each.__name__, sub=", ".join(fields)), Cell(typeset(" ".join(words)))))
    heads = (ColumnHead("Name and fields"), ColumnHead("What it is"))
    table = Table(f"Structures of the module {module}", heads, tuple(rows))
    heading = f"Structures that {module} gives back"
    return Section(heading, (table,), anchor=anchor(module, "structures"), level=3, folded=True)


def _texts(blocks: tuple[str, ...], *, label: str = "", tone: Any = "plain") -> Iterator[Text]:
    """Paragraphs, and list items after the paragraph they follow."""
    for is_list, group in groupby(blocks, key=lambda block: block.startswith("- ")):
        lines = [typeset(line) for line in group]
        if is_list:
            yield Text(items=tuple(line.removeprefix("- ") for line in lines), tone=tone)
        else:
            yield Text((label + lines[0], *lines[1:]), tone=tone)
            label = ""


def _heading(summary: str) -> str:
    return typeset(summary).removesuffix(".")
