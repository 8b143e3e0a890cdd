"""Real runs of a council's return: what is protected cannot leave, and what leaves is recorded."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from test_run import snapshot
from tiny_pack import PARAMETERS, QUARTER, write_notebook

from lbbd_jsna.disclosure import Ledger
from lbbd_jsna.errors import DisclosureError, RunError
from lbbd_jsna.exhibits.exhibit import MIME
from lbbd_jsna.reporting import publish, run
from lbbd_jsna.reporting.manifest import read_manifest
from lbbd_jsna.reporting.publish import latest_pack
from lbbd_jsna.reporting.releases import LEDGER, ledger_faults
from lbbd_jsna.reporting.run import run_pack
from lbbd_jsna.sources.store import DEMONSTRATION

CATALOGUE = Path(__file__).resolve().parent.parent / "catalogue"
INDICATOR, PERIOD = "early-help-on-time", "2026/27 Q1"
# Counted and of how many, for every ward of 2022 in the order of their codes. Abbey and Beam
# are hidden for themselves; Alibon's 43 goes out as 45, of 61 as 60.
COUNTED = (6, 43, 28, 3, 47, 33, 22, 37, 52, 18, 27, 31, 44, 12, 23, 38, 29, 17, 41)
OF = (49, 61, 58, 46, 66, 57, 53, 62, 73, 44, 51, 56, 69, 48, 52, 64, 59, 47, 68)
AREAS = pd.read_csv(CATALOGUE / "areas.csv", dtype=str).set_index("code")["name"]
WARDS = AREAS.loc["E05014053":"E05014071"].to_dict()

SHOWN = (
    "from lbbd_jsna.exhibits.exhibit import Cell, ColumnHead, Figure, Section, Table, Title\n"
    "from lbbd_jsna.workspace import open_workspace",
    "rows = open_workspace(quarter, area=area).observations\n"
    f"rows = rows[rows['area_type'].eq('ward') & rows['period'].eq({PERIOD!r})]\n"
    "out = {r.area_name: '[c]' if r.status == 'suppressed' else f'{r.count_:.0f}'\n"
    "       for r in rows.rename(columns={'count': 'count_'}).itertuples()}",
    "Title(heading='Early help', lead=('Counts of a made-up return.',))",
)
PICTURE = (
    "tall = [float(n) if n != '[c]' else 0.0 for n in out.values()]\n"
    "alt = (f'Bar chart of early help that started on time by ward in {quarter}: '\n"
    "       f'{out[\"Alibon\"]} in Alibon; small counts are withheld.')\n"
    "table = Table('Early help that started on time, by ward',\n"
    "              (ColumnHead('Ward'), ColumnHead('Count')),\n"
    "              tuple((Cell(w), Cell(n)) for w, n in out.items()), name='early-help-wards')"
)
DRAW = (
    "bars = ''.join(f'<rect x=\"{20 * i}\" y=\"{300 - 4.07 * n:.2f}\" width=\"14\" '\n"
    "               f'height=\"{4.07 * n:.2f}\" fill=\"#12436D\"/>' for i, n in enumerate(tall))\n"
    "svg = f'<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"400\" height=\"320\">{bars}</svg>'\n"
    "figure = Figure(title='Early help that started on time', alt=alt, caption='By ward.',\n"
    "                mime='image/svg+xml', image=svg, width=400, height=320, table=table,\n"
    "                role='map', name='early-help-map')\n"
    "Section('Early help that started on time', (figure,))"
)


def raw(folder: Path) -> Path:
    return folder / "returns" / "2026-10-01" / f"{INDICATOR}.csv"


def returned(folder: Path, counted=COUNTED, of=OF) -> Path:
    """Extracts that hold one return, the borough and every ward of it."""
    lines = ["indicator,area_code,area_name,period,numerator,denominator,value,note"]
    rows = [("E09000002", "Barking and Dagenham", sum(counted), sum(of)),
            *zip(WARDS, WARDS.values(), counted, of, strict=True)]  # fmt: skip
    lines += [f"{INDICATOR},{code},{name},{PERIOD},{n},{d},," for code, name, n, d in rows]
    path = raw(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def notebook(folder: Path, *cells: str) -> Path:
    """The one notebook of a pack that is made in seconds."""
    write_notebook(folder / "board.ipynb", *cells,
                   parameters=PARAMETERS + '\narea = "E09000002"  # the borough')  # fmt: skip
    return folder


@pytest.fixture(autouse=True)
def one_page(monkeypatch):
    """Plan the board's page alone, so that a whole run takes seconds and is no draft."""
    planned = run.plan_reports

    def plan(catalogue, quarter, only=()):
        return tuple(r for r in planned(catalogue, quarter, only) if r.slug == "board")

    monkeypatch.setattr(run, "plan_reports", plan)


