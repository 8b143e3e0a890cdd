"""Every printed figure back to its row, against the raw files read by the csv module."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter

from lbbd_jsna.disclosure import WITHHELD
from lbbd_jsna.exhibits.board import board_title
from lbbd_jsna.exhibits.outcome import measure_details, outcome_sources
from lbbd_jsna.exhibits.outcome import outcome_table as table_of
from lbbd_jsna.facts import Facts
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.reporting.manifest import hash_files
from lbbd_jsna.reporting.raw_rows import plain, read_raw_row
from lbbd_jsna.reporting.trace import _read_steps, trace_measure
from lbbd_jsna.reporting.trace_origins import FEW, TRUE, Origins
from lbbd_jsna.reporting.trace_packs import pack_remarks
from lbbd_jsna.reporting.trace_steps import is_protected, protected_steps
from lbbd_jsna.reporting.trace_text import WIDTH, trace_lines
from lbbd_jsna.sources.fetched import Fetched, Refusal, write_fetched
from lbbd_jsna.sources.nomis import read_nomis
from lbbd_jsna.sources.receipts import Receipt, read_receipts, series_not_renewed
from lbbd_jsna.sources.store import SIDECAR, find_extracts
from lbbd_jsna.sources.ward_atlas import read_ward_atlas
from lbbd_jsna.workspace import Workspace, build_workspace, read_workspace
from tests import test_nomis
from tests.made_up_borough import OLD_WARDS, OWN, REGION, indicator, made_up_catalogue

ROOT = Path(__file__).resolve().parent.parent
QUARTER = Quarter.parse("2026-27-Q3")
BOROUGH = "E09000002"
OBESITY = ("outcome-1", "jhws-o1-obesity-reception")
RETURN = "early-help-within-72-hours"
HEADING = "indicator,area_code,area_name,period,numerator,denominator,value,note\n"


@pytest.fixture(scope="module")
def demonstration(made_up_extracts, made_up_workspace) -> Path:
    """A folder of tables with the demonstration extracts they were made from."""
    return made_up_extracts.parent.parent


@pytest.fixture
def jsna(in_process):
    """`jsna trace` in this process: exit code, standard output, standard error."""
    return lambda *arguments: in_process("trace", *arguments)


@pytest.fixture
def trace(jsna):
    """What `jsna trace` prints, one space for each white space, when it succeeds."""

    def run(*arguments: object) -> str:
        code, out, err = jsna(*arguments)
        assert (code, err) == (0, "")
        return " ".join(out.split())

    return run


@pytest.fixture(scope="module")
def facts(demonstration, catalogue) -> Facts:
    return Facts(read_workspace(demonstration / str(QUARTER), quarter=QUARTER, catalogue=catalogue))


@pytest.fixture(scope="module")
def raw(demonstration) -> Path:
    return demonstration / "demonstration-extracts" / str(QUARTER)


@pytest.fixture(scope="module")
def obesity(demonstration) -> str:
    """What `jsna trace` prints of reception obesity, in a process of its own."""
    said = subprocess.run(
        [sys.executable, "-m", "lbbd_jsna", "trace", *OBESITY, "--processed", demonstration,
         "--today", "2026-11-21"],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True,
    ).stdout  # fmt: skip
    return " ".join(said.split())


def told(facts: Facts, outcome: str, name: str, raw: Path, *, wards: bool = False) -> str:
    """The lines of a trace, without the command around them."""
    traced = trace_measure(facts, outcome, name, raw=raw, wards=wards)
    lines = trace_lines(traced, quarter=str(QUARTER), demonstration=True, packs=())
    return " ".join(" ".join(lines).split())


def rows_of(path: Path, **wanted: str) -> dict[int, dict[str, str]]:
    """Rows of a CSV by line number, read without any of our readers."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        rows = [(reader.line_num, row) for row in reader]
    return {n: row for n, row in rows if all(row[key] == wanted[key] for key in wanted)}


def part(text: str, title: str) -> str:
    """One figure's part of the output, up to the next rule."""
    return re.split(r" (?:---+|===+) ", text.split(f"{title} ---", 1)[1], maxsplit=1)[0]


def test_the_latest_figure_down_to_its_cells(obesity, raw):
    (path,) = raw.glob("fingertips/*/90319.csv")
    wanted = {"Area Code": BOROUGH, "Time period": "2024/25", "Category Type": ""}
    line, row = next(iter(rows_of(path, **wanted, Sex="Persons").items()))
    latest = part(obesity, "Barking and Dagenham, 2024/25")
    value = float(row["Value"])
    assert f"Value {value:.1f}% 95% interval " in latest
    assert f"{path.relative_to(raw).as_posix()}, row {line} Indicator ID 90319" in latest
    for heading in ("Area Name", "Age", "Time period", "Value", "Lower CI 95.0 limit", "Count"):
        assert f"{heading} {row[heading]}" in latest, heading
    assert f'Read as a number: "{row["Value"]}" under Value is {value!r}' in latest
    assert f"as published: {float(row['Lower CI 95.0 limit'])!r} to" in latest
    assert f"Rounded and printed: {value!r} to 1 decimal: {value:.1f}%" in latest


