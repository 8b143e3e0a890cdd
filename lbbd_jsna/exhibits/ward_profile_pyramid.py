"""A ward's residents by sex and age as a pyramid: bars for the ward, a line for the borough."""

from __future__ import annotations

import math

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.exhibits import style, wording
from lbbd_jsna.exhibits.drawing import (
    Drawing,
    blank_figure,
    pixels,
    put_line,
    put_text,
    render,
    text_width,
)
from lbbd_jsna.exhibits.exhibit import Cell, Table
from lbbd_jsna.exhibits.tables import explained, heads
from lbbd_jsna.facts.ward_profile_people import FEMALE, MALE, ResidentsBySex, SexAge
from lbbd_jsna.facts.ward_profiles import WardProfile

WIDTH = 440  # so that a phone need hardly shrink it
KEY_LINE, HEAD, ROW, BAR = 19, 24, 34, 20
SEXES = {FEMALE: "Women and girls", MALE: "Men and boys"}
FILLS = {FEMALE: style.ACCENT, MALE: "#4F7FA8"}


def draw_pyramid(people: ResidentsBySex, *, ward: str, borough: str) -> Drawing:
    """Draw each age as two bars back to back, the oldest on top, a line where the borough is.

    Parameters
    ----------
    people : ResidentsBySex
    ward, borough : str
        Their names, for the key.
    """
    with style.chart_style():
        return render(pyramid_figure(people, ward=ward, borough=borough))


def pyramid_figure(people: ResidentsBySex, *, ward: str, borough: str) -> Figure:
    """Lay the pyramid out in CSS pixels; see `draw_pyramid`."""
    top = 2 * KEY_LINE + HEAD
    figure = blank_figure(WIDTH, top + ROW * len(people.ages) + 4)
    _write_key(figure, ward, borough)
    middle = max(text_width(age_words(age), size=style.SMALL) for age in people.ages) / 2 + 8
    value = text_width("00.0%", size=style.SMALL, bold=True) + 10
    most = max(v for b in people.bands for v in (b.share, b.borough) if math.isfinite(v))
    scale = (WIDTH / 2 - middle - value) / max(most, 1e-9)
    for sex, side in ((FEMALE, -1), (MALE, 1)):
        put_text(figure, WIDTH / 2 + side * (middle + 4), top - HEAD / 2, SEXES[sex],
                 size=style.SMALL, colour=style.INK, bold=True,
                 align="right" if side < 0 else "left")
    for row, age in enumerate(reversed(people.ages)):
        centre = top + ROW * (row + 0.5)
        put_text(figure, WIDTH / 2, centre, age_words(age), size=style.SMALL, colour=style.INK,
                 align="center")
        for sex, side in ((FEMALE, -1), (MALE, 1)):
            _bar(figure, people.of(sex, age), WIDTH / 2 + side * middle, centre, side * scale)
    return figure


def _bar(figure: Figure, band: SexAge, start: float, centre: float, scale: float) -> None:
    """One bar from the middle outwards, its value after it and the borough's line across."""
    length = band.share * scale if math.isfinite(band.share) else 0.0
    left = min(start, start + length)
    figure.add_artist(Rectangle((left, centre - BAR / 2), abs(length), BAR,
                                transform=pixels(figure), facecolor=FILLS[band.sex],
                                linewidth=0, gid=f"bar-{band.sex}-{band.age}"))
    line = band.borough * scale if math.isfinite(band.borough) else 0.0
    if line:
        ends = [centre - BAR / 2 - 4, centre + BAR / 2 + 4]
        for colour, width in ((style.PAPER, 4.5), (style.INK, 2.0)):
            put_line(figure, [start + line] * 2, ends, colour=colour, width=width)
    furthest = max(abs(length), abs(line)) + 7
    side = 1 if scale > 0 else -1
    put_text(figure, start + side * furthest, centre, share_text(band.share), size=style.SMALL,
             colour=style.INK, bold=True, align="left" if side > 0 else "right")


