"""What ward figures are built from: real files by another route, fetched ones, every slip.

The made-up borough has four LSOAs of 2011 and four of 2021: A stayed, B was split in two, C
and D were merged. Its shapes are squares of one kilometre.
"""

import csv
import json
import shutil

import geopandas
import pytest
import shapely

from lbbd_jsna.errors import ExtractError, GeographyError
from lbbd_jsna.sources.small_area_ages import ages_of, parts_of_everybody, sex_and_ages
from lbbd_jsna.sources.small_area_headings import AreaColumn, area_column
from lbbd_jsna.sources.small_areas import people, read_small_areas
from lbbd_jsna.sources.store import find_extracts
from tests.made_up_borough import NEIGHBOUR, NEW_WARDS, OLD_WARDS, OWN, made_up_catalogue
from tests.replicas.nomis import nomis_routes
from tests.replicas.server import Request

A, B, C, D = (f"E0100090{number}" for number in range(1, 5))
B1, B2, CD = "E01090001", "E01090002", "E01090003"
ABBEY_OLD, MARSH_OLD = OLD_WARDS
ABBEY, QUAY, HEATH = NEW_WARDS
ELSEWHERE, ELSE_WARD = "E01000999", "E05029001"

TO_OLD = (("lsoa11_code", "ward17_code"), (A, ABBEY_OLD), (B, ABBEY_OLD), (C, MARSH_OLD),
          (D, MARSH_OLD))  # fmt: skip
TO_NEW = (("LSOA21CD", "WD22CD", "LAD22CD"), (A, ABBEY, OWN), (B1, QUAY, OWN), (B2, HEATH, OWN),
          (CD, HEATH, OWN), (ELSEWHERE, ELSE_WARD, NEIGHBOUR))  # fmt: skip
BETWEEN = (("lsoa11_code", "change_code", "lsoa21_code", "ltla22_code"), (A, "U", A, OWN),
           (B, "S", B1, OWN), (B, "S", B2, OWN), (C, "M", CD, OWN), (D, "M", CD, OWN),
           (ELSEWHERE, "U", ELSEWHERE, NEIGHBOUR))  # fmt: skip
BANDS = ("All-Ages", "0-15", "65+", "16-64")
PEOPLE = (
    ("LSOA11CD", "LSOA11NM", "LAD11CD",
     *(f"{sex}_{band}" for sex in ("Persons", "Males", "Females") for band in BANDS)),
    (ELSEWHERE, "Over 001A", NEIGHBOUR, 9, 2, 1, 6, 4, 1, 0, 3, 5, 1, 1, 3),
    (B, "Quay 001B", OWN, "1,100", 300, 100, 700, 550, 150, 40, 360, 550, 150, 60, 340),
    (A, "Quay 001A", OWN, 1500, 500, 200, 800, 700, 250, 90, 360, 800, 250, 110, 440),
    (C, "Quay 001C", OWN, 900, 100, 300, 500, 400, 50, 120, 230, 500, 50, 180, 270),
    (D, "Quay 001D", OWN, 800, 0, 0, 800, 800, 0, 0, 800, 0, 0, 0, 0),
)  # fmt: skip
DEPRIVATION = (
    ("LSOA code (2011)", "Local Authority District code (2019)",
     "Index of Multiple Deprivation (IMD) Rank", "Index of Multiple Deprivation (IMD) Decile"),
    (A, OWN, 3284, 1), (B, OWN, 3285, 2), (C, OWN, 16000, 5), (D, OWN, 32844, 10),
    (ELSEWHERE, NEIGHBOUR, 9, 1),
)  # fmt: skip
CENSUS = (
    ("date", "geography", "geography code", "Age: Total; measures: Value",
     "Age: Aged 4 years and under; measures: Value", "Age: Aged under 1 year; measures: Value",
     *(f"Age: Aged {n} year{'s' if n > 1 else ''}; measures: Value" for n in range(1, 5)),
     "Age: Aged 5 years and over; measures: Value"),
    ("2021", "Overstream", NEIGHBOUR, 9, 5, 1, 1, 1, 1, 1, 4),
    ("2021", "Marsh and Quay", OWN, 4400, 500, 90, 100, 100, 110, 100, 3900),
)  # fmt: skip


def swapped(rows, old, new, *, at=None):
    """Rows with the first cell `old`, or the one of row `at`, replaced."""
    rows, done = [list(row) for row in rows], False
    for number, row in enumerate(rows):
        if not done and old in row and at in (None, number):
            row[row.index(old)] = new
            done = True
    assert done, f"{old!r} is not there"
    return rows


def without(rows, *places):
    """Rows without some columns."""
    return [[cell for place, cell in enumerate(row) if place not in places] for row in rows]


def write_csv(path, rows, *, encoding="utf-8"):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file).writerows(rows)


def square(place, side=1000):
    return shapely.box(543000 + 1000 * place, 183000, 543000 + 1000 * place + side, 184000)


