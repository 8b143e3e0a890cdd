"""Leaks planted in a small finished pack, one at a time, are found; the pack itself passes."""

from __future__ import annotations

import base64
import json
import re
import zipfile
from dataclasses import replace

import nbformat
import numpy as np
import pages as samples
import pandas as pd
import pytest

from lbbd_jsna.exhibits.exhibit import MIME, Cell, ColumnHead, Figure, Section, Table, Text, Title
from lbbd_jsna.reporting.downloads import write_maps, write_tables
from lbbd_jsna.reporting.export import export_notebook
from lbbd_jsna.reporting.output_check import Protected, check_outputs

INDICATOR, TITLE = "teenage-conceptions", "Conceptions under 18"
WARDS = ("Abbey", "Alibon", "Barking Riverside", "Beam", "Becontree", "Chadwell Heath")
COUNTS = (3, 12, 27, 6, 41, 18)
POPULATION = (812, 900, 1450, 812, 1100, 1000)
RELEASED = (None, 10, 25, None, 40, 20)  # 1 to 7 withheld, the rest to the nearest 5


def protected() -> Protected:
    frame = pd.DataFrame(
        {
            "indicator": INDICATOR,
            "area_code": [f"E0501405{n}" for n in range(3, 9)],
            "area_name": WARDS,
            "sex": "Female",
            "age": "15-17 yrs",
            "period": "2024/25",
            "count": COUNTS,
            "denominator": POPULATION,
            "value": [100 * c / n for c, n in zip(COUNTS, POPULATION, strict=True)],
            "released_count": [np.nan if r is None else r for r in RELEASED],
        }
    )
    return Protected(frame, {INDICATOR: (TITLE,), "smoking": ("Adult smoking",)})


def shown(released: int | None, population: int) -> tuple[Cell, Cell]:
    if released is None:
        return Cell("[c]"), Cell("[c]")
    return Cell(str(released)), Cell(f"{100 * released / population:.1f}%")


def table(order: tuple[int, ...] = range(6)) -> Table:
    heads = ("Ward", "Count", "Per cent")
    return Table(
        f"{TITLE}, by ward, 2024/25",
        tuple(ColumnHead(text, align="number" if n else "text") for n, text in enumerate(heads)),
        tuple((Cell(WARDS[n]), *shown(RELEASED[n], POPULATION[n])) for n in order),
        name="teenage-conceptions-by-ward",
    )


