"""Hand-made exhibits for the tests of the page: every kind, and the awkward cases."""

from __future__ import annotations

import base64
import struct
import zlib

import nbformat.v4

from lbbd_jsna.exhibits.exhibit import (
    MIME,
    Cell,
    ColumnHead,
    Exhibit,
    Figure,
    KeyEntry,
    Links,
    Quote,
    Quotes,
    Section,
    Strip,
    Table,
    Tallies,
    Tally,
    Text,
    Title,
)
from lbbd_jsna.reporting.frame import Link, PageFrame

PAYLOAD = "<img src=x onerror=alert(1)>"
LONG_WORD = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"
WARDS = (
    "Abbey", "Alibon", "Barking Riverside", "Beam", "Becontree", "Chadwell Heath", "Eastbrook "
    "& Rush Green", "Eastbury", "Gascoigne", "Goresbrook", "Heath", "Longbridge", "Mayesbrook",
    "Northbury", "Parsloes", "Thames View", "Valence", "Village", PAYLOAD,
)  # fmt: skip
BOROUGHS = tuple(8.1 + 0.23 * n + (n % 5) * 0.31 for n in range(30))

FRAME = PageFrame(
    slug="outcome-1",
    borough="Barking and Dagenham",
    quarter="2026-27 Q3",
    quarter_words="October to December 2026",
    demonstration=True,
    data_age="data to 2024/25",
    reader="Joint Local Health and Wellbeing Strategy 2023 to 2028, for the Health and "
    "Wellbeing Board.",
    links=(
        Link("Pack contents", "../index.html"),
        Link("Board summary", "board.html"),
        Link("Coverage", "coverage.html"),
        *(
            Link(f"Outcome {n}", f"outcome-{n}.html", group="Health and Wellbeing Strategy")
            for n in range(1, 8)
        ),
        *(
            Link(f"Best Chance outcome {n}", f"best-chance-{n}.html", group="Best Chance")
            for n in range(1, 5)
        ),
    ),
    contact="Public health intelligence, public.health@example.org",
    accessibility="this page aims to meet WCAG 2.2 AA. Tell us if any part of it does not work "
    "for you, or if you need it in another form.",
    provenance=(
        "Sources: OHID Fingertips and Office for National Statistics, Open Government Licence "
        "v3.0. Every number can be traced to its file and row in manifest.json.",
    ),
)


def drawing(words: str, *, width: int = 560, height: int = 280) -> str:
    """An SVG picture that stands in for a chart."""
    bars = "".join(
        f'<rect x="{40 + n * 50}" y="{220 - h}" width="34" height="{h}" fill="#12436D"/>'
        for n, h in enumerate((60, 90, 120, 150, 130, 170, 160, 180, 140, 110))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 560 280"><rect width="560" height="280" fill="#fff"/>{bars}'
        f'<path d="M30 220H550" stroke="#1c2430"/>'
        f'<text x="40" y="250" font-size="16" font-family="Arial">{words}</text></svg>'
    )


