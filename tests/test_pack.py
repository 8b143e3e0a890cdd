"""Whole packs, as the command builds them: nothing lost, nothing wrong, the same twice."""

import hashlib
import json
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from conftest import QUARTER, ROOT, build_pack, jsna

from lbbd_jsna.quarters import Quarter
from lbbd_jsna.reporting.frame import METHODS
from lbbd_jsna.sources.demonstration import write_demonstration

PACKS = ("demonstration_pack", "real_pack")


@pytest.fixture(params=PACKS)
def pack(request) -> Path:
    return request.getfixturevalue(request.param)


def page(pack: Path, slug: str) -> BeautifulSoup:
    html = (pack / "reports" / f"{slug}.html").read_text("utf-8")
    return BeautifulSoup(html, "html.parser")


def words(soup) -> str:
    return re.sub(r"\s+", " ", soup.get_text(" "))


def references(soup) -> Counter:
    """How often each reference of the catalogue stands on a page."""
    return Counter(re.findall(r"\b(?:jhws|bm|bc)-[a-z0-9-]+[a-z0-9]", words(soup)))


# ---------------------------------------------------------------- nothing lost


def test_every_commitment_stands_once_on_the_coverage_page(pack, catalogue):
    found = references(page(pack, "coverage"))
    kinds = Counter()
    for strategy in catalogue.strategies:
        for measure in strategy.measures:
            assert found[measure.id] == 1, measure.id
            kinds[measure.kind] += 1
        for statement in strategy.all_statements:
            assert found[statement.id] == 1, statement.id
        kinds[strategy.id] = len(strategy.all_statements)
    assert (kinds["measure"], kinds["target"]) == (148, 8)
    assert (kinds["jhws"], kinds["best-chance"]) == (9, 7)


def test_every_measure_stands_on_its_outcomes_page_with_a_figure_or_the_reason(pack, catalogue):
    for outcome in catalogue.outcomes.values():
        soup = page(pack, outcome.id)
        text = words(soup)
        for measure in outcome.measures:
            assert re.search(rf"\b{measure.id}\b(?!-)", text), (outcome.id, measure.id)
            assert re.sub(r"\s+", " ", measure.text) in text, measure.id
        for statement in catalogue.theme_of(outcome.id)[1].statements:
            assert re.sub(r"\s+", " ", statement.text) in text


def test_a_figure_stands_once_in_a_benchmark_table(pack, catalogue):
    for outcome in catalogue.outcomes:
        for table in page(pack, outcome).select("table"):
            links = [row.th.a["href"] for row in table.select("tbody tr") if row.th.a]
            assert len(links) == len(set(links)), (outcome, words(table.caption))


def test_the_pages_of_a_demonstration_say_so_and_no_others_do(request):
    demonstration = request.getfixturevalue("demonstration_pack")
    for path in demonstration.rglob("*.html"):
        soup = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        assert soup.title.string.startswith("[DEMONSTRATION, NOT REAL FIGURES]"), path.name
        banner = words(soup.body)[:400]
        assert "Demonstration, not real figures." in banner, path.name
    assert json.loads((demonstration / "manifest.json").read_text("utf-8"))["demonstration"]
    real = request.getfixturevalue("real_pack")
    for path in real.rglob("*.html"):
        soup = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        assert "demonstration" not in words(soup.body).lower(), path.name
        assert soup.title.string.endswith(": Barking and Dagenham"), path.name


def test_every_page_leads_to_the_methods(pack):
    paths = sorted(pack.rglob("*.html"))
    assert pack / "reports" / "methods.html" in paths
    for path in paths:
        soup = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        links = [link for link in soup.find_all("a") if words(link) == METHODS.label]
        assert links, path.name
        assert (path.parent / links[0]["href"]).resolve() == pack / "reports" / "methods.html"


def test_the_index_counts_the_reports_and_not_the_methods(pack, catalogue):
    text = words(BeautifulSoup((pack / "index.html").read_text("utf-8"), "html.parser"))
    # Beside the outcomes: the board's, all wards at a glance, and the coverage.
    assert f" {len(catalogue.outcomes) + 3} reports on what" in text


