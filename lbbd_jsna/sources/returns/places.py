"""The cells of indicators and areas: what the catalogue knows, and what goes together."""

from __future__ import annotations

import re

import numpy as np

from lbbd_jsna.catalogue import Area, Catalogue, Indicator
from lbbd_jsna.errors import nearest
from lbbd_jsna.sources.returns.grid import rows_named
from lbbd_jsna.sources.returns.sheet import Finding, Sheet, joined

# Ids nobody knows for which the nearest known one is looked up.
_MOST_LOOKED_UP = 50
_CODE = re.compile(r"[EKWNS][0-9]{8}")
_WHOLE_AREAS = ("country", "region")


def mend_names(sheet: Sheet, catalogue: Catalogue) -> None:
    """Write area names and codes as the catalogue does where only capitals differ; with notes."""
    known = {
        "area_code": {area.code.casefold(): area.code for area in catalogue.areas},
        "area_name": {area.name.casefold(): area.name for area in catalogue.areas},
    }
    for heading, texts in known.items():
        column = sheet.columns.get(heading)
        if column is None:
            continue
        after = [texts.get(text.casefold(), text) for text in column.texts]
        changed = [p for p, text in enumerate(after) if text != column.texts[p]]
        if changed:
            rows = rows_named(sheet.lines[column.rows_where(changed)].tolist())
            repair = "capitals changed to those of catalogue/areas.csv"
            sheet.notes.append(f"{sheet.name}, {rows}, {heading}: {repair}")
            sheet.columns[heading] = column.changed(after)


def blame_places(sheet: Sheet, catalogue: Catalogue) -> None:
    """Set down indicators and areas that the catalogue does not know, or not together."""
    if "indicator" in sheet.columns:
        sheet.blame_texts("indicator", _indicator_findings(sheet, catalogue))
    if not {"indicator", "area_code", "area_name"} <= set(sheet.columns):
        return
    judge = _Judge(catalogue)
    texts, places = together(sheet, "indicator", "area_code", "area_name")
    findings = [judge.of(*said) for said in texts]
    at_fault = np.array([finding is not None for finding in findings], dtype=bool)
    good = sheet.sound("area_code", "area_name")
    for row in np.flatnonzero(at_fault[places] & good).tolist():
        sheet.blame(row, *findings[places[row]])


def together(sheet: Sheet, *headings: str) -> tuple[list[tuple[str, ...]], np.ndarray]:
    """Each different set of texts that stands in a row, and for each row its place among them."""
    columns = [sheet.columns[heading] for heading in headings]
    key = joined((column.codes, len(column.texts)) for column in columns)
    _, first, places = np.unique(key, return_index=True, return_inverse=True)
    texts = [tuple(column.texts[column.codes[row]] for column in columns) for row in first]
    return texts, places


def _indicator_findings(sheet: Sheet, catalogue: Catalogue) -> dict[int, Finding]:
    """What is wrong with the different texts of the indicators, by their places."""
    known = set(returned(catalogue))
    findings: dict[int, Finding] = {}
    for place, text in enumerate(sheet.columns["indicator"].texts):
        if not text:
            findings[place] = Finding("blank", "blank", "an id of the catalogue")
        elif text in catalogue.indicators and text not in known:
            found = f"{text} comes from {catalogue.indicators[text].source}"
            findings[place] = Finding("published", found, "a series that is returned",
                                      "leave it out")  # fmt: skip
        elif text not in known:
            # Looking for what was meant takes time, and of so many nobody reads more.
            todo = nearest(text[:80], known) if len(findings) < _MOST_LOOKED_UP else ""
            findings[place] = Finding("indicator", "{value}", "an id of the catalogue", todo)
    return findings


def returned(catalogue: Catalogue) -> list[str]:
    """The indicators a return may give: those no published file read here holds."""
    return [
        name
        for name, indicator in catalogue.indicators.items()
        if (source := catalogue.sources[indicator.source]).kind in ("return", "survey")
        or (source.kind == "published" and source.supplied == "later")
    ]


