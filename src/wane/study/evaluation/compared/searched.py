"""What a search has shown: which strengths are as good as the best, and which of them matter."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from wane.penalties import Candidate, Change, Penalty, Range
from wane.penalties.ranges import LEARNING_RATE, Ranged, size_of
from wane.report.numbers import strength_text
from wane.study.evaluation.compared.evidenced import SearchEvidence
from wane.study.evaluation.paired import paired
from wane.study.measures.finished import FinishedRuns
from wane.study.search.sampling import importances, improvements, points
from wane.study.spec.selection import best_index
from wane.study.spec.spaces.search import ONE
from wane.study.spec.spec import StudySpec

MATTERS = 0.1
"""From this share of the differences between candidates on, a strength matters."""
WIDE = 0.8
"""Where settings over this share of a range are as good as the best, it does not matter."""


@dataclasses.dataclass(frozen=True)
class SearchedRange:
    """One range of a search.

    Attributes:
        layers: the layers that it acts on, as given; of a strength for each layer its name; with
            roles and kind where other ranges have these layers, or are of other kinds.
        kind: what acts on them, such as ``"L2"``.
        best: the strength or rate of the best candidate, 0 for none.
        low, high: the weakest and the strongest among the candidates that are as good: whose mean
            is within one standard error of the difference in pairs of the best one's.
        weakest, strongest: the ends of the range; none is a setting beside them.
        importance: the share of the variance of the candidates' ranks that depends on this range,
            by itself and together with others (permutation importance of a random forest).
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
        trials: how many candidates of its own were tried.
        trained: how many of these have all repeats.
        as_good: how many of the latter are within one standard error of the best of them.
        matters: the smallest difference of interest, in the unit of what candidates are chosen by.
        ranges: the ranges, in the order of the layers.
        evidence: what the evidence of the training rows says of these; None where it is not known.
    """

    method: str
    trials: int
    trained: int
    as_good: int
    matters: float
    ranges: Sequence[SearchedRange]
    evidence: SearchEvidence | None = None


def searched(finished: FinishedRuns, losses: np.ndarray, matters: float) -> SearchSummary | None:
    """What the search of a study has shown; None where there was none, or nothing can be chosen.

    Of several spaces beside each other it is that of the best candidate.

    Args:
        finished: the runs.
        losses: what candidates are chosen by, lower being better, [candidates, repeats].
        matters: the smallest difference of interest.
    """
    spec = finished.spec
    if spec.search is None:
        return None
    named = [name for name in spec.search.spaces if name != ONE]
    several = [i for i, one in enumerate(spec.candidates) if _method_of(one, spec, named)]
    whole = [i for i in several if np.all(np.isfinite(losses[i]))]
    best = best_index(losses[whole], [spec.candidates[i] for i in whole]) if whole else None
    if best is None:
        return None
    chosen = whole[best]
    method = _method_of(spec.candidates[chosen], spec, named)
    own = [i for i, one in enumerate(spec.candidates) if one in spec.methods[method]]
    whole = [i for i in whole if i in own]
    good = [i for i in whole if i == chosen or _is_as_good(losses, i, chosen, finished)]
    space = spec.search.spaces[method]
    places = np.array([spec.search.places(method, one) for one in spec.candidates])
    known = points(spec.search, spec.methods, method, spec.candidates)
    results = improvements(losses)[known]
    shares = importances(places[known], results, spec.seed)
    return SearchSummary(
        method=method,
        trials=len(own),
        trained=len(whole),
        as_good=len(good),
        matters=matters,
        ranges=[
            _range(one, space, places[good, place], places[chosen, place], shares[place])
            for place, one in enumerate(space)
        ],
    )


def _method_of(candidate: Candidate, spec: StudySpec, named: Sequence[str]) -> str:
    """The method that a candidate is a setting of; "" of none of these."""
    return next((name for name in named if candidate in spec.methods[name]), "")


def setting_of(candidate: Sequence[Change], space: Sequence[Range]) -> str:
    """A point of a space in words: each range's layers with their strength, ``none`` for none."""
    parts = []
    for one in space:
        own = [c for c in candidate if isinstance(c, Ranged) and one.holds(c)]
        parts.append(f"{_label(one, space)} {strength_text(size_of(own[0])) if own else 'none'}")
    return ", ".join(parts)


def _label(one: Range, space: Sequence[Range]) -> str:
    """A range by its layers, and by what else tells it from others on these."""
    others = [
        other
        for other in space
        if other is not one and (other.layers, type(other.low)) == (one.layers, type(one.low))
    ]
    kinds = {type(each.low) for each in space}
    words = [one.layers]
    if others and isinstance(one.low, Penalty):
        words.append("+".join(one.low.on))
    if len(kinds) > 1 and one.layers != LEARNING_RATE:
        words.append(one.low.kind)
    return " ".join(words)


def _is_as_good(losses: np.ndarray, index: int, chosen: int, finished: FinishedRuns) -> bool:
    """Whether a candidate's mean loss is within one standard error of the chosen one's."""
    over = paired(losses[index], losses[chosen], finished.resampling)
    return bool(over.mean <= np.nan_to_num(over.standard_error))


def _range(
    one: Range,
    space: Sequence[Range],
    good: np.ndarray,
    best: float,
    importance: float,
) -> SearchedRange:
    """A range by the places of the candidates that are as good, and of the best."""
    wide = len(good) > 1 and float(np.ptp(good)) >= WIDE
    return SearchedRange(
        layers=_label(one, space),
        kind=one.low.kind,
        best=_at(one, best),
        low=_at(one, float(good.min())),
        high=_at(one, float(good.max())),
        weakest=size_of(one.low),
        strongest=size_of(one.high),
        importance=importance,
        matters=bool(importance >= MATTERS and not wide),
    )


def _at(one: Range, place: float) -> float:
    """The strength or rate at a place of a range, 0 for none."""
    change = one.at(place)
    return 0.0 if change is None else size_of(change)
