"""Ward figures from small areas in the tables and on the outcome pages: by hand, then for real."""

import csv
import re
from dataclasses import replace
from types import SimpleNamespace

import geopandas
import pandas as pd
import pytest
from shapely.geometry import box

from lbbd_jsna import exhibits
from lbbd_jsna.catalogue import Source
from lbbd_jsna.exhibits.ward_context import NOT_RECEIVED
from lbbd_jsna.facts import Facts
from lbbd_jsna.facts.wards import exact_of
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.schema import KEY, OBSERVATIONS
from lbbd_jsna.sources.demonstration.small_areas import small_area_files
from lbbd_jsna.sources.small_areas import SmallAreas
from lbbd_jsna.wards import is_estimated
from lbbd_jsna.wards.from_catalogue import NONE_RECEIVED, built_series
from lbbd_jsna.workspace import build_workspace
from tests.made_up_borough import NEW_WARDS, OLD_WARDS, OWN, indicator, made_up_catalogue

# Four small areas of 2011 in a row; the second became two, in two of the three wards.
A, B, C, D, C1, C2 = (f"E0199{n:04d}" for n in (1, 2, 3, 4, 13, 14))
W1, W2, W3 = NEW_WARDS
O1, O2 = OLD_WARDS
PEOPLE = {A: (30, 60, 10), B: (20, 100, 80), C: (40, 320, 40), D: (90, 180, 30)}
RANKS = {A: 32_844, B: 1, C: 32_835, D: 32_825}
BANDS = ((0, 15), (16, 64), (65, None))


def row(*ends):
    """Shapes side by side, 1,000 metres deep, from a list of (code, west, east)."""
    shapes = [box(548_000 + west, 186_000, 548_000 + east, 187_000) for _, west, east in ends]
    names = [code for code, _, _ in ends]
    return geopandas.GeoDataFrame({"code": names, "name": names}, geometry=shapes, crs=27700)


def pairs(*found, **others):
    table = pd.DataFrame(found, columns=["from_code", "to_code", *others])
    return table.assign(source_file="lookups/l.csv", source_row=2)


def people_of(counts):
    rows = [
        (code, first, last, count)
        for code, parts in counts.items()
        for (first, last), count in [*zip(BANDS, parts, strict=True), ((0, None), sum(parts))]
    ]
    table = pd.DataFrame(rows, columns=["lsoa", "age_from", "age_to", "count"])
    table = table.assign(
        vintage="2011", year=2020, sex="Persons", source_row=range(2, 2 + len(rows))
    )
    return table.assign(source_file="population/p.csv").astype({"age_to": "Int64"})


