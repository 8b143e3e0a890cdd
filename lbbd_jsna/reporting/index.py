"""The page in front of a pack: which reports it holds, for whom, and the files behind them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from lbbd_jsna.exhibits.exhibit import Cell, Exhibit, Links, Section, Text, Title
from lbbd_jsna.reporting.export import page_from_bundles
from lbbd_jsna.reporting.frame import PageFrame


def index_page(
    frame: PageFrame, *, notes: Mapping[str, str] | None = None, files: Iterable[str] = ()
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

    Returns
    -------
    str
        HTML.
    """
    told = notes or {}
    shown = [link for link in frame.links if not link.href.endswith("index.html")]
    groups: dict[str, list[Cell]] = {}
    for link in shown:
        cell = Cell(link.label, sub=told.get(link.href, ""), href=link.href)
        groups.setdefault(link.group, []).append(cell)
    exhibits: list[Exhibit] = [_title(frame, len(shown))]
    for group, cells in groups.items():
        links = Links("", tuple(cells))
        exhibits.append(Section(group or "Start here", (links,)))
    exhibits += _files(sorted(files))
    # The links stand in the page itself, so the bar above need not repeat them.
    bare = replace(frame, links=(), pack=".", contents=False)
    return page_from_bundles([exhibit.as_json() for exhibit in exhibits], bare)


def _title(frame: PageFrame, reports: int) -> Title:
    count = "one report" if reports == 1 else f"{reports} reports"
    return Title(
        heading=f"Health and wellbeing in {frame.borough}",
        lead=(
            f"The joint strategic needs assessment for {frame.quarter_words or frame.quarter}: "
            f"{count} on what the strategies set out to change, and how far it has changed.",
        ),
        context="Contents of the pack",
        short="Contents of the pack",
    )


def _files(files: list[str]) -> list[Exhibit]:
    parts: list[Exhibit] = []
    for folder, label, ending in (
        ("tables/", "Tables (CSV)", ".csv"),
        ("maps/", "Maps (SVG)", ""),
    ):
        cells = tuple(
            Cell(_words(name.removeprefix(folder)), href=name)
            for name in files
            if name.startswith(folder) and name.endswith(ending)
        )
        if cells:
            parts.append(Section(label, (Links("", cells),), level=3))
    if not parts:
        return []
    text = Text(("Each table and map of the reports as a file of its own.",))
    return [Section("Figures to download", (text, *parts), anchor="files", folded=True)]


def _words(name: str) -> str:
    return name.rsplit(".", 1)[0].replace("-", " ").capitalize()
