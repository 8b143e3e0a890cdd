"""A trace as lines of plain text, readable at 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping

from lbbd_jsna.exhibits.wording import received
from lbbd_jsna.reporting.raw_rows import plain
from lbbd_jsna.reporting.trace import Figure, Series, Trace
from lbbd_jsna.reporting.trace_origins import File, Origin
from lbbd_jsna.reporting.trace_steps import Step

WIDTH = 78
LABEL = 20
DEMONSTRATION = "DEMONSTRATION: these figures are made up. They are not real."


def trace_lines(
    trace: Trace, *, quarter: str, demonstration: bool, packs: Iterable[str]
) -> list[str]:
    """A trace in the order of the page, its files at the end.

    Parameters
    ----------
    trace : Trace
    quarter : str
    demonstration : bool
        Whether the figures are made up; then the first line says so.
    packs : iterable of str
        What is to be said of the packs of the quarter.
    """
    page = trace.page
    lines = [DEMONSTRATION, ""] if demonstration else []
    lines += _wrapped(f"{page.outcome.title} ({page.outcome.id}), {quarter}")
    lines += _wrapped(f"{trace.name}: {trace.words}")
    for remark in (*trace.remarks, *packs):
        lines += _wrapped(remark)
    for series in trace.series:
        lines += _series_lines(series)
    if trace.files:
        lines += _headed("Files", "=")
    for file in trace.files:
        lines += _file_lines(file)
    return lines


def _series_lines(series: Series) -> Iterator[str]:
    indicator = series.indicator
    yield from _headed(f"{indicator.title} ({indicator.id}, {indicator.unit})", "=")
    for remark in series.remarks:
        yield from _wrapped(remark)
    for figure in series.figures:
        yield from _figure_lines(figure)


def _figure_lines(figure: Figure) -> Iterator[str]:
    yield from _headed(figure.title, "-")
    yield from _part("The page prints", _pairs(figure.printed))
    if figure.observed:
        yield from _part("In the tables", _pairs(figure.observed))
    for origin in figure.origins:
        yield from _origin_lines(origin)
    yield from _part("Put together from", (line for text in figure.inputs for line in _item(text)))
    yield from _part("Steps", _step_lines(figure.steps))


def _origin_lines(origin: Origin) -> Iterator[str]:
    said = [f"  ({origin.remark})"] if origin.remark else []
    lines = [line for text in said for line in _wrapped(text.strip(), indent=2)]
    yield f"{origin.name}, row {origin.row}" + (f" ({origin.role})" if origin.role else "")
    yield from lines
    yield from _pairs(origin.cells)


def _step_lines(steps: Iterable[Step]) -> Iterator[str]:
    for number, step in enumerate(steps, start=1):
        yield from _wrapped(f"{number}. {step.name}: {step.words}", indent=2, hanging=3)


def _file_lines(file: File) -> Iterator[str]:
    state, receipt = file.state, file.state.receipt
    told = {
        "source": file.source,
        "address": receipt.address if receipt else "",
        "accessed": receipt.accessed if receipt else "",
        "received": received((receipt.received,) if receipt else ()),
        "sha256": receipt.sha256 if receipt else state.now,
        **({} if state.same or not (receipt and state.now) else {"sha256 now": state.now}),
        "state": state.words,
        "licence": file.licence,
    }
    yield state.name
    yield from _pairs({name: text or "not recorded" for name, text in told.items()})


def _part(heading: str, lines: Iterable[str]) -> Iterator[str]:
    listed = list(lines)
    if listed:
        yield heading
        yield from listed


def _headed(text: str, rule: str) -> list[str]:
    lines = _wrapped(text)
    return ["", *lines, rule * min(WIDTH, max(map(len, lines)))]


def _pairs(pairs: Mapping[str, str]) -> Iterator[str]:
    """Name and text in two columns; a long name has a line of its own."""
    for name, text in pairs.items():
        label = f"  {plain(name)}"
        if " " not in text and len(text) > WIDTH - LABEL:  # an address or a hash, never broken
            yield from (label, f"    {plain(text)}")
        elif len(label) < LABEL:
            yield from _wrapped(plain(text), first=label.ljust(LABEL), indent=LABEL)
        else:
            yield from _wrapped(label.strip(), indent=2)
            yield from _wrapped(plain(text), indent=LABEL)


def _item(text: str) -> list[str]:
    return _wrapped(text, indent=2, hanging=2)


def _wrapped(text: str, *, first: str = "", indent: int = 0, hanging: int = 0) -> list[str]:
    """Lines of at most 78 characters; addresses and hashes are never broken."""
    lines = textwrap.wrap(
        plain(text),
        width=WIDTH,
        initial_indent=first or " " * indent,
        subsequent_indent=" " * (indent + hanging),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.rstrip() for line in lines] or [first.rstrip()]
