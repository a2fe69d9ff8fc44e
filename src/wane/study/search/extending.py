"""Strengths beyond those that were tried, and early stopping, where the losses ask for them."""

from collections.abc import Collection, Sequence

import numpy as np

from wane._errors import InputError
from wane.penalties import Candidate, EarlyStopping, strength_of
from wane.stats import mean_interval
from wane.study.search.curves import curves, with_strength
from wane.study.spec.selection import best_index

MOST_STEPS = 6
"""So many strengths are added at most at each end of a curve."""
SMALLEST = 0.01
"""A fall by less than this share of a curve's range leads nowhere."""
LONG_BEFORE = 0.5
"""A loss was lowest long before the end if that was within this share of the epochs."""
REBOUND = 0.05
"""A validation loss that ends this share above its lowest value has risen again."""
MOST_RUNS = 0.8
"""The share of runs in which the validation loss must have risen for a rise to be believed."""
CONSTANT = 0.98
"""From this share of a constant prediction's training loss on, a network is no better than one."""
PATIENCE = 0.1
"""The patience of early stopping that a study adds by itself, as a share of the epochs."""
LEAST_PATIENCE = 5


def no_better(loss: float, constant: float, perfect: float) -> bool:
    """Whether a network is no better than a constant prediction.

    Args:
        loss: its training data loss.
        constant: that of the best constant.
        perfect: that of predictions that are the targets.
    """
    return loss - perfect >= CONSTANT * (constant - perfect)


def further_strengths(
    candidates: Sequence[Candidate],
    losses: np.ndarray,
    given: int,
    idle: Collection[int],
    test_to_train_ratio: float | None = None,
) -> list[Candidate]:
    """The next strength beyond each end of a curve at which the loss still falls.

    A curve are candidates of one penalty that differ in strength alone, at least two. Its end is
    extended by the step between the last two strengths, where its mean loss is within one standard
    error of the best of all, and below that of its neighbour by more than one standard error of
    their difference and by more than a hundredth of the curve's range; at the weak end also below
    that of the baseline, to which weaker strengths lead.

    Args:
        candidates: the candidates, the baseline first.
        losses: what is chosen by, lower being better, [candidates, repeats]; NaN for candidates
            that diverged or may not be chosen.
        given: how many of the candidates the user gave.
        idle: candidates whose penalty holds the network at a constant: stronger ones would do the
            same.
        test_to_train_ratio: of overlapping splits, else None; see :func:`wane.stats.mean_interval`.

    Returns:
        The new candidates, none where every curve has turned.
    """
    best = best_index(losses, candidates)
    if best is None:
        return []
    means = losses.mean(axis=1)
    limit = means[best] + _error(losses[best], test_to_train_ratio)
    new: list[Candidate] = []
    for curve in curves(candidates):
        asked = [place for place, index in enumerate(curve) if index < given]
        if len(asked) < 2:
            continue
        known = means[curve][np.isfinite(means[curve])]
        spread = float(np.ptp(known)) if len(known) else 0.0
        for end, beside, outside in (
            (curve[-1], curve[-2], len(curve) - 1 - asked[-1]),
            (curve[0], curve[1], asked[0]),
        ):
            over = losses[beside] - losses[end]
            least = max(_error(over, test_to_train_ratio), SMALLEST * spread)
            falls = over.mean() > least
            weak = end == curve[0]
            stands = idle if not weak else [i for i in (end,) if not means[i] < means[0]]
            if falls and means[end] <= limit and outside < MOST_STEPS and end not in stands:
                new += _beyond(candidates[end], candidates[beside])
    return new


def _error(values: np.ndarray, ratio: float | None) -> float:
    """The standard error of a mean over repeats; 0 for a single one."""
    return float(np.nan_to_num(mean_interval(values, test_to_train_ratio=ratio).standard_error))


def _beyond(end: Candidate, beside: Candidate) -> list[Candidate]:
    """The end of a curve moved on by one step; none where the penalty takes no such strength."""
    strength = strength_of(end) * (strength_of(end) / strength_of(beside))
    try:
        return [with_strength(end, float(f"{strength:.3g}"))]
    except InputError:
        return []


def early_stopping(curves_of_runs: np.ndarray, epochs: int) -> EarlyStopping | None:
    """Early stopping with the usual patience, where the loss was lowest long before the end.

    Args:
        curves_of_runs: the baseline's validation data loss, [runs, epochs trained].
        epochs: of the study.
    """
    if not curves_of_runs.size or not np.all(np.isfinite(curves_of_runs)):
        return None
    mean = curves_of_runs.mean(axis=0)
    lowest = int(np.argmin(mean))
    rose = np.mean(curves_of_runs[:, -1] > curves_of_runs[:, lowest]) >= MOST_RUNS
    early = lowest + 1 <= LONG_BEFORE * len(mean)
    if not (early and rose and mean[-1] > (1 + REBOUND) * mean[lowest]):
        return None
    return EarlyStopping(max(LEAST_PATIENCE, round(PATIENCE * epochs)))
