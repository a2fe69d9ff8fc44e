"""Shares of studies, and what was said of the chosen candidate beside what is true of it."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from calibration.evidence import Said


@dataclasses.dataclass(frozen=True)
class Share:
    """A share of studies.

    Attributes:
        count: how many of them.
        studies: out of how many.
    """

    count: int
    studies: int

    @property
    def share(self) -> float:
        """The share."""
        return self.count / self.studies

    @property
    def error(self) -> float:
        """Its standard error."""
        return float(np.sqrt(max(self.share * (1 - self.share), 1 / self.studies) / self.studies))


@dataclasses.dataclass(frozen=True)
class Told:
    """What a study says of the chosen candidate, and its true gain over the baseline."""

    said: Said
    gain: float


@dataclasses.dataclass(frozen=True)
class Reading:
    """How often what is said holds.

    Attributes:
        coverage: how often the interval of the chosen candidate holds its true gain, of the studies
            that give one; None if none does.
        false_help: how often "helps" is said of a candidate that gains nothing, of all studies.
        power: how often it is said of one that gains, of the studies that choose such a one; None
            if none does.
    """

    coverage: Share | None
    false_help: Share
    power: Share | None


def reading(told: Sequence[Told]) -> Reading:
    """How often what these studies say holds."""
    held = [
        one.said.interval[0] <= one.gain <= one.said.interval[1]
        for one in told
        if one.said.interval is not None
    ]
    false = sum(one.said.helps and one.gain <= 0 for one in told)
    gained = [one.said.helps for one in told if one.said.chosen and one.gain > 0]
    return Reading(
        Share(sum(held), len(held)) if held else None,
        Share(false, len(told)),
        Share(sum(gained), len(gained)) if gained else None,
    )


@dataclasses.dataclass(frozen=True)
class Readings:
    """A problem's studies, read now and as wane 0.1 did.

    Attributes:
        problem, rows, repeats: what was simulated, in words.
        gain: the true gain of the chosen candidate, mean over the studies that choose one.
        now, before: how often what was said holds.
    """

    problem: str
    rows: str
    repeats: int
    gain: float
    now: Reading
    before: Reading


def compared(
    problem: str, rows: str, repeats: int, now: Sequence[Told], before: Sequence[Told]
) -> Readings:
    """What was said now and before, beside each other."""
    gains = [one.gain for one in now if one.said.chosen]
    mean = float(np.mean(gains)) if gains else 0.0
    return Readings(problem, rows, repeats, mean, reading(now), reading(before))