def tiny_png() -> str:
    """A white PNG of 8 by 8 points, as base64."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    body = zlib.compress((b"\0" + b"\xff" * 24) * 8, 9)
    whole = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    return base64.b64encode(whole).decode("ascii")


def benchmark_table() -> Table:
    """Eleven columns with verdicts, shorthand and the strip of boroughs."""

    def row(name: str, value: str, verdict: str, tag: str, area: float) -> tuple[Cell, ...]:
        return (
            Cell(name, sub="want lower", href="#reception"),
            Cell("2024/25"),
            Cell(value, sub="10.9 to 13.4"),
            Cell("385"),
            Cell("10.5%"),
            Cell("[x]"),
            Cell("11.0%"),
            Cell(verdict, tag=tag, sub="95% interval against England"),
            Cell("", strip=Strip(BOROUGHS, area, 10.5, "8.1%", "15.9%")),
            Cell("2 of 32", sub="highest first"),
            Cell("falling", sub="5 points"),
        )

    heads = (
        ("Measure", ""), ("Period", ""), ("Borough", "95% interval"), ("Count", ""),
        ("England", ""), ("London", ""), ("East London", ""), ("Verdict", "against England"),
        ("All London boroughs", "◆ us, ○ others, | England"), ("London place", ""), ("Trend", ""),
    )  # fmt: skip
    numbers = {"Borough", "Count", "England", "London", "East London"}
    return Table(
        caption="The measures we have, against England and the other London boroughs",
        columns=tuple(
            ColumnHead(text, sub, "number" if text in numbers else "text") for text, sub in heads
        ),
        rows=(
            row("Obesity, Reception (age 4 to 5)", "12.1%", "▼ worse", "worse", 12.1),
            row("Tooth decay at age five", "34.4%", "● similar", "similar", 13.4),
            row("Active children (age 5 to 16)", "49.1%", "▲ better", "better", 9.2),
            row("Hospital admissions", "49.1 per 100,000", "not compared", "none", 9.2),
        ),
        notes=("Verdict: the borough's 95% interval against England's value.",),
        source="OHID Fingertips, read on 4 November 2026",
        name="outcome-1-benchmarks",
    )


def wide_table(columns: int = 16) -> Table:
    """Sixteen columns of numbers: landscape in print, cards on a phone."""
    heads = [ColumnHead("Ward")] + [
        ColumnHead(f"{2009 + n}/{(10 + n) % 100:02d}", "per cent obese", "number")
        for n in range(columns - 1)
    ]
    rows = tuple(
        (
            Cell(ward),
            *(Cell(f"{10 + (n * 7 + len(ward)) % 90 / 10:.1f}") for n in range(1, columns)),
        )
        for ward in WARDS[:6]
    )
    return Table("Obesity in Reception by ward and year", tuple(heads), rows, name="wards-by-year")


def ward_table() -> Table:
    """Nineteen wards, one of whose names is an attack."""
    rows = tuple((Cell(ward), Cell(f"{9.4 + n * 0.31:.1f}")) for n, ward in enumerate(WARDS))
    return Table(
        "Per cent of children obese in Reception, by ward",
        (ColumnHead("Ward"), ColumnHead("Per cent", align="number")),
        rows,
        source="OHID Local Health",
        name="reception-wards",
    )


def ward_map() -> Figure:
    """A map with a key of fills and patterns."""
    return Figure(
        title="Rates are highest along the river",
        alt="Map of 19 wards. The rate of obesity in Reception runs from 9.4 per cent in Abbey to "
        "15.0 per cent; the five highest wards lie along the river.",
        caption="Obesity in Reception by ward, 2020/21 to 2022/23 pooled, wards since 2022.",
        mime="image/svg+xml",
        image=drawing("A map"),
        width=560,
        height=280,
        table=ward_table(),
        key=(
            KeyEntry("under 10%", "#dbe7f1"),
            KeyEntry("10 to 12%", "#9fbfd9"),
            KeyEntry("12% and over", "#12436D"),
            KeyEntry("withheld [c]", "#ffffff", "///"),
            KeyEntry("not available [x]", "#ffffff", "..."),
        ),
        role="map",
        name="reception-map",
    )


def trend_chart(title: str = "Reception obesity fell from 14.8% to 12.1%") -> Figure:
    """A chart whose table has intervals and a withheld value."""
    rows = tuple(
        (
            Cell(f"20{year}/{year + 1}"),
            Cell(f"{13 + (year - 15) * 0.1:.1f}" if year != 20 else "[c]"),
            Cell(f"{12 + (year - 15) * 0.1:.1f} to {14 + (year - 15) * 0.1:.1f}"),
            Cell(f"{9.5 + (year - 15) * 0.1:.1f}"),
        )
        for year in range(15, 25)
    )
    heads = ("Period", "Borough", "95% interval", "England")
    return Figure(
        title=title,
        alt=f"Line chart. {title}; England rose from 9.5 to 10.4 over the same years.",
        caption="Obesity in Reception, per cent, borough and England, 2015/16 to 2024/25.",
        mime="image/svg+xml",
        image=drawing("A line chart"),
        width=560,
        height=280,
        table=Table(
            f"{title}: the figures",
            tuple(
                ColumnHead(text, align="number" if n else "text") for n, text in enumerate(heads)
            ),
            rows,
            name="reception-trend",
        ),
        name="reception-trend",
    )


def title() -> Title:
    """The page's heading."""
    return Title(
        "Best start in life",
        ("Fewer four- and five-year-olds are obese than three years ago, but only one London "
         "borough has a higher rate. Twenty-eight of the thirty-one measures have no figure yet.",),
        context="Outcome 1 of 7 · Joint Local Health and Wellbeing Strategy",
    )  # fmt: skip