def release(folder: Path, **changes):
    """`run_pack` in a folder: `extracts`, `notebooks`, `outputs` and `processed`."""
    settings = {
        "extracts": folder / "extracts",
        "outputs": folder / "outputs",
        "processed": folder / "processed",
        "catalogue_folder": CATALOGUE,
        "notebooks": folder / "notebooks",
    }
    return run_pack(QUARTER, **{**settings, **changes}).published


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> Path:
    """A folder in which a clean pack was published; copied by the tests."""
    folder = tmp_path_factory.mktemp("first")
    returned(folder / "extracts")
    notebook(folder / "notebooks", *SHOWN, PICTURE, DRAW)
    with pytest.MonkeyPatch.context() as patch:
        planned = run.plan_reports
        patch.setattr(run, "plan_reports", lambda *a: tuple(r for r in planned(*a)
                                                            if r.slug == "board"))  # fmt: skip
        assert release(folder).how == "new"
    return folder


@pytest.fixture
def world(first, tmp_path) -> Path:
    return Path(shutil.copytree(first, tmp_path / "world"))


def ledger(folder: Path) -> Ledger:
    return Ledger.read(folder / "outputs" / LEDGER)


def standing(folder: Path) -> dict[str, bytes]:
    """Every pack and the ledger, byte for byte."""
    return {name: text for name, text in snapshot(folder / "outputs").items()
            if not name.startswith(".lock")}  # fmt: skip


# What leaves


def test_a_clean_run_publishes_released_figures_and_records_them(first):
    pack = latest_pack(first / "outputs", QUARTER)
    text = (pack / "tables" / "early-help-wards.csv").read_text("utf-8-sig")
    assert re.search(r"^Abbey,\[c\]", text, re.M)
    assert re.search(r"^Alibon,45", text, re.M)
    said, held = read_manifest(pack)["disclosure"], ledger(first)
    assert said["ledger_head"] == held.head != ""
    assert "not yet signed off" in said["thresholds"]
    assert {edition.release for edition in held.editions} == {str(QUARTER)}
    assert INDICATOR in (first / "outputs" / LEDGER).read_text("utf-8")


def test_no_true_count_stands_in_a_table_that_notebooks_open(first):
    true = dict(zip(WARDS, zip(COUNTED, OF, strict=True), strict=True))
    tables = sorted((first / "processed").rglob("*.parquet"))
    assert tables
    met = 0
    for path in tables:
        frame = pd.read_parquet(path)
        numbers = frame.select_dtypes("number").columns.difference(["period_start", "period_end"])
        wards = frame[frame["area_code"].isin(true)] if "area_code" in frame else frame[:0]
        for row in wards.to_dict("records"):
            met += 1
            found = {round(float(row[c]), 6) for c in numbers if pd.notna(row[c])}
            counted, of = true[row["area_code"]]
            # No multiple of 5, so that released and true counts cannot be mixed up.
            unsafe = {n for n in (counted, of) if n % 5} | {round(100 * counted / of, 6)}
            assert not found & unsafe, row["area_name"]
    assert met == len(COUNTED)
    for path in (first / "processed").rglob("*.json"):
        assert not re.search(r"\b43\b", path.read_text("utf-8"))