def test_the_file_with_its_address_time_hash_and_licence(obesity, raw):
    (path,) = raw.glob("fingertips/*/90319.csv")
    files = obesity.split(" Files ===", 1)[1]
    sidecar = json.loads(path.with_name(path.name + SIDECAR).read_text("utf-8"))
    assert f"address {sidecar['address']} accessed {sidecar['time']}" in files
    assert f"sha256 {hashlib.sha256(path.read_bytes()).hexdigest()} state as received" in files
    assert f"licence {sidecar['licence']}" in files
    assert obesity.startswith("DEMONSTRATION: these figures are made up.")


def test_comparators_rank_and_members_against_the_file(obesity, raw, catalogue):
    said = obesity
    (path,) = raw.glob("fingertips/*/90319.csv")
    wanted = {"Time period": "2024/25", "Category Type": "", "Sex": "Persons"}
    found = {row["Area Code"]: row for row in rows_of(path, **wanted).values()}
    england = float(found["E92000001"]["Value"])
    assert f"Rounded and printed: {england!r} to 1 decimal: {england:.1f}%" in part(
        said, "England, 2024/25"
    )
    members = catalogue.set_of("east-london").areas
    count, people = (
        sum(float(found[code][column]) for code in members) for column in ("Count", "Denominator")
    )
    summed = part(said, "East London, 2024/25")
    assert f"100 x {count:.0f} / {people:.0f} = {100 * count / people!r}" in summed
    assert f"Value {100 * count / people:.1f}%" in summed
    for code in members:
        row = found[code]
        assert f"{row['Area Name']}: {row['Count']} of {row['Denominator']}, value" in summed
    boroughs = [float(row["Value"]) for code, row in found.items()
                if code.startswith("E09") and row["Value"]]  # fmt: skip
    own = float(found[BOROUGH]["Value"])
    ahead = sum(value < own for value in boroughs)
    assert f"{len(boroughs)} of 33 London boroughs have a value" in said
    assert f"{ahead} stand before {own!r}" in said


def test_the_trace_prints_what_the_page_prints(facts, raw):
    page = facts.outcome("outcome-1")
    for cells in table_of(page, facts).rows:
        name = cells[0].href.removeprefix("#figures-")
        said = told(facts, "outcome-1", name, raw)
        title = f"{cells[0].text} ({name}"
        assert title in said
        latest = said.split(" ---", 1)[1]
        assert f"Value {cells[1].text} 95% interval {cells[2].text}" in latest
        for title, cell in zip(("England", "London", "East London"), cells[3:6], strict=True):
            assert f"Value {cell.text}" in part(said, f"{title}, {cells[1].sub.split(',')[0]}")


def test_wards_are_summed_up_or_listed(obesity, facts, raw, catalogue):
    short, long = obesity, told(facts, *OBESITY, raw, wards=True)
    (path,) = raw.glob("fingertips/*/93105.csv")
    wards = catalogue.wards("2022")
    latest = {n: r for n, r in rows_of(path, **{"Time period": "2022/23 - 24/25"}).items()
              if r["Area Code"] in wards}  # fmt: skip
    known = [row for row in latest.values() if row["Value"]]
    assert f"Wards with a figure {len(known)} of {len(wards)}" in short
    assert "--wards lists them" in short
    name = path.relative_to(raw).as_posix()
    for line, row in latest.items():
        listed = f"{row['Area Code']} {wards[row['Area Code']]}: "
        assert listed not in short
        value = row["Value"]
        shown = f"{float(value):.1f}%, from {float(value)!r}" if value else "[c]"
        assert f"{listed}{shown} ({name}, row {line})" in long


def test_a_series_worked_out_from_two_shows_both(facts, raw):
    said = told(facts, "outcome-6", "healthy-share-of-life-male", raw)
    values = []
    for number in ("90362", "90366"):
        (path,) = raw.glob(f"fingertips/*/{number}.csv")
        wanted = {"Area Code": BOROUGH, "Time period": "2022 - 24", "Sex": "Male"}
        ((line, row),) = rows_of(path, **wanted).items()
        assert f"{path.relative_to(raw).as_posix()}, row {line} Indicator ID {number}" in said
        values.append(float(row["Value"]))
    over, under = values
    assert f"100 x {over!r} / {under!r} = {100 * over / under!r}" in said


