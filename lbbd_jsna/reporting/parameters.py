"""Which reports a pack holds, and the parameters each notebook may be given.

Checked before any kernel starts: papermill alone takes an unknown name with a
warning and makes the report of the default quarter.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from lbbd_jsna.catalogue.slugs import ward_slug
from lbbd_jsna.errors import Fault, JsnaError, RunError, nearest
from lbbd_jsna.quarters import Quarter

if TYPE_CHECKING:
    from lbbd_jsna.catalogue import Catalogue

ONE_EACH = ("board", "wards", "coverage")
ALL_WARDS = "wards"
ONE_AN_OUTCOME = "outcome"
ONE_A_WARD = "ward_profile"
KERNEL = "python3"


@dataclass(frozen=True)
class Report:
    """One page of the pack: a notebook and what it is run with.

    `slug` names every file of the report; it comes from the catalogue, whose ids
    hold lower-case letters, digits and hyphens only, or from the code of a ward.
    """

    slug: str
    notebook: str
    parameters: Mapping[str, str]

    def __reduce__(self) -> tuple[Any, ...]:
        return Report, (self.slug, self.notebook, dict(self.parameters))


def plan_reports(
    catalogue: Catalogue, quarter: Quarter, only: Iterable[str] = ()
) -> tuple[Report, ...]:
    """List the reports of a quarter, in the order of the pack.

    Parameters
    ----------
    catalogue : Catalogue
    quarter : Quarter
    only : iterable of str, optional
        Slugs (`outcome-3`, `ward-e05014053`) or notebook names (`outcome`,
        `ward_profile.ipynb`); empty for all.

    Returns
    -------
    tuple of Report

    Raises
    ------
    RunError
        A name that is no report, with the nearest that is; every such name at once.
    """
    given = {"quarter": str(quarter), "area": catalogue.settings.area}
    wards = wards_in_order(catalogue)
    reports = [_report(name, name, given) for name in ONE_EACH if wards or name != ALL_WARDS]
    reports += [
        _report(name, ONE_AN_OUTCOME, {**given, "outcome": name}) for name in catalogue.outcomes
    ]
    reports += [
        _report(ward_slug(code), ONE_A_WARD, {**given, "ward": code})
        for code in wards
    ]
    chosen = [name.removesuffix(".ipynb") for name in only]
    _refuse_unknown(chosen, reports)
    return tuple(r for r in reports if not chosen or r.slug in chosen or r.notebook in chosen)


def wards_in_order(catalogue: Catalogue) -> tuple[str, ...]:
    """The codes of today's wards, in the alphabetical order of their names."""
    names = catalogue.wards(catalogue.settings.ward_vintage)
    return tuple(sorted(names, key=lambda code: (names[code].casefold(), code)))


def _report(slug: str, notebook: str, parameters: dict[str, str]) -> Report:
    return Report(slug, notebook, MappingProxyType(parameters))


def _refuse_unknown(chosen: Iterable[str], reports: list[Report]) -> None:
    known = {report.slug for report in reports} | {report.notebook for report in reports}
    unknown = [name for name in chosen if name not in known]
    if unknown:
        raise RunError(
            "there is no such report; nothing was run",
            [Fault(f'"{name}"', "no report or notebook has this name", todo=nearest(name, known))
             for name in unknown],
        )


def _quarter(value: str, catalogue: Catalogue) -> str:
    try:
        Quarter.parse(value)
    except JsnaError as error:
        return error.message
    return ""


def _area(value: str, catalogue: Catalogue) -> str:
    boroughs = {area.code: area.name for area in catalogue.areas if area.type == "borough"}
    if value not in boroughs:
        known = any(area.code == value for area in catalogue.areas)
        what = "an area, but not a borough" if known else "not an area of catalogue/areas.csv"
        return f'"{value}" is {what}; {nearest(value, boroughs)}'
    if value != catalogue.settings.area:
        return f'"{value}" is {boroughs[value]}; this catalogue is about {catalogue.settings.area}'
    return ""


def _outcome(value: str, catalogue: Catalogue) -> str:
    if value in catalogue.outcomes:
        return ""
    return f'"{value}" is not an outcome; {nearest(value, catalogue.outcomes)}'


def _ward(value: str, catalogue: Catalogue) -> str:
    today = catalogue.wards(catalogue.settings.ward_vintage)
    if value in today:
        return ""
    earlier = any(area.code == value and area.type == "ward" for area in catalogue.areas)
    what = "a ward, but not one of today's" if earlier else "not the code of a ward"
    return f'"{value}" is {what}; {nearest(value, today)}'


