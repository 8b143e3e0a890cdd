"""The entries of the catalogue: what each of its files may hold.

`extra="forbid"` throughout: a key nobody knows is a fault, not a silence.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
SlugOrEmpty = Annotated[str, Field(pattern=r"^([a-z0-9]+(-[a-z0-9]+)*)?$", max_length=80)]
AreaCode = Annotated[str, Field(pattern=r"^[EKW][0-9]{8}$")]
Line = Annotated[str, Field(min_length=1, max_length=2000)]
Polarity = Literal["high_is_good", "low_is_good", "no_judgement"]
Method = Literal[
    "interval_95", "interval_99_8", "interval_both", "overlapping", "quintiles", "goal", "none"
]
AreaType = Literal["country", "region", "borough", "ward"]


class Model(BaseModel):
    """Frozen; a key nobody knows is a fault, not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Break(Model):
    """A period at which a series stops being comparable with what came before."""

    period: Line
    why: Line


class Derivation(Model):
    """A series worked out from two others of the same area, sex and period, as a per cent."""

    numerator: Slug
    denominator: Slug


class Goal(Model):
    """What the publisher also judges a series against: met beyond one end, missed beyond the other.

    Both ends in the indicator's unit, and alike where there is a single value.
    """

    lower: float
    upper: float
    basis: Line

    @model_validator(mode="after")
    def _in_order(self) -> Goal:
        if self.lower > self.upper:
            raise ValueError("the lower end of a goal must not be above its upper end")
        return self


class Indicator(Model):
    """One published or returned series: one file in `catalogue/indicators/`.

    `source_id` is the publisher's own id. `name_words` must all occur in the name
    the publisher returns with it, so that a mistyped id cannot pass unnoticed.
    `sex`, `age` and `period_range` pick one series where an id holds several. Where
    `source_id` names a table of `live.yml`, `pick` gives the value of each column that
    picks its rows, and `columns` the headings of its value, numerator and denominator.
    `part_of` names the same figure of everybody, for one of a named group.
    `repeated` says that one person is counted many times, as in half days attended: such
    counts are not independent, and no interval is worked out from them.
    """

    id: Slug
    title: Line
    definition: Line
    source: Slug
    source_id: str = ""
    expected_name: str = ""
    name_words: tuple[str, ...] = ()
    verified: bool
    verified_where: str = ""
    unit: Line
    decimals: int = Field(default=1, ge=0, le=3)
    value_type: Line
    polarity: Polarity
    polarity_verified: bool
    method: Method = "interval_95"
    area_types: tuple[AreaType, ...] = ("borough",)
    ward_vintage: Literal["2002", "2022", ""] = ""
    sex: str = "Persons"
    age: str = ""
    period_range: str = ""
    counts_people: bool = True
    repeated: bool = False
    goal: Goal | None = None
    columns: dict[str, str] = {}
    pick: dict[str, str] = {}
    derived: Derivation | None = None
    part_of: SlugOrEmpty = ""
    superseded_by: str = ""
    lag: str = ""
    caveats: tuple[Line, ...] = ()
    breaks: tuple[Break, ...] = ()
    owner: str = ""
    checker: str = ""


class Evidence(Model):
    """What answers a measure: an indicator, a proxy, a return, a survey, or nothing and why.

    `why` is required for a proxy (what it does not measure) and for `none`;
    `wards` names the series to map, which may itself be a proxy (`wards_why`).
    `inverse` says that the series is published the other way round: a rise in
    the series is a fall in what the measure speaks of.
    """

    kind: Literal["indicator", "proxy", "return", "survey", "none"]
    indicators: tuple[Slug, ...] = ()
    inverse: bool = False
    why: str = ""
    wards: tuple[Slug, ...] = ()
    wards_why: str = ""
    supplier: str = ""


class Measure(Model):
    """What a strategy commits to, in its own words."""

    id: Slug
    text: Line
    part: str = ""
    kind: Literal["measure", "target", "implied", "addition", "vision"] = "measure"
    source_line: Line
    direction: Literal["increase", "decrease"]
    direction_basis: Line
    comparator: str = ""
    comparator_basis: str = ""
    target: str = ""
    target_year: str = ""
    baseline: str = ""
    group: str = ""
    cadence: str = ""
    proposed_outcome: SlugOrEmpty = ""
    serves: tuple[Slug, ...] = ()
    same_as: tuple[Slug, ...] = ()
    close_to: tuple[Slug, ...] = ()
    notes: str = ""
    evidence: Evidence