def test_the_same_inputs_again_add_nothing(world):
    before = standing(world)
    assert release(world).how == "unchanged"
    assert standing(world) == before


def test_a_corrected_return_is_a_revision_with_a_line_of_its_own(world):
    before, lines = standing(world), ledger(world).lines
    corrected = [n + 25 if place == 8 else n for place, n in enumerate(COUNTED)]
    returned(world / "extracts", corrected, [n + 25 if place == 8 else n
                                             for place, n in enumerate(OF)])  # fmt: skip
    published = release(world)
    assert (published.how, published.folder.name) == ("revision", f"{QUARTER}-r1")
    after = ledger(world)
    assert after.lines[: len(lines)] == lines
    assert len(after.lines) > len(lines)
    assert read_manifest(published.folder)["disclosure"]["ledger_head"] == after.head
    kept = {name: text for name, text in before.items() if name != LEDGER}
    assert kept.items() <= standing(world).items()
    assert ledger_faults(world / "outputs") == []


def test_a_draft_is_protected_and_checked_but_not_recorded(world):
    told(world)
    before = standing(world)
    published = release(world, only=["board"])
    assert published.how == "draft"
    assert before.items() <= standing(world).items()
    assert read_manifest(published.folder)["disclosure"]["ledger_head"] == ledger(world).head


def test_a_demonstration_records_nothing_and_needs_no_ledger(world):
    told(world)
    (world / "extracts" / DEMONSTRATION).write_text("made up\n", encoding="utf-8")
    (world / "elsewhere").mkdir()
    (world / "elsewhere" / LEDGER).write_text("not a ledger\n", encoding="utf-8")
    published = release(world, outputs=world / "elsewhere")
    assert read_manifest(published.folder)["demonstration"]
    assert (world / "elsewhere" / LEDGER).read_text("utf-8") == "not a ledger\n"
    assert read_manifest(published.folder)["disclosure"]["ledger_head"] == ""


# What must not leave

TRUE = (
    "import csv, pathlib\n"
    "true = {r['area_name']: int(r['numerator'])\n"
    "        for r in csv.DictReader(pathlib.Path(PATH).open(encoding='utf-8'))\n"
    "        if r['area_code'].startswith('E050')}"
)
ALT = "figure['alt'] += f\" {true['Abbey']} in Abbey.\""
COLUMN = "for row in figure['table']['rows']:\n    row[0]['raw'] = true[row[0]['text']]"
HIGH = (
    "bars = ''.join(f'<rect x=\"{20 * i}\" y=\"{300 - 4.07 * n:.2f}\" width=\"14\" '\n"
    "               f'height=\"{4.07 * n:.2f}\"/>' for i, n in enumerate(true.values()))\n"
    "figure['image'] = f'<svg xmlns=\"http://www.w3.org/2000/svg\">{bars}</svg>'"
)


def told(folder: Path, leak: str = "None") -> Path:
    """A notebook that shows released figures without opening tables, and then does more.

    It imports nothing of the project, so that its kernel is up in a moment.
    """
    pack = latest_pack(folder / "outputs", QUARTER)
    executed = json.loads((pack / "notebooks" / "board.ipynb").read_text("utf-8"))
    outputs = [one["data"] for cell in executed["cells"] for one in cell.get("outputs", ())]
    title, body = (json.dumps(data[MIME]) for data in outputs if MIME in data)
    show = f"display({{{MIME!r}: %s, 'text/plain': 'shown'}}, raw=True)"
    return notebook(
        folder / "notebooks",
        f"import json\nfrom IPython.display import display\n{show % f'json.loads({title!r})'}",
        f"body = json.loads({body!r})\nfigure = body['children'][0]",
        TRUE.replace("PATH", repr(str(raw(folder / "extracts")))) if leak != "None" else "None",
        leak,
        show % "body",
    )


def csv_download(complete):
    """A finishing step that puts the return as it came beside the tables."""

    def finish(stage: Path, **around) -> None:
        complete(stage, **around)
        rows = [f"{name},{n}" for name, n in zip(WARDS.values(), COUNTED, strict=True)]
        text = "\n".join(["Ward,Early help that started on time", *rows])
        (stage / "tables" / "early-help-raw.csv").write_text(text + "\n", encoding="utf-8")

    return finish


