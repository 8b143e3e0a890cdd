"""The last gate before anything is drawn or written.

Published sources pass with their own suppression. Every count of people that a service, a
partner or a survey returned is protected here: small ones are hidden, all others rounded,
whatever could be worked out from what is left is hidden too, and what is hidden is hidden
from every later room.

Promised is that no reader of everything ever released can work out a hidden count, or how many
came late, or nearly. An insider who knows which counts late returns left alone is held off as
well, as far as the fewest changes that explain the releases are those he knows of; one who
knows counts themselves is not.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pandas as pd

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.disclosure.classing import classify
from lbbd_jsna.disclosure.counting import BELOW, cells_of, true_counts
from lbbd_jsna.disclosure.leaving_out import by_period, left_out
from lbbd_jsna.disclosure.ledger import Ledger
from lbbd_jsna.disclosure.released import Released
from lbbd_jsna.disclosure.running import Run
from lbbd_jsna.disclosure.showing import CELLS, cells_beside, shown_rows
from lbbd_jsna.disclosure.tabling import Earlier
from lbbd_jsna.errors import DisclosureError, Fault

NO_LEDGER = Ledger()
ROUNDED_NOTE = (
    "Counts of people in returns and surveys are rounded to the nearest {}, and figures are "
    "worked out from the rounded counts"
)


@dataclass(frozen=True)
class Protection:
    """What may be shown, and what must not be read from it.

    Parameters
    ----------
    observations : DataFrame, columns schema.OBSERVATIONS
        With released figures only.
    releases : tuple of Released
        One a table of counts, for the ledger (`Ledger.record_all`); without those that the
        ledger holds just so from another release.
    cells : DataFrame, columns CELLS
        The true counts beside the released ones, for the check of finished pages. In memory
        only: never to be written, printed or logged.
    notes : tuple of str
        What was done, by indicator and period, without figures.
    """

    observations: pd.DataFrame
    releases: tuple[Released, ...] = field(default=(), repr=False)
    cells: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=list(CELLS)), repr=False
    )
    notes: tuple[str, ...] = ()

    def with_limits(self, observations: pd.DataFrame) -> Protection:
        """The same, with the limits that were worked out from released figures since.

        Parameters
        ----------
        observations : DataFrame
            The rows of `observations`, in their order, with limits.
        """
        limits = observations.loc[self.cells["row"].clip(lower=0), ["lower_95", "upper_95"]]
        limits[self.cells["row"].lt(0).to_numpy()] = float("nan")
        cells = self.cells.assign(
            released_lower_95=limits["lower_95"].to_numpy(),
            released_upper_95=limits["upper_95"].to_numpy(),
        )
        return replace(self, observations=observations, cells=cells)


def protect(
    observations: pd.DataFrame, *, catalogue: Catalogue, release: str, ledger: Ledger = NO_LEDGER
) -> Protection:
    """Leave out, hide and round whatever could point to a person.

    Parameters
    ----------
    observations : DataFrame, n rows, columns schema.OBSERVATIONS
    catalogue : Catalogue
    release : str
        The name of this release: the quarter of the report, such as `2026-27-Q3`. Where the
        ledger holds other figures under it, `2026-27-Q3 revised 1` and so on.
    ledger : Ledger
        Everything released before.

    Returns
    -------
    Protection
        At most n rows, in the order given. Rows of other classes as they are. Ward rows on
        sensitive topics, of rates without counts, and of tables that nothing could make safe
        are left out; other hidden rows keep their place with every figure blank and the
        status `suppressed`; the rest have rounded counts and figures worked out from those.

    Raises
    ------
    DisclosureError
        Indicators that nobody has classed, or counts that are no whole numbers: all of them,
        by name or row.
    """
    classes = classify(sorted(observations["indicator"].unique()), catalogue=catalogue)
    given = observations.reset_index(drop=True)
    own = given["indicator"].map(classes).eq("people").astype(bool)
    if not own.any():
        return Protection(given)
    people = given[own]
    counts = true_counts(people, catalogue.indicators)
    earlier = Earlier(ledger.editions)
    out, notes = left_out(people, counts, catalogue=catalogue, released=earlier.cells)
    standing = counts["whole"] & ~people.index.isin(out)
    _refuse_no_counts(people[standing], counts[standing])
    run = Run(catalogue, release, earlier, people["period"].to_dict())
    run.protect(cells_of(people[standing], counts[standing]))
    shown = shown_rows(people, counts, run.numbers, hidden=run.hidden, catalogue=catalogue)
    gone = sorted({*out, *run.dropped})
    rows = pd.concat([given[~own], shown.drop(index=gone)]).sort_index()
    return Protection(
        rows.reset_index(drop=True),
        tuple(run.releases),
        _placed(cells_beside(people, counts, shown, gone=gone), rows),
        (*notes, *_notes(people, shown, run=run, catalogue=catalogue)),
    )


def _refuse_no_counts(rows: pd.DataFrame, counts: pd.DataFrame) -> None:
    """Stop at numbers that count nobody: halves, and less than none."""
    numbers = counts[["counted", "of"]]
    wrong = (numbers.ne(numbers.round()) & numbers.notna()) | numbers.lt(0)
    faults = [
        Fault(f"{row.source_file}, row {row.source_row}", "its counts are not numbers of people",
              "whole numbers, 0 or more, or blanks")
        for row in rows[wrong.any(axis=1)].itertuples()
    ]  # fmt: skip
    if faults:
        raise DisclosureError("some counts of people cannot be protected as they are", faults)


def _placed(cells: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Cells with their row as it stands when the rows left out are gone."""
    places = pd.Series(range(len(rows)), index=rows.index)
    return cells.assign(row=cells["row"].map(places).fillna(-1).astype(int))


def _notes(
    people: pd.DataFrame, shown: pd.DataFrame, *, run: Run, catalogue: Catalogue
) -> list[str]:
    """What was done, by indicator and period."""
    dropped = people.index.isin(run.dropped)
    away = shown["status"].eq("suppressed") & people["status"].ne("suppressed") & ~dropped
    below = people["area_type"].isin(BELOW)
    return [
        *by_period(
            people[dropped], "figures below the borough are left out, since a small number could "
            "be worked out from any table of them",
        ),
        *by_period(people[away & ~below], "figures of whole areas are withheld"),
        *by_period(people[away & below], "figures of some areas below the borough are withheld"),
        ROUNDED_NOTE.format(catalogue.disclosure.round_to),
        catalogue.disclosure.note,
    ]  # fmt: skip
