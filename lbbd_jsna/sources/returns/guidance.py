"""What the person who fills in a form is told: plain words, and one example."""

from __future__ import annotations

import csv
import io
import textwrap
from collections.abc import Sequence

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.schema import SHORTHAND_MEANING
from lbbd_jsna.sources.returns.forms import Form
from lbbd_jsna.sources.returns.headings import COLUMNS

MARKS = ("[c]", "[x]", "[z]")
PER_CENT = ("%", "per cent")
_OF = (", as a share of ", ", for every ")
RULES = (
    "One row for each area, its codes and period filled in already. Figures of earlier quarters go "
    "in a file of their own whose name holds no quarter.",
    "Leave the headings, codes, names and the measure's id as they are. Add no columns, totals, "
    "titles or footers, and no colours or comments that mean something: they are not read.",
    "Figures are digits with a point: 1234 or 12.3. No % sign, no \"about\", no formulas, no "
    "merged cells, no hidden rows or columns.",
    "A period is text: 2026/27 Q3, 2025/26 or 2025. If Excel turns it into a date, format the "
    "column as Text and type it again.",
    "Nought is written 0. A blank is not nought and not \"none\": where there is no figure, write "
    "one of the marks below in the column value, and leave numerator and denominator blank.",
)
# What only a form with rows for wards is told.
WARDS = (
    "Count each person in the ward of their home, by the wards named here. Old wards of the same "
    "name have other boundaries: never copy their figures.",
    "Give every ward or none: 0 where nobody is counted, [z] where the denominator is 0 as well, "
    "[x] where it is not known. Where you have no wards at all, remove their rows.",
    "Count the borough by itself. People with no known address in it belong in its row and in no "
    "ward, so the wards may come to less than the borough and never to more.",
)
PRIVACY = (
    "Numerator and denominator are true whole numbers, small ones and noughts too. Do not round "
    "them and do not put stars in their place: that would stop the report from protecting them.",
    "The report does that before anything is shown. {protection}",
    "Write [c] only where you may not pass a count on at all.",
    "Never send names, initials, dates of birth, addresses, postcodes, case numbers or NHS "
    "numbers, anywhere in the file. A file that holds any is refused.",
)


def sheet_notes(form: Form, catalogue: Catalogue, quarter: Quarter) -> list[tuple[str, str]]:
    """The notes of one form.

    Returns
    -------
    list of (str, str)
        What a note is about, and the note; the subject is empty where a note goes on.
    """
    indicator = form.indicator
    told = [
        ("Measure", indicator.title),
        ("For", f"{catalogue.settings.council}, report of {quarter} ({quarter.words})"),
        *_measure_notes(form),
    ]
    told += _under("How to fill it in", RULES)
    told += _under("Marks", _marks())
    told += _under("Wards", WARDS if form.by_ward else ())
    told += _under("People's privacy", _privacy(catalogue))
    told += [("Send it to", catalogue.settings.contact)]
    example = zip(COLUMNS, example_row(form), strict=True)
    shown = [f"{column}: {cell or '(blank)'}" for column, cell in example]
    return told + _under("Example (made up)", shown)


def read_me(forms: Sequence[Form], catalogue: Catalogue, quarter: Quarter) -> str:
    """The text that goes beside the files: who fills in what, and how."""
    lines = [
        f"Returns and surveys for the report of {quarter} ({quarter.words})",
        "",
        *_wrapped(
            "Each measure has one form, as a CSV file and as an Excel workbook with the same "
            "columns: fill in either, not both. The workbook has its notes on the second sheet."
        ),
        "",
        "WHO FILLS IN WHICH FORM",
    ]
    for owner in sorted({_owner(form.indicator) for form in forms}):
        lines += ["", owner]
        lines += [f"  {form.stem}" for form in forms if _owner(form.indicator) == owner]
    told = {"HOW TO FILL IT IN": RULES, "MARKS": _marks(), "PRIVACY": _privacy(catalogue)}
    if any(form.by_ward for form in forms):
        told["FORMS WITH ROWS FOR WARDS"] = WARDS
    for heading, notes in told.items():
        lines += ["", heading, ""]
        lines += [line for note in notes for line in _wrapped(note, first="- ")]
    lines += ["", f"Send it to {catalogue.settings.contact}.", "", "THE MEASURES"]
    for form in forms:
        lines += ["", form.stem, f"  {form.indicator.title}"]
        for what, note in [*_measure_notes(form), ("Example (made up)", _csv_line(form))]:
            lines += _wrapped(f"{what}: {note}" if what else note, first="  ")
    return "\r\n".join(lines) + "\r\n"


def parts_of(indicator: Indicator) -> tuple[str, str]:
    """Numerator and denominator in words, from the definition; both empty where it has none."""
    definition = indicator.definition.rstrip(".")
    for words in _OF:
        above, found, below = definition.partition(words)
        if found:
            below = below.partition(". ")[0]
            return above, below.removeprefix("1,000 ").removeprefix("100,000 ")
    return "", ""


def example_row(form: Form) -> list[str]:
    """A row filled in, its figures made up and the same for every measure of a unit."""
    indicator = form.indicator
    code, name = form.areas[0]
    figures = ("", "", "12.5")
    if indicator.unit in PER_CENT:
        figures = ("45", "180", "")
    elif parts_of(indicator)[0]:
        per = 100_000 if "100,000" in indicator.unit else 1_000
        figures = ("45", "18000", f"{45 / 18_000 * per:g}")
    elif "count" in indicator.value_type.lower() or "number" in indicator.value_type.lower():
        figures = ("", "", "45")
    return [indicator.id, code, name, form.period, *figures, ""]


def _measure_notes(form: Form) -> list[tuple[str, str]]:
    indicator = form.indicator
    above, below = parts_of(indicator)
    whole = " (a whole number)" if indicator.counts_people else ""
    told = [
        ("What is counted", indicator.definition),
        ("numerator", f"{above}{whole}" if above else "leave it blank"),
        ("denominator", f"{below}{whole}" if below else "leave it blank"),
        ("value", _value_note(indicator, worked_out=bool(above))),
        ("Unit", indicator.unit),
        ("Period", f"{form.period}: {form.covers}" if form.period else form.covers),
        ("Who fills it in", _owner(indicator)),
    ]
    return told + _under("Bear in mind", indicator.caveats)


def _value_note(indicator: Indicator, *, worked_out: bool) -> str:
    if worked_out and indicator.unit in PER_CENT:
        return "leave it blank: it is worked out as 100 x numerator / denominator; or a mark"
    if worked_out:
        return f"the figure {indicator.unit}, worked out from the two; or a mark"
    return f"the figure, in {indicator.unit}; or a mark"


def _privacy(catalogue: Catalogue) -> list[str]:
    return [note.format(protection=catalogue.disclosure.in_words) for note in PRIVACY]


def _owner(indicator: Indicator) -> str:
    return indicator.owner or "Nobody named yet"


def _marks() -> list[str]:
    return [f"{mark} {SHORTHAND_MEANING[mark]}" for mark in MARKS]


def _csv_line(form: Form) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="").writerow(example_row(form))
    return stream.getvalue()


def _under(what: str, notes: Sequence[str]) -> list[tuple[str, str]]:
    return [(what if place == 0 else "", note) for place, note in enumerate(notes)]


def _wrapped(text: str, *, first: str = "") -> list[str]:
    following = "  " + first if first.strip() == "" and first else " " * len(first)
    return textwrap.wrap(text, 92, initial_indent=first, subsequent_indent=following,
                         break_long_words=False, break_on_hyphens=False)  # fmt: skip