def test_every_measure_of_every_page_can_be_traced(facts, raw):
    """No figure without its row: each origin of each figure is found in its file."""
    figures = 0
    for page in facts.outcomes:
        names = [measure.measure.id for measure in page.measures]
        for name in [*names, *(finding.indicator.id for finding in page.related)]:
            traced = trace_measure(facts, page.outcome.id, name, raw=raw, wards=True)
            origins = [o for s in traced.series for f in s.figures for o in f.origins]
            hidden = [one for one in origins if one.remark == FEW]
            assert all(one.name.startswith("returns/") and not one.cells for one in hidden)
            told_of = [one for one in origins if one not in hidden]
            assert all(one.cells and one.remark in ("", TRUE) for one in told_of), name
            assert bool(traced.series) or traced.remarks
            figures += len(origins)
            lines = trace_lines(traced, quarter=str(QUARTER), demonstration=True, packs=())
            assert all(len(line) <= WIDTH for line in lines)
    assert figures > 300


# Returns: what the gate withholds stays withheld.


@pytest.fixture
def returned(tmp_path, catalogue):
    """Tables made from a return of the rows given (numerator, denominator by year)."""

    def build(*rows: tuple[str, str, str], file: str = "early-help.csv") -> Path:
        raw = tmp_path / "raw" / "returns" / "2026-10-01"
        raw.mkdir(parents=True, exist_ok=True)
        lines = [
            (RETURN, BOROUGH, "Barking and Dagenham", period, count, people, "", "")
            for period, count, people in rows
        ]
        if file.endswith(".csv"):
            text = HEADING + "".join(",".join(line) + "\n" for line in lines)
            (raw / file).write_text(text, encoding="utf-8", newline="\n")
        else:
            book = xlsxwriter.Workbook(raw / file)
            sheet = book.add_worksheet("Return")
            for place, line in enumerate([HEADING.strip().split(","), *lines]):
                cells = [int(c) if c.isdigit() and i > 3 else c for i, c in enumerate(line)]
                sheet.write_row(place, 0, cells)
            book.close()
        built(tmp_path, catalogue)
        return raw / file

    return build


def built(tmp_path, catalogue) -> None:
    """The tables of the raw folder, as a run makes them."""
    build_workspace(tmp_path / "raw", catalogue=catalogue, quarter=QUARTER,
                    processed=tmp_path / "processed" / str(QUARTER))  # fmt: skip


def arguments(tmp_path):
    return ("outcome-3", RETURN, "--processed", tmp_path / "processed", "--extracts",
            tmp_path / "raw", "--outputs", tmp_path / "outputs", "--quarter", QUARTER)  # fmt: skip


def wilson_limit(o, n, sign):
    """By the formula, with z = 1.959964."""
    z = 1.959963984540054
    spread = z * (z * z + 4 * o * (1 - o / n)) ** 0.5
    return 100 * (2 * o + z * z + sign * spread) / (2 * (n + z * z))


@pytest.mark.parametrize("file", ["early-help.csv", "early-help.xlsx"])
def test_a_return_is_traced_with_its_wilson_interval(trace, tmp_path, returned, file):
    returned(("2024/25", "240", "350"), ("2025/26", "259", "364"), file=file)
    said = trace(*arguments(tmp_path))
    latest = part(said, "Barking and Dagenham, 2025/26")
    assert f"returns/2026-10-01/{file}, row 3 ({TRUE}) indicator {RETURN}" in latest
    assert "numerator 259 denominator 364" in latest
    # 259 and 364 to the nearest 5, and everything else from these two.
    assert 'Read as numbers: "259" under numerator; "364" under denominator' in latest
    assert ("Disclosure gate: rounds counts of people to the nearest 5: numerator 259 to 260; "
            "denominator 364 to 365") in latest  # fmt: skip
    worked = f"Worked out from the rounded counts: 100 x 260 / 365 = {100 * 260 / 365!r}"
    assert worked in latest
    assert f"Value {100 * 260 / 365:.1f}%" in latest
    # 260 of 365 may be as few as 258 of 367 and as many as 262 of 363.
    low, high = wilson_limit(258, 367, -1), wilson_limit(262, 363, 1)
    assert f"95% interval {low:.1f}% to {high:.1f}%" in latest
    assert ("Wilson, worked out here from 260 of 365, widened by what the rounding may hide: "
            f"{low:.2f}"[:-1]) in latest  # fmt: skip
    assert "the file is not the one they were made from" not in said