def shapes(codes, *, year="21", crs="urn:ogc:def:crs:EPSG::27700", more=None, square=square):
    """GeoJSON of squares, each with a code."""
    features = [
        {"type": "Feature", "geometry": json.loads(shapely.to_geojson(square(place))),
         "properties": {"FID": place, f"LSOA{year}CD": code, f"LSOA{year}NM": f"Place {place}",
                        **(more(code) if more else {})}}
        for place, code in enumerate(codes)
    ]  # fmt: skip
    said = {"type": "FeatureCollection", "features": features}
    return {**said, "crs": {"type": "name", "properties": {"name": crs}}} if crs else said


def write_json(path, said):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(said if isinstance(said, str) else json.dumps(said), encoding="utf-8")


def layer(rows):
    """The table of a feature service."""
    heading, *rows = rows
    attributes = (dict(zip(heading, row, strict=True)) for row in rows)
    features = [{"attributes": {**one, "ObjectId": n}} for n, one in enumerate(attributes, 1)]
    return {"objectIdFieldName": "ObjectId", "fields": [], "features": features}


@pytest.fixture
def folder(tmp_path):
    """A folder of sound extracts, as they are kept by hand."""
    raw = tmp_path / "raw"
    write_csv(raw / "lookups/lsoa11_ward17.csv", TO_OLD)
    write_csv(raw / "lookups/lsoa21_ward22.csv", TO_NEW, encoding="utf-8-sig")
    write_csv(raw / "lookups/lsoa11_lsoa21.csv", BETWEEN)
    write_csv(raw / "population/lsoa11_mid2020.csv", PEOPLE)
    write_csv(raw / "population/ts007.csv", CENSUS)
    write_csv(raw / "deprivation/imd.csv", DEPRIVATION)
    write_json(raw / "boundaries/lsoa_2011.geojson", shapes((B, A, C, D), year="11"))
    write_json(raw / "boundaries/lsoa_2021.geojson", shapes((A, B1, B2, CD)))
    return raw


def read(folder):
    return read_small_areas(folder, catalogue=made_up_catalogue())


def faults_of(folder, kind=ExtractError):
    with pytest.raises(kind) as caught:
        read(folder)
    return [str(fault) for fault in caught.value.faults]


def pairs(lookup, *more):
    return list(map(tuple, lookup[["from_code", "to_code", *more]].to_numpy()))


# The real extracts, by another route: the csv module and sums by hand.


def real_rows(path):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def real(extracts, catalogue):
    return read_small_areas(extracts, catalogue=catalogue)


def test_real_people_are_those_of_the_file(real, extracts):
    rows = real_rows(extracts / "population/lsoa11_mid2020_london.csv")
    own = [row for row in rows if row["LAD11CD"] == "E09000002"]
    sexes, ages = ("Persons", "Males", "Females"), ("0-15", "16-29", "30-44", "45-64", "65+")
    expected = {
        (row["LSOA11CD"], sex.removesuffix("s") if sex != "Persons" else sex, low):
        int(row[f"{sex}_{band}"])
        for row in own for sex in sexes for band in ages for low in [int(band[:2].strip("-+"))]
    }  # fmt: skip
    bands = real.population[real.population["age_to"].notna() | (real.population["age_from"] > 0)]
    keys = zip(bands["lsoa"], bands["sex"], bands["age_from"], strict=True)
    assert dict(zip(keys, bands["count"], strict=True)) == expected
    total = people(real.population)
    assert len(total) == 110
    assert total["count"].sum() == sum(int(r["Persons_All-Ages"]) for r in own) == 214_107
    assert people(real.population, sex="Female", ages=(65, None))["count"].sum() == 11_121
    assert people(real.population, sex="Male", ages=(0, 15))["count"].sum() == 30_209
    assert set(real.population["year"]) == {2020}
    lines = {row["LSOA11CD"]: number for number, row in enumerate(rows, start=2)}
    assert dict(zip(total["lsoa"], total["source_row"], strict=True)).items() <= lines.items()


def test_real_census_of_the_borough(real, extracts):
    (own,) = (row for row in real_rows(extracts / "population/census2021_ts007_ltla.csv")
              if row["geography code"] == "E09000002")  # fmt: skip
    found = people(real.borough_population)
    assert found["count"].tolist() == [int(own["Age: Total; measures: Value"])] == [218_863]
    four = people(real.borough_population, ages=(4, 4))
    assert four["count"].tolist() == [int(own["Age: Aged 4 years; measures: Value"])]
    # Everybody, 0 to 99 and 100 and over.
    assert len(real.borough_population) == 102
    assert real.borough_population["count"].sum() == 2 * 218_863


