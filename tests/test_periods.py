"""Periods: every expected date is worked by hand."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbbd_jsna.errors import ExtractError
from lbbd_jsna.periods import Period, read_period

READ = [
    ("2024", (2024, 1, 1), (2024, 12, 31), "1y"),
    (" 2024 ", (2024, 1, 1), (2024, 12, 31), "1y"),
    ("2022 - 24", (2022, 1, 1), (2024, 12, 31), "3y"),
    ("2022 \u2013 24", (2022, 1, 1), (2024, 12, 31), "3y"),
    ("2022 to 2024", (2022, 1, 1), (2024, 12, 31), "3y"),
    ("2010-12", (2010, 1, 1), (2012, 12, 31), "3y"),
    ("2010 - 11", (2010, 1, 1), (2011, 12, 31), "2y"),
    ("2009-2013", (2009, 1, 1), (2013, 12, 31), "5y"),
    ("2009 - 2013", (2009, 1, 1), (2013, 12, 31), "5y"),
    ("1999 - 01", (1999, 1, 1), (2001, 12, 31), "3y"),
    ("2024/25", (2024, 4, 1), (2025, 3, 31), "1y"),
    ("1999/00", (1999, 4, 1), (2000, 3, 31), "1y"),
    ("2007/2008", (2007, 4, 1), (2008, 3, 31), "1y"),
    ("2022/23 - 24/25", (2022, 4, 1), (2025, 3, 31), "3y"),
    ("2022/23 - 2024/25", (2022, 4, 1), (2025, 3, 31), "3y"),
    ("2020/21 - 24/25", (2020, 4, 1), (2025, 3, 31), "5y"),
    ("2008/09 to 2010/11", (2008, 4, 1), (2011, 3, 31), "3y"),
    ("2013/14 Q2", (2013, 7, 1), (2013, 9, 30), "1q"),
    ("2013/14 Q4", (2014, 1, 1), (2014, 3, 31), "1q"),
    ("2019/20 Q4", (2020, 1, 1), (2020, 3, 31), "1q"),
    ("2021/22 Q1 - 2021/22 Q2", (2021, 4, 1), (2021, 9, 30), "6m"),
    ("2021/22 Q1 - 2021/22 Q4", (2021, 4, 1), (2022, 3, 31), "12m"),
    ("2021/22 Q1 - 2025/26 Q3", (2021, 4, 1), (2025, 12, 31), "57m"),
    ("2018 Q1", (2018, 1, 1), (2018, 3, 31), "1q"),
    ("2018 Q4", (2018, 10, 1), (2018, 12, 31), "1q"),
    ("2018 Q3 - 2019 Q2", (2018, 7, 1), (2019, 6, 30), "12m"),
    ("Aug 2019", (2019, 8, 1), (2019, 8, 31), "1m"),
    ("February 2020", (2020, 2, 1), (2020, 2, 29), "1m"),
    ("Dec 2019", (2019, 12, 1), (2019, 12, 31), "1m"),
    ("Aug 2020 - Jul 2023", (2020, 8, 1), (2023, 7, 31), "36m"),
]

REFUSED = [
    "2023/25",
    "2023/23",
    "2024/2026",
    "2022/23 - 24/26",
    "2022/23 - 20/21",
    "2010-11",
    "2024 - 23",
    "2022 - 22 - 24",
    "2021/22 Q5",
    "2021/22 Q0",
    "2021/22 Q1 - Q3",
    "Q1 2021/22",
    "Foo 2019",
    "2019 Aug",
    "Mar-24",
    "45352",
    "",
    "n/a",
    "24",
    "20245",
    "2024/5",
    "3024",
    "1850",
    "2025/26 Q3 - 2021/22 Q1",
    "Jul 2023 - Aug 2020",
    "\uff12\uff10\uff12\uff14",
    "2024.0",
    "nan",
    "0000",
    "Aug 0000",
]


@pytest.mark.parametrize(("text", "start", "end", "length"), READ)
def test_a_printed_period_becomes_its_first_and_last_day(text, start, end, length):
    assert read_period(text) == Period(date(*start), date(*end), length)


@pytest.mark.parametrize("text", REFUSED)
def test_anything_else_is_refused(text):
    with pytest.raises(ExtractError, match="is not a period"):
        read_period(text)


def test_the_message_says_which_financial_year_was_probably_meant():
    with pytest.raises(ExtractError, match="expected 2023/24"):
        read_period("2023/25")


def test_two_calendar_years_or_one_financial_year_must_be_said():
    with pytest.raises(ExtractError, match="write 2010 - 11 or 2010/11"):
        read_period("2010-11")


def test_an_academic_year_runs_from_september_to_august():
    assert read_period("2024/25", year_type="academic") == Period(
        date(2024, 9, 1), date(2025, 8, 31), "1y"
    )
    assert read_period("2013/14 Q2", year_type="academic") == Period(
        date(2013, 12, 1), date(2014, 2, 28), "1q"
    )
    assert read_period("2024", year_type="academic").start == date(2024, 1, 1)


@settings(derandomize=True)
@given(st.text(max_size=30))
def test_no_text_gives_anything_but_a_period_or_a_refusal(text):
    try:
        period = read_period(text)
    except ExtractError:
        return
    assert period.start <= period.end
