"""The page in front of a pack: which reports it holds, for whom, and the files behind them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from lbbd_jsna.exhibits.exhibit import Cell, Exhibit, Links, Section, Text, Title
from lbbd_jsna.reporting.export import page_from_bundles
from lbbd_jsna.reporting.frame import METHODS, WARDS, PageFrame


def index_page(
    frame: PageFrame,
    *,
    notes: Mapping[str, str] | None = None,
    files: Iterable[str] = (),
    titles: Mapping[str, str] | None = None,
) -> str:
    """The pack's contents as a page, from the links its frame carries.

    Parameters
    ----------
    frame : PageFrame
        Of slug `index`; its links are the reports, with addresses relative to the index.
    notes : mapping, optional
        A sentence about a report, by address.
    files : iterable of str
        Tables and maps of the pack, as addresses relative to the index.
    titles : mapping, optional
        The title of each indicator and outcome, by the id that a file's name starts with.

    Returns
    -------
    str
        HTML.
    """
    told = notes or {}
    shown = [link for link in frame.links if not link.href.endswith("index.html")]
    wards = sum(link.group == WARDS for link in shown)
    others = wards + sum(link.label == METHODS.label for link in shown)
    groups: dict[str, list[Cell]] = {}
    for link in shown:
        cell = Cell(link.label, sub=told.get(link.href, ""), href=link.href)
        groups.setdefault(link.group, []).append(cell)
    exhibits: list[Exhibit] = [_title(frame, len(shown) - others, wards)]
    for group, cells in groups.items():
        links = Links("", tuple(cells))
        exhibits.append(Section(group or "Start here", (links,), folded=group == WARDS))
    exhibits += _files(sorted(files), titles or {})
    # The links stand in the page itself, so the bar above need not repeat them.
    bare = replace(frame, links=(), pack=".", contents=False)
    return page_from_bundles([exhibit.as_json() for exhibit in exhibits], bare)


def _title(frame: PageFrame, reports: int, wards: int) -> Title:
    count = "one report" if reports == 1 else f"{reports} reports"
    said = f"{count} on what the strategies set out to change, and how far it has changed"
    profiles = "a profile of one ward" if wards == 1 else f"a profile of each of {wards} wards"
    if wards:
        said = f"{said}, and {profiles}" if reports else profiles
    return Title(
        heading=f"Health and wellbeing in {frame.borough}",
        lead=(
            f"The joint strategic needs assessment for {frame.quarter_words or frame.quarter}: "
            f"{said}.",
        ),
        context="Contents of the pack",
        short="Contents of the pack",
    )


def _files(files: list[str], titles: Mapping[str, str]) -> list[Exhibit]:
    parts: list[Exhibit] = []
    for folder, label, ending in (
        ("tables/", "Tables (CSV)", ".csv"),
        ("maps/", "Maps (SVG)", ""),
    ):
        cells = tuple(
            Cell(_words(name.removeprefix(folder), titles), href=name)
            for name in files
            if name.startswith(folder) and name.endswith(ending)
        )
        if cells:
            parts.append(Section(label, (Links("", cells),), level=3))
    if not parts:
        return []
    text = Text(("Each table and map of the reports as a file of its own.",))
    name, shown = "Figures to download", (text, *parts)
    return [Section(name, shown, anchor="files", folded=True, screen_only=True)]


def _words(name: str, titles: Mapping[str, str]) -> str:
    """What a file holds: the title of what its name starts with, and the rest in words."""
    stem = name.rsplit(".", 1)[0]
    starts = [key for key in titles if stem == key or stem.startswith(f"{key}-")]
    if not starts:
        return stem.replace("-", " ").capitalize()
    start = max(starts, key=len)
    rest = stem[len(start) :].replace("-", " ").strip()
    return f"{titles[start]}: {rest}" if rest else titles[start]