class _Judge:
    """Says what is wrong with the area of a row, once for each different area."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.areas = {area.code: area for area in catalogue.areas}
        self.named: dict[str, list[Area]] = {}
        for area in catalogue.areas:
            self.named.setdefault(area.name, []).append(area)

    def of(self, indicator: str, code: str, name: str) -> tuple[str, Finding] | None:
        """The heading of the cell at fault, and what is wrong with it."""
        series = self.catalogue.indicators.get(indicator)
        area = self.areas.get(code)
        vintage = (series.ward_vintage if series else "") or self.catalogue.settings.ward_vintage
        if area is None:
            return "area_code", self._unknown(code, name, vintage)
        if area.type == "ward" and area.vintage != vintage:
            return "area_code", _other_vintage(area, vintage)
        if not name:
            return "area_name", Finding("blank", "blank", area.name)
        if area.name != name:
            return self._two_areas(area, name, vintage)
        if area.type == "borough" and code != self.catalogue.settings.area:
            return "area_code", _another_borough(f"{area.name} is another borough", self.catalogue)
        if area.type == "ward" and area.parent != self.catalogue.settings.area:
            found = f"{area.name} is a ward of another borough"
            return "area_code", _another_borough(found, self.catalogue)
        if series and area.type not in (*_WHOLE_AREAS, *series.area_types):
            return "area_code", _wrong_type(area, series)
        return None

    def _unknown(self, code: str, name: str, vintage: str) -> Finding:
        if not code:
            expected = self._code_of(name, vintage) or "a code of catalogue/areas.csv"
            return Finding("blank", "blank", expected)
        if code.isdecimal():
            return Finding(
                "lost-characters", "{value} has lost its letter or its zeros at the front",
                self._code_of(name, vintage) or "a code of catalogue/areas.csv",
                "format the column as Text in Excel and enter the codes again",
            )  # fmt: skip
        if self._code_of(name, vintage):
            found = "{value} is not the code of " + name
            return Finding("name-and-code", found, self._code_of(name, vintage))
        if _CODE.fullmatch(code):
            own = self.catalogue.area.name
            found = f"{{value}} is not {own}, and no area of it"
            return Finding("another-borough", found, "a code of catalogue/areas.csv",
                           "remove the row")  # fmt: skip
        return Finding("area-code", "{value}", "a code of catalogue/areas.csv")

    def _two_areas(self, area: Area, name: str, vintage: str) -> tuple[str, Finding]:
        code = self._code_of(name, vintage)
        if code:
            found = f"{{value}} is {area.name}, but the name is {name}"
            todo = f"{area.name} if the code is right, {code} if the name is right"
            return "area_code", Finding("name-and-code", found, todo=f"write {todo}")
        return "area_name", Finding("name-and-code", f"{area.code} with the name {{value}}",
                                    area.name)  # fmt: skip

    def _code_of(self, name: str, vintage: str) -> str:
        """The code of an area of today by its name; empty when none or several have it."""
        found = [
            area.code
            for area in self.named.get(name, ())
            if area.type != "ward" or area.vintage == vintage
        ]
        return found[0] if len(found) == 1 else ""


def _other_vintage(area: Area, vintage: str) -> Finding:
    if area.vintage > vintage:
        return Finding(
            "new-ward-code", f"{{value}} is {area.name} of {area.vintage}",
            f"a ward of {vintage}: this series is of the old wards",
        )  # fmt: skip
    until = f", in use until {area.valid_to}" if area.valid_to else ""
    return Finding(
        "old-ward-code",
        f"{{value}} is not a ward of {vintage}: it is the old {area.name}{until}",
        f"a ward of {vintage}",
        "boundaries have changed: count again for the wards of today; old wards cannot be renamed",
    )


def _another_borough(found: str, catalogue: Catalogue) -> Finding:
    own = catalogue.area.name
    return Finding("another-borough", found, f"{own} or areas of it", "remove the row")


def _wrong_type(area: Area, series: Indicator) -> Finding:
    found = f"{area.code} is a {area.type}"
    return Finding("area-type", found, " or ".join(series.area_types))
