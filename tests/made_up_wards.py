"""A made-up borough's wards: figures known by the number of a ward, and shapes in a row."""

import math

import geopandas
import numpy as np
import pandas as pd
from shapely import box

from lbbd_jsna.facts import Facts
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.schema import as_observations
from lbbd_jsna.workspace import Workspace

QUARTER = Quarter(2026, 3)
BOROUGH, ABBEY, ALIBON, LAST = "E09000002", "E05014053", "E05014054", "E05014071"
BESTFIT = "Best fit from 6 small areas; 83% exact"
SHARED = "Estimated: small areas shared between wards; best fit from 7 small areas; 41% exact"


def rows_of(indicator, values, *, period, area_type="ward", names=None, **columns):
    """Observations of one series: values by code, other columns by code or for all."""
    table = pd.DataFrame({"area_code": list(values), "value": list(values.values())})
    start = pd.Timestamp(f"{period[:4]}-01-01")
    said = {
        "indicator": indicator.id, "source_id": "", "area_name": table["area_code"],
        "area_type": area_type, "sex": "Persons", "age": indicator.age or "All ages",
        "category_type": "", "category": "", "period": period, "period_start": start,
        "period_end": start + pd.Timedelta(days=364), "period_range": "1y", "value_note": "",
        "status": "published", "published_trend": "", "published_comparison": "",
        "source_file": "made-up/figures.csv", "source_row": range(2, len(table) + 2),
        **dict.fromkeys(["lower_95", "upper_95", "lower_99_8", "upper_99_8", "count",
                         "denominator"], math.nan),
    }  # fmt: skip
    for name, given in {**said, **columns}.items():
        is_map = isinstance(given, dict)
        table[name] = table["area_code"].map(given) if is_map else given
    return table


def made_up_rows(catalogue):
    """Figures in which ward number n, from 0 in the order of codes, has a value known by n."""
    series, wards = catalogue.indicators, sorted(catalogue.wards("2022"))
    nth = {code: n for n, code in enumerate(wards)}
    tables = []

    def both(name, of_ward, borough, **columns):
        values = {code: of_ward(n) for code, n in nth.items()}
        tables.append(rows_of(series[name], values, period="2020", **columns))
        tables.append(
            rows_of(series[name], {BOROUGH: borough}, period="2020", area_type="borough")
        )

    notes = dict.fromkeys(wards, BESTFIT) | {ALIBON: SHARED}
    both("population-wards", lambda n: 1000 + 100 * n, 36_100, value_note=notes)
    counts = {code: 250 + 25 * n for code, n in nth.items()}
    everybody = {code: 1000 + 100 * n for code, n in nth.items()}
    both("population-0-15-wards", lambda n: 25, 24.9, value_note=notes, count=counts,
         denominator=everybody)  # fmt: skip
    both("population-16-64-wards", lambda n: 65.0 - n, 60, value_note=notes)
    both("population-65-wards", lambda n: 10.0 + n, 15.1, value_note=notes)
    both("deprivation-rank-wards", lambda n: 20_000 - 100 * n, 19_000, value_note=notes)
    both("most-deprived-fifth-wards", lambda n: 5.0 * n, 40, value_note=notes)
    # Each ward from 2 below to 2 above its own value; the borough's is 25.
    values = {code: 20.0 + n for code, n in nth.items()}
    tables.append(
        rows_of(
            series["obesity-year-6-wards"], values, period="2024",
            lower_95={c: v - 2 for c, v in values.items()},
            upper_95={c: v + 2 for c, v in values.items()},
            status=dict.fromkeys(wards, "published") | {ABBEY: "low_reliability"},
        )
    )  # fmt: skip
    tables.append(
        rows_of(
            series["obesity-year-6-wards"], {BOROUGH: 25}, period="2024", area_type="borough"
        )
    )
    # One ward withheld, and none of the borough: no sum may be taken.
    withheld = {code: 10.0 + n for code, n in nth.items()} | {LAST: math.nan}
    status = dict.fromkeys(wards, "published") | {LAST: "suppressed"}
    tables.append(
        rows_of(
            series["obesity-reception-wards"], withheld, period="2024", status=status,
            count={c: 10 * v for c, v in withheld.items()},
            denominator=dict.fromkeys(wards, 1000.0),
        )
    )  # fmt: skip
    # Counts of every ward and none of the borough: all wards together are the borough.
    share = {code: 10.0 * (1 + n % 2) for code, n in nth.items()}
    tables.append(
        rows_of(
            series["overcrowded-households-wards"], share, period="2021",
            count={c: v * 10 for c, v in share.items()},
            denominator=dict.fromkeys(share, 1000.0),
        )
    )  # fmt: skip
    old = {code: 30.0 + n for n, code in enumerate(sorted(catalogue.wards("2002")))}
    tables.append(rows_of(series["child-poverty-wards-atlas"], old, period="2012"))
    # Received, and nothing in it.
    blank = dict.fromkeys(wards, math.nan)
    tables.append(
        rows_of(series["overweight-year-6-wards"], blank, period="2024", status="suppressed")
    )
    tables.append(rows_of(series["population-old-wards"], old, period="2020"))
    return as_observations(pd.concat(tables, ignore_index=True))


