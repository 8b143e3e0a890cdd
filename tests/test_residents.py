"""Residents by ward, sex and age: by hand, on a made-up borough of three wards."""

from dataclasses import dataclass

import pandas as pd
import pytest

from lbbd_jsna.errors import ExtractError, TableError
from lbbd_jsna.sources.demonstration.small_areas import small_area_files
from lbbd_jsna.sources.small_areas import SmallAreas, read_small_areas
from lbbd_jsna.wards import residents_of
from lbbd_jsna.wards.from_catalogue import built_series
from lbbd_jsna.wards.residents import COLUMNS, residents
from lbbd_jsna.wards.routes import Routes
from tests.made_up_borough import NEW_WARDS, OWN, made_up_catalogue

A, B, C = "E01000001", "E01000002", "E01000003"
ABBEY, MARSH, HEATH = NEW_WARDS
LOOKUP = pd.DataFrame({"from_code": [A, B, C], "to_code": [ABBEY, ABBEY, MARSH]})
# Of each small area: males under 16 and older, females under 16 and older.
PEOPLE = {A: (10, 20, 30, 40), B: (1, 2, 3, 4), C: (5, 6, 7, 8)}
YOUNG, OLDER, ALL = (0, 15), (16, None), (0, None)


def population(people=PEOPLE, *, year=2020, sexes=("Persons", "Male", "Female"), spans=None):
    rows = []
    for line, (lsoa, (a, b, c, d)) in enumerate(people.items(), start=2):
        groups = {"Male": (a, b), "Female": (c, d), "Persons": (a + c, b + d)}
        for sex in sexes:
            held = dict(zip((YOUNG, OLDER, ALL), (*groups[sex], sum(groups[sex])), strict=True))
            for span in (spans or {}).get(sex, (YOUNG, OLDER, ALL)):
                rows.append((lsoa, "2021", year, sex, *span, held[span], "people.csv", line))
    columns = ["lsoa", "vintage", "year", "sex", "age_from", "age_to", "count", "source_file",
               "source_row"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).astype({"age_to": "Int64"})


@dataclass(frozen=True)
class Built:
    residents: pd.DataFrame | None
    notes: tuple[str, ...]


def built(frame, **lookups):
    lookups = {"lsoa21-ward2022": LOOKUP} | lookups
    routes = Routes(SmallAreas(frame, None, lookups, {}), {}, made_up_catalogue())
    return Built(residents(routes), tuple(routes.notes))


def cells(table, area):
    rows = table[table["area_code"] == area]
    return {(row.sex, row.age): row.count for row in rows.itertuples()}


def test_small_areas_are_summed_by_sex_and_age():
    table = built(population()).residents
    assert list(table.columns) == list(COLUMNS)
    assert cells(table, ABBEY) == {
        ("Persons", "0-15 yrs"): 44, ("Persons", "16+ yrs"): 66, ("Persons", "All ages"): 110,
        ("Male", "0-15 yrs"): 11, ("Male", "16+ yrs"): 22, ("Male", "All ages"): 33,
        ("Female", "0-15 yrs"): 33, ("Female", "16+ yrs"): 44, ("Female", "All ages"): 77,
    }  # fmt: skip
    assert cells(table, MARSH)["Female", "16+ yrs"] == 8
    assert HEATH not in set(table["area_code"])  # no small area has its best fit there
    assert cells(table, OWN)["Male", "All ages"] == 44
    assert cells(table, OWN)["Persons", "All ages"] == 136


def test_rows_say_what_they_are_of():
    table = built(population()).residents
    wards, borough = (table[table["area_type"] == kind] for kind in ("ward", "borough"))
    assert set(wards["vintage"]) == {"2022"} and set(borough["vintage"]) == {""}
    assert set(wards.loc[wards["area_code"] == ABBEY, "areas"]) == {2}
    assert set(borough["areas"]) == {3} and set(borough["exact_share"]) == {1.0}
    assert wards["exact_share"].isna().all()  # nobody knows without shapes
    assert not table["estimated"].any() and set(table["status"]) == {"published"}
    assert set(table.loc[table["area_code"] == MARSH, "source_row"]) == {4}
    ends = table[["age", "age_from", "age_to"]].drop_duplicates().set_index("age")
    assert ends["age_from"].to_dict() == {"All ages": 0, "0-15 yrs": 0, "16+ yrs": 16}
    assert ends["age_to"].isna().to_dict() == {"All ages": True, "0-15 yrs": False, "16+ yrs": True}


