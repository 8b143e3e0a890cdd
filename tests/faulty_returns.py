"""A corpus of faulty returns, each made by one step from one good return.

The good return has the 19 wards of 2022 and the borough, for one per cent and one quarter:
rows 2 to 20 are the wards, row 21 the borough. What is wrong with a file stands beside the
step that makes it: the verdict, the rows and columns, the rule, a word of the message.
"""

from __future__ import annotations

import csv
import dataclasses
import gzip
import io
import json
import pickle
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lbbd_jsna.catalogue import Area
from tests.made_up_borough import indicator, made_up_catalogue

NAME = "returns/2027-01-15/helped_2026-27-Q3.csv"
HEADING = ["indicator", "area_code", "area_name", "period",
           "numerator", "denominator", "value", "note"]  # fmt: skip
BOROUGH = ("E09000002", "Barking and Dagenham")
PERIOD = "2026/27 Q3"
_AREAS = Path(__file__).resolve().parent.parent / "catalogue" / "areas.csv"

# Numbers and names that belong to nobody: 943 476 5919 is the NHS Data Dictionary's example.
NHS, NHS_SPACED, NHS_HYPHENS = "9434765919", "943 476 5919", "943-476-5919"
INSURANCE, EMAIL, POSTCODE = "AB 12 34 56 C", "j.bloggs@example.org", "RM10 7BN"
UPN, BIRTHDAY, MOBILE = "H801200001001", "12/03/1985", "07700 900123"
PERSONAL = (NHS, NHS_SPACED, NHS_HYPHENS, INSURANCE, EMAIL, POSTCODE, UPN, BIRTHDAY, MOBILE)


@dataclass(frozen=True)
class Case:
    """One file and the verdict it must have.

    `places` are the rows and columns of its faults, or those a repair's note names (a column
    may be left open there). `unknown` are the rows whose value must be withheld, never 0.
    """

    title: str
    content: bytes
    verdict: str
    places: frozenset[tuple[int, str]] = frozenset()
    rule: str = ""
    word: str = ""
    unknown: frozenset[int] = frozenset()
    name: str = NAME


@dataclass
class Corpus:
    """Every case, in order."""

    cases: list[Case] = field(default_factory=list)

    def refused(self, title: str, made: object, places: list, rule: str, word: str = "",
                name: str = NAME) -> None:  # fmt: skip
        """Add a file that must be refused, with faults in just these rows and columns."""
        case = Case(title, coded(made), "refused", frozenset(places), rule, word, name=name)
        self.cases.append(case)

    def repaired(self, title: str, made: object, row: int, word: str, unknown: tuple = ()) -> None:
        """Add a file that must be read, with a note that names the row."""
        place = frozenset({(row, "")})
        unknown_rows = frozenset(unknown)
        self.cases.append(
            Case(title, coded(made), "repaired", place, word=word, unknown=unknown_rows)
        )

    def right(self, title: str, made: object) -> None:
        """Add a file that must be read without a note."""
        self.cases.append(Case(title, coded(made), "right"))


def catalogue(**changes):
    """The borough of `catalogue/areas.csv` with a few returned series."""
    with _AREAS.open(encoding="utf-8", newline="") as stream:
        areas = tuple(Area(**row) for row in csv.DictReader(stream))
    returned = {"source": "council-return", "source_id": "", "sex": ""}
    plain = made_up_catalogue(
        indicator("helped", **{**returned, "unit": "%", "area_types": ("borough", "ward")}),
        indicator("offers", **{**returned, "unit": "offers", "value_type": "Count"}),
        indicator("placements", **{**returned, "unit": "per 1,000", "value_type": "Crude rate",
                                   "counts_people": False}),
        indicator("gap", **{**returned, "unit": "percentage points", "value_type": "Gap"}),
        indicator("old-wards", **{**returned, "area_types": ("ward",), "ward_vintage": "2002"}),
        indicator(),
    )  # fmt: skip
    settings = plain.settings.model_copy(update={"area": BOROUGH[0]})
    return dataclasses.replace(plain, areas=areas, settings=settings, **changes)


def good() -> list[list[str]]:
    """The heading and the 20 rows of the good return."""
    wards = [a for a in catalogue().areas if a.type == "ward" and a.vintage == "2022"]
    places = [(ward.code, ward.name) for ward in wards] + [BOROUGH]
    rows = [list(HEADING)]
    for place, (code, name) in enumerate(places):
        helped, asked = 1200 + 11 * place, 4000 + 37 * place
        if (code, name) == BOROUGH:  # 19 x 1,200 and more; some people are in no known ward
            helped, asked = 30_000, 90_000
        share = f"{100 * helped / asked:.1f}" if place % 3 == 0 else ""
        note = "one clinic closed" if place == 4 else ""
        rows.append(["helped", code, name, PERIOD, str(helped), str(asked), share, note])
    return rows


