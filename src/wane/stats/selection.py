"""Rules that choose one candidate from its losses; lower is better, ties go to the stronger."""

import numpy as np
from numpy.typing import ArrayLike

from wane._errors import InputError
from wane.stats.intervals import mean_interval


def best(means: ArrayLike, strengths: ArrayLike) -> int:
    """The index of the lowest mean loss, ``argmin m(i)``.

    Of equal means the stronger penalty wins, being the simpler model, and of equal strengths the
    first. A NaN or infinite mean (a run that diverged) never wins.

    Args:
        means: mean validation loss of each candidate, ``[candidates]``.
        strengths: strength of each candidate, ``[candidates]``; 0 for the baseline.

    Raises:
        InputError: if the lengths differ or no mean is finite.
    """
    means, strengths = np.asarray(means, np.float64), np.asarray(strengths, np.float64)
    if means.ndim != 1 or means.shape != strengths.shape:
        raise InputError(
            f"There must be one mean loss and one strength per candidate, got arrays of shape "
            f"{means.shape} and {strengths.shape}."
        )
    finite = np.flatnonzero(np.isfinite(means))
    if not finite.size:
        raise InputError(
            f"No candidate can be chosen: none of the {means.size} mean losses is finite; "
            f"lower the learning rate or look at the data."
        )
    return int(min(finite, key=lambda i: (means[i], -strengths[i])))


def one_standard_error(losses_by_candidate: ArrayLike, strengths: ArrayLike) -> int:
    """The index of the strongest candidate within one standard error of the best.

    The strongest i with ``m(i) ≤ m(b) + s(b) / √k``, where m is the mean and s the standard
    deviation of a candidate's k losses and b is what :func:`best` chooses. Of equal strengths the
    lower mean wins. With a single repeat there is no standard error and b itself is chosen.

    Strengths are compared as numbers, so give it candidates of one kind on one target.

    Source: Breiman, Friedman, Olshen & Stone, Classification and Regression Trees (1984), § 3.4.3;
    Hastie, Tibshirani & Friedman, The Elements of Statistical Learning, 2nd ed. (2009), § 7.10.

    Args:
        losses_by_candidate: validation losses, ``[candidates, repeats]``.
        strengths: strength of each candidate, ``[candidates]``; 0 for the baseline.

    Raises:
        InputError: if the shapes do not fit or no candidate has a finite mean loss.
    """
    losses = np.asarray(losses_by_candidate, np.float64)
    if losses.ndim != 2:
        raise InputError(
            f"losses_by_candidate must have the shape [candidates, repeats], got {losses.shape}."
        )
    rows = [mean_interval(row) for row in losses]
    means = np.array([row.mean for row in rows])
    strengths = np.asarray(strengths, np.float64)
    winner = best(means, strengths)
    limit = means[winner] + np.nan_to_num(rows[winner].standard_error)
    within = np.flatnonzero(means <= limit)
    return int(min(within, key=lambda i: (-strengths[i], means[i])))
