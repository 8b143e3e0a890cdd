"""Why a measure has no figure, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from lbbd_jsna.catalogue import Catalogue, Indicator, Measure


def reason_without(
    measure: Measure, *, rows: Mapping[str, pd.DataFrame], catalogue: Catalogue
) -> str:
    """Why a measure has no figure.

    Parameters
    ----------
    measure : Measure
    rows : mapping of indicator id to its observations
        Of those indicators that have any.
    """
    evidence = measure.evidence
    if evidence.kind == "none":
        return evidence.why
    indicators = [catalogue.indicators[name] for name in evidence.indicators]
    sources = {catalogue.sources[i.source].title: i.source for i in indicators}
    titles = " and ".join(sources)
    held = [rows[i.id] for i in indicators if i.id in rows]
    if held:
        return _blank(pd.concat(held), area=catalogue.settings.area)
    if all(catalogue.sources[key].kind == "return" for key in sources.values()):
        return "The return has not been received."
    if all(catalogue.sources[key].kind == "survey" for key in sources.values()):
        return f"No result has been received from the {titles}."
    if not any(_is_read(indicator, catalogue) for indicator in indicators):
        return f"Published by {titles}, which this workspace does not read yet."
    return f"Published by {titles}; not among this quarter's extracts."


def _is_read(indicator: Indicator, catalogue: Catalogue) -> bool:
    """Whether a reader takes it: of a source read table by table, only what names one."""
    if catalogue.sources[indicator.source].supplied == "later":
        return False
    return bool(indicator.source_id) or indicator.source not in catalogue.live.tables


def _blank(rows: pd.DataFrame, *, area: str) -> str:
    own = rows[rows["area_code"] == area]
    if own.empty:
        return "The extract has no row for the borough."
    last = own.sort_values("period_end").iloc[-1]
    note = last["value_note"].rstrip(".") or "no value and no reason given"
    return f"No value for the borough in {last['period']}: {note[0].lower() + note[1:]}."