def test_every_ward_of_today_has_a_page_of_its_own_and_every_page_leads_there(pack, catalogue):
    wards = catalogue.wards("2022")
    addresses = {f"ward-{code.lower()}.html" for code in wards}
    for code, name in wards.items():
        heading = words(page(pack, f"ward-{code.lower()}").h1)
        assert heading.startswith(f"{name}: ")
        assert "most deprived of 19 wards" in heading or "least deprived of 19 wards" in heading
    for path in pack.rglob("*.html"):
        soup = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        links = {link["href"].rsplit("/", 1)[-1] for link in soup.find_all("a", href=True)}
        assert addresses <= links, path.name


def test_a_figure_of_a_former_ward_never_stands_as_todays(pack, catalogue):
    for code, name in catalogue.wards("2022").items():
        for table in page(pack, f"ward-{code.lower()}").select("table"):
            caption = words(table.caption)
            former = [h for h in table.find_all("th") if "former ward" in words(h)]
            assert bool(former) == caption.startswith(("Former wards that", "What ")) or (
                "Not known" in words(table)
            ), (name, caption)


def test_the_board_page_shows_at_most_eight_and_every_outcome(pack, catalogue):
    soup = page(pack, "board")
    first, *glances = soup.find_all("table")[: 1 + len(catalogue.strategies)]
    assert 1 <= len(first.tbody.find_all("tr")) <= 8
    named = [row.th.a["href"] for table in glances for row in table.tbody.find_all("tr")]
    assert named == [f"{name}.html" for name in catalogue.outcomes]


# ---------------------------------------------------------------- the right figures

# Value and period as the keeper of the extracts lists them; England's value, the verdict printed
# in the file and the place among London boroughs with a value, worked out with a spreadsheet.
EXPECTED = [
    ("outcome-1", "Children in Reception living with obesity", "12.1%", "2024/25", "10.5%",
     "worse", "joint 30th of 32"),
    ("best-chance-2", "Children in Year 6 living with obesity", "28.3%", "2024/25", "22.2%",
     "worse", "joint 29th of 32"),
    ("outcome-5", "Adults who are physically inactive", "30.7%", "2024/25", "21.8%", "worse",
     "32nd of 33"),
    ("outcome-1", "Five-year-olds with tooth decay", "34.4%", "2023/24", "22.4%", "worse",
     "26th of 32"),
    ("outcome-2", "Adults who smoke", "15.4%", "2024", "10.4%", "similar", "31st of 32"),
]


@pytest.mark.parametrize(
    ("slug", "title", "value", "period", "england", "verdict", "place"), EXPECTED
)
def test_the_real_figures_stand_on_the_right_pages(
    real_pack, slug, title, value, period, england, verdict, place
):
    soup = page(real_pack, slug)
    row = next(
        row for row in soup.select("tbody tr") if row.th and words(row.th).strip().startswith(title)
    )
    cells = [words(cell).strip() for cell in row.find_all("td")]
    assert cells[0] == f"{value} {period}"
    assert cells[2] == england
    assert cells[3] == "[x]"  # London's row is not in these extracts
    assert verdict in cells[5]
    assert place in cells[6]
    notes = words(row.find_parent("table").find_parent(class_="table"))
    assert "The extracts hold no figure for London in the same period for any row." in notes


def test_life_expectancy_and_health_checks_stand_on_their_page(real_pack):
    text = words(page(real_pack, "outcome-2"))
    for said in ("59.6 years in 2022 - 24", "59.0 years in 2022 - 24",
                 "55.1% in 2021/22 Q1 - 2025/26 Q3"):
        assert said in text


def test_old_ward_figures_are_mapped_on_the_old_wards_with_their_period(real_pack, catalogue):
    soup = page(real_pack, "outcome-1")
    names = wards_in(soup, "Obesity in Reception (old wards) by ward, 2011/12 - 13/14")
    assert names == sorted(catalogue.wards("2002").values())  # the borough has none for it
    assert "17 wards in use until May 2022" in words(soup)
    assert "do not read these as today's wards" in words(soup)