def test_a_value_typed_beside_its_counts_is_no_mismatch(trace, tmp_path, returned, catalogue):
    """71.2 is what 259 of 364 give; the page prints what the rounded counts give."""
    path = returned(("2025/26", "259", "364"))
    path.write_text(path.read_text("utf-8").replace("259,364,,", "259,364,71.2,"), "utf-8",
                    newline="\n")  # fmt: skip
    built(tmp_path, catalogue)
    said = part(trace(*arguments(tmp_path)), "Barking and Dagenham, 2025/26")
    assert "value 71.2" in said
    assert "numerator 259 to 260; denominator 364 to 365" in said
    assert "the tables hold" not in said and "not the one" not in said


def test_counts_that_need_no_rounding_are_said_to_stay(trace, tmp_path, returned):
    returned(("2025/26", "260", "365"))
    said = trace(*arguments(tmp_path))
    assert "numerator 260 to 260; denominator 365 to 365" in said


def released_row(count: float, people: float, value: float) -> pd.Series:
    return pd.Series({"count": count, "denominator": people, "value": value,
                      "status": "published"})  # fmt: skip


def test_a_count_that_stands_as_an_earlier_pack_gave_it_is_not_called_a_rounding(catalogue):
    """A revised 259 must not move a released 265: the step says that it is not its rounding."""
    row, series = released_row(265, 365, 100 * 265 / 365), catalogue.indicators[RETURN]
    cells = {"numerator": "259", "denominator": "364"}
    words = [f"{s.name}: {s.words}" for s in protected_steps(row, series, cells, catalogue)]
    assert words[1] == (
        "Disclosure gate: rounds counts of people to the nearest 5: numerator 259 to 265, which is "
        "not its rounding: it stands as an earlier pack gave it; denominator 364 to 365"
    )
    hidden = [s.words for s in protected_steps(row, series, {}, catalogue)]
    assert hidden[0].endswith("numerator 265; denominator 365")  # the raw row may not be shown
    assert len(hidden) == 2


@pytest.mark.parametrize(
    ("name", "count", "status", "rounded"),
    [
        (RETURN, 260, "published", True),
        (RETURN, float("nan"), "published", False),
        (RETURN, 260, "suppressed", False),
        ("healthy-schools-awards", 260, "published", False),
        ("obesity-reception", 260, "published", False),
    ],
)
def test_only_counts_of_people_in_returns_are_said_to_be_rounded(
    catalogue, name, count, status, rounded
):
    row = pd.Series({"count": count, "status": status})
    assert is_protected(row, catalogue.indicators[name], catalogue) is rounded


def test_a_rate_of_placements_is_worked_out_from_rounded_counts(catalogue):
    series = catalogue.indicators["work-placements"]
    row, cells = released_row(35, 1140, 1000 * 35 / 1140), {"numerator": "36",
                                                            "denominator": "1142"}  # fmt: skip
    worked = protected_steps(row, series, cells, catalogue)[-1]
    assert worked.words == f"1000 x 35 / 1140 = {1000 * 35 / 1140!r}"


def test_wards_of_a_return_are_listed_as_released(facts, raw):
    """The demonstration's wards: the rounded figure or the mark, and never the raw count."""
    path = raw / "returns" / "2026-10-01" / f"{RETURN}.csv"
    said = told(facts, "outcome-3", "jhws-o3-early-help-72h", raw, wards=True)
    last = max(row["period"] for row in rows_of(path).values())
    rows = [r for r in rows_of(path, period=last).values() if r["area_code"] != BOROUGH]
    assert len(rows) == 19
    small = [r for r in rows if 0 < int(r["numerator"] or 0) < 8]
    assert small
    for row in small:
        assert f"{row['area_code']} {row['area_name']}: [c] (returns/" in said
    exact = [f"{100 * int(r['numerator']) / int(r['denominator'])!r}" for r in rows
             if r["denominator"] and (int(r["numerator"]) % 5 or int(r["denominator"]) % 5)]
    assert len(exact) > 10 and not any(len(one) > 6 and one in said for one in exact)


def test_a_withheld_figure_is_never_printed(trace, tmp_path, returned):
    returned(("2023/24", "123", "200"), ("2024/25", "131", "133"), ("2025/26", "6", "217"))
    said = trace(*arguments(tmp_path))
    assert f"2025/26: [c] {WITHHELD}" in said
    # Two people outside the figure: it is printed rounded, and its raw row is not shown.
    assert f"Value {100 * 130 / 135:.1f}%" in said
    assert "numerator 130; denominator 135" in said
    assert "not shown: this row of a return holds a small count" in said
    for secret in ("217", "131", "133", "2.76", "98.5"):
        assert secret not in said.split("Files")[0], secret