# One run for what a notebook shows, and one for what a finishing step adds: a kernel is slow.
LEAKS = {
    "alternative text, hidden column and bar height": (
        "\n".join((ALT, COLUMN, HIGH)),
        ("reports/board.html, alternative text", "notebooks/board.ipynb, cell 8",
         "maps/early-help-map.svg, marks of the drawing"),
    ),
    "download": ("None", ("tables/early-help-raw.csv",)),
}  # fmt: skip


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_stops_publication(world, monkeypatch, leak):
    cell, places = LEAKS[leak]
    told(world, cell)
    if leak == "download":
        monkeypatch.setattr(run, "finish_pack", csv_download(run.finish_pack))
    before = standing(world)
    with pytest.raises(DisclosureError) as caught:
        release(world)
    assert standing(world) == before
    assert not (world / "outputs" / ".failed").exists()
    assert list((world / "outputs").glob(".staging-*")) == []
    said = str(caught.value)
    for where in places:
        assert any(fault.where.startswith(where) for fault in caught.value.faults), (where, said)
    assert INDICATOR in said
    assert not names_a_figure(said)


def names_a_figure(said: str) -> bool:
    """Whether a message holds a true count: places such as `cell 6` apart."""
    plain = re.sub(r"\b(?:cell|row|column|table|picture|drawing|item) \d+|multiple of 5", "", said)
    return any(int(found) in COUNTED for found in re.findall(r"\d+", plain))


def test_what_failed_is_not_kept_where_it_holds_a_leak(world):
    told(world, f"raise ValueError('{INDICATOR}: Abbey %s' % true['Abbey'])")
    before = standing(world)
    with pytest.raises(DisclosureError, match="notebooks failed") as caught:
        release(world)
    assert standing(world) == before
    assert "board.ipynb (report board), cell 6" in str(caught.value)
    assert not names_a_figure(str(caught.value).replace("cell 6", ""))


# The ledger itself


def damaged(path: Path) -> None:
    text = path.read_text("utf-8")
    assert '"shown":45' in text
    path.write_text(text.replace('"shown":45', '"shown":40', 1), encoding="utf-8")


def emptied(path: Path) -> None:
    path.write_text("", encoding="utf-8")


@pytest.mark.parametrize("harm", [damaged, emptied, Path.unlink])
def test_a_ledger_that_is_not_as_it_was_stops_a_run_before_any_kernel(world, harm, in_process):
    harm(world / "outputs" / LEDGER)
    write_notebook(world / "notebooks" / "board.ipynb", "open('/nonexistent/x')",
                   parameters=PARAMETERS + '\narea = "E09000002"')  # fmt: skip
    before = standing(world)
    with pytest.raises(DisclosureError, match="the ledger of releases") as caught:
        release(world)
    assert "put back the ledger" in str(caught.value)
    assert standing(world) == before
    code, _, said = in_process("verify", QUARTER, "--outputs", world / "outputs")
    assert code == 1
    assert LEDGER in said and "put back the ledger" in " ".join(said.split())


def test_verify_speaks_of_a_sound_ledger(world, in_process):
    code, said, _ = in_process("verify", QUARTER, "--outputs", world / "outputs")
    assert code == 0
    assert "holds every release" in " ".join(said.split())


def test_stopped_between_record_and_rename_a_second_run_publishes_cleanly(
    world, monkeypatch
):
    told(world)
    packs = world / "outputs"
    before = standing(world)
    shutil.rmtree(packs)

    def stop(pack, manifest):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(publish, "write_manifest", stop)
        with pytest.raises(RunError, match="disk is full"):
            release(world)
    assert standing(world) == {LEDGER: before[LEDGER]}
    assert release(world).how == "new"
    assert standing(world)[LEDGER] == before[LEDGER]
    assert standing(world).keys() == before.keys()
    assert ledger_faults(packs) == []
