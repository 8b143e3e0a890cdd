"""What the last gate lets through."""

import math

import pandas as pd
import pytest
from made_up_borough import NEIGHBOUR, NEW_WARDS, OWN, indicator, made_up_catalogue

from lbbd_jsna.disclosure import FIGURES, WITHHELD, protect
from lbbd_jsna.errors import DisclosureError
from lbbd_jsna.schema import OBSERVATIONS

PUBLISHED = indicator("obesity")
RETURN = indicator("early-help", source="council-return", source_id="", unit="%")
CATALOGUE = made_up_catalogue(PUBLISHED, RETURN)


def row(name, area, count, denominator, kind="borough"):
    value = 100 * count / denominator
    said = {column.name: "" for column in OBSERVATIONS}
    said |= dict.fromkeys(FIGURES, math.nan)
    return {**said, "indicator": name, "area_code": area, "area_type": kind, "value": value,
            "count": count, "denominator": denominator, "status": "published"}


def test_published_figures_pass_as_they_are():
    rows = pd.DataFrame([row("obesity", OWN, 3.0, 5.0), row("obesity", NEIGHBOUR, 4.0, 9.0)])
    kept, notes = protect(rows, catalogue=CATALOGUE)
    pd.testing.assert_frame_equal(kept, rows)
    assert notes == ()


@pytest.mark.parametrize(
    ("count", "denominator", "hidden"),
    [(7.0, 100.0, True), (8.0, 100.0, False), (1.0, 100.0, True), (0.0, 100.0, False),
     (93.0, 100.0, True), (92.0, 100.0, False), (100.0, 100.0, False)],
)
def test_few_people_inside_or_outside_a_council_figure_hide_it(count, denominator, hidden):
    rows = pd.DataFrame([row("early-help", OWN, count, denominator)])
    kept, notes = protect(rows, catalogue=CATALOGUE)
    assert kept.loc[0, "status"] == ("suppressed" if hidden else "published")
    assert kept.loc[0, FIGURES].isna().all() == hidden
    assert kept.loc[0, "value_note"] == (WITHHELD if hidden else "")
    assert bool(notes) == hidden
    assert not any(str(int(count)) in note for note in notes if hidden and count != 1)


def test_council_counts_by_ward_are_not_published():
    ward = next(iter(NEW_WARDS))
    rows = pd.DataFrame(
        [row("early-help", OWN, 50.0, 100.0), row("early-help", ward, 20.0, 40.0, "ward")]
    )
    kept, notes = protect(rows, catalogue=CATALOGUE)
    assert list(kept["area_code"]) == [OWN]
    assert notes == ("early-help: 1 ward rows of a council return are not published",)


def test_a_figure_nobody_has_classed_is_refused():
    with pytest.raises(DisclosureError, match="belong to no indicator") as error:
        protect(pd.DataFrame([row("mystery", OWN, 50.0, 100.0)]), catalogue=CATALOGUE)
    assert error.value.faults[0].where == "mystery"
