"""A made-up return's counts shared out among wards, so that they add up to the borough exactly."""

from __future__ import annotations

import numpy as np

# How unlike wards are: in how many use a service, and in how it goes for them (log odds).
SIZES, ODDS = 0.5, 0.5
# One ward that hardly uses the service: so few people that some quarters have none.
FEWEST = 0.002


def shared_out(
    counts: np.ndarray, people: np.ndarray, *, wards: int, alike: bool, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Share counts, and the people they are counted among, out among wards.

    Parameters
    ----------
    counts, people : ndarray of int, one a period
        Of the borough; no count above its people.
    wards : int
    alike : bool
        Whether people stand for residents, who are spread evenly, or for those who use a
        service: few in most wards, next to none in one.
    rng : Generator

    Returns
    -------
    two ndarrays of int, wards by periods
        Each column adds up to the borough's count and people. A ward with many people keeps
        having many, and one where it goes well keeps doing well.
    """
    sizes = np.exp((0.2 if alike else SIZES) * rng.normal(size=wards))
    sizes /= sizes.sum()
    if not alike:
        sizes[rng.integers(wards)] = FEWEST
        sizes /= sizes.sum()
    better = ODDS * rng.normal(size=wards)
    columns = [_of_period(c, n, sizes, better, rng) for c, n in zip(counts, people, strict=True)]
    return tuple(np.array(part).T for part in zip(*columns, strict=True))


def _of_period(
    count: int, people: int, sizes: np.ndarray, better: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Everybody lives in a ward; those who draw best, with its help, are the ones counted."""
    living = rng.multinomial(people, sizes)
    home = np.repeat(np.arange(len(sizes)), living)
    luck = rng.logistic(size=people) + better[home]
    counted = home[np.argsort(-luck, kind="stable")[:count]]
    return np.bincount(counted, minlength=len(sizes)), living