def strips(names, edges):
    """Wards side by side from west to east, between edges in kilometres."""
    shapes = [box(1000 * a, 0, 1000 * b, 1000) for a, b in zip(edges, edges[1:], strict=False)]
    return geopandas.GeoDataFrame(
        {"code": list(names), "name": list(names.values())}, geometry=shapes, crs="EPSG:27700"
    )


def made_up_shapes(catalogue):
    """New wards a kilometre wide; old ones against the order of their codes, so of their names.

    The first is as it was; the second and a quarter of the third were one ward.
    """
    new = dict(sorted(catalogue.wards("2022").items()))
    old = dict(sorted(catalogue.wards("2002").items(), reverse=True))
    return {
        "2022": strips(new, list(range(20))),
        "2002": strips(old, [0, 1, 2.25, 4, *np.linspace(4, 19, 15)[1:]]),
    }


def made_up_residents():
    """Two sexes and two ages of the first two wards and of the borough; Alibon's estimated."""
    rows = []
    for code, vintage, counts in (
        (ABBEY, "2022", {("Female", 0): 100, ("Female", 65): 300, ("Male", 0): 150,
                         ("Male", 65): 450}),
        (ALIBON, "2022", {("Female", 0): 25.5, ("Female", 65): 25, ("Male", 0): 25,
                          ("Male", 65): 24.5}),
        (BOROUGH, "", {("Female", 0): 2000, ("Female", 65): 3000, ("Male", 0): 2500,
                       ("Male", 65): 2500}),
    ):  # fmt: skip
        everybody = sum(counts.values())
        cells = [(sex, first, n) for (sex, first), n in counts.items()]
        cells.append(("Persons", None, everybody))
        for sex, first, count in cells:
            rows.append({
                "area_code": code, "area_type": "ward" if vintage else "borough",
                "vintage": vintage, "year": 2020, "sex": sex,
                "age": {0: "0-64 yrs", 65: "65+ yrs"}.get(first, "All ages"),
                "age_from": first or 0, "age_to": 64 if first == 0 else None, "count": count,
                "areas": 3, "exact_share": 1.0, "estimated": code == ALIBON,
                "status": "published", "source_file": "made-up/people.csv", "source_row": 2,
            })  # fmt: skip
    return pd.DataFrame(rows)


def made_up_facts(catalogue, *, observations=None, boundaries=None, residents=None) -> Facts:
    """The facts of the made-up wards, or of what is given instead."""
    return Facts(
        Workspace(
            catalogue=catalogue,
            quarter=QUARTER,
            observations=made_up_rows(catalogue) if observations is None else observations,
            boundaries=made_up_shapes(catalogue) if boundaries is None else boundaries,
            demonstration=False,
            notes=(),
            residents=residents,
        )
    )