def text_of(rows: list[list[str]], *, delimiter: str = ",", end: str = "\n", **options) -> str:
    """Rows as CSV."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator=end, **options).writerows(rows)
    return stream.getvalue()


def coded(made: object) -> bytes:
    """A step's result, rows or text or bytes, as bytes."""
    if isinstance(made, list):
        made = text_of(made)
    return made.encode("utf-8") if isinstance(made, str) else made


def put(row: int, column: str, text: str) -> list[list[str]]:
    """The good return with another text in one cell, the heading being row 1."""
    rows = good()
    rows[row - 1][HEADING.index(column)] = text
    return rows


def change(row: int, **cells: str) -> list[list[str]]:
    """The good return with other texts in several cells of one row."""
    rows = good()
    for column, text in cells.items():
        rows[row - 1][HEADING.index(column)] = text
    return rows


def insert(row: int, cells: list[str]) -> list[list[str]]:
    """The good return with one row more, which becomes this row."""
    rows = good()
    rows.insert(row - 1, cells)
    return rows


def each(step: Callable[[list[str]], list[str]]) -> list[list[str]]:
    """The good return with every row changed, the heading among them."""
    return [step(row) for row in good()]


def renamed(**headings: str) -> list[list[str]]:
    """The good return with other headings."""
    rows = good()
    rows[0] = [headings.get(column, column) for column in rows[0]]
    return rows


def corpus() -> list[Case]:
    """Every file of the corpus."""
    made = Corpus()
    for part in (_right, _codings, _delimiters, _spaces, _marks, _other_files, _rows, _headings,
                 _repeats, _numbers, _periods, _areas, _figures, _contents, _personal):  # fmt: skip
        part(made)
    return made.cases


def _right(made: Corpus) -> None:
    made.right("the good return", good())
    made.right("every cell in quotes", text_of(good(), quoting=csv.QUOTE_ALL))
    made.right("Windows line ends", text_of(good(), end="\r\n"))
    made.right("no line end at the end", text_of(good()).rstrip("\n"))
    made.right("columns in another order", each(lambda row: row[::-1]))
    made.right("a comma in a quoted note", put(6, "note", "one clinic, of three, closed"))
    made.right("marks with a reason", change(5, numerator="", value="[c]", note="small number"))
    made.right("none of many", change(4, numerator="0", value=""))
    made.right("a note that begins with a number", put(4, "note", "3 clinics, 75% of them new"))
    made.right("a date of the data in a note", put(4, "note", "as at 31/12/2026"))
    made.right("a note with a dash and a pound sign", put(4, "note", "£5 a visit – not all pay"))


def _codings(made: Corpus) -> None:
    text = text_of(put(6, "note", "£5 – one clinic closed"))
    made.repaired("18 byte order mark", text_of(good()).encode("utf-8-sig"), 1, "byte order mark")
    made.repaired("19 UTF-16", text.encode("utf-16"), 1, "UTF-16")
    made.repaired("19 UTF-16 big-endian", b"\xfe\xff" + text.encode("utf-16-be"), 1, "UTF-16")
    made.repaired("19 UTF-16 without a mark", text.encode("utf-16-le"), 1, "UTF-16")
    made.repaired("19 UTF-16 with tabs, as Excel writes it",
                  text_of(good(), delimiter="\t", end="\r\n").encode("utf-16"), 1, "UTF-16")
    made.repaired("20 cp1252 dash and pound sign", text.encode("cp1252"), 6, "cp1252")
    made.repaired("old Mac line ends", text_of(good(), end="\r"), 1, "old Mac")
    made.refused("19 UTF-16 cut off", text.encode("utf-16")[:-1], [(0, "")], "cut-off", "UTF-16")
    made.refused("20 UTF-8 with a broken byte", text.replace("closed", "\udcff").encode(
        "utf-8", "surrogateescape"), [(6, "")], "coding", "damaged")  # fmt: skip
    made.refused("32 NUL bytes", put(7, "area_name", "Be\x00am"), [(7, "")], "nul", "NUL")
    made.refused("an empty file", b"", [(0, "")], "empty-file", "empty")
    made.refused("only a byte order mark and blanks", b"\xef\xbb\xbf \n\n", [(0, "")], "empty-file")


