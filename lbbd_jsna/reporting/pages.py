"""The pages of a pack: what stands around each report, and the index in front of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lbbd_jsna
from lbbd_jsna.catalogue.slugs import ward_slug
from lbbd_jsna.errors import Fault, RunError
from lbbd_jsna.reporting.frame import INDEX, METHODS, WARDS, Link, PageFrame
from lbbd_jsna.reporting.parameters import ONE_A_WARD, Report

if TYPE_CHECKING:
    from lbbd_jsna.catalogue import Catalogue, Strategy
    from lbbd_jsna.workspace import Workspace

LABELS = {
    "board": "For the board",
    "wards": "All wards at a glance",
    "coverage": "Coverage of the measures",
}
NOTES = {
    "reports/board.html": "What to look at first, every outcome at a glance, and the targets.",
    "reports/wards.html": "Which wards stand worse than the borough, and on which measures.",
    "reports/coverage.html": "Every measure: what there is, how old it is, and what is missing.",
    f"reports/{METHODS.href}": "What a verdict, a trend or a rank means, and every method.",
}


def make_frames(workspace: Workspace, reports: Iterable[Report]) -> dict[str, PageFrame]:
    """What stands around each page, by slug: the reports, `methods`, and `index` before them.

    Parameters
    ----------
    workspace : Workspace
    reports : iterable of Report
        Those in the pack: pages link to these and no others.
    """
    made = tuple(reports)
    catalogue = workspace.catalogue
    common = {
        "borough": catalogue.area.name,
        "quarter": str(workspace.quarter).replace("-Q", " Q"),
        "quarter_words": workspace.quarter.words,
        "demonstration": workspace.demonstration,
        "contact": catalogue.settings.contact,
        "accessibility": catalogue.settings.accessibility,
        "provenance": _provenance(workspace),
    }
    links = dict.fromkeys(
        [*(report.slug for report in made), "methods"],
        (Link("Contents of the pack", f"../{INDEX}"), *_links(catalogue, made, "")),
    )
    links["index"] = tuple(_links(catalogue, made, "reports/"))
    held = frozenset({INDEX, *(f"reports/{slug}.html" for slug in links if slug != "index")})
    return {
        slug: PageFrame(
            slug=slug,
            board=_board(catalogue, slug),
            reader=_reader(catalogue, slug),
            links=shown,
            pages=held,
            **common,
        )
        for slug, shown in links.items()
    }


def _links(catalogue: Catalogue, reports: Iterable[Report], folder: str) -> Iterable[Link]:
    for report in reports:
        href = f"{folder}{report.slug}.html"
        if report.slug in catalogue.outcomes:
            strategy, _ = catalogue.theme_of(report.slug)
            yield Link(catalogue.outcomes[report.slug].title, href, group=strategy.short_title)
        elif report.notebook == ONE_A_WARD:
            name = catalogue.area_of(report.parameters["ward"]).name
            yield Link(name, href, group=WARDS)
        else:
            yield Link(LABELS.get(report.slug, report.slug), href)
    yield replace(METHODS, href=f"{folder}{METHODS.href}")


def _board(catalogue: Catalogue, slug: str) -> str:
    """Who reads a page: the board of its strategy, or of the first one."""
    if slug in catalogue.outcomes:
        return catalogue.theme_of(slug)[0].reader
    return catalogue.strategies[0].reader


def _reader(catalogue: Catalogue, slug: str) -> str:
    if slug in catalogue.outcomes:
        strategy, _ = catalogue.theme_of(slug)
        return f"{_titled(strategy)}. {strategy.status}"
    titles = [_titled(strategy) for strategy in catalogue.strategies]
    return "This pack reports on " + " and ".join(titles) + "."


def _titled(strategy: Strategy) -> str:
    known = strategy.years in strategy.title
    return strategy.title if known else f"{strategy.title}, {strategy.years}"


def _provenance(workspace: Workspace) -> tuple[str, ...]:
    made_with = (
        f"Made with lbbd_jsna {lbbd_jsna.__version__}. The file manifest.json of this pack lists "
        "every input and output."
    )
    if workspace.demonstration:
        return ("Every figure and every map shape was made up by lbbd_jsna itself.", made_with)
    known = workspace.catalogue.sources
    series = workspace.catalogue.indicators
    used = {series[name].source for name in set(workspace.observations["indicator"])}
    used |= {"open-geography"} if workspace.boundaries else set()
    told = [
        f"{source.title} ({source.publisher}; {source.licence.rstrip('.')})"
        for name, source in known.items()
        if name in used
    ]
    return ("Sources: " + "; ".join(told) + ".", made_with)


def finish_report(
    notebook: Any, report: Report, stage: Path, *, frames: Mapping[str, PageFrame]
) -> None:
    """Make the page, the tables and the maps of an executed notebook.

    Raises
    ------
    RunError
        The notebook shows what a page may not hold, or the page breaks a rule.
    """
    from lbbd_jsna.reporting.downloads import write_maps, write_tables
    from lbbd_jsna.reporting.export import export_notebook

    frame = frames[report.slug]
    write_page(export_notebook(notebook, page=frame), stage / "reports" / f"{report.slug}.html")
    write_tables(notebook, stage / "tables", demonstration=frame.demonstration)
    write_maps(notebook, stage / "maps", demonstration=frame.demonstration)


def finish_pack(stage: Path, *, frames: Mapping[str, PageFrame], catalogue: Catalogue) -> None:
    """Make the methods page and, once the reports are all there, the index before them."""
    from lbbd_jsna.reporting.index import index_page
    from lbbd_jsna.reporting.methods import methods_page

    files = [
        path.relative_to(stage).as_posix()
        for folder in ("tables", "maps")
        for path in (stage / folder).iterdir()
    ]
    notes = dict(NOTES)
    notes |= {f"reports/{slug}.html": outcome.text for slug, outcome in catalogue.outcomes.items()}
    titled = {**catalogue.indicators, **catalogue.outcomes}
    titles = {name: entry.title for name, entry in titled.items()}
    wards = catalogue.wards(catalogue.settings.ward_vintage)
    titles |= {ward_slug(code): f"{name} ward" for code, name in wards.items()}
    html = index_page(frames["index"], notes=notes, files=sorted(files), titles=titles)
    write_page(html, stage / "index.html")
    write_page(methods_page(frames["methods"]), stage / "reports" / METHODS.href)


def write_page(html: str, path: Path) -> None:
    """Write a page that passes every rule of `reporting.lint`; refuse any other."""
    from lbbd_jsna.reporting.lint import lint_page

    findings = lint_page(html)
    if findings:
        raise RunError(
            f"{path.name} breaks the rules for a page",
            [Fault(path.name, str(finding)) for finding in findings],
        )
    path.write_text(html, encoding="utf-8", newline="\n")