def test_a_page_gets_the_latest_year_with_shares_of_everybody():
    both = pd.concat([population(), population({A: (1, 1, 1, 1), B: (0, 0, 0, 0), C: (1, 1, 1, 1)},
                                               year=2021)])  # fmt: skip
    table = built(both).residents
    assert set(table["year"]) == {2020, 2021}
    rows = residents_of(table, ABBEY)
    assert set(rows["year"]) == {2021} and len(rows) == 6
    apart = rows[rows["sex"] != "Persons"]
    assert apart["share"].tolist() == [25.0] * 4
    assert residents_of(table, "E05099999").empty


def test_a_ward_of_nobody_has_no_shares():
    table = built(population({A: (0, 0, 0, 0), B: (0, 0, 0, 0), C: (1, 1, 1, 1)})).residents
    assert residents_of(table, ABBEY)["share"].isna().all()
    assert residents_of(table, ABBEY)["count"].eq(0).all()


def test_a_file_without_sexes_gives_persons_alone():
    table = built(population(sexes=["Persons"])).residents
    assert set(table["sex"]) == {"Persons"}
    assert cells(table, ABBEY)["Persons", "0-15 yrs"] == 44


def test_bands_that_not_all_sexes_have_leave_the_total():
    table = built(population(spans={"Male": [ALL], "Female": [ALL]})).residents
    assert set(table["age"]) == {"All ages"}
    assert cells(table, ABBEY) == {("Persons", "All ages"): 110, ("Male", "All ages"): 33,
                                   ("Female", "All ages"): 77}  # fmt: skip
    assert len(residents_of(table, ABBEY)) == 3


def test_bands_that_leave_a_gap_are_not_built_and_noted():
    gap = population()
    gap.loc[gap["age_from"] == 16, "age_from"] = 18
    found = built(gap)
    assert found.residents is None
    assert any("residents of 2020 by sex and age: not built" in note for note in found.notes)


def test_a_small_area_without_people_is_refused_never_nought():
    with pytest.raises(TableError) as found:
        built(population({A: PEOPLE[A], C: PEOPLE[C]}))
    assert [str(fault) for fault in found.value.faults] == [
        f"the weights, {B}: no people; expected the people of every small area"
    ]


def test_people_whom_no_ward_counts_are_named_and_kept_in_the_borough():
    found = built(population(), **{"lsoa21-ward2022": LOOKUP.iloc[:2]})
    assert cells(found.residents, OWN)["Persons", "All ages"] == 136
    assert any(f"Small areas left out: {C}" in note for note in found.notes)


def test_without_people_or_a_way_to_wards_there_is_none():
    assert built(None) == Built(None, ())
    routes = Routes(SmallAreas(population(), None, {}, {}), {}, made_up_catalogue())
    assert residents(routes) is None
    assert any("no lookup lsoa21-ward2022" in note for note in routes.notes)


def test_the_demonstration_has_both_sexes_of_their_own_shape(catalogue, tmp_path):
    for (folder, name), text in small_area_files(catalogue).items():
        path = tmp_path / folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    small = read_small_areas(tmp_path, catalogue=catalogue)
    table = built_series(small, {}, catalogue=catalogue).residents
    rows = residents_of(table, catalogue.settings.area).set_index(["sex", "age"])["share"]
    assert rows["Male", "0-15 yrs"] > rows["Female", "0-15 yrs"]
    assert rows["Male", "65+ yrs"] < rows["Female", "65+ yrs"]
    assert table.loc[table["area_type"] == "ward", "area_code"].nunique() == 19
    ratio = {ward: residents_of(table, ward).query("sex == 'Male'")["share"].sum()
             for ward in catalogue.wards("2022")}  # fmt: skip
    assert len({round(share, 1) for share in ratio.values()}) > 5
    assert all(40 < share < 60 for share in ratio.values())


def test_sums_by_sex_are_checked_on_the_way_in(tmp_path, catalogue):
    """Males and females that do not make up persons are refused by the reader."""
    files = small_area_files(catalogue)
    head, first, *rest = files["population", "lsoa11-mid2020.csv"].splitlines()
    cells_of = first.split(",")
    cells_of[-1] = str(int(cells_of[-1]) + 1)
    (tmp_path / "population").mkdir()
    (tmp_path / "population/lsoa11-mid2020.csv").write_text(
        "\n".join([head, ",".join(cells_of), *rest]) + "\n", encoding="utf-8"
    )
    with pytest.raises(ExtractError, match="cannot be used"):
        read_small_areas(tmp_path, catalogue=catalogue)
