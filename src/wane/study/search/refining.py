"""Strengths between those that were tried, around the best ones."""

from collections.abc import Sequence

import numpy as np

from wane.penalties import Candidate, strength_of
from wane.stats import mean_interval
from wane.study.search.curves import curves, with_strength
from wane.study.spec.selection import best_index

STEPS = (0.25, 0.5)
"""How far on the way to the next strength, on a log scale, a refined one lies."""


def refinements(
    candidates: Sequence[Candidate], losses: np.ndarray, test_to_train_ratio: float | None = None
) -> list[Candidate]:
    """Strengths around the best one, and around every other valley that is nearly as deep.

    Candidates of one penalty that differ in strength alone are a curve. A valley is a strength
    whose mean loss neither neighbour's is below; those within one standard error of the best of
    all are refined: at a quarter and a half of the way, on a log scale, to the next strength on
    either side, and as far beyond the end of a curve. Curves need not have one valley only
    (Yilmaz & Heckel 2022).

    Args:
        candidates: the candidates, the baseline first.
        losses: what is chosen by, lower being better, [candidates, repeats]; a candidate with NaN
            is no valley.
        test_to_train_ratio: of overlapping splits, else None; see :func:`wane.stats.mean_interval`.
    """
    best = best_index(losses, candidates)
    if best is None:
        return []
    means = losses.mean(axis=1)
    counted = mean_interval(losses[best], test_to_train_ratio=test_to_train_ratio)
    limit = means[best] + np.nan_to_num(counted.standard_error)
    new: list[Candidate] = []
    for curve in curves(candidates):
        strengths = [strength_of(candidates[index]) for index in curve]
        known = list(strengths)
        for place, index in enumerate(curve):
            around = [means[other] for other in _around(curve, place)]
            valley = means[index] <= limit and all(not other < means[index] for other in around)
            if valley:
                for strength in _between(strengths, place):
                    if strength not in known:
                        known.append(strength)
                        new.append(with_strength(candidates[index], strength))
    return new


def _around(curve: Sequence[int], place: int) -> list[int]:
    """A strength's neighbours on its curve, of which the baseline is the weakest."""
    left = curve[place - 1] if place else 0
    return [left, *curve[place + 1 : place + 2]]


def _between(strengths: Sequence[float], place: int) -> list[float]:
    """New strengths on both sides of one; ends of a curve extend as far as the other side."""
    own = strengths[place]
    ratios = [
        strengths[place + 1] / own if place + 1 < len(strengths) else None,
        own / strengths[place - 1] if place else None,
    ]
    up, down = (ratio or ratios[0] or ratios[1] or 10.0 for ratio in ratios)
    found = [own * up**step for step in STEPS] + [own / down**step for step in STEPS]
    return sorted(float(f"{strength:.3g}") for strength in found)