def test_only_withheld_figures_leave_only_the_reason(trace, tmp_path, returned):
    returned(("2025/26", "3", "217"))
    said = trace(*arguments(tmp_path)[:1], "jhws-o3-early-help-72h", *arguments(tmp_path)[2:])
    assert "No figure: No value for the borough in 2025/26: withheld" in said
    assert "217" not in said


def test_a_return_that_changed_after_the_gate_is_not_shown(trace, tmp_path, returned):
    path = returned(("2025/26", "259", "364"))
    path.write_text(path.read_text("utf-8").replace("259,364", "5,364"), "utf-8", newline="\n")
    said = trace(*arguments(tmp_path))
    assert "not shown: the return on the disk is not, or not certainly, the one" in said
    assert "state CHANGED since the tables were made" in said
    assert "numerator 5" not in said
    path.unlink()
    said = trace(*arguments(tmp_path))
    assert "the file is not in the folder of extracts any longer" in said


def test_a_small_count_that_is_no_count_of_people_is_not_echoed(trace, tmp_path, catalogue):
    raw = tmp_path / "raw" / "returns"
    raw.mkdir(parents=True)
    assert not catalogue.indicators["healthy-schools-awards"].counts_people
    row = f"healthy-schools-awards,{BOROUGH},Barking and Dagenham,2025/26,5,64,,\n"
    (raw / "schools.csv").write_text(HEADING + row, encoding="utf-8", newline="\n")
    build_workspace(tmp_path / "raw", catalogue=catalogue, quarter=QUARTER,
                    processed=tmp_path / "processed" / str(QUARTER))  # fmt: skip
    said = trace("best-chance-2", "healthy-schools-awards", *arguments(tmp_path)[2:])
    assert "not shown: this row of a return holds a small count" in said
    assert "numerator" not in said


# Figures put together from several rows, or from one of many columns.


def traced_origins(tmp_path, catalogue_of_it, table):
    """The raw rows and the steps behind the first row of a table that a reader made."""
    read = Workspace(catalogue_of_it, QUARTER, table, {}, False, (),
                     files=read_receipts(find_extracts(tmp_path)))  # fmt: skip
    row = table.iloc[0]
    found = Origins(read, tmp_path).of(row)
    return found, _read_steps(row, catalogue_of_it.indicators[row["indicator"]], found)


def test_a_census_share_shows_every_row_it_was_added_up_from(tmp_path):
    path = tmp_path / "nomis" / "2026-10-01" / "levels.csv"
    path.parent.mkdir(parents=True)
    lines = test_nomis.people(OWN, 1600, 700, 400, 500) + test_nomis.people(REGION, 9, 3, 3, 3)
    text = "\n".join([test_nomis.HEADER, *lines, ""])
    path.write_text(text, encoding="utf-8", newline="\n")
    made_up = made_up_catalogue(test_nomis.level())
    made_up.sources["nomis"] = made_up.sources["fingertips"]
    name = "nomis/2026-10-01/levels.csv"
    table, _ = read_nomis(path, name=name, catalogue=made_up)
    found, steps = traced_origins(tmp_path, made_up, table)
    assert [(origin.role, origin.row) for origin in found] == [
        ("count", 4), ("count", 5), ("denominator", 2)
    ]  # fmt: skip
    assert found[0].cells["GEOGRAPHY_CODE"] == OWN
    assert [step.words for step in steps] == [
        "count: 400 + 500 = 900; denominator: 1600", "100 x 900 / 1600 = 56.25"
    ]  # fmt: skip
    path.unlink()
    (found,), _ = traced_origins(tmp_path, made_up, table)
    assert found.remark == "the file is not in the folder of extracts any longer"


def test_of_a_very_wide_row_the_cells_that_matter_are_shown(tmp_path):
    made_up = made_up_catalogue(
        indicator("absence", source="ward-atlas", source_id="", unit="%", area_types=("ward",),
                  ward_vintage="2002", columns={"2015": "Absence; 2015"})
    )  # fmt: skip
    path = tmp_path / "ward-atlas" / "atlas.csv"
    path.parent.mkdir()
    heading = ["New Code", "Names", *(f"Other {n}" for n in range(60)), "Absence; 2015;"]
    rows = [[code, ward, *("7" * 60), value] for (code, ward), value in
            zip(OLD_WARDS.items(), ("4.5", "n/a"), strict=True)]  # fmt: skip
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([heading, ["", "", *heading[2:]], *rows])
    table, _ = read_ward_atlas(path, name="ward-atlas/atlas.csv", catalogue=made_up)
    (found,), (step,) = traced_origins(tmp_path, made_up, table)
    assert found.cells == {
        "New Code": "E05000901", "Names": "Abbey", "Absence; 2015;": "4.5",
        "and besides": "60 more cells",
    }  # fmt: skip
    assert step.words == '"4.5" under Absence; 2015 is 4.5'