def _delimiters(made: Corpus) -> None:
    made.repaired("21 semicolons", text_of(good(), delimiter=";"), 1, "semicolons")
    made.repaired("22 tabs", text_of(good(), delimiter="\t"), 1, "tabs")
    made.repaired("23 Excel's sep= line", "sep=,\n" + text_of(good()), 1, "sep=,")
    made.repaired("23 sep= with semicolons", "sep=;\r\n" + text_of(good(), delimiter=";"), 2,
                  "semicolons")
    made.repaired("27 a blank row", insert(5, [""]), 5, "blank")
    made.repaired("27 a blank row of commas", insert(9, [""] * 8), 9, "blank")
    made.repaired("27 blank rows at the end", good() + [[""] * 8, [""] * 8], 22, "blank")
    made.repaired("27 blank rows above the heading", [[""], *good()], 1, "blank")
    made.repaired("27 a row of non-breaking spaces", insert(5, ["\u00a0"] * 8), 5, "blank")
    made.repaired("27 trailing commas in every row", each(lambda row: [*row, "", ""]), 1, "columns")
    made.refused("pipes", text_of(good(), delimiter="|"), [(1, "")], "no-heading", "headings")


def _spaces(made: Corpus) -> None:
    made.repaired("35 capitals in headings", renamed(area_code="Area_Code", value="VALUE"), 1,
                  "area_code")
    made.repaired("35 spaces in headings", renamed(area_code="Area code ", note=" Note"), 1, "note")
    made.repaired("35 non-breaking space in a heading", renamed(area_name="area\u00a0name"), 1,
                  "area_name")
    made.repaired("37 commas in thousands", put(8, "numerator", "1,266"), 8, "thousands")
    made.repaired("37 non-breaking space in thousands", put(8, "numerator", "1\u00a0266"), 8,
                  "thousands")
    made.repaired("37 thin space in thousands", put(8, "numerator", "1\u2009266"), 8, "thousands")
    made.repaired("43 trailing space", put(5, "area_name", "Beam "), 5, "spaces")
    made.repaired("43 leading space", put(5, "area_code", " E05014056"), 5, "spaces")
    made.repaired("43 two spaces", put(4, "area_name", "Barking  Riverside"), 4, "spaces")
    made.repaired("43 non-breaking space", put(4, "area_name", "Barking\u00a0Riverside"), 4,
                  "non-breaking")
    made.repaired("43 zero-width space", put(4, "area_name", "Barking \u200bRiverside"), 4, "width")
    made.repaired("43 space round a number", put(6, "denominator", " 4148 "), 6, "spaces")
    made.repaired("capitals of a name", put(5, "area_name", "BEAM"), 5, "capitals")
    made.repaired("line break in a note", put(6, "note", "one clinic\nclosed"), 6, "line breaks")


def _marks(made: Corpus) -> None:
    for text in ("*", "c", "<5", "[C]"):
        made.repaired(f"40 {text} as a value", change(5, numerator="", value=text), 5, "[c]", (5,))
    made.repaired("40 * as a count", change(5, numerator="*", value=""), 5, "[c]", (5,))
    made.repaired("40 <5 in both", change(5, numerator="<5", value="<5"), 5, "[c]", (5,))
    for title, text in (("N/A", "N/A"), ("a hyphen", "-"), ("a dash", "–"), ("x alone", "x")):
        made.refused(f"41 {title}", put(5, "value", text), [(5, "value")], "blank", "[x]")
    made.refused("41 all blank", change(5, numerator="", denominator="", value=""),
                 [(5, "value")], "blank", "write 0 for none")  # fmt: skip
    made.refused("41 n/a as a count", put(5, "numerator", "n/a"), [(5, "numerator")], "blank")
    made.refused("40 a count beside a mark", change(5, numerator="3", value="[c]"),
                 [(5, "numerator")], "number-beside-mark", "give the value away")  # fmt: skip
    made.refused("40 a value beside a withheld count", change(5, numerator="*", value="2.5"),
                 [(5, "value")], "number-beside-mark")  # fmt: skip