def test_a_measure_without_ward_figures_says_so(real_pack):
    assert "No ward figures are published for this measure." in words(page(real_pack, "outcome-5"))


def test_todays_wards_are_mapped_where_figures_exist_for_them(demonstration_pack, catalogue):
    soup = page(demonstration_pack, "outcome-1")
    names = wards_in(soup, "Obesity in Reception (three years together) by ward, 2022/23 - 24/25")
    assert names == [*sorted(catalogue.wards("2022").values()), catalogue.area.name]


def wards_in(soup: BeautifulSoup, caption: str) -> list[str]:
    """The areas of the one table with a caption, without their numbers on the map."""
    (table,) = [t for t in soup.find_all("table") if words(t.caption).strip().startswith(caption)]
    return [re.sub(r"^\d+ ", "", words(row.th).strip()) for row in table.tbody.find_all("tr")]


# ---------------------------------------------------------------- the same twice


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_two_runs_give_the_same_bytes(real_pack, extracts, tmp_path):
    """A report of every notebook, run again one at a time, is as in the whole pack."""
    some = ("board", "wards", "coverage", "outcome-1", "ward-e05014060")
    only = [text for slug in some for text in ("--only", slug)]
    again = build_pack(
        tmp_path, "run", QUARTER, "--extracts", extracts, *only, "--workers", 1
    ).with_name(f"{QUARTER}-draft")
    first, second = contents(real_pack), contents(again)
    made = [name for name in second if name.startswith(("notebooks/", "tables/", "maps/"))]
    assert len(made) > len(some)
    assert {name: second[name] for name in made} == {name: first[name] for name in made}
    for slug in some:  # the pages link to those of their own pack, and are else the same
        assert unlinked(again, slug) == unlinked(real_pack, slug)


def unlinked(pack: Path, slug: str) -> str:
    """What stands on a page, without its links and what goes round it."""
    main = page(pack, slug).main
    for link in main.find_all("a"):
        link.unwrap()
    main.smooth()
    return str(main)


def test_no_time_and_no_path_of_this_machine_is_published(pack):
    for path in pack.rglob("*"):
        if path.suffix in (".html", ".json", ".csv", ".ipynb"):
            text = path.read_text("utf-8")
            assert str(ROOT) not in text, path.name
            assert "/tmp/" not in text, path.name


def test_no_cell_of_a_table_file_is_a_live_formula(pack):
    for path in (pack / "tables").glob("*.csv"):
        for line in path.read_text("utf-8-sig").splitlines():
            for cell in re.split(r',(?=(?:[^"]*"[^"]*")*[^"]*$)', line):
                bare = cell.strip('"')
                assert not re.match(r"[=@\t\r]|[+-](?![\d.,]+%?$)", bare), (path.name, cell)


# ---------------------------------------------------------------- what goes wrong


@pytest.fixture(scope="module")
def sound(tmp_path_factory, catalogue) -> Path:
    """A few sound extracts, quick to read."""
    folder = tmp_path_factory.mktemp("sound")
    write_demonstration(
        folder,
        catalogue=catalogue,
        quarter=Quarter.parse(QUARTER),
        calibration=ROOT / "catalogue" / "demonstration.csv",
    )
    kept = {"90319.csv", "93015.csv", "wards-2022.geojson", "DEMONSTRATION.txt"}
    for path in folder.rglob("*"):
        if path.is_file() and path.name.removesuffix(".source.json") not in kept:
            path.unlink()
    for sidecar in folder.rglob("*.source.json"):
        sidecar.unlink()  # it would betray every edit below before a reader sees it
    return folder


def edit(path: Path, change) -> None:
    path.write_bytes(change(path.read_bytes()))


def fingertips(folder: Path) -> Path:
    return next(folder.glob("fingertips/*/90319.csv"))