@pytest.mark.parametrize(
    ("key", "file", "old", "new", "size"),
    [
        ("lsoa11-ward2002", "lsoa11_ward17_lbbd", "lsoa11_code", "ward17_code", 110),
        ("lsoa21-ward2022", "lsoa21_ward22_lad22_lbbd", "LSOA21CD", "WD22CD", 115),
        ("lsoa11-lsoa21", "lsoa11_lsoa21_lbbd", "lsoa11_code", "lsoa21_code", 116),
    ],
)
def test_real_lookups_are_those_of_the_files(real, extracts, key, file, old, new, size):
    rows = real_rows(extracts / f"lookups/{file}.csv")
    table = real.lookups[key]
    expected = {(row[old], row[new], number) for number, row in enumerate(rows, start=2)}
    assert set(pairs(table, "source_row")) == expected
    assert len(table) == size
    assert set(table["source_file"]) == {f"lookups/{file}.csv"}


def test_real_changes_of_lsoas(real):
    changes = real.lookups["lsoa11-lsoa21"]["change"].value_counts().to_dict()
    assert changes == {"U": 104, "S": 10, "M": 2}


def test_real_shapes_cover_the_borough(real, extracts):
    for vintage, count in (("2011", 110), ("2021", 115)):
        shapes = real.boundaries[vintage]
        path = extracts / f"boundaries/lsoa_{vintage}_lbbd.geojson"
        said = json.loads(path.read_text(encoding="utf-8"))["features"]
        codes = sorted(f["properties"][f"LSOA{vintage[2:]}CD"] for f in said)
        assert shapes["code"].tolist() == codes
        assert len(codes) == count
        assert shapes.crs == "EPSG:27700"
        # The borough has 36.1 square kilometres.
        assert shapes.area.sum() / 1e6 == pytest.approx(36.1, abs=0.05)
        assert shapes["name"].str.startswith("Barking and Dagenham ").all()


def test_real_extracts_have_ranks_and_no_scores(real):
    assert set(real.deprivation["measure"]) == {"imd_decile", "imd_rank"}
    assert any("ranks and deciles only" in note for note in real.notes)
    deciles = real.deprivation.query("measure == 'imd_decile'")["value"]
    assert (deciles <= 2).sum() == 60
    assert real.ward_population is None


# Made-up files.


def test_a_sound_folder_is_read_whole(folder):
    small = read(folder)
    assert pairs(small.lookups["lsoa11-ward2002"]) == list(TO_OLD[1:])
    assert pairs(small.lookups["lsoa21-ward2022"]) == sorted(row[:2] for row in TO_NEW[1:-1])
    assert pairs(small.lookups["lsoa11-lsoa21"], "change") == [
        (A, A, "U"), (B, B1, "S"), (B, B2, "S"), (C, CD, "M"), (D, CD, "M"),
    ]  # fmt: skip
    assert list(small.lookups) == ["lsoa11-lsoa21", "lsoa11-ward2002", "lsoa21-ward2022"]
    total = people(small.population)
    assert total[["lsoa", "year", "count", "source_row"]].to_numpy().tolist() == [
        [A, 2020, 1500, 4], [B, 2020, 1100, 3], [C, 2020, 900, 5], [D, 2020, 800, 6],
    ]  # fmt: skip
    assert people(small.population, sex="Male", ages=(16, 64))["count"].tolist() == [
        360, 360, 230, 800,
    ]  # fmt: skip
    assert set(small.population["source_file"]) == {"population/lsoa11_mid2020.csv"}
    assert small.boundaries["2011"]["code"].tolist() == [A, B, C, D]
    assert small.boundaries["2011"].set_index("code").loc[A, "name"] == "Place 1"
    assert small.boundaries["2021"].area.tolist() == pytest.approx([1e6] * 4)
    assert small.borough_population["count"].tolist() == [90, 4400, 100, 100, 110, 100, 3900]
    assert "lookups/lsoa21_ward22.csv: 1 row of other boroughs left out" in small.notes


def test_the_columns_are_those_that_are_promised(folder):
    small = read(folder)
    people_of = ["year", "sex", "age_from", "age_to", "count", "source_file", "source_row"]
    origin = ["source_file", "source_row"]
    assert list(small.population) == ["lsoa", "vintage", *people_of]
    assert list(small.borough_population) == ["area", *people_of]
    assert list(small.deprivation) == ["lsoa", "vintage", "measure", "value", *origin]
    assert list(small.lookups["lsoa21-ward2022"]) == ["from_code", "to_code", *origin]
    assert list(small.lookups["lsoa11-lsoa21"]) == ["from_code", "to_code", "change", *origin]
    assert list(small.boundaries["2021"]) == ["code", "name", "geometry"]
    assert str(small.population["age_to"].dtype) == "Int64"


def test_reading_twice_gives_the_same_and_takes_a_listing(folder):
    listed = find_extracts(folder)
    again = read_small_areas(folder, catalogue=made_up_catalogue(), inputs=listed)
    first = read(folder)
    assert again.population.equals(first.population)
    assert again.notes == first.notes