# What else the command says.


def test_a_changed_published_file_is_told(trace, demonstration, tmp_path):
    raw = tmp_path / "raw"
    (path,) = demonstration.glob("demonstration-extracts/*/fingertips/*/90319.csv")
    (raw / "fingertips" / path.parent.name).mkdir(parents=True)
    path = Path(shutil.copy(path, raw / "fingertips" / path.parent.name))
    text = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join([*text[:20], *text[40:]]), encoding="utf-8", newline="\n")
    said = trace(*OBESITY, "--processed", demonstration, "--quarter", QUARTER, "--extracts", raw)
    now = hashlib.sha256(path.read_bytes()).hexdigest()
    assert f"sha256 now {now} state CHANGED since the tables were made" in said
    assert "this row is not Barking and Dagenham's" in said


def test_the_pack_is_compared_with_the_tables(trace, demonstration, facts, raw, tmp_path):
    read = facts.workspace
    traced = trace_measure(facts, *OBESITY, raw=raw)
    pack = tmp_path / "outputs" / str(QUARTER)
    (pack / "tables").mkdir(parents=True)
    about = {
        "outputs": {},
        "inputs": [{"name": n, "sha256": r.sha256} for n, r in read.files.items()],
        "catalogue": hash_files(ROOT / "catalogue", suffixes=(".yml", ".csv", ".md")),
    }
    table = pack / "tables" / "outcome-1-benchmarks.csv"

    def remark(printed: str) -> str:
        (pack / "manifest.json").write_text(json.dumps(about), encoding="utf-8")
        table.write_text(
            "Measure,Barking and Dagenham\n"
            f"Children in Reception living with obesity,{printed}\n",
            encoding="utf-8-sig",
        )
        (said,) = pack_remarks(traced, read, outputs=tmp_path / "outputs",
                               catalogue_folder=ROOT / "catalogue")  # fmt: skip
        return said

    printed = traced.series[0].figures[0].printed["Value"]
    same = remark(printed)
    assert "made from the same files (sha256); its outcome-1-benchmarks.csv prints" in same
    assert same.endswith(f"prints {printed} for Children in Reception living with obesity.")
    said = trace(*OBESITY, "--processed", demonstration, "--quarter", QUARTER,
                 "--outputs", tmp_path / "outputs")  # fmt: skip
    assert same in said
    assert f"but this trace ends at {printed}" in remark("99.9%")
    about["catalogue"] = {}
    assert "the catalogue has changed since" in remark(printed)
    for entry in about["inputs"]:
        entry["sha256"] = "0" * 64
    other = remark(printed)
    assert "made from another fingertips/" in other
    assert "prints" not in other.replace("not what it prints", "")


@pytest.mark.parametrize(
    ("outcome", "measure", "words"),
    [
        ("outcome-1", "jhws-o1-obesty-reception", 'did you mean "jhws-o1-obesity-reception"?'),
        ("outcome-1", "", "name a measure of outcome-1; these are on its page:"),
        ("outcome-2", "jhws-o1-obesity-reception",
         "jsna trace outcome-1 jhws-o1-obesity-reception"),
        ("outcome-99", "x", 'did you mean "outcome-'),
    ],
)  # fmt: skip
def test_a_wrong_name_is_answered_with_the_right_one(jsna, demonstration, outcome, measure, words):
    code, out, err = jsna(outcome, measure, "--processed", demonstration, "--quarter", QUARTER)
    assert (code, out) == (1, "")
    assert words in err
    assert "Traceback" not in err


def test_without_tables_there_is_one_plain_message(jsna, tmp_path, demonstration):
    code, out, err = jsna(*OBESITY, "--processed", tmp_path, "--today", "2026-11-21")
    assert (code, out) == (1, "")
    assert err.startswith("there are no tables in ")
    assert "jsna run 2026-27-Q3" in err
    code, _, err = jsna(*OBESITY, "--processed", demonstration, "--quarter", "2026-27-Q2")
    assert (code, "there are no tables for 2026-27-Q2 yet" in err) == (1, True)


def test_the_newest_quarter_with_tables_is_taken_when_the_current_has_none(trace, demonstration):
    said = trace(*OBESITY, "--processed", demonstration, "--today", "2027-08-01")
    assert "(outcome-1), 2026-27-Q3" in said


def test_text_that_would_steer_a_terminal_is_taken_out(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\r\n\"one\r\ntwo\",\x1b[2Jthree\r\nlast,\xe2\x80\xaeabc\r\n")
    first = read_raw_row(path, 2, name="x.csv", source="nomis")
    assert first == {"a": "one two", "b": "[2Jthree"}
    assert read_raw_row(path, 4, name="x.csv", source="nomis") == {"a": "last", "b": "abc"}
    assert read_raw_row(path, 3, name="x.csv", source="nomis") == {}
    assert plain("a\u00a0b\tc\x07") == "a b c"