def bars(heights: tuple[float, ...]) -> str:
    drawn = "".join(
        f'<rect x="{40 + 50 * n}" y="{220 - h:.2f}" width="34" height="{h:.2f}" fill="#12436D"/>'
        for n, h in enumerate(heights)
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="560" height="280">{drawn}</svg>'


def chart(heights=(40.7, 101.75, 162.8, 81.4), alt="") -> Figure:
    return Figure(
        title=f"{TITLE} are highest in Becontree",
        alt=alt or f"Bar chart of {TITLE} in 6 wards, 2024/25: 40 in Becontree, 25 in Barking "
        "Riverside; 2 wards withheld.",
        caption=f"{TITLE} by ward.",
        mime="image/svg+xml",
        image=bars(heights),
        width=560,
        height=280,
        table=table(),
        role="map",
        name="teenage-conceptions-map",
    )


def make(stage, *parts, cell=None):
    """A pack of one page, made by the project's own exporter."""
    body = Section(TITLE, parts or (chart(), Text(("In 2024/25, 20 in Chadwell Heath.",))))
    executed = samples.notebook([Title("Ward figures", ("By ward.",)), body, samples.ward_map()])
    if cell is not None:
        executed.cells.append(cell)
    else:
        (stage / "reports").mkdir(parents=True)
        page = export_notebook(executed, page=samples.FRAME)
        (stage / "reports" / "wards.html").write_text(page, encoding="utf-8")
        write_tables(executed, stage / "tables")
        write_maps(executed, stage / "maps")
    (stage / "notebooks").mkdir(parents=True)
    nbformat.write(executed, stage / "notebooks" / "wards.ipynb")
    (stage / "manifest.json").write_text(json.dumps({"quarter": "2026-27-Q3", "rows": 3}))
    (stage / "run.log").write_text("wards: 6.12 s\n3 rows left out\n")
    return stage


def faults(stage) -> list[str]:
    found = [str(fault) for fault in check_outputs(stage, protected=protected())]
    secrets = [f"{n}{unit}" for n in (12, 27, 41, 18) for unit in ("", ".0")]
    for line in found:  # a fault never says the figure
        assert not any(re.search(rf"(?<![\w.]){s}(?![\w.])", line) for s in secrets), line
    return found


@pytest.fixture
def pack(tmp_path):
    return make(tmp_path / "pack")


def test_the_released_pack_passes(pack):
    assert faults(pack) == []


def edit(path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_raw_count_in_an_alternative_text(tmp_path):
    stage = make(tmp_path, chart(alt=f"Bar chart of {TITLE} by ward: highest in Becontree, "
                                     "lowest in Abbey with 3 of them in the year."))
    found = faults(stage)
    assert any("reports/wards.html, alternative text of picture 1" in line for line in found)
    assert any("notebooks/wards.ipynb, cell 5" in line and "Abbey" in line for line in found)
    assert any("maps/teenage-conceptions-map.svg" in line for line in found)


def test_a_sentence_in_words(tmp_path):
    assert faults(make(tmp_path, Text(("There were three conceptions in Abbey.",))))
    assert faults(make(tmp_path / "b", Text(("Beam and Abbey are two of the 6 wards.",)))) == []


@pytest.mark.parametrize(
    "text",
    ["Abbey: 0.37%.", "0.7% in Beam.", "Beam (0.34 to 1.60).", "Alibon has 12.", "Alibon 1.33%"],
)
def test_a_rate_or_limit_that_gives_the_count_away(tmp_path, text):
    assert faults(make(tmp_path, Text((text,))))


@pytest.mark.parametrize(
    "text",
    ["Abbey has 3 of the 19 wards' schools.", "England 0.7%, and more in Beam in 2003.",
     "Abbey is 3rd and Beam is ranked 6.", "Beam: about 1 in 100", "Ages 3 to 6 in Abbey.",
     "Alibon 10, Becontree 40.", "Abbey and Beam have 1 to 7 each."],
)  # fmt: skip
def test_other_numbers_beside_a_ward_are_no_leak(tmp_path, text):
    assert faults(make(tmp_path, Text((text,)))) == []


def test_the_same_number_about_something_else_is_no_leak(tmp_path):
    other = Section("Adult smoking", (Text(("Abbey has 3 clinics.",)),), level=3)
    assert faults(make(tmp_path, table(), other)) == []


def test_bar_heights_of_the_truth(tmp_path):
    scale = 4.07
    stage = make(tmp_path, chart(heights=[n * scale for n in COUNTS]))
    found = faults(stage)
    assert any("reports/wards.html, picture 1, marks" in line for line in found)
    assert any("maps/" in line and "marks" in line for line in found)


def test_three_bars_of_the_faults_file(tmp_path):
    assert faults(make(tmp_path, chart(heights=[n * 3.91 for n in (3, 12, 27)])))


def test_points_on_an_axis(tmp_path):
    dots = "".join(
        f'<circle cx="{40 * n}" cy="{250 - 5.31 * c:.2f}" r="4"/>' for n, c in enumerate(COUNTS)
    )
    leak = replace(chart(), image=f'<svg xmlns="http://www.w3.org/2000/svg">{dots}</svg>')
    assert any("marks" in line for line in faults(make(tmp_path, leak)))


def test_a_bar_chart_of_a_page_that_names_nothing(tmp_path):
    (tmp_path / "maps").mkdir()
    (tmp_path / "maps" / "plain.svg").write_text(bars([n * 4.07 for n in COUNTS]))
    assert faults(tmp_path)
    (tmp_path / "maps" / "plain.svg").write_text(bars([n * 4.07 for n in (1, 9, 8, 5, 6, 20)]))
    assert faults(tmp_path) == []


@pytest.mark.parametrize("row", ["Abbey,3,[c]", "Abbey,[c],0.37%", "Alibon,12,1.1%"])
def test_a_csv_download(pack, row):
    path = pack / "tables" / "teenage-conceptions-by-ward.csv"
    name = row.split(",")[0]
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    path.write_text("\n".join(row if line.startswith(name) else line for line in lines))
    found = faults(pack)
    assert found and all("tables/teenage-conceptions-by-ward.csv" in line for line in found)
    assert any(f'row "{name}"' in line for line in found)


def frame_cell(data: dict, **metadata):
    output = nbformat.v4.new_output("execute_result", data=data, execution_count=9)
    return nbformat.v4.new_code_cell("frame", execution_count=9, outputs=[output],
                                     metadata=metadata)


RAW = pd.DataFrame({"ward": WARDS, "n": COUNTS})


@pytest.mark.parametrize(
    "data",
    [{"text/html": RAW.to_html()}, {"text/plain": RAW.to_string()},
     {"application/json": RAW.to_dict("records")}, {"application/json": RAW.to_dict("list")},
     {"application/json": RAW.to_dict("split")},
     {"application/x-hidden+json": json.loads(RAW.set_index("ward").to_json())},
     {"application/json": list(COUNTS)}, {"text/csv": RAW.to_csv(index=False)}],
)  # fmt: skip
def test_a_frame_in_an_executed_notebook(tmp_path, data):
    found = faults(make(tmp_path, cell=frame_cell(data, jupyter={"outputs_hidden": True})))
    assert found and all("cell 8" in line for line in found)


@pytest.mark.parametrize("data", [{"text/html": RAW.to_html()}, {"text/plain": RAW.to_string()}])
def test_a_frame_is_found_where_nothing_is_protected(tmp_path, data):
    stage = make(tmp_path, cell=frame_cell(data))
    assert [f.where for f in check_outputs(stage, protected=Protected())] == [
        "notebooks/wards.ipynb, cell 8"
    ]


def test_a_hidden_column_of_an_exhibit(tmp_path):
    stage = make(tmp_path)
    path = stage / "notebooks" / "wards.ipynb"
    notebook = json.loads(path.read_text())
    exhibit = notebook["cells"][4]["outputs"][0]["data"][MIME]
    rows = exhibit["children"][0]["table"]["rows"]
    for row, count in zip(rows, COUNTS, strict=True):
        row[0]["raw"] = count
    path.write_text(json.dumps(notebook))
    assert any("cell 5" in line and "Abbey" in line for line in faults(stage))


def test_metadata_attachments_and_the_log(pack):
    path = pack / "notebooks" / "wards.ipynb"
    clean = path.read_text()
    for plant in (
        lambda nb: nb["metadata"].update(rows=RAW.to_dict("records")),
        lambda nb: nb["cells"][0].update(
            attachments={"x": {"text/plain": f"{TITLE}\nAbbey  3\n"}}, source=f"# {TITLE}"
        ),
    ):
        notebook = json.loads(clean)
        plant(notebook)
        path.write_text(json.dumps(notebook))
        assert faults(pack)
    path.write_text(clean)
    edit(pack / "run.log", "3 rows left out", f"{INDICATOR}: Abbey 3, suppressed")
    assert any(line.startswith("run.log") for line in faults(pack))


def test_attributes_comments_and_drawings_of_a_page(pack):
    path = pack / "reports" / "wards.html"
    clean = path.read_text(encoding="utf-8")
    row = '<th scope="row">Abbey</th>'
    for old, new in (
        (row, '<th scope="row" data-n="3">Abbey</th>'),
        (row, f"{row}<!-- {TITLE}: Abbey 3 -->"),
        (row, f'{row}<td hidden>3</td>'),
        ("In 2024/25, 20 in", '<span title="Abbey: 3">In 2024/25, 20</span> in'),
    ):
        assert old in clean
        path.write_text(clean.replace(old, new, 1), encoding="utf-8")
        assert faults(pack), new
    assert base64.b64encode(bars((40.7, 101.75, 162.8, 81.4)).encode()).decode() in clean


def test_withheld_rows_in_their_true_order(tmp_path):
    assert any("order" in line for line in faults(make(tmp_path / "a", table((4, 2, 5, 1, 3, 0)))))
    assert faults(make(tmp_path / "b", table((4, 2, 5, 1, 0, 3)))) == []


def test_a_withheld_ward_in_the_colour_of_a_class(tmp_path):
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><g id="ward-E05014053"><path d="M0 0L9 0L9 9z" '
    for fill, wrong in (("#12436D", True), ("url(#k1)", False), ("#ffffff", False)):
        drawn = replace(chart(), image=f'{svg} fill="{fill}"/></g></svg>')
        assert bool(faults(make(tmp_path / fill[1:4], drawn))) is wrong


def test_outlined_labels_are_read(tmp_path):
    from lbbd_jsna.exhibits import drawing, style

    with style.chart_style():
        figure = drawing.blank_figure(300, 60)
        drawing.put_text(figure, 5, 30, "Abbey", size=14, colour="#000000")
        drawing.put_text(figure, 120, 30, "3", size=14, colour="#000000", bold=True)
        image = drawing.render(figure).image
    assert "Abbey" not in image
    found = faults(make(tmp_path, replace(chart(), image=image)))
    assert any("labels of the drawing" in line for line in found)


def test_a_workbook(pack):
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    sheet = (
        f'<worksheet {main}><sheetData><row><c t="s"><v>0</v></c><c t="s"><v>2</v></c></row>'
        '<row><c t="s"><v>1</v></c><c><v>{}</v></c></row></sheetData></worksheet>'
    )
    texts = "".join(f"<si><t>{text}</t></si>" for text in ("Ward", "Abbey", TITLE))
    for value, wrong in ((3, True), (25, False)):
        with zipfile.ZipFile(pack / "wards.xlsx", "w") as parts:
            parts.writestr("xl/sharedStrings.xml", f"<sst {main}>{texts}</sst>")
            parts.writestr("xl/worksheets/sheet1.xml", sheet.format(value))
        assert bool(faults(pack)) is wrong


def test_a_count_that_is_not_rounded(pack):
    path = pack / "tables" / "teenage-conceptions-by-ward.csv"
    path.write_text(path.read_text(encoding="utf-8-sig") + "All wards,107,1.8%\n"
                    .replace("All wards", "Becontree"))
    assert any("not a multiple" in line for line in faults(pack))


def test_a_file_of_an_unknown_kind(pack):
    (pack / "tables" / "raw.pkl").write_bytes(b"x")
    assert any("raw.pkl" in line for line in faults(pack))
    assert len(check_outputs(pack, protected=Protected())) == 1


def test_a_table_that_lacks_a_column_is_refused():
    with pytest.raises(ValueError, match="released_count"):
        Protected(protected().cells.drop(columns="released_count"))


@pytest.mark.parametrize("known", [protected(), Protected()])
def test_half_a_notebook_is_no_clean_one(pack, known):
    path = pack / "notebooks" / "wards.ipynb"
    path.write_bytes(path.read_bytes()[:-40])
    assert [f.where for f in check_outputs(pack, protected=known)] == ["notebooks/wards.ipynb"]


def test_a_drawing_names_what_it_shows_in_its_own_title(tmp_path):
    heights = bars([n * 4.07 for n in COUNTS[:4]])
    (tmp_path / "drawn.svg").write_text(heights)
    assert faults(tmp_path) == []
    titled = heights.replace("><rect", f"><title>{TITLE}</title><rect", 1)
    (tmp_path / "drawn.svg").write_text(titled)
    assert any("marks" in line for line in faults(tmp_path))


def test_the_whole_borough_among_the_wards_hides_no_drawing(tmp_path):
    cells = protected().cells
    whole = cells.iloc[[0]].assign(area_code="E09000002", area_name="Barking and Dagenham",
                                   count=sum(COUNTS), released_count=105)  # fmt: skip
    (tmp_path / "plain.svg").write_text(bars([n * 4.07 for n in COUNTS]))
    assert check_outputs(tmp_path, protected=Protected(pd.concat([cells, whole])))