class Bullet(Model):
    """One bullet of the strategy, verbatim, and the measures it was parted into."""

    id: Line
    text: Line
    source_line: Line
    measures: tuple[Measure, ...] = Field(min_length=1)


class StatementPart(Model):
    """One thing a statement says, that a survey could ask."""

    id: Slug
    text: Line


class Statement(Model):
    """What residents said good looks like: an "I" or a "My" statement."""

    id: Slug
    text: Line
    source_line: Line
    parts: tuple[StatementPart, ...] = Field(min_length=1)
    close_to: tuple[Slug, ...] = ()
    evidence: Evidence
    notes: str = ""


class Outcome(Model):
    """One outcome of a strategy: one page of the pack."""

    id: Slug
    title: Line
    text: Line
    source_line: Line
    bullets: tuple[Bullet, ...] = Field(min_length=1)
    context: tuple[Slug, ...] = ()
    notes: str = ""

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The measures of every bullet, in the order of the strategy."""
        return tuple(measure for bullet in self.bullets for measure in bullet.measures)


class Theme(Model):
    """A heading of a strategy over one or more outcomes."""

    id: Slug
    title: Line
    outcomes: tuple[Outcome, ...] = Field(min_length=1)
    statements: tuple[Statement, ...] = ()
    notes: str = ""


class Strategy(Model):
    """One strategy: one file in `catalogue/strategies/`.

    `years` starts with the first year in four digits. `league_years` are those whose places
    in the league the strategy sets beside what its targets aspire to.
    """

    id: Slug
    title: Line
    short_title: Line
    years: Annotated[str, Field(pattern=r"^[0-9]{4}\b", max_length=80)]
    status: Line
    reader: Line
    vision: Line
    statements_title: str = ""
    themes: tuple[Theme, ...] = Field(min_length=1)
    targets_title: str = ""
    targets: tuple[Bullet, ...] = ()
    league_years: tuple[int, ...] = ()
    statements: tuple[Statement, ...] = ()

    @property
    def began(self) -> int:
        """The first year of the strategy."""
        return int(self.years[:4])

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Every outcome, theme by theme."""
        return tuple(outcome for theme in self.themes for outcome in theme.outcomes)

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Every measure of the outcomes, then the targets."""
        bullets = [bullet for outcome in self.outcomes for bullet in outcome.bullets]
        return tuple(m for bullet in [*bullets, *self.targets] for m in bullet.measures)

    @property
    def all_statements(self) -> tuple[Statement, ...]:
        """The statements of every theme, then those of the strategy as a whole."""
        return (*(s for theme in self.themes for s in theme.statements), *self.statements)


class AreaSet(Model):
    """A named set of areas, and the rule by which it was drawn."""

    title: Line
    areas: tuple[AreaCode, ...] = Field(min_length=1)
    version: str = ""
    status: str = ""
    rule: str = ""


class Comparators(Model):
    """`comparators.yml`: the one benchmark, and the areas listed beside it."""

    benchmark: Slug
    region: Slug
    peers: Slug
    league: Slug
    sets: dict[Slug, AreaSet]
    alternatives: dict[Slug, AreaSet] = {}


class Source(Model):
    """A publisher or a returning office: an entry of `sources.yml`."""

    title: Line
    publisher: Line
    licence: Line
    kind: Literal["published", "return", "survey", "derived"]
    supplied: Literal["extract", "later"]
    note: str = ""


class Settings(Model):
    """`settings.yml`: whose workspace this is.

    `ward_vintages` says in words which wards each vintage is; `ward_warning` stands
    under a map of another vintage than `ward_vintage`, today's. `water` names the river or
    the like that a map shows between the borough and its neighbours; empty for none.
    """

    area: AreaCode
    ward_vintage: Literal["2002", "2022"]
    council: Line
    contact: Line
    accessibility: Line
    strategies: tuple[Slug, ...] = Field(min_length=1)
    ward_vintages: dict[str, Line] = {}
    ward_warning: str = ""
    water: str = ""


class Area(Model):
    """A row of `areas.csv`."""

    code: AreaCode
    name: Line
    type: AreaType
    parent: str = ""
    vintage: str = ""
    valid_from: str = ""
    valid_to: str = ""


class Fact(Model):
    """A row of `facts.csv`: a figure a strategy quotes, with its line."""

    fact_id: Slug
    value: str
    unit: str
    what: Line
    area: str
    year: str
    comparator_area: str
    comparator_value: str
    kind: str
    golden_use: str
    linked_measure: str
    quote: str
    document: Line
    line: str
    notes: str
