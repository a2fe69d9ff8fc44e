"""What a search has shown: which strengths are as good as the best, and which of them matter."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from wane.penalties import Change, Range
from wane.study.evaluation.paired import paired
from wane.study.measures.finished import FinishedRuns
from wane.study.search.sampling import importances, lies_in
from wane.study.spec.selection import best_index
from wane.study.spec.spaces.search import ONE

MATTERS = 0.1
"""From this share of the variance of the results on, a strength matters."""
WIDE = 0.8
"""Where settings over this share of a range are as good as the best, it does not matter."""


@dataclasses.dataclass(frozen=True)
class SearchedRange:
    """One range of a search.

    Attributes:
        layers: the layers that it acts on, as given; of a strength for each layer its name.
        kind: what acts on them, such as ``"L2"``.
        best: the strength or rate of the best candidate, 0 for none.
        low, high: the weakest and the strongest among the candidates that are as good: whose mean
            is within one standard error of the difference in pairs of the best one's.
        weakest, strongest: the ends of the range; none is a setting beside them.
        importance: the share of the variance of the candidates' ranks that this range explains by
            itself, over the others' whole ranges (functional analysis of variance).
        matters: whether that is at least a tenth, and not nearly all of the range is as good.
    """

    layers: str
    kind: str
    best: float
    low: float
    high: float
    weakest: float
    strongest: float
    importance: float
    matters: bool


@dataclasses.dataclass(frozen=True)
class SearchSummary:
    """What the search of a space has shown on the rows that chose.

    Attributes:
        method: whose space it is.
        trials: how many of its candidates were trained.
        as_good: how many candidates, of one strength for all layers too, are as good as the best.
        ranges: the ranges, in the order of the layers.
    """

    method: str
    trials: int
    as_good: int
    ranges: Sequence[SearchedRange]


def searched(finished: FinishedRuns, losses: np.ndarray) -> SearchSummary | None:
    """What the search of a study has shown; None where there was none, or nothing can be chosen.

    Args:
        finished: the runs.
        losses: what candidates are chosen by, lower being better, [candidates, repeats].
    """
    spec = finished.spec
    if spec.search is None:
        return None
    method = next(name for name in spec.search.spaces if name != ONE)
    own = [i for i, one in enumerate(spec.candidates) if lies_in(spec.search, method, one)]
    whole = [i for i in own if np.all(np.isfinite(losses[i]))]
    best = best_index(losses[whole], [spec.candidates[i] for i in whole]) if whole else None
    if best is None:
        return None
    chosen = whole[best]
    good = [i for i in whole if i == chosen or _is_as_good(losses, i, chosen, finished)]
    space = spec.search.spaces[method]
    places = np.array([spec.search.places(method, one) for one in spec.candidates])
    shares = importances(places[own], losses[own], losses[0], spec.seed)
    return SearchSummary(
        method=method,
        trials=len(spec.methods[method]),
        as_good=len(good),
        ranges=[
            _range(one, places[good, place], places[chosen, place], shares[place])
            for place, one in enumerate(space)
        ],
    )


def setting_of(candidate: Sequence[Change], space: Sequence[Range]) -> str:
    """A point of a space in words: each range's layers with their strength, ``-`` for none."""
    found = {(type(one), getattr(one, "layers", "")): one for one in candidate}
    parts = []
    for one in space:
        change = found.get((type(one.low), one.layers))
        parts.append(f"{one.layers} {'-' if change is None else f'{_size(change):g}'}")
    return ", ".join(parts)


def _is_as_good(losses: np.ndarray, index: int, chosen: int, finished: FinishedRuns) -> bool:
    """Whether a candidate's mean loss is within one standard error of the chosen one's."""
    over = paired(losses[index], losses[chosen], finished.resampling)
    return bool(over.mean <= np.nan_to_num(over.standard_error))


def _range(one: Range, good: np.ndarray, best: float, importance: float) -> SearchedRange:
    """A range by the places of the candidates that are as good, and of the best."""
    wide = len(good) > 1 and float(np.ptp(good)) >= WIDE
    return SearchedRange(
        layers=one.layers,
        kind=one.low.kind,
        best=_at(one, best),
        low=_at(one, float(good.min())),
        high=_at(one, float(good.max())),
        weakest=_size(one.low),
        strongest=_size(one.high),
        importance=importance,
        matters=bool(importance >= MATTERS and not wide),
    )


def _at(one: Range, place: float) -> float:
    """The strength or rate at a place of a range, 0 for none."""
    change = one.at(place)
    return 0.0 if change is None else _size(change)


def _size(change: Any) -> float:
    return float(getattr(change, "rate", 0.0) or getattr(change, "strength", 0.0))