# The dates on the pages.


def test_a_page_says_when_each_series_was_received(facts):
    (table,) = outcome_sources(facts.outcome("outcome-1"), facts).children
    place = [head.text for head in table.columns].index("Received")
    assert {row[place].text for row in table.rows} == {"1 October 2026"}
    titles = [row[0].text for row in table.rows]
    assert "Obesity in Reception (three years together)" in titles  # the ward map's series
    assert len(titles) == len(set(titles))


def test_receipts_come_from_the_sidecar_then_the_folder_then_nowhere(tmp_path):
    for name in ("fingertips/2026-10-01/a.csv", "fingertips/2026-10-02-02/b.csv",
                 "fingertips/c.csv", "fingertips/2026-10-01/d.csv"):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x\n", encoding="utf-8")
        if path.name in ("a.csv", "d.csv"):
            said = {"time": "2026-09-30T23:59:01+00:00" if path.name == "a.csv" else "yesterday"}
            path.with_name(path.name + SIDECAR).write_text(json.dumps(said), encoding="utf-8")
    known = {Path(k).name: v.received for k, v in read_receipts(find_extracts(tmp_path)).items()}
    assert known == {"a.csv": "2026-09-30", "b.csv": "2026-10-02", "c.csv": "",
                     "d.csv": "2026-10-01"}  # fmt: skip


def test_a_series_worked_out_from_two_gives_the_days_of_both(tmp_path, raw, catalogue):
    for number, day in (("90362", "2026-10-01"), ("90366", "2026-11-15")):
        (path,) = raw.glob(f"fingertips/*/{number}.csv")
        folder = tmp_path / "raw" / "fingertips" / day  # without a sidecar: the folder's day
        folder.mkdir(parents=True)
        shutil.copy(path, folder)
    built = build_workspace(tmp_path / "raw", catalogue=catalogue, quarter=QUARTER,
                            processed=tmp_path / "processed" / str(QUARTER))  # fmt: skip
    facts = Facts(built)
    assert facts.finding("healthy-life-expectancy-male").received == ("2026-10-01",)
    assert facts.finding("healthy-share-of-life-male").received == ("2026-10-01", "2026-11-15")


def stale_facts(demonstration, tmp_path, catalogue, attempted, *ids):
    """Facts of the demonstration after a fetch that could not bring some ids."""
    raw = tmp_path / "raw"
    made = demonstration / "demonstration-extracts" / str(QUARTER)
    for path in made.glob("fingertips/*/*"):
        if path.name.split(".")[0] in ("90319", "90362", "90366", "90323"):
            (raw / path.relative_to(made)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, raw / path.relative_to(made))
    refused = (Refusal("Fingertips 90319", ids, "a web page came instead"),)
    write_fetched(raw, {"fingertips": Fetched(attempted, refused)})
    folder = tmp_path / "processed" / str(QUARTER)
    build_workspace(raw, catalogue=catalogue, quarter=QUARTER, processed=folder)
    return Facts(read_workspace(folder, quarter=QUARTER, catalogue=catalogue))


def test_a_series_the_fetch_could_not_bring_says_so_on_its_page(
    demonstration, tmp_path, catalogue
):
    facts = stale_facts(demonstration, tmp_path, catalogue, "2026-11-22T08:00:00+00:00",
                        "90319", "90362")  # fmt: skip
    said = (
        "The fetch of 22 November 2026 could not renew this series; these are the figures "
        "received on 1 October 2026."
    )
    page = facts.outcome("outcome-1")
    (table,) = outcome_sources(page, facts).children
    caveats = {row[0].text: row[-1].text for row in table.rows}
    assert caveats["Children in Reception living with obesity"].startswith(said)
    assert [title for title, words in caveats.items() if said in words] == [
        "Children in Reception living with obesity"
    ]
    shown = json.dumps(measure_details(page, facts).as_json())
    assert shown.count(said) == 1
    # 90362 holds two series, and each has one that is worked out from it.
    stale = {"obesity-reception", "healthy-life-expectancy-male", "healthy-life-expectancy-female",
             "healthy-share-of-life-male", "healthy-share-of-life-female"}  # fmt: skip
    assert set(facts.not_renewed) == stale
    assert "5 series were not renewed by the last fetch" in " ".join(board_title(facts).lead)
    assert sum("not renewed by the fetch of 2026-11-22" in n for n in facts.workspace.notes) == 5