def outcome_exhibits() -> list[Exhibit]:
    """A page with every kind of exhibit."""
    missing = Table(
        "Measures without a figure",
        (ColumnHead("Measure as committed"), ColumnHead("Why"), ColumnHead("Who can supply it")),
        (
            (Cell("One year checks"), Cell("Published quarterly; not in this quarter's extracts"),
             Cell("Fetch: health visiting metrics")),
            (Cell(LONG_WORD), Cell(PAYLOAD), Cell("To be agreed")),
        ),
        name="outcome-1-missing",
    )  # fmt: skip
    return [
        title(),
        Tallies(
            "The thirty-one measures of this outcome",
            (Tally("0", "better than England"), Tally("1", "similar"), Tally("2", "worse"),
             Tally("1", "new this quarter"), Tally("28", "without figures")),
        ),
        Section("The measures against England", (benchmark_table(),)),
        Section(
            "Obesity in Reception",
            (
                Text(("In 2024/25 the rate was 12.1%, above England's 10.5%.",), tone="finding"),
                trend_chart(),
                Section(
                    "What it means",
                    (
                        Text(("The direction is the one the strategy wants.",), tone="note"),
                        Text(("Written by the team.",), ("One.", PAYLOAD), tone="commentary"),
                    ),
                    side_by_side=True,
                ),
                ward_map(),
            ),
            anchor="reception",
        ),
        Section("Every year, ward by ward", (wide_table(),)),
        Section("Measures without a figure, and why", (missing,), folded=True),
        Section(
            "What residents said good looks like",
            (Quotes((Quote("“I am supported to make healthy choices.”", "Not yet asked."),)),),
        ),
    ]  # fmt: skip


def index_exhibits() -> list[Exhibit]:
    """A short page of links and a PNG."""
    picture = Figure(
        title="Where each outcome stands",
        alt="A white square that stands in for a picture of the eleven outcomes of the pack.",
        caption="Eleven outcomes.",
        mime="image/png",
        image=tiny_png(),
        width=160,
        height=160,
        table=Table(
            "Outcomes", (ColumnHead("Outcome"), ColumnHead("Worse")), ((Cell("One"), Cell("2")),)
        ),
    )
    links = Links(
        "Reports of this quarter",
        (
            Cell("Board summary", "What to look at first", href="reports/board.html"),
            Cell("Best start in life", "31 measures", href="reports/outcome-1.html"),
        ),
    )
    return [
        Title(f"Pack of {PAYLOAD}", ("Eleven outcomes.",), short="Pack contents"),
        links,
        picture,
    ]


def notebook(exhibits: list[Exhibit]) -> nbformat.NotebookNode:
    """An executed notebook that shows them, one a cell, as papermill would leave it."""
    make = nbformat.v4
    cells = [
        make.new_markdown_cell("# About\n\nFor the analyst.", metadata={"tags": ["about"]}),
        make.new_code_cell(
            'quarter = "2026-27-Q3"', execution_count=1, metadata={"tags": ["parameters"]}
        ),
        make.new_code_cell(
            'quarter = "2026-27-Q3"', execution_count=2, metadata={"tags": ["injected-parameters"]}
        ),
    ]
    for number, exhibit in enumerate(exhibits, start=3):
        cells.append(
            make.new_code_cell(
                "secret_code()",
                execution_count=number,
                outputs=[
                    make.new_output(
                        "execute_result",
                        data={MIME: exhibit.as_json(), "text/plain": "<exhibit>"},
                        execution_count=number,
                    )
                ],
            )
        )
    cells.append(make.new_markdown_cell("## In words\n\nA *short* list:\n\n- one & two\n- 5 < 6\n"))
    return make.new_notebook(cells=cells)
