"""The reporting quarter."""

import datetime as dt

import pytest

from lbbd_jsna.errors import RunError
from lbbd_jsna.quarters import Quarter


@pytest.mark.parametrize(
    ("text", "start", "end", "words"),
    [
        ("2026-27-Q1", dt.date(2026, 4, 1), dt.date(2026, 6, 30), "April to June 2026"),
        ("2026-27-Q3", dt.date(2026, 10, 1), dt.date(2026, 12, 31), "October to December 2026"),
        ("2026-27-Q4", dt.date(2027, 1, 1), dt.date(2027, 3, 31), "January to March 2027"),
        ("2027-28-Q4", dt.date(2028, 1, 1), dt.date(2028, 3, 31), "January to March 2028"),
    ],
)
def test_a_quarter_knows_its_days(text, start, end, words):
    quarter = Quarter.parse(text)
    assert (quarter.start, quarter.end, quarter.words, str(quarter)) == (start, end, words, text)


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (dt.date(2027, 3, 31), "2026-27-Q4"),
        (dt.date(2027, 4, 1), "2027-28-Q1"),
        (dt.date(2028, 2, 29), "2027-28-Q4"),
        (dt.date(2026, 12, 31), "2026-27-Q3"),
    ],
)
def test_a_day_falls_in_its_quarter(day, text):
    assert str(Quarter.containing(day)) == text


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("2026-28-Q1", "2026-27-Q1"),
        ("2026-27-Q5", "such as"),
        ("2026/27 Q3", "such as"),
        ("Q3", "such as"),
        ("1999-00-Q1", "2000 to 2099"),
        ("2026-27-Q3\n", "such as"),
    ],
)
def test_anything_else_is_refused_with_the_form_expected(text, hint):
    with pytest.raises(RunError, match=hint):
        Quarter.parse(text)
