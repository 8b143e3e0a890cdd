"""Observations of made-up returns, as the readers would give them, for tests of the gate."""

import math

import pandas as pd
from made_up_borough import NEW_WARDS, OWN, indicator, made_up_catalogue

from lbbd_jsna.periods import read_period
from lbbd_jsna.schema import OBSERVATIONS, as_observations

WARDS = tuple(NEW_WARDS)
QUARTER = "2026/27 Q1"


def returned(name="early-help", **changes):
    """An indicator of a council return."""
    said = {"source": "council-return", "source_id": "", "unit": "%", "value_type": "Proportion"}
    return indicator(name, **said | changes)


CATALOGUE = made_up_catalogue(
    returned(),
    returned("send-early-help", part_of="early-help"),
    returned("children-helped", unit="people", value_type="Count"),
    returned("helped-per-thousand", unit="per 1,000", value_type="Crude rate"),
    returned("mean-wait", unit="days", value_type="Mean"),
    returned("hiv-tests"),
    returned("places", counts_people=False),
    indicator("obesity"),
)


def row(area=OWN, count=math.nan, of=math.nan, *, name="early-help", period=QUARTER, **said):
    """One row; `value` is the percentage unless it is given."""
    wards = {area.code: area.name for area in CATALOGUE.areas}
    kinds = {area.code: area.type for area in CATALOGUE.areas}
    when = read_period(period)
    text = {column.name: "" for column in OBSERVATIONS}
    figures = {c.name: math.nan for c in OBSERVATIONS if c.type == "number"}
    value = 100 * count / of if of and not math.isnan(of) else math.nan
    place = {"indicator": name, "area_code": area, "area_name": wards.get(area, area),
             "area_type": kinds.get(area, "ward"), "sex": "Persons", "age": "All ages"}  # fmt: skip
    time = {"period": period, "period_start": when.start, "period_end": when.end,
            "period_range": when.range}  # fmt: skip
    return {**text, **figures, **place, **time, "status": "published", "count": count,
            "denominator": of, "value": value, "source_file": f"{name}.csv", "source_row": 2,
            **said}  # fmt: skip


def observations(*rows):
    return as_observations(pd.DataFrame(list(rows)))


def number(count, *, period=QUARTER, area=OWN, **said):
    """A row whose value is the count itself."""
    return row(area, name="children-helped", period=period, value=float(count), **said)


def printed(protection, column="value"):
    """What stands in the table: `25`, `[c]` or nothing, by area and period."""
    rows = protection.observations
    return {
        (one.area_code, one.period): "[c]" if one.status == "suppressed" else f"{number_:g}"
        for one, number_ in zip(rows.itertuples(), rows[column], strict=True)
    }