def _other_files(made: Corpus) -> None:
    text = text_of(good())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("return.csv", text)
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    page = "<!DOCTYPE html>\n<html><body><table><tr><td>helped</td></tr></table></body></html>"
    for title, content, word in (
        ("33 xlsx", packed.getvalue(), "Excel workbook (.xlsx)"),
        ("33 xls", old, "old Excel workbook"),
        ("33 zip", zipped.getvalue(), "zip archive"),
        ("33 gzip", gzip.compress(text.encode(), mtime=0), "gzip"),
        ("33 PDF", b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n", "PDF"),
        ("33 pickle", pickle.dumps(good()), "pickle"),
        ("33 old pickle", pickle.dumps(good(), protocol=0), "pickle"),
        ("33 HTML", page, "web page"),
        ("33 HTML in UTF-16", page.encode("utf-16"), "web page"),
        ("33 XML", '\ufeff<?xml version="1.0"?><rows/>', "XML"),
        ("33 JSON", json.dumps([{"indicator": "helped", "value": 3}]), "JSON"),
    ):
        made.refused(title, content, [(0, "")], "not-csv", word)


def _rows(made: Corpus) -> None:
    made.refused("24 title rows", [["Early help, quarter 3"], [""], *good()], [(1, "")],
                 "title-rows", "indicator, area_code, area_name")  # fmt: skip
    made.refused("24 a title as wide as the table", [["Early help", *[""] * 7], *good()],
                 [(1, "")], "title-rows", "row 2")  # fmt: skip
    made.refused("25 footer", [*good(), ["Source: early help team"]], [(22, "")], "footer")
    made.refused("25 footer with commas", [*good(), ["Source: early help team", *[""] * 7]],
                 [(22, "")], "footer", "Source: early help team")  # fmt: skip
    made.refused("25 footer below a blank row", [*good(), [""], ["Note that one clinic closed"]],
                 [(23, "")], "footer")  # fmt: skip
    total = ["helped", "", "Total", PERIOD, "24000", "80000", "30.0", ""]
    made.refused("26 total row", insert(21, total), [(21, "area_name")], "total-row", "Total")
    grand = ["Grand total", "", "", "", "24000", "80000", "30.0", ""]
    made.refused("26 grand total", [*good(), grand], [(22, "indicator")], "total-row", "Grand")
    made.refused("26 all wards", insert(21, ["helped", "All wards", "All wards", PERIOD, "2400",
                 "8000", "30.0", ""]), [(21, "area_code")], "total-row")  # fmt: skip
    every = [(row, "") for row in range(2, 22)]
    made.refused("28 one extra comma in every row", _one_more_comma(), every, "row-width",
                 "9 values under 8 headings")  # fmt: skip
    text = text_of(good())
    with_comma = text.replace("Eastbrook & Rush", "Eastbrook, Rush")
    made.refused("29 comma in an unquoted name", with_comma, [(8, "")], "row-width", "quotes")
    rows = good()
    rows[4] = rows[4][:6]
    made.refused("30 short row", rows, [(5, "")], "row-width", "6 values under 8 headings")
    lines = text.split("\n")
    cut = "\n".join([*lines[:20], lines[20][:30]])
    made.refused("30 the last row cut off", cut, [(21, "")], "row-width", "values under 8")
    opened = text.replace("one clinic closed", '"one clinic closed')
    made.refused("31 unclosed quote", opened, [(6, "")], "quote", "not closed")
    made.refused("31 text after a closing quote", text.replace("one clinic closed", '"one" clinic'),
                 [(6, "")], "quote")  # fmt: skip
    made.refused("header only", [HEADING], [(0, "")], "no-rows", "no rows")
    made.refused("62 a cell of 3,000 characters", put(4, "note", "ab " * 1000), [(4, "note")],
                 "cell-too-long", "2,000")  # fmt: skip
    made.refused("62 a cell of a megabyte", put(4, "note", "a" * 1_000_000), [(4, "note")],
                 "cell-too-long")  # fmt: skip
    made.refused("62 a thousand columns", each(lambda row: row + ["x"] * 1000), [(1, "")],
                 "too-many-columns", "1,008 columns")  # fmt: skip


def _one_more_comma() -> str:
    heading, *lines = text_of(good()).splitlines()
    return "\n".join([heading, *(line + "," for line in lines)]) + "\n"


def _headings(made: Corpus) -> None:
    place = HEADING.index("denominator")
    made.refused("34 missing column", each(lambda row: row[:place] + row[place + 1 :]),
                 [(1, "denominator")], "column-missing", "denominator")  # fmt: skip
    made.refused("34 renamed column", renamed(numerator="referrals"),
                 [(1, "referrals"), (1, "numerator")], "column-unknown", "referrals")  # fmt: skip
    made.refused("34 duplicate column", each(lambda row: [*row, row[4]]), [(1, "numerator")],
                 "column-twice", "twice")  # fmt: skip
    made.refused("34 duplicate in other capitals", [[*HEADING, "Value"], *_with_more("3")],
                 [(1, "value")], "column-twice")  # fmt: skip
    made.refused("a column too many", [[*HEADING, "team"], *_with_more("A")], [(1, "team")],
                 "column-unknown", "team")  # fmt: skip
    made.refused("figures without a heading", [[*HEADING, ""], *_with_more("3")],
                 [(r, "") for r in range(2, 22)], "row-width")  # fmt: skip
    made.refused("no headings", good()[1:], [(1, "")], "no-heading", "headings of the template")
    for heading in ("NHS number", "Patient name", "Date of Birth", "DOB", "Postcode", "Address",
                    "e-mail", "Phone", "UPN", "NI number", "Surname"):  # fmt: skip
        rows = [[*HEADING, heading], *_with_more("x")]
        made.refused(f"60 column {heading}", rows, [(1, heading)], "personal-column", "persons")


def _with_more(text: str) -> list[list[str]]:
    return [[*row, text] for row in good()[1:]]


def _repeats(made: Corpus) -> None:
    rows = good()
    made.refused("36 the same row twice", [*rows, rows[4]], [(22, "")], "duplicate-row", "row 5")
    other = [*rows[4][:4], "7", "4111", "", ""]
    made.refused("36 same key, other value", insert(8, other), [(8, "")], "contradiction", "row 5")
    made.refused("36 the same area in capitals", [*rows, [*rows[4][:2], "BEAM", *rows[4][3:]]],
                 [(22, "")], "duplicate-row", "row 5")  # fmt: skip


def _numbers(made: Corpus) -> None:
    for title, column, text, rule in (
        ("38 decimal comma", "value", "30,1", "decimal-comma"),
        ("38 comma after nought", "value", "0,301", "decimal-comma"),
        ("38 point for thousands", "value", "1.234,5", "decimal-comma"),
        ("39 percent sign", "value", "30.1%", "percent-sign"),
        ("39 percent sign after a space", "value", "30.1 %", "percent-sign"),
        ("44 a range that became a date", "numerator", "05-Oct", "excel-date"),
        ("44 a range that became a month", "numerator", "Oct-05", "excel-date"),
        ("44 a range that became a day", "denominator", "05/10/2026", "excel-date"),
        ("a range", "numerator", "5-10", "not-a-number"),
        ("48 a count as a power of ten", "numerator", "1.2E+03", "scientific"),
        ("54 negative", "numerator", "-12", "negative"),
        ("54 half a person", "numerator", "1221.5", "fraction"),
        ("54 half a person below", "denominator", "4111.5", "fraction"),
        ("54 2.1e9", "denominator", "2.1e9", "scientific"),
        ("54 two thousand million", "denominator", "2100000000", "too-great"),
        ("54 a letter O", "numerator", "2O", "not-a-number"),
        ("54 full-width digits", "numerator", "\uff11\uff12", "other-digits"),
        ("54 Arabic digits", "numerator", "\u0661\u0662", "other-digits"),
        ("54 inf", "value", "inf", "infinite"),
        ("54 NaN", "value", "NaN", "infinite"),
        ("54 minus sign U+2212", "numerator", "\u221212", "minus-sign"),
        ("54 a number with noughts before it", "numerator", "0012", "not-a-number"),
        ("54 about", "numerator", "c. 1200", "not-a-number"),
        ("55 #DIV/0!", "value", "#DIV/0!", "excel-error"),
        ("55 #REF!", "numerator", "#REF!", "excel-error"),
        ("55 #N/A", "value", "#N/A", "excel-error"),
        ("55 a column too narrow", "numerator", "#####", "excel-error"),
        ("58 a formula", "numerator", "=1+1", "formula"),
        ("58 a sum", "numerator", "@SUM(A1)", "formula"),
        ("a line break in a number", "numerator", "12\n00", "line-break"),
    ):
        made.refused(title, put(5, column, text), [(5, column)], rule)


def _periods(made: Corpus) -> None:
    for text in ("Q3 2026-27", "2026-27 Q3", "2026/2027 q3", "Quarter 3 2026/27", "2026/27 Qtr 3"):
        made.repaired(f"45 {text}", put(9, "period", text), 9, PERIOD)
    for title, text, rule in (
        ("44 Mar-24", "Mar-24", "excel-date"),
        ("44 24-Mar", "24-Mar", "excel-date"),
        ("44 45352", "45352", "excel-date"),
        ("44 a whole date", "01/03/2024", "excel-date"),
        ("44 a date the other way", "2024-03-01", "excel-date"),
        ("46 2023/25", "2023/25", "period"),
        ("46 2023/24 Q5", "2023/24 Q5", "period"),
        ("two years with a hyphen", "2025-26", "period"),
        ("no period", "", "blank"),
        ("47 the quarter before", "2026/27 Q2", "another-quarter"),
        ("47 a year that ends later", "2026/27", "another-quarter"),
        ("47 the same quarter a year ago", "Q3 2025-26", "another-quarter"),
    ):
        made.refused(title, put(9, "period", text), [(9, "period")], rule)


def _areas(made: Corpus) -> None:
    for title, row, cells, column, rule, word in (
        ("48 power of ten", 5, {"area_code": "5.01E+09"}, "area_code", "scientific", "power"),
        ("48 lost its letter", 5, {"area_code": "5014056"}, "area_code", "lost-characters", "Text"),
        ("48 lost its noughts", 5, {"area_code": "514056"}, "area_code", "lost-characters", "Text"),
        ("49 old ward code", 2, {"area_code": "E05000026"}, "area_code", "old-ward-code", "Abbey"),
        ("49 old ward", 5, {"area_code": "E05000038", "area_name": "River"}, "area_code",
         "old-ward-code", "River"),
        ("50 right name, wrong code", 5, {"area_code": "E05014055"}, "area_code", "name-and-code",
         "E05014056"),
        ("50 right name, mistyped code", 5, {"area_code": "E05014O56"}, "area_code",
         "name-and-code", "E05014056"),
        ("51 and for &", 8, {"area_name": "Eastbrook and Rush Green"}, "area_name", "name-and-code",
         "Eastbrook & Rush Green"),
        ("a name mistyped", 5, {"area_name": "Baem"}, "area_name", "name-and-code", "Beam"),
        ("no name", 5, {"area_name": ""}, "area_name", "blank", "Beam"),
        ("no code", 5, {"area_code": ""}, "area_code", "blank", "E05014056"),
        ("42 an area called None", 5, {"area_name": "None"}, "area_name", "name-and-code", "None"),
        ("42 an area called NA", 5, {"area_name": "NA"}, "area_name", "name-and-code", "'NA'"),
        ("no indicator", 5, {"indicator": ""}, "indicator", "blank", "blank"),
        ("an indicator nobody knows", 5, {"indicator": "helpd"}, "indicator", "indicator",
         "helped"),
        ("57 line break in a name", 4, {"area_name": "Barking\nRiverside"}, "area_name",
         "line-break", "line break"),
        ("57 line break in a code", 4, {"area_code": "E0501\r\n4055"}, "area_code", "line-break",
         "line break"),
    ):  # fmt: skip
        made.refused(title, change(row, **cells), [(row, column)], rule, word)
    made.refused("52 ward missing", [r for r in good() if r[2] != "Heath"], [(0, "area_code")],
                 "missing-ward", "Heath (E05014063)")  # fmt: skip
    made.refused("52 borough missing", good()[:-1], [(0, "area_code")], "missing-borough",
                 "helped, 2026/27 Q3, and the borough is not")  # fmt: skip
    made.refused("52 wards above the borough", put(21, "denominator", "80000"),
                 [(21, "denominator")], "wards-above", "the wards add up to more")  # fmt: skip
    made.refused("53 another borough", insert(9, ["helped", "E09000026", "Redbridge", PERIOD, "1",
                 "200", "", ""]), [(9, "area_code")], "another-borough", "Redbridge")  # fmt: skip
    made.refused("53 a ward of another borough", insert(9, ["helped", "E05011250", "South Park",
                 PERIOD, "1", "200", "", ""]), [(9, "area_code")], "another-borough")  # fmt: skip
    made.refused("a published series", [*good(), ["obesity", *BOROUGH, PERIOD, "1", "2", "", ""]],
                 [(22, "indicator")], "published", "fingertips")  # fmt: skip
    made.refused("a ward of a borough's series", [*good(), ["gap", "E05014056", "Beam", PERIOD, "",
                 "", "3.1", ""]], [(22, "area_code")], "area-type")  # fmt: skip
    made.refused("a new ward for the old wards", [*good(), ["old-wards", "E05014056", "Beam",
                 PERIOD, "1", "2", "", ""]], [(22, "area_code")], "new-ward-code")  # fmt: skip


def _figures(made: Corpus) -> None:
    for title, cells, column, rule in (
        ("56 123 per cent", {"value": "123"}, "value", "out-of-range"),
        ("56 more helped than asked", {"numerator": "4200", "value": ""}, "numerator",
         "numerator-above"),
        ("56 a value that is another quotient", {"value": "52.0"}, "value", "value-mismatch"),
        ("56 a value off in its last place", {"value": "29.9"}, "value", "value-mismatch"),
        ("56 a share in place of a per cent", {"value": "0.3"}, "value", "value-mismatch"),
        ("a per cent without its numerator", {"numerator": "", "value": "29.8"}, "numerator",
         "counts-needed"),
        ("a per cent without its denominator", {"denominator": "", "value": "29.8"}, "denominator",
         "counts-needed"),
        ("a per cent without its counts", {"numerator": "", "denominator": "", "value": "29.8"},
         "numerator", "counts-needed"),
        ("nobody of nobody", {"numerator": "0", "denominator": "0", "value": ""}, "value", "blank"),
        ("a value of nobody", {"numerator": "0", "denominator": "0", "value": "0"}, "denominator",
         "of-nobody"),
    ):  # fmt: skip
        made.refused(title, change(5, **cells), [(5, column)], rule)
    for title, row, column, rule in (
        ("a count that is not its numerator", ["offers", "7", "", "8"], "value", "value-mismatch"),
        ("a count of half an offer", ["offers", "", "", "7.5"], "value", "fraction"),
        ("a negative count", ["offers", "", "", "-7"], "value", "negative"),
        ("a rate that is another quotient", ["placements", "30", "1000", "31.2"], "value",
         "value-mismatch"),
        ("a negative rate", ["placements", "", "", "-3.1"], "value", "negative"),
    ):
        name, *figures = row
        rows = [*good(), [name, *BOROUGH, PERIOD, *figures, ""]]
        made.refused(title, rows, [(22, column)], rule)
    made.right("a gap below 0", [*good(), ["gap", *BOROUGH, PERIOD, "", "", "-3.1", ""]])
    made.right("a rate and its counts",
               [*good(), ["placements", *BOROUGH, PERIOD, "30", "1000", "30", ""]])


def _contents(made: Corpus) -> None:
    for title, column, text, rule in (
        ("58 DDE", "area_name", "=cmd|' /C calc'!A0", "formula"),
        ("58 @SUM in a name", "area_name", "@SUM(1+1)", "formula"),
        ("58 plus", "note", "+1+1", "formula"),
        ("58 minus", "note", "-2+3+cmd|' /C calc'!A0", "formula"),
        ("58 equals in a note", "note", '=HYPERLINK("x")', "formula"),
        ("58 equals behind a space", "note", " =1+1", "formula"),
        ("58 full-width equals", "note", "\uff1d1+1", "formula"),
        ("58 equals in an indicator", "indicator", "=A1", "formula"),
        ("59 script in a name", "area_name", "<script>alert(1)</script>", "markup"),
        ("59 script in a note", "note", "see <script src=x>", "markup"),
        ("59 a picture", "note", "<img src=x onerror=alert(1)>", "markup"),
        ("59 coded markup", "note", "&lt;script&gt;", "markup"),
        ("59 an angle in a name", "area_name", "Beam >", "markup"),
        ("control character", "note", "one\x07clinic", "control-character"),
        ("escape sequence", "area_name", "\x1b[31mBeam", "control-character"),
        ("bidi override", "area_name", "Be\u202eam", "control-character"),
        ("bidi mark", "note", "one \u200f clinic", "control-character"),
        ("a lost character", "note", "one clinic\ufffd", "control-character"),
        ("55 error in a note", "note", "#REF!", "excel-error"),
    ):
        made.refused(title, put(5, column, text), [(5, column)], rule)


def _personal(made: Corpus) -> None:
    for title, column, text, word in (
        ("60 NHS number", "note", f"see {NHS}", "an NHS number"),
        ("60 NHS number with spaces", "note", NHS_SPACED, "an NHS number"),
        ("60 NHS number with hyphens", "note", f"patient {NHS_HYPHENS}.", "an NHS number"),
        ("60 NHS number as a count", "numerator", NHS, "an NHS number"),
        ("60 NHS number as a code", "area_code", NHS, "an NHS number"),
        ("60 NHS number in a name", "area_name", f"Beam {NHS}", "an NHS number"),
        ("60 NHS number as an indicator", "indicator", NHS, "an NHS number"),
        ("60 NHS number as a period", "period", NHS, "an NHS number"),
        ("60 NHS number as a power of ten", "numerator", "9.434765919E+09", "an NHS number"),
        ("60 NHS number in a formula", "note", f'="{NHS}"', "an NHS number"),
        ("60 NHS number with non-breaking spaces", "note", NHS_SPACED.replace(" ", "\u00a0"),
         "an NHS number"),
        ("60 National Insurance number", "note", INSURANCE, "National Insurance"),
        ("60 e-mail address", "note", f"ask {EMAIL}", "an e-mail address"),
        ("60 postcode", "note", f"lives in {POSTCODE}", "a full postcode"),
        ("60 postcode in a name", "area_name", "RM107BN", "a full postcode"),
        ("60 pupil number", "note", UPN, "a pupil number"),
        ("60 date of birth", "note", f"child born {BIRTHDAY}", "a date of birth"),
        ("60 date long ago", "denominator", BIRTHDAY, "a date of birth"),
        ("60 mobile phone", "note", MOBILE, "phone"),
    ):  # fmt: skip
        made.refused(title, put(5, column, text), [(5, column)], "personal-data", word)
    made.refused("60 NHS number in a footer", [*good(), [NHS]], [(22, "")], "personal-data", "NHS")
    made.refused("60 NHS number in a title", [[f"Return for {NHS}"], *good()], [(1, "")],
                 "title-rows", "not shown")  # fmt: skip
    made.refused("60 NHS number as a heading", [[*HEADING, NHS], *_with_more("x")],
                 [(1, "column 9")], "personal-column", "not shown")  # fmt: skip
    made.refused("60 NHS number as the first of no headings", [[NHS], *good()[1:]], [(1, "")],
                 "no-heading", "not shown")  # fmt: skip
    made.refused("60 NHS number in a row too wide", insert(5, ["x"] * 8 + [NHS]), [(5, "")],
                 "personal-data", "NHS")  # fmt: skip


def mutations(seeds: list[bytes], number: int, rng) -> Iterator[bytes]:
    """Files that differ from the corpus by a few steps at random: flips, cuts, splices."""
    specials = ['"', ",", ";", "\t", "\n", "\r", "\x00", "\ufeff", "\u00a0", "\u200b", "\u202e",
                "<5", "[c]", "*", "=1+1", "1e9", "NaN", "\U0001f600", "\u0661", "9" * 400,
                "-", "+", "#REF!", "Total", "Q3 2026-27", "2023/25",
                "sep=;", "1,234", "1 234", "&lt;", "{", "[", "\u2028", "\x1b", "''",
                "'", "\\", "E05000026", "E05014056", NHS, EMAIL, "01/01/1970"]  # fmt: skip
    for _ in range(number):
        content = rng.choice(seeds)
        for _ in range(rng.choice((1, 1, 2, 3))):
            content = rng.choice(_STEPS)(content, rng, specials, seeds)
        yield content


def _flip(content: bytes, rng, *_) -> bytes:
    if not content:
        return b"\xff"
    place = rng.randrange(len(content))
    return content[:place] + bytes([rng.randrange(256)]) + content[place + 1 :]


def _cut(content: bytes, rng, *_) -> bytes:
    first, last = sorted((rng.randint(0, len(content)), rng.randint(0, len(content))))
    return content[:first] + content[last:] if rng.random() < 0.5 else content[first:last]


def _insert(content: bytes, rng, specials, _) -> bytes:
    place = rng.randint(0, len(content))
    special = rng.choice(specials).encode(rng.choice(["utf-8", "utf-8", "utf-16-le"]))
    return content[:place] + special + content[place:]


def _replace_cell(content: bytes, rng, specials, _) -> bytes:
    cells = content.split(b",")
    cells[rng.randrange(len(cells))] = rng.choice(specials).encode("utf-8")
    return b",".join(cells)


def _swap_lines(content: bytes, rng, *_) -> bytes:
    lines = content.split(b"\n")
    first, second = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]
    return b"\n".join(lines)


def _repeat_line(content: bytes, rng, *_) -> bytes:
    lines = content.split(b"\n")
    lines.insert(rng.randrange(len(lines)), rng.choice(lines))
    return b"\n".join(lines)


def _recode(content: bytes, rng, *_) -> bytes:
    text = content.decode("utf-8", "replace")
    return text.encode(rng.choice(["utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-8-sig",
                                   "utf-7", "utf-32", "cp037"]), "replace")  # fmt: skip


def _splice(content: bytes, rng, _, seeds) -> bytes:
    other = rng.choice(seeds)
    return content[: rng.randint(0, len(content))] + other[rng.randint(0, len(other)) :]


_STEPS = (_flip, _cut, _insert, _insert, _replace_cell, _replace_cell, _swap_lines, _repeat_line,
          _recode, _splice)  # fmt: skip
