"""The entries of `disclosure.yml`: thresholds for small numbers, and who stands for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, model_validator

from lbbd_jsna.catalogue.files import FileReader, unknown
from lbbd_jsna.catalogue.models import Indicator, Line, Model, Slug
from lbbd_jsna.errors import Fault

FILE = "disclosure.yml"


class SignOff(Model):
    """Who agreed to the thresholds, and when: both, or neither yet."""

    role: Line
    name: str = ""
    date: Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = ""

    @model_validator(mode="after")
    def _both_or_neither(self) -> SignOff:
        if bool(self.name) != bool(self.date):
            raise ValueError("a name and a date, or neither while nobody has signed off")
        return self

    @property
    def signed(self) -> bool:
        """Whether somebody has signed off."""
        return bool(self.name)


class SensitiveTopic(Model):
    """A subject no table of which may go below the borough.

    An indicator is of the topic when one of `words` starts a word of its id, title or
    definition, or when `indicators` names it; `not_about` names those the words catch
    wrongly.
    """

    title: Line
    words: tuple[Line, ...] = ()
    indicators: tuple[Slug, ...] = ()
    not_about: tuple[Slug, ...] = ()

    def holds(self, indicator: Indicator) -> bool:
        """Whether an indicator is about this topic."""
        if indicator.id in self.not_about:
            return False
        text = f"{indicator.id.replace('-', ' ')} {indicator.title} {indicator.definition}"
        plain = text.replace("-", " ").casefold()
        said = any(re.search(rf"\b{re.escape(word.casefold())}", plain) for word in self.words)
        return said or indicator.id in self.indicators


class DisclosureRules(Model):
    """`disclosure.yml`: what is hidden, what is rounded, and what an attack must leave open.

    Counts of 1 to `smallest_shown` - 1 people are hidden and all others rounded to
    `round_to`, an odd number, so that no count stands half way. An attack must leave at
    least `fewest_values` values for a hidden cell, and not only values from 1 to
    `never_within`. A mean or a median needs `fewest_for_a_mean` people. For a sensitive
    topic 0 is hidden too, and so is everybody of a group of `whole_group` or fewer.
    """

    smallest_shown: int = Field(ge=6, le=100)
    round_to: int = Field(ge=3, le=99)
    fewest_values: int = Field(ge=3, le=20)
    never_within: int = Field(ge=5, le=99)
    fewest_for_a_mean: int = Field(ge=3)
    whole_group: int = Field(ge=1)
    basis: Line
    signed_off: SignOff
    sensitive: dict[Slug, SensitiveTopic]

    @model_validator(mode="after")
    def _consistent(self) -> DisclosureRules:
        if self.round_to % 2 == 0:
            raise ValueError("round_to must be odd, so that no count stands half way")
        if self.never_within >= self.smallest_shown - 1:
            raise ValueError("never_within must leave a hidden value above it")
        if self.fewest_values >= self.smallest_shown:
            raise ValueError("fewest_values must not be more than the hidden values there are")
        return self

    def topic_of(self, indicator: Indicator) -> str:
        """The sensitive topic an indicator is about, or an empty text."""
        return next((key for key, topic in self.sensitive.items() if topic.holds(indicator)), "")

    @property
    def in_words(self) -> str:
        """What is done to counts of people, in a sentence."""
        return (
            f"Counts of 1 to {self.smallest_shown - 1} people are withheld, and others that would "
            f"give them away; the rest are rounded to the nearest {self.round_to}, and percentages "
            "and rates are worked out from the rounded counts; their 95% intervals are widened by "
            "what the rounding may hide."
        )

    @property
    def note(self) -> str:
        """Who signed the thresholds off, or that nobody has, in a sentence."""
        who = self.signed_off
        if who.signed:
            return (
                f"The thresholds for small numbers were signed off by {who.name}, {who.role}, "
                f"on {who.date}"
            )
        return f"The thresholds for small numbers are not yet signed off by the {who.role}"


def rule_faults(
    rules: DisclosureRules | None, indicators: list[str], reader: FileReader
) -> Iterator[Fault]:
    """Faults of indicators that `disclosure.yml` names and nobody else knows."""
    if rules is None:
        return
    tree = reader.trees[FILE]
    for key, topic in rules.sensitive.items():
        for part in ("indicators", "not_about"):
            line = tree.line(("sensitive", key, part))
            where = reader.where(FILE, line, key, part)
            yield from unknown(where, getattr(topic, part), indicators, "indicator")