def test_what_is_not_there_is_a_note(tmp_path):
    raw = tmp_path / "raw"
    write_csv(raw / "population/about.csv", [("Title", "Text"), ("People", "none")])
    write_csv(raw / "lookups/postcodes.csv", [("PCDS", "OA21CD"), ("RM8 1AA", "E00000001")])
    write_json(raw / "deprivation/notes.pdf", "%PDF")
    small = read(raw)
    assert (small.population, small.deprivation, small.ward_population) == (None, None, None)
    assert (small.lookups, small.boundaries) == ({}, {})
    assert 'deprivation/notes.pdf: a ".pdf" file, not read' in small.notes
    assert "population/about.csv: no people by LSOA or borough, not used" in small.notes
    assert len([note for note in small.notes if note.startswith("small areas: no ")]) == 7


@pytest.fixture
def fetched(folder):
    """The same, laid out and headed as `jsna fetch` keeps it."""
    raw, day = folder.parent / "fetched", "2026-10-01"
    new = [("LSOA21CD", "WD24CD", "LAD24CD"), *TO_NEW[1:]]
    old = [("F_LSOA11CD", "CHGIND", "LSOA21CD", "LAD22CD"), *BETWEEN[1:]]
    write_json(raw / f"lookups/{day}/lsoa21-wards.json", layer(new))
    write_json(raw / f"lookups/{day}/lsoa11-lsoa21.json", layer(old))
    said = shapes((A, B1, B2, CD), crs="EPSG:27700")
    write_json(raw / f"open-geography/{day}/lsoa-2021.geojson", said)
    asked = {"geography": f"{OWN}TYPE153", "gender": "0", "c_age": "200,101...191",
             "measures": "20100", "date": "latest"}  # fmt: skip
    route = nomis_routes(made_up_catalogue())
    answer = route(Request("GET", "/dataset/NM_2014_1.data.csv", asked, {}))
    path = raw / f"nomis/{day}/population-wards.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(answer.body)
    return raw


def test_what_is_fetched_gives_the_same_tables(folder, fetched):
    small, by_hand = read(fetched), read(folder)
    for key in ("lsoa21-ward2022", "lsoa11-lsoa21"):
        assert pairs(small.lookups[key]) == pairs(by_hand.lookups[key])
    assert small.lookups["lsoa21-ward2022"].iloc[0][["source_file", "source_row"]].tolist() == [
        "lookups/2026-10-01/lsoa21-wards.json", 1,
    ]  # fmt: skip
    assert small.boundaries["2021"].geom_equals(by_hand.boundaries["2021"]).all()


def test_wards_people_by_year_of_age_come_as_published(fetched):
    with (fetched / "nomis/2026-10-01/population-wards.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    found = read(fetched).ward_population
    assert len(found) == len(rows) == 3 * 92
    total = people(found)
    expected = {r["GEOGRAPHY_CODE"]: int(r["OBS_VALUE"]) for r in rows if r["C_AGE"] == "200"}
    assert dict(zip(total["ward"], total["count"], strict=True)) == expected
    assert set(found["vintage"]) == {"2022"}
    assert set(found["year"]) == {2024}
    last = people(found, ages=(90, None)).iloc[0]
    line = {(r["GEOGRAPHY_CODE"], r["C_AGE"]): n for n, r in enumerate(rows, start=2)}
    assert last["source_row"] == line[last["ward"], "191"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"Age 7"', '"Seven"', "row 10, C_AGE_NAME: 'Seven'; expected a group of ages"),
        ('"Age 7"', '"Age 6"', "row 10: E05019001, 2024, Persons, 6 again"),
        (f'"{HEATH}"', '"E05099999"', ""),
        ('"Total"', '"Everyone else"', "sex: none that is known"),
        ('"2024"', '"Q1 2024"', "DATE_NAME: 'Q1 2024'"),
    ],
)
def test_a_slip_in_the_wards_people_is_refused(fetched, old, new, said):
    path = fetched / "nomis/2026-10-01/population-wards.csv"
    text = path.read_text(encoding="utf-8")
    for_all = old in ('"Total"', '"2024"', f'"{HEATH}"')
    path.write_text(text.replace(old, new, -1 if for_all else 1), encoding="utf-8")
    wanted = said or f"no row for {HEATH} Heath"
    assert any(wanted in fault for fault in faults_of(fetched))


@pytest.mark.parametrize("value", ["", "-5", "3.5", "many", "1e30"])
def test_a_ward_count_must_be_a_whole_number(fetched, value):
    path = fetched / "nomis/2026-10-01/population-wards.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    cells = lines[9].split(",")
    cells[lines[0].split(",").index('"OBS_VALUE"')] = value
    lines[9] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert any("row 10, OBS_VALUE" in fault for fault in faults_of(fetched))


