"""Ranges of one change, of which a search takes a point for each candidate."""

import dataclasses
import math

from wane._errors import InputError
from wane.penalties.base import Penalty
from wane.penalties.candidates import Change
from wane.penalties.changes import Dropout, LearningRate
from wane.penalties.schedule import Schedule

Ranged = Penalty | Dropout | LearningRate
"""What a range may be of."""
LEARNING_RATE = "learning rate"
"""What stands for its layers where a range is one of learning rates."""
NONE_SHARE = 0.1
"""The share of a range, at its weak end, that stands for none of the change."""


_EXPECTED = (
    "it goes from one penalty, wane.Dropout or wane.LearningRate to a stronger one that is else "
    "alike, such as wane.Range(wane.L2(1e-5, layers='out'), wane.L2(0.1, layers='out'))"
)


@dataclasses.dataclass(frozen=True)
class Range:
    """A penalty on one target, or a rate of dropout or of learning, from its lowest to its highest.

    Strengths and learning rates lie evenly on a log scale, rates of dropout on a plain one. A tenth
    of a penalty's range, below the weakest, stands for none: that is one of the settings. A network
    without another rate has its own, so that a range of rates begins at its lowest.

    Args:
        low, high: the weakest and the strongest, alike but for their strength or rate.
        none: whether to be without the penalty is a setting too; not so of rates.

    Raises:
        InputError: unless both are one penalty, or one dropout, on one target, or learning rates,
            and ``high`` is stronger.

    Example:
        >>> import wane
        >>> early = wane.Range(wane.L2(1e-5, layers="hidden_1"), wane.L2(0.1, layers="hidden_1"))
        >>> print(early.at(0.0), early.at(0.55), early.at(1.0))
        None L2(0.001) L2(0.1)
        >>> early.place_of((wane.L2(0.001, layers="hidden_1"),))
        0.55
    """

    low: Ranged
    high: Ranged
    none: bool = True

    def __post_init__(self) -> None:
        fault = _fault(self.low, self.high)
        if fault:
            raise InputError(f"wane.Range(low, high) {fault}: {_EXPECTED}.")
        if not isinstance(self.low, Penalty):
            object.__setattr__(self, "none", False)

    @property
    def layers(self) -> str:
        """The layers that it acts on; of a learning rate a word for it.

        Example:
            >>> early.layers
            'hidden_1'
        """
        return LEARNING_RATE if isinstance(self.low, LearningRate) else self.low.layers

    def at(self, place: float) -> Ranged | None:
        """The change at a place of the range.

        Args:
            place: from 0, none or the weakest, to 1, the strongest.

        Returns:
            The change, its strength with three significant digits; None for none.

        Example:
            >>> early.at(0.0) is None, early.at(0.1).strength, early.at(1.0).strength
            (True, 1e-05, 0.1)
        """
        weakest = NONE_SHARE if self.none else 0.0
        if self.none and place < weakest:
            return None
        share = min(1.0, max(0.0, (place - weakest) / (1 - weakest)))
        low, high = size_of(self.low), size_of(self.high)
        if isinstance(self.low, Dropout):
            rate = min(high, float(f"{low + share * (high - low):.3g}"))
            return dataclasses.replace(self.low, rate=rate)
        size = float(f"{low * (high / low) ** share:.3g}")
        if isinstance(self.low, LearningRate):
            return LearningRate(size)
        factor = size / low
        values = {
            name: float(f"{value * factor:.6g}")
            for name, value in zip(self.low.strength_fields, self.low.strengths_at(), strict=True)
        }
        return dataclasses.replace(self.low, **values)  # type: ignore[arg-type] # strengths are floats

    def place_of(self, candidate: tuple[Change, ...]) -> float:
        """The place of what a candidate has of this range.

        A penalty of the same kind on ``"all"`` layers counts as one on these.

        Args:
            candidate: its changes.

        Returns:
            The place, from 0 to 1; 0 where it has none of it.

        Example:
            >>> early.place_of((wane.L2(0.1),)), early.place_of((wane.L1(0.1),))
            (1.0, 0.0)
        """
        weakest = NONE_SHARE if self.none else 0.0
        low, high = size_of(self.low), size_of(self.high)
        for change in candidate:
            if not (isinstance(change, Ranged) and self.holds(change)):
                continue
            size = size_of(change)
            if size > 0 or isinstance(change, Dropout):
                if isinstance(change, Dropout):
                    share = (size - low) / (high - low)
                else:
                    share = math.log(size / low) / math.log(high / low)
                return round(weakest + (1 - weakest) * min(1.0, max(0.0, share)), 6)
        return 0.0

    def holds(self, change: Ranged) -> bool:
        """Whether a change is of this range but for its strength, or the same on all layers.

        Args:
            change: a penalty, a dropout or a learning rate.

        Returns:
            Whether it is.

        Example:
            >>> early.holds(wane.L2(0.5)), early.holds(wane.L2(0.5, layers="hidden_2"))
            (True, False)
        """
        if type(change) is not type(self.low):
            return False
        if isinstance(change, LearningRate):
            return True
        on_these = dataclasses.replace(change, layers=self.layers)
        same = _without_strength(on_these) == _without_strength(self.low)
        return same and change.layers in (self.layers, "all")


def _fault(low: object, high: object) -> str:
    """What is wrong with the ends of a range, with what was given; empty where nothing is."""
    for name, end in (("low", low), ("high", high)):
        if not isinstance(end, Ranged):
            return f"takes two penalties or rates, and {name} is {end!r}"
        if isinstance(end, Penalty) and any(isinstance(s, Schedule) for s in end.strengths):
            return f"takes strengths that stay, and {name}, {end}, changes in training"
    assert isinstance(low, Ranged) and isinstance(high, Ranged)
    if type(low) is not type(high):
        return f"takes two of one kind, got {low} and {high}"
    if isinstance(low, Penalty) and not low.strength > 0:
        return f"takes a low end above 0, since none=True stands for none, got {low}"
    if _without_strength(low) != _without_strength(high):
        return (
            f"takes two that differ in strength alone, got {low.name(target=True)} and "
            f"{high.name(target=True)}"
        )
    if not size_of(low) < size_of(high):
        return f"takes the weaker one first, got {low} and {high}"
    return ""


def size_of(change: Ranged) -> float:
    """The strength of a penalty, or the rate of dropout or learning."""
    return change.strength if isinstance(change, Penalty) else change.rate


def _without_strength(change: Ranged) -> tuple[object, ...]:
    """What tells changes apart beside their strength; several strengths count by their shares."""
    if isinstance(change, LearningRate):
        return (LearningRate,)
    if isinstance(change, Dropout):
        return Dropout, change.layers
    size = change.strength
    shares = tuple(round(s / size, 6) if size else 0.0 for s in change.strengths_at())
    return change.form, change.layers, change.on, shares