def test_without_a_fetch_that_failed_nothing_is_called_old(facts):
    assert facts.not_renewed == ()
    assert "renewed" not in " ".join(board_title(facts).lead)


@pytest.mark.parametrize(
    ("attempted", "ids", "received", "stale"),
    [
        ("2026-11-22T08:00:00+00:00", ("90319",), "2026-10-01", True),
        ("2026-11-22T08:00:00+00:00", ("90319",), "", True),
        ("2026-11-22T08:00:00+00:00", (), "2026-10-01", False),
        ("2026-11-22T08:00:00+00:00", ("99999",), "2026-10-01", False),
        ("2026-11-22T08:00:00+00:00", ("90319",), "2026-11-22", False),  # later the same day
        ("2026-11-22T08:00:00+00:00", ("90319",), "2026-11-23", False),  # put there by hand
    ],
)  # fmt: skip
def test_only_figures_older_than_the_fetch_are_called_old(
    tmp_path, catalogue, attempted, ids, received, stale
):
    refused = (Refusal("Fingertips", ids, "no answer"),) if ids else ()
    write_fetched(tmp_path, {"fingertips": Fetched(attempted, refused)})
    rows = pd.DataFrame({"indicator": ["obesity-reception"], "source_file": ["a.csv"]})
    files = {"a.csv": Receipt("fingertips", "0" * 64, received)}
    found = series_not_renewed(tmp_path, rows, files=files, catalogue=catalogue)
    assert list(found) == (["obesity-reception"] if stale else [])


def test_the_trace_of_such_a_series_says_so_too(trace, demonstration, tmp_path, catalogue):
    stale_facts(demonstration, tmp_path, catalogue, "2026-11-22T08:00:00+00:00", "90319")
    said = trace(*OBESITY, "--processed", tmp_path / "processed", "--extracts", tmp_path / "raw",
                 "--quarter", QUARTER)  # fmt: skip
    assert "The fetch of 22 November 2026 could not renew this series" in said


def test_survey_percentages_carry_their_interval_onto_the_page(facts, raw):
    """Limits that allow for 2 people either way in both counts, by the formula alone."""
    (path,) = raw.glob("returns/*/residents-take-part.csv")
    row = list(rows_of(path).values())[-1]
    o, n = (5 * round(float(row[name]) / 5) for name in ("numerator", "denominator"))
    low, high = wilson_limit(o - 2, n + 2, -1), wilson_limit(o + 2, n - 2, 1)
    cells = next(
        cells for cells in table_of(facts.outcome("outcome-5"), facts).rows
        if cells[0].href == "#figures-residents-take-part"
    )  # fmt: skip
    assert cells[1].text == f"{100 * o / n:.1f}%"
    assert cells[2].text == f"{low:.1f}% to {high:.1f}%"
    assert cells[2].sub == f"{o:,.0f} of {n:,.0f}"


# The real extracts.


@pytest.fixture(scope="module")
def real(tmp_path_factory, extracts, catalogue) -> Path:
    processed = tmp_path_factory.mktemp("real")
    build_workspace(
        extracts, catalogue=catalogue, quarter=QUARTER, processed=processed / str(QUARTER)
    )
    return processed


def test_the_real_extract_of_reception_obesity(trace, real, extracts):
    said = trace(*OBESITY, "--wards", "--processed", real, "--extracts", extracts,
                 "--quarter", QUARTER)  # fmt: skip
    (path,) = (extracts / "fingertips").glob("90319-*.csv")
    for area, period in ((BOROUGH, "2024/25"), (BOROUGH, "2023/24"), ("E92000001", "2024/25")):
        wanted = {"Area Code": area, "Time period": period, "Indicator ID": "90319",
                  "Category Type": "", "Time period range": "1y"}  # fmt: skip
        ((line, row),) = rows_of(path, **wanted).items()
        shown = part(said, f"{row['Area Name']}, {period}")
        assert f"Value {float(row['Value']):.1f}%" in shown
        assert f"fingertips/{path.name}, row {line} Indicator ID 90319" in shown
    assert "Value 12.1%" in part(said, "Barking and Dagenham, 2024/25")
    assert 'the publisher prints "Worse"' in said
    assert f"sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}" in said
    assert "received date of receipt not recorded" in said
    assert "E05000026 Abbey: 13.3%, from 13.34269663" in said
    assert "DEMONSTRATION" not in said


def test_real_pages_invent_no_date_of_receipt(real, catalogue):
    facts = Facts(read_workspace(real / str(QUARTER), quarter=QUARTER, catalogue=catalogue))
    (table,) = outcome_sources(facts.outcome("outcome-1"), facts).children
    place = [head.text for head in table.columns].index("Received")
    assert {row[place].text for row in table.rows} == {"Date of receipt not recorded"}