def wards(folder: Path) -> Path:
    return next(folder.glob("open-geography/*/wards-2022.geojson"))


def as_metres(raw: bytes) -> bytes:
    """The coordinates of British National Grid, without saying so."""
    return re.sub(
        rb"(-?\d+\.\d+),\s*(\d+\.\d+)",
        lambda m: b"%.1f, %.1f" % (548500 + 7e4 * float(m[1]), 186000 + 1e5 * (float(m[2]) - 51.5)),
        raw,
    )


def doubled(raw: bytes) -> bytes:
    lines = raw.decode("utf-8-sig").splitlines(keepends=True)
    row = next(line for line in lines if ",E09000002," in line and line.split(",")[12])
    return "".join([*lines, re.sub(r"E09000002,(.*?),(\d+\.\d+),", r"E09000002,\1,9\2,", row)]
                   ).encode()


WRONG = {
    "a web page": (fingertips, lambda raw: b"<!DOCTYPE html><html><body>Sign in</body></html>",
                   ["90319.csv", "web page"]),
    "cut off": (fingertips, lambda raw: raw[: len(raw) * 2 // 3 - 7], ["90319.csv", "cut off"]),
    "a renamed column": (fingertips, lambda raw: raw.replace(b"Area Code", b"Area Kode", 1),
                         ["90319.csv", "Area Code", "Area Kode"]),
    "two values for one key": (fingertips, doubled, ["90319.csv", "row"]),
    "wards in metres": (wards, as_metres, ["wards-2022.geojson", "EPSG"]),
    "markup for a name": (
        fingertips,
        lambda raw: raw.replace(b",Barking and Dagenham,", b",<img src=x onerror=alert(1)>,", 1),
        ["90319.csv", "row"],
    ),
    "a formula for a name": (
        fingertips,
        lambda raw: raw.replace(b",Barking and Dagenham,", b",=cmd|' /C calc'!A0,", 1),
        ["90319.csv", "row"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_extract_gives_one_clear_message_and_leaves_the_pack(
    case, sound, demonstration_pack, tmp_path
):
    which, change, said = WRONG[case]
    folder = tmp_path / "extracts"
    shutil.copytree(sound, folder)
    before = which(folder).read_bytes()
    edit(which(folder), change)
    assert which(folder).read_bytes() != before
    refused(demonstration_pack, said, tmp_path, "--extracts", folder)


def refused(pack: Path, said: list[str], tmp_path: Path, *arguments: object) -> str:
    """Run against a standing pack; the run must fail with a message and change nothing."""
    standing = contents(pack)
    done = jsna("run", QUARTER, *arguments, "--outputs", pack.parent,
                "--processed", tmp_path / "processed")
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    told = re.sub(r"\s+", " ", done.stderr)
    for part in said:
        assert part in told, told
    assert contents(pack) == standing
    assert [path.name for path in pack.parent.iterdir() if not path.name.startswith(".lock")] == [
        pack.name
    ]
    return told


def test_a_catalogue_with_two_faults_is_told_of_both(sound, demonstration_pack, tmp_path):
    folder = tmp_path / "catalogue"
    shutil.copytree(ROOT / "catalogue", folder)
    file = folder / "strategies" / "jhws.yml"
    text = file.read_text("utf-8")
    text = text.replace("direction_basis:", "direction_basics:", 1)
    assert "[obesity-reception]\n" in text
    text = text.replace("[obesity-reception]\n", "[obesity-recepton]\n", 1)
    file.write_text(text, encoding="utf-8")
    said = ["jhws.yml", "direction_basics", "obesity-recepton", "obesity-reception"]
    refused(demonstration_pack, said, tmp_path, "--extracts", sound, "--catalogue", folder)


def test_an_unknown_report_is_told_the_nearest(sound, demonstration_pack, tmp_path):
    said = ["outcome-99", "outcome-"]
    refused(demonstration_pack, said, tmp_path, "--extracts", sound, "--only", "outcome-99")
