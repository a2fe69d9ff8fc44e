"""By which number candidates are chosen, and which of them that number chooses."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from wane._errors import InputError, nearest
from wane.penalties import Candidate, Penalty, patience_of, strength_of
from wane.stats import best, one_standard_error

Direction = Literal["up", "down"]

LEAST_TEST_ROWS = 10
"""Fewer test rows, or groups of rows that belong together, say too little to decide."""


def too_few_groups(groups: Mapping[str, int]) -> bool:
    """Whether validation rows are of too few groups to decide anything.

    Args:
        groups: how many groups the rows of each part are of, where they have some.
    """
    return groups.get("validation", LEAST_TEST_ROWS) < LEAST_TEST_ROWS


@dataclasses.dataclass(frozen=True)
class Criterion:
    """What candidates are chosen by: a number of validation rows, and which way is better."""

    name: str = "data_loss"
    direction: Direction = "down"

    def losses(self, values: np.ndarray) -> np.ndarray:
        """The values with lower ones better."""
        return values if self.direction == "down" else -values


DATA_LOSS = Criterion()


def criterion(given: Any, directions: Mapping[str, str | None]) -> Criterion:
    """What the user chooses by.

    Args:
        given: None for the data loss, the name of a metric or scorer, or (name, "up" or "down").
        directions: for each metric that the study reports which way is better; None if unknown.

    Raises:
        InputError: if there is no such metric, or nothing says which way is better.
    """
    if given is None:
        return DATA_LOSS
    name, way = given if isinstance(given, tuple | list) and len(given) == 2 else (given, None)
    known = {"data_loss": "down", **directions}
    if name not in known:
        raise InputError(
            f"select_by must be a number that the study reports, got {name!r}: "
            f"{nearest(str(name), known)} List a scorer in scoring too."
        )
    if way not in (None, "up", "down"):
        raise InputError(f"select_by=({name!r}, way) takes 'up' or 'down' as way, got {way!r}.")
    direction = way or known[name]
    if direction not in ("up", "down"):
        raise InputError(
            f"Nothing says whether a higher or a lower {name!r} is better: give "
            f"select_by=({name!r}, 'up') or select_by=({name!r}, 'down')."
        )
    return Criterion(name, "up" if direction == "up" else "down")


def stopped_by_judges(candidates: Sequence[Candidate], test_rows: int) -> tuple[Candidate, ...]:
    """The candidates of which the rows that would judge them have chosen when they stop.

    Early stopping takes the epoch of the lowest validation loss, which looks too good on the very
    rows that chose it: in simulations with little to gain it was "better" in nearly every study.

    Args:
        candidates: the candidates.
        test_rows: how many test rows, or groups of them, there are, which choose no epoch.
    """
    if test_rows >= LEAST_TEST_ROWS:
        return ()
    return tuple(candidate for candidate in candidates if patience_of(candidate) is not None)


def checked_matters(matters: Any) -> float | None:
    """The smallest difference of interest, as a number; None for the usual one.

    Raises:
        InputError: unless it is None or a finite number above 0.
    """
    if matters is None:
        return None
    number = isinstance(matters, int | float | np.number) and not isinstance(matters, bool)
    if not number or not 0 < float(matters) < math.inf:
        raise InputError(
            f"matters must be a number above 0, the smallest difference of interest in the unit of "
            f"what candidates are chosen by, got {matters!r}."
        )
    return float(matters)


def check_matters(
    matters: float | None,
    chosen_by: Criterion,
    ranges: Mapping[str, tuple[float, float]],
) -> None:
    """Check that a score is asked to change by no more than it can.

    Args:
        matters: the smallest difference of interest.
        chosen_by: what candidates are chosen by.
        ranges: between which numbers scores lie, by name.

    Raises:
        InputError: if it is more.
    """
    low, high = ranges.get(chosen_by.name, (-math.inf, math.inf))
    if matters is not None and matters >= high - low:
        raise InputError(
            f"matters={matters:g} is more than {chosen_by.name}, a number from {low:g} to "
            f"{high:g}, can change: give a part of that, such as 0.01 for one point."
        )


def best_index(losses: np.ndarray, candidates: Sequence[Candidate]) -> int | None:
    """The candidate of the lowest mean, ties to the stronger; None if each has diverged runs.

    Args:
        losses: what is chosen by, lower being better, [candidates, repeats]; NaN if diverged.
        candidates: their penalties.
    """
    means = losses.mean(axis=1)
    if not np.isfinite(means).any():
        return None
    return best(means, [strength_of(candidate) for candidate in candidates])


def one_standard_error_index(
    means: np.ndarray, errors: np.ndarray, candidates: Sequence[Candidate], winner: int
) -> int:
    """The strongest candidate within one standard error of the best, of its kind and target.

    Strengths of other kinds or targets are no more and no less, so only the baseline and what
    differs from the best in strength alone are looked at; where the baseline is the best, these
    are all the others if they are of one kind and target.

    Args:
        means: of what is chosen by, lower being better, [candidates]; NaN if diverged.
        errors: standard error of each one's difference to the best, [candidates]; NaN for none.
        candidates: their penalties.
        winner: the best.
    """
    form = _form(candidates[winner])
    if winner == 0:
        forms = {_form(candidate) for candidate in candidates[1:]}
        form = forms.pop() if len(forms) == 1 else form
    alike = [
        index for index, candidate in enumerate(candidates) if _form(candidate) in (form, _form(()))
    ]
    strengths = [strength_of(candidates[index]) for index in alike]
    return alike[one_standard_error(means[alike], errors[alike], strengths)]


def by_strength(candidates: Sequence[Candidate]) -> list[int]:
    """Their places, those that differ in strength alone together and the weaker ones first."""
    first: dict[tuple[Any, ...], int] = {}
    for place, candidate in enumerate(candidates):
        first.setdefault(_form(candidate), place)
    return sorted(
        range(len(candidates)),
        key=lambda i: (first[_form(candidates[i])], strength_of(candidates[i])),
    )


def _form(candidate: Candidate) -> tuple[Any, ...]:
    """What candidates that differ in strength alone have in common."""
    return tuple(
        (change.form, change.kind, change.layers, change.on)
        if isinstance(change, Penalty)
        else change
        for change in candidate
    )