def test_a_ward_total_that_its_ages_miss_is_refused(fetched):
    path = fetched / "nomis/2026-10-01/population-wards.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    cells = lines[1].split(",")
    place = lines[0].split(",").index('"OBS_VALUE"')
    # 91 rounded parts may miss their total by 45.5.
    for extra, is_refused in ((45, False), (46, True)):
        changed = [*cells]
        changed[place] = str(int(cells[place]) + extra)
        path.write_text("\n".join([lines[0], ",".join(changed), *lines[2:], ""]), encoding="utf-8")
        if is_refused:
            assert any("its ages make" in fault for fault in faults_of(fetched))
        else:
            read(fetched)


# Which file stands.


def test_the_newest_file_stands_and_the_older_gives_way(folder, fetched):
    shutil.copytree(fetched, folder, dirs_exist_ok=True)
    small = read(folder)
    day = "2026-10-01"
    assert set(small.lookups["lsoa21-ward2022"]["source_file"]) == {
        f"lookups/{day}/lsoa21-wards.json"
    }
    assert (
        "lookups/lsoa21_ward22.csv: lsoa21-ward2022 gives way to newer in "
        f"lookups/{day}/lsoa21-wards.json"
    ) in small.notes
    # Nothing newer there is for this one.
    assert set(small.lookups["lsoa11-ward2002"]["source_file"]) == {"lookups/lsoa11_ward17.csv"}


def test_of_two_fetches_of_a_day_the_second_stands(folder):
    moved = swapped(TO_NEW, HEATH, QUAY)
    write_csv(folder / "lookups/2026-10-01/a.csv", TO_NEW)
    write_csv(folder / "lookups/2026-10-01-02/b.csv", moved)
    found = dict(pairs(read(folder).lookups["lsoa21-ward2022"]))
    assert found[B2] == QUAY


def test_two_files_of_one_date_may_repeat_and_not_contradict_each_other(folder):
    write_csv(folder / "lookups/again.csv", [TO_NEW[0], *reversed(TO_NEW[1:])])
    small = read(folder)
    assert (
        "lookups/lsoa21_ward22.csv: lsoa21-ward2022 is in lookups/again.csv too; kept once"
    ) in small.notes
    write_csv(folder / "lookups/again.csv", swapped(TO_NEW, HEATH, QUAY))
    assert faults_of(folder) == [
        "lookups/lsoa21_ward22.csv: another lsoa21-ward2022 than in lookups/again.csv; expected "
        "one of them; remove the wrong one"
    ]


def test_ranks_and_scores_of_two_files_stand_together(folder):
    score = "Index of Multiple Deprivation (IMD) Score"
    rows = [(*row[:2], 10.5 + n, row[2]) for n, row in enumerate(DEPRIVATION[1:])]
    write_csv(folder / "deprivation/scores.csv", [(*DEPRIVATION[0][:2], score, DEPRIVATION[0][2]),
                                                  *rows])  # fmt: skip
    table = read(folder).deprivation
    assert table["measure"].value_counts().to_dict() == {
        "imd_decile": 4, "imd_rank": 4, "imd_score": 4,
    }  # fmt: skip
    assert table.query("measure == 'imd_score'")["value"].tolist() == [10.5, 11.5, 12.5, 13.5]


def test_each_mid_year_stands_beside_the_others(folder):
    write_csv(folder / "population/lsoa11_mid-2019.csv", PEOPLE)
    assert people(read(folder).population)["year"].value_counts().to_dict() == {2019: 4, 2020: 4}


# Slips in each kind of file, each named with its place.

LOOKUP_SLIPS = [
    ("lsoa11_ward17", swapped(TO_OLD, A, "E0100090"), "row 2, lsoa11_code: 'E0100090'"),
    ("lsoa11_ward17", swapped(TO_OLD, A, ""), "row 2, lsoa11_code: a blank"),
    ("lsoa11_ward17", swapped(TO_OLD, A, B),
     f"row 3, lsoa11_code: '{B}' stands in row 2 already"),
    ("lsoa11_ward17", swapped(TO_OLD, ABBEY_OLD, "Abbey"), "row 2, ward17_code: 'Abbey'"),
    ("lsoa11_ward17", [*TO_OLD[:3]], f"no LSOA in {MARSH_OLD} Marsh; expected the 2 of 2002"),
    ("lsoa11_ward17", [*TO_OLD, (A.replace("0901", "0905"), ABBEY)],
     "wards of 2002 and of 2022 together"),
    ("lsoa11_ward17", [TO_OLD[0], (A, ELSE_WARD)], "no ward of the borough"),
    ("lsoa11_ward17", [(*TO_OLD[0], "WD22CD"), *((*r, ABBEY) for r in TO_OLD[1:])],
     "row 1: codes in 'ward17_code', 'WD22CD'; expected one of these columns"),
    ("lsoa11_ward17", [(*TO_OLD[0], "LSOA11CD"), *((*r, A) for r in TO_OLD[1:])],
     "row 1: codes in 'lsoa11_code', 'LSOA11CD'"),
    ("lsoa11_ward17", [TO_OLD[0], (A, ABBEY_OLD, "x")], "3 values under 2 headings"),
    ("lsoa21_ward22", swapped(TO_NEW, HEATH, ELSE_WARD),
     f"row 4, WD22CD: '{ELSE_WARD}' is given as a ward of the borough"),
    ("lsoa21_ward22", swapped(TO_NEW, OWN, NEIGHBOUR), f"row 2, WD22CD: {ABBEY} Abbey in another"),
    ("lsoa11_lsoa21", swapped(BETWEEN, "U", "S"),
     f"row 2, change_code: 'S' for {A} to {A}; expected U (one to one)"),
    ("lsoa11_lsoa21", swapped(BETWEEN, "M", "U"), "expected M (several to one)"),
    ("lsoa11_lsoa21", swapped(BETWEEN, "S", ""), "row 3, change_code: ''"),
    ("lsoa11_lsoa21", [*BETWEEN, BETWEEN[1]], f"row 8: {A} and {A} stand in row 2 already"),
    ("lsoa11_lsoa21", without(BETWEEN, 1), "no column of change"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "rows", "said"), LOOKUP_SLIPS)
