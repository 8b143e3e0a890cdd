"""Ward figures, built from small areas for either set of wards.

Sums of small areas, rates worked out again from the sums, scores weighted by people. Only GSS
codes join: every door of this room refuses a name. What was shared out between wards says that
it is estimated, and every ward says what part of it is exact.
"""

from lbbd_jsna.wards.ages import in_bands
from lbbd_jsna.wards.build import build_counts, dropped_areas
from lbbd_jsna.wards.concordance import apportioned, concordance, made_of, unchanged_wards
from lbbd_jsna.wards.fit import fit_of, ground_of, measured
from lbbd_jsna.wards.lookup import Lookup, lookup_from
from lbbd_jsna.wards.means import most_deprived, population_of, weighted_mean
from lbbd_jsna.wards.observations import as_ward_observations, is_estimated
from lbbd_jsna.wards.pooling import pooled, pooled_where_few
from lbbd_jsna.wards.rates import Rules, rates, reliability, shrunken, with_rates
from lbbd_jsna.wards.reconciliation import Reconciliation, reconcile
from lbbd_jsna.wards.residents import residents_of
from lbbd_jsna.wards.series import lookup_for
from lbbd_jsna.wards.trends import CrossVintage, across_vintages, trend_rows

__all__ = [
    "CrossVintage",
    "Lookup",
    "Reconciliation",
    "Rules",
    "across_vintages",
    "apportioned",
    "as_ward_observations",
    "build_counts",
    "concordance",
    "dropped_areas",
    "fit_of",
    "ground_of",
    "in_bands",
    "is_estimated",
    "lookup_for",
    "lookup_from",
    "made_of",
    "measured",
    "most_deprived",
    "pooled",
    "pooled_where_few",
    "population_of",
    "rates",
    "reconcile",
    "reliability",
    "residents_of",
    "shrunken",
    "trend_rows",
    "unchanged_wards",
    "weighted_mean",
    "with_rates",
]
