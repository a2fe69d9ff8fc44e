"""Which candidates need no further repeats: successive halving over paired repeats."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wane._errors import InputError

MARGIN = 1.0
"""How many standard errors above the best, less the indifference, a dropped candidate lies."""
PRIOR = 4
"""What the median variance of differences counts beside a candidate's own, in repeats."""
FIRST_ROUND = 2
"""Repeats of the first halving round; each later one has twice as many in all."""
LEAST_REPEATS = 4
"""With fewer in all there is nothing to save after the first halving round."""


def halving_rounds(repeats: int) -> tuple[int, ...]:
    """Repeats after which candidates are dropped: 2, 4, 8, …, and in the end all of them."""
    count = int(math.log2(max(repeats - 1, 1))) + 1
    return (*(FIRST_ROUND**k for k in range(1, count + 1) if FIRST_ROUND**k < repeats), repeats)


def still_racing(losses: ArrayLike, total: int) -> NDArray[np.bool_]:
    """Which candidates continue after some of their repeats.

    The better half continues, and of the worse half whatever may yet turn out better than the best
    so far by more than about one standard error of a mean over all repeats. With r of R repeats
    done, d(i) the mean of candidate i minus the best in pairs, s(i) its standard deviation and δ
    the median over candidates of ``sd / √R``, a candidate of the worse half is dropped if
    ``d(i) + δ > s(i) · √(1/r − 1/R)``: the root is the error of a mean of r out of R repeats. Few
    repeats estimate s(i) badly, so its square is averaged with the median over candidates, which
    counts as four repeats, and never taken as smaller than its own.

    With 13 candidates and 30 repeats of simulated studies (``tests/stats/test_racing.py``) the
    choice lay within one standard error of that of all repeats in 98 of 100, for 35 % of the runs.

    Source: successive halving as in Jamieson & Talwalkar, Non-stochastic best arm identification
    and hyperparameter optimization, AISTATS (2016), over repeats in place of epochs, and with the
    test on pairs of Maron & Moore, Hoeffding races, NeurIPS 6 (1993), in the place of a fixed half.

    Args:
        losses: of the repeats so far, lower being better, [candidates, repeats]; a candidate with
            a diverged run (NaN) is dropped.
        total: how many repeats there will be.

    Raises:
        InputError: unless there are at least two repeats, and no more than in total.
    """
    table = np.asarray(losses, np.float64)
    if table.ndim != 2 or not 2 <= table.shape[1] <= total:
        raise InputError(
            f"losses must have the shape [candidates, repeats] with 2 to {total} repeats, got "
            f"{table.shape}."
        )
    done = table.shape[1]
    going: NDArray[np.bool_] = np.all(np.isfinite(table), axis=1)
    if np.count_nonzero(going) < 2 or done == total:
        return going
    own = table[going]
    means = own.mean(axis=1)
    best = int(np.argmin(means))
    differences = own - own[best]
    others = np.arange(len(own)) != best
    variances = differences.var(axis=1, ddof=1)
    pooled = float(np.median(variances[others]))
    shrunk = ((done - 1) * variances + PRIOR * pooled) / (done - 1 + PRIOR)
    errors = np.sqrt(np.maximum(shrunk, variances) * (1 / done - 1 / total))
    indifference = math.sqrt(float(np.median(own.var(axis=1, ddof=1))) / total)
    surely = differences.mean(axis=1) + indifference > MARGIN * errors
    ranks = np.argsort(np.argsort(means, kind="stable"))
    keep = (ranks < math.ceil(len(own) / 2)) | ~surely
    going[np.flatnonzero(going)] = keep
    return going


def check_halving(repeats: int) -> None:
    """Check that there are enough repeats for halving.

    Raises:
        InputError: if there are not.
    """
    if repeats < LEAST_REPEATS:
        raise InputError(
            f"Halving drops candidates after 2 repeats, 4, 8 and so on, which takes at least "
            f"{LEAST_REPEATS}, got {repeats}: take more repeats, or leave halving out."
        )