# The only names a notebook may have as parameters, each with its check. All are text.
CHECKS: Mapping[str, Callable[[str, Catalogue], str]] = MappingProxyType(
    {"quarter": _quarter, "area": _area, "outcome": _outcome, "ward": _ward}
)


def check_parameters(
    notebook: Path, given: Mapping[str, object], catalogue: Catalogue
) -> dict[str, str]:
    """Check what a notebook is about to be given against its own `parameters` cell.

    Parameters
    ----------
    notebook : Path
    given : mapping of name to value
        Must hold exactly the names the notebook declares. Values stay text:
        nothing is turned into a number, a truth value or `None`.
    catalogue : Catalogue
        Says which areas, outcomes and wards exist.

    Returns
    -------
    dict
        The same values.

    Raises
    ------
    RunError
        With every fault: no parameters cell, an unknown or missing name, a value
        of the wrong type, a quarter, area, outcome or ward that does not exist.
    """
    declared = declared_parameters(notebook)
    faults = _name_faults(notebook.name, declared, given)
    faults += [
        fault
        for name, value in given.items()
        if name in declared and name in CHECKS
        for fault in _value_faults(notebook.name, name, value, catalogue)
    ]
    if faults:
        raise RunError(f"{notebook.name} cannot be run with these parameters", faults)
    return {name: str(value) for name, value in given.items()}


def declared_parameters(notebook: Path) -> frozenset[str]:
    """Read the names a notebook's `parameters` cell assigns.

    Raises
    ------
    RunError
        The notebook is missing, is not a notebook, has no `parameters` cell or
        more than one, or is not for the Python kernel.
    """
    import papermill

    node = read_notebook(notebook)
    tagged = [cell for cell in node.cells if "parameters" in cell.metadata.get("tags", [])]
    fault = ""
    if len(tagged) != 1:
        fault = f"it has {len(tagged)} cells tagged `parameters`; exactly one is needed"
    elif node.metadata.get("kernelspec", {}).get("name") != KERNEL:
        fault = f"its kernel is not {KERNEL}"
    elif not _literals_only(tagged[0].source):
        fault = "its `parameters` cell holds more than literal values"
    if fault:
        raise RunError(f"{notebook.name} cannot be run: {fault}")
    return frozenset(papermill.inspect_notebook(node))


def read_notebook(path: Path) -> Any:
    """Read a notebook file, or say plainly why it is not one."""
    import nbformat

    if not path.is_file():
        raise RunError(f"there is no notebook {path.name} in {path.parent}")
    try:
        text = path.read_text(encoding="utf-8")
        plain = json.loads(text)
        if not isinstance(plain, dict) or plain.get("nbformat") != 4:
            raise ValueError("nbformat 4 is needed")
        nbformat.validate(plain)
        node = nbformat.reads(text, as_version=4)
    except (ValueError, nbformat.ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise RunError(f"{path.name} is not a notebook: {reason}") from error
    return node


def _literals_only(source: str) -> bool:
    """Whether a cell is `name = "text"` lines and nothing that could act."""
    try:
        lines = ast.parse(source).body
    except SyntaxError:
        return False
    return all(
        isinstance(line, ast.Assign | ast.AnnAssign) and isinstance(line.value, ast.Constant)
        for line in lines
    )


def _name_faults(
    notebook: str, declared: frozenset[str], given: Mapping[str, object]
) -> list[Fault]:
    where = f"{notebook}, parameters cell"
    unknown = [name for name in given if name not in declared]
    missing = sorted(declared - given.keys())
    unchecked = sorted(declared - CHECKS.keys())
    return [
        *(
            Fault(where, f"has no parameter {name!r}", todo=nearest(name, declared))
            for name in unknown
        ),
        *(Fault(where, f"the parameter {name!r} was not given a value") for name in missing),
        *(
            Fault(where, f"{name!r} is a parameter nothing checks",
                  "one of " + ", ".join(CHECKS),
                  todo="add its check to lbbd_jsna/reporting/parameters.py")
            for name in unchecked
        ),
    ]


def _value_faults(
    notebook: str, name: str, value: object, catalogue: Catalogue
) -> list[Fault]:
    where = f"{notebook}, parameter {name}"
    if not isinstance(value, str):
        return [Fault(where, f"{value!r} is {type(value).__name__}", "text in quotes")]
    problem = CHECKS[name](value, catalogue)
    return [Fault(where, problem)] if problem else []
