"""The periods a made-up series has, in the forms publishers write them."""

from __future__ import annotations

from dataclasses import dataclass

from lbbd_jsna.quarters import Quarter


@dataclass(frozen=True)
class DemoPeriod:
    """A period as the publisher writes it, with its sortable form and length."""

    label: str
    sortable: str
    range: str
    time: float


def form_of(periods: str) -> tuple[str, int | None]:
    """The key of `FORMS` and the last year of a text such as `financial to 2015`."""
    name, _, last = periods.partition(" to ")
    return name, int(last) if last.isdigit() else None


def demo_periods(periods: str, quarter: Quarter) -> list[DemoPeriod]:
    """The periods a publisher would have out by a quarter, oldest first.

    Parameters
    ----------
    periods : str
        A key of `FORMS`, with an optional last year: `financial to 2015`.
    quarter : Quarter
        The report's quarter; yearly data end two years before it starts.

    Returns
    -------
    list of DemoPeriod
    """
    name, last = form_of(periods)
    newest = quarter.year - 2
    return FORMS[name](newest if last is None else min(last, newest), quarter)


def _two(year: int) -> str:
    return f"{year % 100:02d}"


def _years(last: int, *, number: int, step: int = 1) -> range:
    return range(last - (number - 1) * step, last + 1, step)


def _financial(last: int, *, number: int = 9, step: int = 1) -> list[DemoPeriod]:
    return [
        DemoPeriod(f"{y}/{_two(y + 1)}", f"{y}0000", "1y", y)
        for y in _years(last, number=number, step=step)
    ]


def _calendar(last: int, *, number: int = 9) -> list[DemoPeriod]:
    return [DemoPeriod(f"{y}", f"{y}0000", "1y", y) for y in _years(last, number=number)]


def _calendar_3(last: int) -> list[DemoPeriod]:
    return [
        DemoPeriod(f"{y - 2} - {_two(y)}", f"{y - 2}0000", "3y", y) for y in _years(last, number=8)
    ]


def _financial_pooled(last: int, years: int, *, number: int) -> list[DemoPeriod]:
    return [
        DemoPeriod(
            f"{y - years + 1}/{_two(y - years + 2)} - {_two(y)}/{_two(y + 1)}",
            f"{y - years + 1}0000", f"{years}y", y,
        )
        for y in _years(last, number=number)
    ]


def quarters_before(quarter: Quarter, *, lag: int, number: int) -> list[Quarter]:
    """The `number` quarters up to the one `lag` quarters before, oldest first."""
    last = quarter.year * 4 + quarter.number - 1 - lag
    return [Quarter(n // 4, n % 4 + 1) for n in range(last - number + 1, last + 1)]


def quarter_label(quarter: Quarter) -> str:
    """As publishers write a quarter: `2025/26 Q2`."""
    return f"{quarter.year}/{_two(quarter.year + 1)} Q{quarter.number}"


def _quarters(quarter: Quarter, *, lag: int = 3, number: int = 10) -> list[DemoPeriod]:
    return [
        DemoPeriod(quarter_label(q), f"{q.year}{q.number:02d}00", "1q", q.year + q.number / 4)
        for q in quarters_before(quarter, lag=lag, number=number)
    ]


def _cumulative(quarter: Quarter) -> list[DemoPeriod]:
    done = quarters_before(quarter, lag=3, number=20)
    first = done[-1].year - (done[-1].year - 2021) % 5
    start = f"{first}/{_two(first + 1)} Q1"
    return [
        DemoPeriod(
            start if (q.year, q.number) == (first, 1) else f"{start} - {quarter_label(q)}",
            f"{first}0000", "Cumulative quarterly", q.year + q.number / 4,
        )
        for q in done
        if q.year >= first
    ]


# How publishers cut time. Pooled periods are named by years; `once` is a single survey.
FORMS = {
    "financial": lambda last, _: _financial(last),
    "calendar": lambda last, _: _calendar(last),
    "calendar-3": lambda last, _: _calendar_3(last),
    "financial-3": lambda last, _: _financial_pooled(last, 3, number=8),
    "wards-3": lambda last, _: _financial_pooled(last, 3, number=3),
    "financial-5": lambda last, _: _financial_pooled(last, 5, number=3),
    "biennial": lambda last, _: _financial(last, number=5, step=2),
    "once": lambda last, _: _financial(last, number=1),
    "quarter": lambda _, quarter: _quarters(quarter),
    "calendar-once": lambda last, _: _calendar(last, number=1),
    "cumulative": lambda _, quarter: _cumulative(quarter),
    "return-quarters": lambda _, quarter: _quarters(quarter, lag=1, number=13),
    "return-years": lambda last, _: _financial(last + 1, number=5),
    "survey-years": lambda last, _: _financial(last + 1, number=4, step=2),
}