def _write_key(figure: Figure, ward: str, borough: str) -> None:
    """A line for each, so that names of any length stand apart."""
    for place, sex in enumerate((FEMALE, MALE)):
        figure.add_artist(Rectangle((1 + 12 * place, 4), 12, 12, transform=pixels(figure),
                                    facecolor=FILLS[sex], linewidth=0))
    put_text(figure, 31, 10, ward, size=style.SMALL, bold=True, colour=style.ACCENT)
    put_line(figure, [12, 12], [KEY_LINE + 2, KEY_LINE + 18], colour=style.INK, width=2.0)
    put_text(figure, 31, KEY_LINE + 10, borough, size=style.SMALL, colour=style.INK)


def age_words(age: str) -> str:
    """A band of ages without the word for years: `16 to 29`, `65 and over`."""
    bare = age.removesuffix(" yrs")
    if bare.endswith("+"):
        return f"{bare[:-1]} and over"
    return bare.replace("-", " to ")


def share_text(share: float) -> str:
    """A share as printed beside its bar."""
    return f"{share:.1f}%" if math.isfinite(share) else "[x]"


def pyramid_alt(people: ResidentsBySex, profile: WardProfile, catalogue: Catalogue) -> str:
    """What the pyramid shows: every pair of bars, the borough's shares after them."""
    said = [
        f"{age_words(age)}, {_pair(people.of(FEMALE, age), people.of(MALE, age))}"
        for age in people.ages
    ]
    return (
        f"Pyramid of residents of {profile.name} by age, {people.year}: female and male per cent "
        f"of everybody, {catalogue.area.name} in brackets. {'; '.join(said)}."
    )


def _pair(female: SexAge, male: SexAge) -> str:
    pairs = (f"{share_text(band.share)} ({share_text(band.borough)})" for band in (female, male))
    return " and ".join(pairs)


def pyramid_table(
    people: ResidentsBySex, profile: WardProfile, catalogue: Catalogue, *, name: str
) -> Table:
    """Every number of the pyramid, and the people behind it."""
    borough = catalogue.area.name
    rows = tuple(
        (Cell(age_words(age)), *(cell for sex in (FEMALE, MALE)
                                 for cell in _cells(people.of(sex, age), people.estimated)))
        for age in people.ages
    )
    return Table(
        caption=f"Residents of {profile.name} by sex and age, {people.year}, % of everybody",
        columns=heads("Age", *(title for sex in (FEMALE, MALE)
                               for title in ((f"#{SEXES[sex]}", "people"),
                                             (f"#{borough}", SEXES[sex].lower())))),
        rows=rows,
        notes=explained(rows),
        name=name,
    )


def _cells(band: SexAge, estimated: bool) -> tuple[Cell, Cell]:
    people = f"{band.count:,.0f}" if math.isfinite(band.count) else "[x]"
    sub = f"{people}, estimated" if estimated and people != "[x]" else people
    return Cell(share_text(band.share), sub=sub, strong=True), Cell(share_text(band.borough))


def largest_gap(people: ResidentsBySex) -> SexAge | None:
    """The band whose share differs most from the borough's, in points; None if none does."""
    known = [b for b in people.bands if math.isfinite(b.share) and math.isfinite(b.borough)
             and share_text(b.share) != share_text(b.borough)]
    return max(known, key=lambda b: abs(b.share - b.borough), default=None)


def pyramid_title(people: ResidentsBySex, profile: WardProfile) -> str:
    """The sex and age that differs most from the borough's."""
    band = largest_gap(people)
    if band is None:
        return f"{profile.name} has the same shares by sex and age as the borough"
    more = "more" if band.share > band.borough else "fewer"
    who = f"{SEXES[band.sex].lower()} aged {age_words(band.age)}"
    return (f"{wording.sentence(more)} {who} than the borough: {share_text(band.share)} of "
            f"everybody, against {share_text(band.borough)}")
