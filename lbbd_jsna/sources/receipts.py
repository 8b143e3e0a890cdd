"""When each raw file was received, and which series the last fetch could not renew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lbbd_jsna.catalogue import Catalogue, Indicator
from lbbd_jsna.sources.fetched import Fetched, read_fetched
from lbbd_jsna.sources.store import RawFile


@dataclass(frozen=True)
class Receipt:
    """What is known of a raw file when the tables are made from it.

    Parameters
    ----------
    source : str
        `RawFile.source`.
    sha256 : str
        Of its content.
    received : str
        The day it was received, `2026-10-01`: from its sidecar's time, else from the dated
        folder it lies in, else empty. Never from the file's own dates, which copying changes.
    address, accessed, licence : str
        As the sidecar gives them, or empty.
    """

    source: str
    sha256: str
    received: str
    address: str = ""
    accessed: str = ""
    licence: str = ""


@dataclass(frozen=True)
class NotRenewed:
    """A series whose last good copy stands because the last fetch could not bring it.

    Parameters
    ----------
    indicator : str
        Its id in the catalogue.
    attempted : str
        The day of that fetch, `2026-11-22`.
    received : str
        The day its newest figures were received, or empty.
    """

    indicator: str
    attempted: str
    received: str

    @property
    def note(self) -> str:
        """One line for the notes of a pack."""
        standing = f"the copy received on {self.received}" if self.received else "an older copy"
        return f"{self.indicator}: not renewed by the fetch of {self.attempted}; {standing} stands"


def read_receipts(inputs: Iterable[RawFile]) -> dict[str, Receipt]:
    """Say of each raw file, by its name, when it was received and what it was."""
    return {raw.name: _receipt(raw) for raw in inputs}


def series_not_renewed(
    raw: Path,
    observations: pd.DataFrame,
    *,
    files: Mapping[str, Receipt],
    catalogue: Catalogue,
) -> dict[str, NotRenewed]:
    """Find the series with figures that the last fetch refused or could not ask for.

    Parameters
    ----------
    raw : Path
        The folder of raw extracts, with `fetched.json` if `jsna fetch` has run.
    observations : DataFrame
        Columns `indicator` and `source_file` are read.
    files : mapping of str to Receipt
        By the names in `source_file`.
    catalogue : Catalogue

    Returns
    -------
    dict of str to NotRenewed
        By indicator, sorted. Series whose figures were received on the day of the fetch or
        after it are not among them; a derived series is when one of its parts is.
    """
    tried = read_fetched(raw)
    standing = _newest(observations, files)
    found = {
        name: NotRenewed(name, attempted, standing[name])
        for name, indicator in catalogue.indicators.items()
        if name in standing
        and (attempted := _refused_on(indicator, tried))
        and standing[name] < attempted
    }
    for name, indicator in catalogue.indicators.items():
        parts = [found[part] for part in _parts(indicator) if part in found]
        if parts and name in standing:
            oldest = min(parts, key=lambda part: part.received)
            found[name] = NotRenewed(name, oldest.attempted, oldest.received)
    return dict(sorted(found.items()))


def _receipt(raw: RawFile) -> Receipt:
    told = {key: str(raw.sidecar.get(key, "")) for key in ("address", "time", "licence")}
    return Receipt(
        source=raw.source,
        sha256=raw.sha256,
        received=_day(str(raw.sidecar.get("accessed", ""))) or _day(told["time"]) or _day(raw.date),
        address=told["address"],
        accessed=told["time"],
        licence=told["licence"],
    )


def _day(text: str) -> str:
    """The day an ISO time or a dated folder's name begins with, or nothing."""
    try:
        return dt.date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        return ""


def _newest(observations: pd.DataFrame, files: Mapping[str, Receipt]) -> dict[str, str]:
    """The last day on which any file behind each indicator was received."""
    newest: dict[str, str] = {}
    pairs = observations[["indicator", "source_file"]].drop_duplicates()
    for row in pairs.itertuples():
        receipt = files.get(row.source_file)
        day = receipt.received if receipt else ""
        newest[row.indicator] = max(newest.get(row.indicator, ""), day)
    return newest


def _refused_on(indicator: Indicator, tried: Mapping[str, Fetched]) -> str:
    """The day of the last fetch if it could not bring the series, or nothing."""
    fetched = tried.get(indicator.source)
    if fetched is None:
        return ""
    refused = {name for refusal in fetched.refused for name in refusal.ids}
    own = {indicator.source_id, indicator.superseded_by} - {""}
    return _day(fetched.attempted) if own & refused else ""


def _parts(indicator: Indicator) -> tuple[str, ...]:
    derived = indicator.derived
    return (derived.numerator, derived.denominator) if derived else ()
