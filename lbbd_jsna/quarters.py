"""The reporting quarter: a quarter of the financial year, written `2026-27-Q3`.

A quarter names a report. It is never the period of the data.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from lbbd_jsna.errors import RunError

PATTERN = re.compile(r"(\d{4})-(\d{2})-Q([1-4])")


@dataclass(frozen=True, order=True)
class Quarter:
    """One quarter of a financial year (April to March).

    Parameters
    ----------
    year : int
        The calendar year in which the financial year starts.
    number : int
        1 to 4; quarter 1 is April to June.
    """

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Quarter:
        """Read `2026-27-Q3`; anything else is refused with the form expected."""
        match = PATTERN.fullmatch(str(text))
        if not match:
            raise RunError(
                f'"{text}" is not a quarter; write the financial year and the quarter, '
                "such as 2026-27-Q3"
            )
        year, end, number = (int(part) for part in match.groups())
        if end != (year + 1) % 100:
            raise RunError(
                f'"{text}" is not a quarter: a financial year runs over two calendar years '
                f"in a row; write {year}-{(year + 1) % 100:02d}-Q{number}"
            )
        if not 2000 <= year <= 2099:
            raise RunError(f'"{text}" is not a quarter this workspace reports on (2000 to 2099)')
        return cls(year, number)

    @classmethod
    def containing(cls, day: dt.date) -> Quarter:
        """The quarter a day falls in."""
        year = day.year if day.month >= 4 else day.year - 1
        return cls(year, (day.month - 4) % 12 // 3 + 1)

    def __str__(self) -> str:
        return f"{self.year}-{(self.year + 1) % 100:02d}-Q{self.number}"

    @property
    def start(self) -> dt.date:
        """First day."""
        month = (3 * self.number) % 12 + 1
        return dt.date(self.year + (self.number == 4), month, 1)

    @property
    def end(self) -> dt.date:
        """Last day."""
        following = Quarter(self.year + self.number // 4, self.number % 4 + 1)
        return following.start - dt.timedelta(days=1)

    @property
    def words(self) -> str:
        """For a reader: `October to December 2026`."""
        return f"{self.start:%B} to {self.end:%B} {self.end.year}"
