"""From small areas to wards: which small area counts for which ward, and what share of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from lbbd_jsna.errors import Fault, GeographyError
from lbbd_jsna.wards.codes import checked_codes, needs, refused

# Unchanged, merged: the whole of each small area of 2011 lies in one of 2021.
WHOLE = ("U", "M")
# Split, irregular: its people are shared among those of 2021.
PARTED = ("S", "X")
# Shares are worked out from weights: they add up to 1 but for rounding.
SLACK = 1e-9
_CHAIN = ("lsoa11-lsoa21", "lsoa21-ward2022")
_ROUTES = {
    ("2011", "2002"): ("lsoa11-ward2002",),
    ("2021", "2022"): ("lsoa21-ward2022",),
    ("2011", "2022"): _CHAIN,
}


@dataclass(frozen=True)
class Lookup:
    """Which ward each small area counts for.

    Parameters
    ----------
    table : DataFrame
        small_area, ward, share: one row for each pair; the shares of a small area add up
        to 1, and are below it only where its count is shared among wards.
    source_vintage, ward_vintage : str
        Of the small areas (`2011`, `2021`) and of the wards (`2002`, `2022`).
    shared_by : str
        What the shares rest on, `area` or `population`; empty if nothing is shared.
    overlaps : DataFrame or None
        small_area, ward, share (of the small area's ground in the ward) and wholly (whether
        all of it is): what `fit.measured` found on the ground.
    """

    table: pd.DataFrame
    source_vintage: str
    ward_vintage: str
    shared_by: str = ""
    overlaps: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        """Let in codes only, and shares that add up.

        Raises
        ------
        GeographyError
            A name, or a small area whose shares are not 1 together.
        """
        needs(self.table, ["small_area", "ward", "share"], where="the lookup")
        codes = checked_codes(self.table["small_area"], kind="small area", where="the lookup")
        checked_codes(self.table["ward"], kind="ward", where="the lookup")
        whole = self.table["share"].groupby(codes).sum()
        astray = whole.index[(whole - 1).abs() > SLACK]
        if len(astray) or not (self.table["share"] > 0).all():
            raise GeographyError(
                "the lookup cannot be used",
                [Fault("the lookup", f"the shares of {c} do not add up to 1") for c in astray],
            )

    @property
    def wards(self) -> tuple[str, ...]:
        """The wards that have a small area, in the order of their codes."""
        return tuple(sorted(self.table["ward"].unique()))

    @property
    def small_areas(self) -> tuple[str, ...]:
        """The small areas it knows, in the order of their codes."""
        return tuple(sorted(self.table["small_area"].unique()))

    @property
    def estimated(self) -> frozenset[str]:
        """Wards that get only a share of some small area."""
        return frozenset(self.table.loc[self.table["share"] < 1, "ward"])


def lookup_from(
    lookups: Mapping[str, pd.DataFrame],
    source_vintage: str,
    ward_vintage: str,
    *,
    weights: Mapping[str, float] | pd.Series | None = None,
    shared_by: str = "area",
) -> Lookup:
    """The lookup from small areas of one vintage to wards of another.

    Parameters
    ----------
    lookups : mapping of str to DataFrame
        Columns from_code, to_code, and change (U, S, M, X) for `lsoa11-lsoa21`; keys
        `lsoa11-ward2002`, `lsoa21-ward2022`, `lsoa11-lsoa21`.
    source_vintage : {"2011", "2021"}
    ward_vintage : {"2002", "2022"}
        2011 to 2022 goes by way of the small areas of 2021. A small area that was merged
        or is unchanged counts in full. So does one whose parts all lie in one ward; the
        rest are shared.
    weights : mapping of small area of 2021 to float, optional
        Its ground or its people: needed only where parts fall in different wards.
    shared_by : {"area", "population"}
        What `weights` are.

    Returns
    -------
    Lookup

    Raises
    ------
    GeographyError
        No such route, or a lookup it needs is not there; something that is not a code; a
        small area that stands twice, has no ward, or is shared without weights. All faults
        of a step together.
    """
    route = _ROUTES.get((str(source_vintage), str(ward_vintage)))
    if route is None:
        raise refused(
            f"small areas of {source_vintage} to wards of {ward_vintage}",
            "there is no lookup between them",
            "; ".join(f"{source} to {ward}" for source, ward in _ROUTES),
        )
    missing = [name for name in route if lookups.get(name) is None]
    if missing:
        raise refused("the lookups", f"no {' and no '.join(missing)}", todo="add the file")
    if route == _CHAIN:
        table = _by_way_of_2021(*(lookups[name] for name in route), weights, shared_by)
    else:
        table = _direct(lookups[route[0]], route[0])
    shared = shared_by if (table["share"] < 1).any() else ""
    return Lookup(table, str(source_vintage), str(ward_vintage), shared)


def _direct(lookup: pd.DataFrame, name: str) -> pd.DataFrame:
    needs(lookup, ["from_code", "to_code"], where=name)
    table = pd.DataFrame(
        {
            "small_area": checked_codes(lookup["from_code"], kind="small area", where=name),
            "ward": checked_codes(lookup["to_code"], kind="ward", where=name),
            "share": 1.0,
        }
    )
    _refuse_repeats(table["small_area"], name, "one ward for each small area")
    return table.sort_values("small_area", ignore_index=True)


def _by_way_of_2021(
    changes: pd.DataFrame,
    to_wards: pd.DataFrame,
    weights: Mapping[str, float] | pd.Series | None,
    shared_by: str,
) -> pd.DataFrame:
    if shared_by not in ("area", "population"):
        raise ValueError(f'shared_by is "area" or "population", not {shared_by!r}')
    parts = _parts(changes)
    wards = _direct(to_wards, _CHAIN[1]).set_index("small_area")["ward"]
    parts["ward"] = parts["part"].map(wards)
    faults = [
        Fault(f"{_CHAIN[0]}, {row.small_area}", f"{row.part} has no ward in {_CHAIN[1]}")
        for row in parts[parts["ward"].isna()].itertuples()
    ]
    if faults:
        raise GeographyError("the lookups do not meet", faults)
    parts["share"] = _shares(parts, weights)
    table = parts.groupby(["small_area", "ward"], as_index=False, sort=True)["share"].sum()
    # What lies in one ward counts in full, whatever its parts weigh.
    alone = ~table["small_area"].duplicated(keep=False)
    table.loc[alone, "share"] = 1.0
    return table


def _parts(changes: pd.DataFrame) -> pd.DataFrame:
    """Every small area of 2011 with its parts of 2021, and what became of it."""
    name = _CHAIN[0]
    needs(changes, ["from_code", "to_code", "change"], where=name)
    parts = pd.DataFrame(
        {
            "small_area": checked_codes(changes["from_code"], kind="small area", where=name),
            "part": checked_codes(changes["to_code"], kind="small area", where=name),
            "change": changes["change"].astype(str),
        }
    )
    known = [*WHOLE, *PARTED]
    faults = [
        Fault(f"{name}, {row.small_area}", f'the change "{row.change}"', f"one of {known}")
        for row in parts[~parts["change"].isin(known)].itertuples()
    ]
    if faults:
        raise GeographyError(f"{name} cannot be used", faults)
    whole = parts["change"].isin(WHOLE)
    pairs = parts["small_area"] + " to " + parts["part"]
    _refuse_repeats(pairs, name, "each pair once")
    _refuse_repeats(parts.loc[whole, "small_area"], name, "one row unless it was split")
    return parts


def _shares(parts: pd.DataFrame, weights: Mapping[str, float] | pd.Series | None) -> pd.Series:
    """Each part's share of its small area of 2011: 1 over all the parts of one ward."""
    apart = parts.groupby("small_area")["ward"].transform("nunique") > 1
    shares = pd.Series(0.0, index=parts.index)
    if not apart.any():
        return shares
    amounts = parts.loc[apart, "part"].map(dict(weights if weights is not None else {}))
    faults = [
        Fault(
            f"{_CHAIN[0]}, {parts.at[place, 'small_area']}",
            f"it is shared between wards, and {parts.at[place, 'part']} has no weight",
            "the ground or the people of each part, above 0",
            "give `weights`, such as the areas of the boundaries of 2021",
        )
        for place in amounts.index[~(amounts.astype(float) > 0)]
    ]
    if faults:
        raise GeographyError("a small area cannot be shared between wards", faults)
    amounts = amounts.astype(float)
    whole = amounts.groupby(parts.loc[apart, "small_area"]).transform("sum")
    shares[apart] = amounts / whole
    return shares


def _refuse_repeats(codes: pd.Series, name: str, expected: str) -> None:
    again = sorted(set(codes[codes.duplicated()]))
    if again:
        raise GeographyError(
            f"{name} cannot be used",
            [Fault(name, f"{code} stands more than once", expected) for code in again],
        )