def test_a_slip_in_a_lookup_is_refused(folder, file, rows, said):
    write_csv(folder / f"lookups/{file}.csv", rows)
    faults = faults_of(folder)
    assert any(said in fault for fault in faults), faults
    assert all(fault.startswith(("lookups/", "lookup ")) for fault in faults)


def test_an_irregular_change_may_be_called_so(folder):
    write_csv(folder / "lookups/lsoa11_lsoa21.csv", swapped(BETWEEN, "U", "x"))
    assert pairs(read(folder).lookups["lsoa11-lsoa21"], "change")[0] == (A, A, "X")


PEOPLE_SLIPS = [
    (swapped(PEOPLE, 300, -300), ["row 3, Persons_0-15: '-300'; expected a whole number"]),
    (swapped(PEOPLE, 300, 300.5), ["row 3, Persons_0-15: '300.5'"]),
    (swapped(PEOPLE, 300, ""), ["row 3, Persons_0-15: a blank"]),
    (swapped(PEOPLE, 300, "c"), ["row 3, Persons_0-15: 'c'"]),
    (swapped(PEOPLE, 300, "\uff13\uff10\uff10"), ["row 3, Persons_0-15: '\uff13\uff10\uff10'"]),
    (swapped(PEOPLE, 300, "1e30"), ["row 3, Persons_0-15: '1e30'; expected a whole number from 0"]),
    (swapped(PEOPLE, 1500, 1501), ["row 4, Persons_All-Ages: 1,501, while its ages add up to "
                                   "1,500", "row 4, Persons_All-Ages: 1,501, while males and "]),
    (swapped(PEOPLE, 110, 111), ["row 4, Females_All-Ages: 800, while its ages add up to 801",
                                 "row 4, Persons_65+: 200, while males and females add up to 201"]),
    (swapped(PEOPLE, C, A), [f"row 5, LSOA11CD: '{A}' stands in row 4 already"]),
    (swapped(PEOPLE, C, "E0100090\uff13"), ["row 5, LSOA11CD: 'E0100090\uff13'"]),
    (swapped(PEOPLE, C, "W01000001"), ["row 5, LSOA11CD: 'W01000001'"]),
    (swapped(PEOPLE, "Persons_All-Ages", "Everybody"), ["row 1: no column of all people"]),
    (swapped(PEOPLE, "Persons_65+", "Persons_0-15"), ["row 1: the heading 'Persons_0-15'"]),
    (swapped(PEOPLE, "Persons_65+", "Persons 0 to 15"), ["is one of several columns of Persons"]),
    (swapped(PEOPLE, "LAD11CD", "Borough"), ["row 1: no column of borough codes"]),
    ([row[:3] for row in PEOPLE], ["row 1: no columns of people by age"]),
    ([*PEOPLE[:2]], [f"no LSOA of {OWN}"]),
    ([PEOPLE[0]], ["headings and no rows"]),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "said"), PEOPLE_SLIPS)
def test_a_slip_in_the_people_of_lsoas_is_refused(folder, rows, said):
    write_csv(folder / "population/lsoa11_mid2020.csv", rows)
    faults = faults_of(folder)
    for words in said:
        assert any(words in fault for fault in faults), faults
    assert all(fault.startswith(("population/lsoa11_mid2020.csv", "lookup")) for fault in faults)


