"""How long it takes to protect and attack a table of the council's own counts by ward.

`python -m benchmarks.disclosure` times a made-up table of 19 wards by 2 sexes by 5 ages with
all its totals, those of the borough known exactly from elsewhere.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from lbbd_jsna.catalogue import read_catalogue
from lbbd_jsna.disclosure import ReleaseTable, attack, crossed, protect_table

ROOT = Path(__file__).resolve().parent.parent
INDICATOR = "early-help-on-time"
PUBLIC = ("All | All | All", "All | Female | All", "All | Male | All")


def made_up(seed: int) -> ReleaseTable:
    """A table of small counts, drawn anew for each seed."""
    random = np.random.default_rng(seed)
    means = random.uniform(1, 25, 19)
    rows = [
        (f"Ward {ward:02d}", sex, f"Age {age}", int(random.poisson(means[ward])))
        for ward in range(19)
        for sex in ("Female", "Male")
        for age in range(5)
    ]
    counts = pd.DataFrame(rows, columns=["ward", "sex", "age", "count"])
    cells, relations = crossed(counts, ["ward", "sex", "age"], public=PUBLIC)
    return ReleaseTable("Made-up counts by ward, sex and age", INDICATOR, cells, relations)


def main() -> None:
    """Print a line a table: cells, hidden cells, and the seconds of both steps."""
    catalogue = read_catalogue(ROOT / "catalogue")
    print(f"{'seed':>4} {'cells':>6} {'hidden':>7} {'protect s':>10} {'attack s':>9}")
    for seed in range(5):
        table = made_up(seed)
        start = time.perf_counter()
        released = protect_table(table, catalogue=catalogue, release="made up")
        protected = time.perf_counter()
        attack(released)
        ended = time.perf_counter()
        hidden = int(released.frame["status"].eq("suppressed").sum())
        print(
            f"{seed:>4} {len(released.frame):>6} {hidden:>7} {protected - start:>10.2f} "
            f"{ended - protected:>9.2f}"
        )


if __name__ == "__main__":
    sys.exit(main())