def deprivation_of(ranks):
    rows = [
        (code, measure, value)
        for code, rank in ranks.items()
        for measure, value in (("imd_rank", rank), ("imd_decile", -(-rank * 10 // 32_844)))
    ]
    table = pd.DataFrame(rows, columns=["lsoa", "measure", "value"]).astype({"value": float})
    return table.assign(vintage="2011", source_file="deprivation/d.csv", source_row=7)


@pytest.fixture
def small():
    changed = [(A, A, "U"), (B, B, "U"), (D, D, "U"), (C, C1, "S"), (C, C2, "S")]
    return SmallAreas(
        population=people_of(PEOPLE),
        deprivation=deprivation_of(RANKS),
        lookups={
            "lsoa11-ward2002": pairs((A, O1), (C, O1), (B, O2), (D, O2)),
            "lsoa21-ward2022": pairs((A, W1), (C1, W1), (C2, W2), (B, W2), (D, W3)),
            "lsoa11-lsoa21": pairs(*changed, change=""),
        },
        boundaries={
            "2011": row((A, 0, 1000), (C, 1000, 2000), (B, 2000, 3000), (D, 3000, 4000)),
            "2021": row((A, 0, 1000), (C1, 1000, 1250), (C2, 1250, 2000), (B, 2000, 3000),
                        (D, 3000, 4000)),
        },
    )  # fmt: skip


SHAPES = {"2022": row((W1, 0, 1250), (W2, 1250, 3000), (W3, 3000, 4000))}


def catalogue_of(*series):
    catalogue = made_up_catalogue(*series)
    extra = {
        name: Source(title=name, publisher="x", licence="OGL", kind="published", supplied="extract")
        for name in ("indices-of-deprivation", "mid-year-estimates")
    }
    return replace(catalogue, sources={**catalogue.sources, **extra})


def series(name, vintage="2022", *, unit="%", age="", **pick):
    source = "indices-of-deprivation" if pick else "mid-year-estimates"
    return indicator(
        name, source=source, source_id="", name_words=(), unit=unit, age=age, pick=pick,
        ward_vintage=vintage, area_types=("borough", "ward"), method="none",
    )  # fmt: skip


ALL_SERIES = (
    series("rank", unit="average rank", measure="imd_rank"),
    series("fifth", measure="imd_decile", tenths="2"),
    series("everybody", unit="people", age="All ages"),
    series("young", age="0-15 yrs"),
    series("everybody-old", "2002", unit="people", age="All ages"),
)


@pytest.fixture
def built(small):
    return built_series(small, SHAPES, catalogue=catalogue_of(*ALL_SERIES))


def values(built, name, column="value"):
    rows = built.observations[built.observations["indicator"] == name]
    return dict(zip(rows["area_code"], rows[column], strict=True))


def test_people_are_summed_and_shares_worked_out_again(built):
    # C's 400 people lie a quarter in W1 and three quarters in W2, by ground.
    assert values(built, "everybody") == {W1: 200, W2: 500, W3: 300, OWN: 1000}
    assert values(built, "young") == pytest.approx({W1: 20, W2: 10, W3: 30, OWN: 18})
    assert values(built, "young", "count") == {W1: 40, W2: 50, W3: 90, OWN: 180}
    assert values(built, "young", "denominator") == {W1: 200, W2: 500, W3: 300, OWN: 1000}
    assert values(built, "everybody-old") == {O1: 500, O2: 500, OWN: 1000}


def test_scores_are_means_weighted_by_people_and_ranks_count_the_most_deprived_highest(built):
    # The four ranks turned round: 1, 32844, 10 and 20.
    expected = {
        W1: (100 * 1 + 100 * 10) / 200,
        W2: (200 * 32_844 + 300 * 10) / 500,
        W3: 20,
        OWN: (100 * 1 + 200 * 32_844 + 400 * 10 + 300 * 20) / 1000,
    }
    assert values(built, "rank") == pytest.approx(expected)
    assert values(built, "fifth") == pytest.approx({W1: 0, W2: 40, W3: 0, OWN: 20})


def test_every_figure_says_what_it_is_made_of_and_where_it_stands(built):
    rows = built.observations
    assert list(rows.columns) == [column.name for column in OBSERVATIONS]
    assert not rows.duplicated(list(KEY)).any()
    notes = values(built, "everybody", "value_note")
    assert notes[W1].startswith("Estimated: small areas shared between wards")
    assert notes[W1].endswith("50% exact") and notes[W2].endswith("40% exact")
    assert notes[W3] == "Sum of 1 small area that lies wholly in the ward; 100% exact"
    assert notes[OWN] == "From all 4 small areas of the borough"
    assert values(built, "everybody-old", "value_note")[O1].endswith("exact share not known")
    weighted = values(built, "rank", "value_note")[W3]
    assert weighted.endswith("mean weighted by all residents, mid-2020")
    assert set(rows["status"]) == {"published"}
    assert rows[["lower_95", "upper_95", "lower_99_8", "upper_99_8"]].isna().all(axis=None)
    assert set(rows["source_file"]) == {"population/p.csv", "deprivation/d.csv"}
    assert set(rows["period"]) == {"2019", "2020"}
    assert built.notes == (
        "wards of 2002: no shapes of the wards of 2002, so what part is exact is not known",
    )


def test_areas_without_a_ward_are_named_and_the_sums_do_not_pass(small):
    lookups = {**small.lookups, "lsoa11-ward2002": pairs((A, O1), (C, O1), (B, O2))}
    built = built_series(
        replace(small, lookups=lookups), SHAPES, catalogue=catalogue_of(*ALL_SERIES)
    )
    said = [note for note in built.notes if note.startswith("residents")]
    assert len(said) == 1 and said[0].startswith("residents of 2020 by ward of 2002: ")
    assert "do not add up to the borough total" in said[0] and f"left out: {D}" in said[0]
    # The borough's own row still counts everybody.
    assert values(built, "everybody-old") == {O1: 500, O2: 200, OWN: 1000}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"population": None, "deprivation": None}, NONE_RECEIVED),
        ({"lookups": {}}, "wards of 2022: not built from small areas of 2011; no lookup "
                          "lsoa11-lsoa21 and lsoa21-ward2022"),
        ({"boundaries": {}}, "wards of 2022: not built from small areas of 2011; no shapes of the "
                             "small areas of 2021 to share those between wards by"),
        ({"population": None}, "deprivation by ward of 2022: not built; no people to weigh by"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said_once_and_never_stops_a_run(small, changes, said):
    built = built_series(replace(small, **changes), SHAPES, catalogue=catalogue_of(*ALL_SERIES))
    assert built.notes.count(said) == 1
    assert not {W1, W2, W3} & set(built.observations["area_code"])


def test_bands_that_do_not_fit_leave_everybody_and_a_note(small):
    odd = small.population.replace({"age_from": {16: 18}, "age_to": {15: 17}})
    built = built_series(
        replace(small, population=odd), SHAPES, catalogue=catalogue_of(*ALL_SERIES)
    )
    assert values(built, "everybody")[OWN] == 1000
    assert values(built, "young") == {}
    assert any(note.startswith("residents by broad age: not built") for note in built.notes)


def test_the_publishers_people_weigh_where_they_were_received(small):
    own = pd.DataFrame({"lsoa": [A, B, C, D], "measure": "population", "value": [1.0, 1, 1, 7]})
    own = own.assign(vintage="2011", source_file="deprivation/d.csv", source_row=7)
    deprivation = pd.concat([small.deprivation, own])
    built = built_series(
        replace(small, deprivation=deprivation, population=None), SHAPES,
        catalogue=catalogue_of(*ALL_SERIES),
    )  # fmt: skip
    assert values(built, "rank")[OWN] == pytest.approx((1 + 32_844 + 10 + 7 * 20) / 10)
    note = values(built, "rank", "value_note")[W3]
    assert note.endswith("mean weighted by the publisher's own population")


def test_a_catalogue_without_such_series_builds_none(small):
    built = built_series(small, SHAPES, catalogue=made_up_catalogue(indicator()))
    assert built.observations.empty and built.notes == ()


@pytest.mark.parametrize(("note", "share"), [("Best fit from 2 small areas; 83% exact", 83),
                                             ("exact share not known", -1), ("", -1)])  # fmt: skip
def test_the_exact_share_is_read_back_from_its_note(note, share):
    assert exact_of(note) == share


# The pages of the demonstration.


def parts(section):
    found = {"links": None, "figure": None, "table": None, "text": []}
    for child in section.children:
        inner = child.children[0] if child.kind == "section" else child
        if inner.kind == "text":
            found["text"].append(inner)
        elif inner.kind == "table" and "ward map" in inner.caption:
            found["reasons"] = inner
        else:
            found[inner.kind] = inner
    return found


@pytest.fixture(scope="module")
def sections(made_up_facts):
    pages = {page.outcome.id: page for page in made_up_facts.outcomes}
    return {
        name: (page, exhibits.ward_context(page, made_up_facts)) for name, page in pages.items()
    }


def test_every_measure_of_every_page_has_a_map_or_the_reason_why_not(sections):
    for page, section in sections.values():
        found = parts(section)
        reasons = found.get("reasons")
        silent = [cells[0].text for cells in reasons.rows] if reasons else []
        without = [m.measure.part or m.measure.text for m in page.measures if not m.wards]
        assert silent == without
        assert all(cells[1].text.startswith(("No ward", "There are")) for cells in reasons.rows)
        linked = found["links"]
        maps = {wards.indicator.id for m in page.measures for wards in m.wards}
        assert len(linked.items if linked else ()) == len(maps)


@pytest.mark.parametrize("name", ["outcome-1", "outcome-6"])
def test_the_links_lead_to_sections_that_are_on_the_page(sections, made_up_facts, name):
    page, section = sections[name]
    details = exhibits.measure_details(page, made_up_facts)
    anchors = {child.anchor for child in details.children if child.kind == "section"}
    items = getattr(parts(section)["links"], "items", ())
    assert {item.href.removeprefix("#") for item in items} <= anchors
    assert bool(items) == (name == "outcome-1")


def test_wards_of_a_measure_without_a_figure_are_linked_where_they_stand(made_up_facts):
    """Take the borough's figures of a mapped measure away: its map stays, under another anchor."""
    page = made_up_facts.outcome("outcome-1")
    mapped = next(measure for measure in page.measures if measure.wards)
    alone = replace(page, measures=(replace(mapped, findings=(), reason="None."),))
    href = parts(exhibits.ward_context(alone, made_up_facts))["links"].items[0].href
    details = exhibits.measure_details(alone, made_up_facts)
    assert [f"#{child.anchor}" for child in details.children] == [href]


def test_the_context_map_is_on_every_page_with_its_table(sections, made_up_facts, catalogue):
    figures = {parts(section)["figure"] for _, section in sections.values()}
    assert len(figures) == 1
    figure = figures.pop()
    assert len(figure.table.rows) == len(catalogue.wards("2022")) + 1
    assert "Built here from small areas by best fit" in figure.caption
    assert "80% (" in figure.caption and "to 100% (" in figure.caption
    assert "Made-up figures" in figure.caption
    assert made_up_facts.ward_context.deprivation.indicator.id == "deprivation-score-wards"


def test_what_is_estimated_says_so_in_the_table_the_key_and_the_words(sections, made_up_facts):
    context = made_up_facts.ward_context
    names = context.deprivation.table.set_index("code")["name"]
    estimated = {names[code] for code in context.deprivation.estimated}
    assert len(estimated) == 2  # one made-up small area lies in two wards
    found = parts(next(iter(sections.values()))[1])
    marked = {cells[0].text.split(" ", 1)[1] for cells in found["figure"].table.rows
              if any("estimated" in cell.sub for cell in cells)}  # fmt: skip
    assert marked == estimated
    assert any("estimated" in entry.label for entry in found["figure"].key)
    for cells in found["table"].rows:
        assert (cells[1].sub == "estimated") == (cells[0].text.split(" ", 1)[1] in estimated)
    # Whenever an estimated ward is among the extremes, it is marked there too.
    title, alt = found["figure"].title, found["figure"].alt
    for name in estimated:
        assert f"{name} (" not in title or re.search(rf"{name} \([^)]*, estimated\)", title)
        assert f"{name} " not in alt or re.search(rf"{name} [\d.,]+ \(estimated\)", alt)
    assert "2 figures are estimated." in alt


def test_the_ages_of_the_table_make_up_everybody(sections):
    table = parts(next(iter(sections.values()))[1])["table"]
    for cells in table.rows:
        shares = [float(cell.text.rstrip("%")) for cell in cells[2:]]
        assert sum(shares) == pytest.approx(100, abs=0.16)
    residents = [int(cells[1].text.replace(",", "")) for cells in table.rows]
    assert sum(residents[:-1]) == pytest.approx(residents[-1], abs=10)


def test_without_small_areas_the_page_says_so_in_a_sentence(made_up_facts):
    rows = made_up_facts.workspace.observations
    built = rows["source_file"].str.startswith(("deprivation/", "population/"))
    assert built.any()
    facts = Facts(replace(made_up_facts.workspace, observations=rows[~built]))
    page = facts.outcome("outcome-1")
    section = exhibits.ward_context(page, facts)
    assert [text.paragraphs for text in parts(section)["text"]][-1] == (NOT_RECEIVED,)
    assert parts(section)["figure"] is None
    assert "small areas" not in str(exhibits.outcome_sources(page, facts).as_json())


def test_the_sources_of_the_context_are_listed(made_up_facts):
    page = made_up_facts.outcome("outcome-1")
    told = str(exhibits.outcome_sources(page, made_up_facts).as_json())
    for name in ("English Indices of Deprivation 2019", "Mid-year population estimates"):
        assert name in told


def test_the_made_up_small_areas_have_codes_of_no_area(catalogue):
    files = small_area_files(catalogue)
    assert files == small_area_files(catalogue)
    rows = list(csv.DictReader(files["population", "lsoa11-mid2020.csv"].splitlines()))
    codes = {line["LSOA11CD"] for line in rows}
    assert len(codes) == 110 and all(code.startswith(("E0198", "E0199")) for code in codes)
    changed = list(csv.DictReader(files["lookups", "lsoa11-lsoa21.csv"].splitlines()))
    assert len({line["LSOA21CD"] for line in changed}) == 115
    assert {line["LAD11NM"] for line in rows} == {catalogue.area.name}


def test_a_borough_without_wards_gets_no_small_areas():
    settings = SimpleNamespace(ward_vintage="2022")
    assert small_area_files(SimpleNamespace(settings=settings, wards=lambda vintage: {})) == {}


# The real extracts.


@pytest.fixture(scope="module")
def real(extracts, catalogue, tmp_path_factory):
    return Facts(
        build_workspace(
            extracts, catalogue=catalogue, quarter=Quarter.parse("2026-27-Q3"),
            processed=tmp_path_factory.mktemp("real") / "tables",
        )
    )  # fmt: skip


def real_rows(real, name):
    rows = real.workspace.observations
    return rows[rows["indicator"] == name].set_index("area_code")


@pytest.mark.parametrize(("suffix", "number"), [("old-wards", 17), ("wards", 19)])
def test_the_real_wards_add_up_to_the_borough(real, suffix, number):
    everybody = real_rows(real, f"population-{suffix}")["value"]
    assert len(everybody) == number + 1
    assert everybody["E09000002"] == 214_107
    assert everybody.drop("E09000002").sum() == pytest.approx(214_107)
    bands = [real_rows(real, f"population-{band}-{suffix}") for band in ("0-15", "16-64", "65")]
    totals = [band.loc["E09000002", "count"] for band in bands]
    assert totals == [58_551, 39_140 + 50_508 + 46_101, 19_807]
    for band in bands:
        assert band["count"].drop("E09000002").sum() == pytest.approx(
            band.loc["E09000002", "count"]
        )
    assert sum(band["value"] for band in bands).tolist() == pytest.approx([100] * (number + 1))


def test_real_deprivation_of_the_old_wards_by_another_route(real, extracts):
    """Straight from the files with pandas: none of the readers, none of the room of wards."""
    population = pd.read_csv(extracts / "population" / "lsoa11_mid2020_london.csv")
    wards = pd.read_csv(extracts / "lookups" / "lsoa11_ward17_lbbd.csv")
    lsoas = wards.merge(population, left_on="lsoa11_code", right_on="LSOA11CD")
    people = lsoas.groupby("ward17_code")["Persons_All-Ages"].sum()
    assert (
        people.to_dict()
        == real_rows(real, "population-old-wards")["value"].drop("E09000002").to_dict()
    )
    book = extracts / "deprivation" / "imd2019_lsoa11_england.xlsx"
    ranks = pd.read_excel(book, engine="calamine", sheet_name="IMD2019")
    ranks.columns = ["LSOA11CD", "name", "borough", "borough_name", "rank", "decile"]
    lsoas = lsoas.merge(ranks, on="LSOA11CD")
    turned = (32_845 - lsoas["rank"]) * lsoas["Persons_All-Ages"]
    means = turned.groupby(lsoas["ward17_code"]).sum() / people
    found = real_rows(real, "deprivation-rank-old-wards")["value"]
    assert found.drop("E09000002").to_dict() == pytest.approx(means.to_dict())
    assert found["E09000002"] == pytest.approx(turned.sum() / people.sum())
    fifth = lsoas["Persons_All-Ages"].where(lsoas["decile"] <= 2, 0)
    shares = 100 * fifth.groupby(lsoas["ward17_code"]).sum() / people
    found = real_rows(real, "most-deprived-fifth-old-wards")["value"]
    assert found.drop("E09000002").to_dict() == pytest.approx(shares.to_dict())


def test_the_real_context_is_on_todays_wards_and_says_how_exact_it_is(real):
    context = real.ward_context
    deprivation = context.deprivation
    assert deprivation.vintage == "2022"
    assert deprivation.indicator.id == "deprivation-rank-wards"  # no scores received
    assert len(deprivation.exact) == 19 and deprivation.exact["E05014064"] == 100  # Longbridge
    # Two share a small area, and of all four less than half is exact: Abbey, Barking Riverside,
    # Mayesbrook and Thames View.
    assert deprivation.estimated == {"E05014053", "E05014055", "E05014065", "E05014068"}
    assert deprivation.built == "small areas"
    notes = real_rows(real, "population-wards")["value_note"]
    assert {code for code, note in notes.items() if is_estimated(note)} == deprivation.estimated
    assert not any("small areas left out" in note.lower() for note in real.workspace.notes)


def test_real_outcome_pages_show_the_context(real):
    for page in real.outcomes[:2]:
        found = parts(exhibits.ward_context(page, real))
        assert found["figure"].role == "map"
        said = "Abbey, Barking Riverside, Mayesbrook and Thames View."
        assert f"shared out between wards: {said}" in found["figure"].caption
        assert "Drawn on the 19 wards" in found["figure"].caption