def test_a_column_that_is_wrong_throughout_does_not_fill_the_page(folder):
    codes = [f"E01{number:06d}" for number in range(100_000, 100_050)]
    rows = [(code, "Quay", OWN, *[""] * 12) for code in codes]
    write_csv(folder / "population/lsoa11_mid2020.csv", [PEOPLE[0], *rows])
    faults = [f for f in faults_of(folder) if "Persons_0-15" in f or "30 more" in f]
    assert len([fault for fault in faults if "Persons_0-15: a blank" in fault]) == 20
    assert "population/lsoa11_mid2020.csv: 30 more of this kind" in faults


def test_people_of_no_known_year_are_refused(folder):
    (folder / "population/lsoa11_mid2020.csv").rename(folder / "population/lsoa11.csv")
    assert faults_of(folder)[0].startswith(
        "population/lsoa11.csv: it does not say of which year it is"
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (swapped(CENSUS, 4400, 4404), "4,404, while its ages add up to 4,400"),
        (swapped(CENSUS, 3900, -1), "row 3, Age: Aged 5 years and over; measures: Value: '-1'"),
        (swapped(CENSUS, "2021", "mid", at=2), "the year 'mid'"),
        (CENSUS[:2], f"0 rows of {OWN}"),
        ([*CENSUS, CENSUS[2]], f"2 rows of {OWN}"),
    ],
)
def test_a_slip_in_the_census_is_refused(folder, rows, said):
    write_csv(folder / "population/ts007.csv", rows)
    assert any(said in fault for fault in faults_of(folder))


def test_parts_of_a_census_may_miss_their_total_by_rounding(folder):
    write_csv(folder / "population/ts007.csv", swapped(CENSUS, 4400, 4403))
    assert people(read(folder).borough_population)["count"].tolist() == [4403]


def test_files_must_agree_on_the_lsoas(folder):
    other = "E01000905"
    write_csv(folder / "deprivation/imd.csv", swapped(DEPRIVATION, D, other))
    write_json(folder / "boundaries/lsoa_2021.geojson", shapes((A, B1, B2)))
    assert faults_of(folder) == [
        f"deprivation, imd_decile: lacks {D}; has besides {other}; expected the LSOAs of 2011 "
        "in people of 2020",
        f"deprivation, imd_rank: lacks {D}; has besides {other}; expected the LSOAs of 2011 in "
        "people of 2020",
        f"shapes of the LSOAs of 2021: lacks {CD}; expected the LSOAs of 2021 in lookup "
        "lsoa11-lsoa21",
    ]


def test_faults_of_all_files_are_told_at_once(folder):
    write_csv(folder / "population/lsoa11_mid2020.csv", swapped(PEOPLE, 300, -300))
    write_csv(folder / "deprivation/imd.csv", swapped(DEPRIVATION, 3284, 0))
    write_json(folder / "boundaries/lsoa_2011.geojson", '{"type": ')
    files = {fault.split(",")[0].split(":")[0] for fault in faults_of(folder)}
    assert files == {"population/lsoa11_mid2020.csv", "deprivation/imd.csv",
                     "boundaries/lsoa_2011.geojson"}  # fmt: skip


# Shapes.


def test_shapes_of_other_boroughs_are_left_out(folder):
    """By a column of boroughs, or by the LSOAs that other files name."""
    codes = (A, B1, B2, CD, ELSEWHERE)
    path = folder / "boundaries/lsoa_2021.geojson"
    write_json(path, shapes(codes))
    assert read(folder).boundaries["2021"]["code"].tolist() == [A, B1, B2, CD]
    named = {"LAD22CD": OWN}
    elsewhere = {"LAD22CD": NEIGHBOUR}
    write_json(path, shapes(codes, more=lambda code: elsewhere if code == ELSEWHERE else named))
    small = read(folder)
    assert small.boundaries["2021"]["code"].tolist() == [A, B1, B2, CD]
    assert "boundaries/lsoa_2021.geojson: 1 LSOA of other boroughs left out" in small.notes


def test_shapes_in_degrees_are_moved_to_the_grid(folder):
    path = folder / "boundaries/lsoa_2021.geojson"
    frame = geopandas.read_file(path).to_crs(4326)
    frame.to_file(path, driver="GeoJSON", engine="pyogrio")
    said = json.loads(path.read_text(encoding="utf-8"))
    said.pop("crs", None)
    write_json(path, said)
    found = read(folder).boundaries["2021"]
    assert found.total_bounds == pytest.approx([543000, 183000, 547000, 184000], abs=0.1)


def slipped(change):
    said = shapes((A, B1, B2, CD))
    change(said)
    return said


def broken(feature):
    ring = [[543000, 183000], [544000, 184000], [544000, 183000], [543000, 184000],
            [543000, 183000]]  # fmt: skip
    feature["geometry"] = {"type": "Polygon", "coordinates": [ring]}


