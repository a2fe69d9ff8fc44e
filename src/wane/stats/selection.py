"""Rules that choose one candidate from its losses; lower is better, ties go to the stronger."""

import numpy as np
from numpy.typing import ArrayLike

from wane._errors import InputError


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


def one_standard_error(means: ArrayLike, errors: ArrayLike, strengths: ArrayLike) -> int:
    """The index of the strongest candidate within one standard error of the best.

    The strongest i with ``m(i) ≤ m(b) + e(i)``, where m is the mean loss, b is what :func:`best`
    chooses and e(i) the standard error of the difference between i and b. Of equal strengths the
    lower mean wins. The rule of the books takes the standard error of m(b), which counts what all
    candidates have in common, and over splits of the same rows, without a correction, shrinks with
    their number; the paired one says which candidates cannot be told from the best.

    Strengths are compared as numbers, so give it candidates of one kind on one target.

    Source: Breiman, Friedman, Olshen & Stone, Classification and Regression Trees (1984), § 3.4.3;
    Hastie, Tibshirani & Friedman, The Elements of Statistical Learning, 2nd ed. (2009), § 7.10.

    Args:
        means: mean validation loss of each candidate, ``[candidates]``.
        errors: standard error of its difference to the best, ``[candidates]``; NaN for none.
        strengths: strength of each candidate, ``[candidates]``; 0 for the baseline.

    Raises:
        InputError: if the lengths differ or no mean is finite.
    """
    winner = best(means, strengths)
    means, strengths = np.asarray(means, np.float64), np.asarray(strengths, np.float64)
    limits = means[winner] + np.nan_to_num(np.asarray(errors, np.float64))
    if limits.shape != means.shape:
        raise InputError(
            f"There must be one standard error per candidate, got {limits.size} for {means.size}."
        )
    within = np.flatnonzero(means <= limits)
    return int(min(within, key=lambda i: (-strengths[i], means[i])))