SHAPE_SLIPS = [
    (slipped(lambda s: s["features"][1].update(geometry=None)), f"{B1}: no shape"),
    (slipped(lambda s: s["features"][1].update(geometry={"type": "Polygon"})), f"{B1}: no shape"),
    (slipped(lambda s: broken(s["features"][1])), f"{B1}: a broken shape"),
    (slipped(lambda s: s["features"][1].update(
        geometry={"type": "Point", "coordinates": [543000, 183000]})), f"{B1}: a Point"),
    (slipped(lambda s: s["features"][1]["properties"].update(LSOA21CD=A)), f"'{A}' stands in"),
    (slipped(lambda s: s["features"][1]["properties"].update(LSOA21CD="")), "LSOA21CD: a blank"),
    (slipped(lambda s: s["features"][1]["properties"].update(LSOA21NM="<b>")), "markup in a name"),
    (slipped(lambda s: s["features"].__setitem__(1, "text")), "feature 2: no columns"),
    (slipped(lambda s: s.pop("crs")), "metres"),
    (slipped(lambda s: s.update(crs={"properties": {"name": "here"}})), "crs: 'here'"),
    (shapes((A, B1, B2, CD), square=lambda _: square(0)), "wards that overlap"),
    (shapes((A, B1, B2, CD), year=""), "expected one column that says which, such as LSOA21CD"),
    ('{"type": "FeatureCollection", "features": [', "not JSON, or cut off"),
    ("[" * 100_000, "JSON nested too deeply"),
    ("9" * 5_000, "not JSON, or cut off"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "words"), SHAPE_SLIPS)
def test_a_slip_in_shapes_is_refused(folder, said, words):
    write_json(folder / "boundaries/lsoa_2021.geojson", said)
    with pytest.raises((ExtractError, GeographyError)) as caught:
        read(folder)
    assert any(words in str(fault) for fault in caught.value.faults), caught.value


def test_wards_and_boroughs_are_left_to_their_own_reader(folder):
    said = json.dumps(shapes(NEW_WARDS)).replace("LSOA21", "WD22")
    write_json(folder / "boundaries/wards.geojson", said)
    assert sorted(read(folder).boundaries) == ["2011", "2021"]


# Headings and ages.


@pytest.mark.parametrize(
    ("heading", "kind", "year", "is_code"),
    [
        ("LSOA11CD", "lsoa", "2011", True),
        ("lsoa11_code", "lsoa", "2011", True),
        (" LSOA code (2011)", "lsoa", "2011", True),
        ("F_LSOA11CD", "lsoa", "2011", True),
        ("ï»¿LSOA21CD", "lsoa", "2021", True),
        ("LSOA21NM", "lsoa", "2021", False),
        ("ward17_code", "ward", "2017", True),
        ("WD24CD", "ward", "2024", True),
        ("ltla22_code", "borough", "2022", True),
        ("Local Authority District code (2019)", "borough", "2019", True),
        ("LAD22NM", "borough", "2022", False),
        ("LSOA code", "lsoa", "", True),
    ],
)
def test_a_heading_says_which_areas_it_is_of(heading, kind, year, is_code):
    assert area_column(heading) == AreaColumn(kind, year, is_code)


@pytest.mark.parametrize("heading", ["LSOA21NMW", "ObjectId", "MSOA11CD", "OA21CD", "code", ""])
def test_other_headings_are_of_no_areas(heading):
    assert area_column(heading) is None


@pytest.mark.parametrize(
    ("text", "ages"),
    [
        ("All-Ages", (0, None)),
        ("All Ages", (0, None)),
        ("Age: Total; measures: Value", (0, None)),
        ("0-15", (0, 15)),
        ("65+", (65, None)),
        ("Aged 90+", (90, None)),
        ("Age 7", (7, 7)),
        ("Age: Aged under 1 year; measures: Value", (0, 0)),
        ("Age: Aged 4 years and under; measures: Value", (0, 4)),
        ("Age: Aged 5 to 9 years; measures: Value", (5, 9)),
        ("Age: Aged 100 years and over; measures: Value", (100, None)),
        ("15-0", None),
        ("Age " + "9" * 5000, None),
        ("under 0", None),
        ("Quay", None),
        ("", None),
    ],
)
def test_ages_are_read_in_every_form(text, ages):
    assert ages_of(text) == ages


@pytest.mark.parametrize(
    ("heading", "read"),
    [
        ("Males_16-29", ("Male", (16, 29))),
        ("Persons_All-Ages", ("Persons", (0, None))),
        ("Persons", None),
        ("LSOA11NM", None),
        ("Cars_0-15", None),
    ],
)
def test_a_heading_of_people_says_sex_and_ages(heading, read):
    assert sex_and_ages(heading) == read


def test_everybody_is_made_of_the_narrowest_groups_without_a_gap():
    groups = {(0, None), (0, 4), (0, 0), (1, 4), (5, None), (5, 9), (10, None)}
    assert parts_of_everybody(groups) == [(0, 0), (1, 4), (5, 9), (10, None)]
    assert parts_of_everybody({(0, None), (0, 4), (6, None)}) == []
    assert parts_of_everybody({(0, None)}) == []
