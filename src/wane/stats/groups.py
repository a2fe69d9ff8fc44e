"""Numbers of rows made numbers of groups of rows, which are drawn as a whole."""

import dataclasses
import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from wane._errors import InputError
from wane.stats.crossed import satterthwaite
from wane.stats.intervals import (
    Floats,
    Interval,
    check_confidence,
    moments,
    row_of,
    variance_factor,
)

FEWEST_FREEDOM = 1.2
"""With fewer degrees of freedom, as of two groups, an interval would hold nearly everything."""
MOST_SKEWNESS = 0.2
"""The largest standard error, as a share of the mean, by which an end is moved for skewness: of
more than that few groups cannot tell how much is skewness and how much is one odd group."""


def group_sums(values: ArrayLike, groups: ArrayLike) -> Floats:
    """Sums over the rows of each group, [..., groups].

    Args:
        values: of rows, [..., rows].
        groups: the group of each row, from 0, [rows].
    """
    table, codes = np.asarray(values, np.float64), np.asarray(groups)
    flat = table.reshape(-1, table.shape[-1])
    count = int(codes.max()) + 1
    sums = np.array([np.bincount(codes, weights=row, minlength=count) for row in flat])
    return sums.reshape(*table.shape[:-1], count)


def group_contributions(values: ArrayLike, groups: ArrayLike) -> Floats:
    """What each group of rows adds to the mean over rows, [..., groups]; its mean is that mean.

    Rows of a group are alike, so that groups are the sample and rows are not: the mean over rows is
    a ratio of two sums over G groups, m = Σ S / Σ N. A group contributes
    ``m + (S − m N) G / Σ N``, and the variance of these, over G, is that of the ratio to first
    order, whether groups are of one size or not. A group of which there is no row contributes
    nothing and is left out.

    Source: Cochran, Sampling Techniques, 3rd edition (1977), section 9A.3, of cluster samples of
    unequal size; in regression it is the cluster-robust variance of Liang & Zeger, Biometrika 73
    (1986).

    Args:
        values: of rows, [..., rows].
        groups: the group of each row, [rows].

    Raises:
        InputError: if there is not one group for each row.
    """
    table = np.asarray(values, np.float64)
    codes = np.unique(np.asarray(groups), return_inverse=True)[1].reshape(-1)
    if table.shape[-1:] != codes.shape:
        raise InputError(
            f"There must be one group for each row, got {codes.size} groups and values of shape "
            f"{table.shape}."
        )
    sizes = np.bincount(codes).astype(np.float64)
    mean = table.mean(axis=-1, keepdims=True)
    return np.asarray(mean + (group_sums(table, codes) - mean * sizes) / sizes.mean())


def by_size(means: ArrayLike, sizes: ArrayLike) -> Floats:
    """What groups add to the mean over rows, [groups], as :func:`group_contributions` has it.

    Args:
        means: over the rows of each group, [groups].
        sizes: how many rows each has, [groups].
    """
    own, rows = np.asarray(means, np.float64), np.asarray(sizes, np.float64)
    mean = np.average(own, weights=rows)
    return np.asarray(mean + (own - mean) * rows / rows.mean())


def grouped_interval(
    contributions: ArrayLike,
    sizes: ArrayLike,
    repeat_means: ArrayLike,
    *,
    confidence: float = 0.95,
    test_to_train_ratio: float | None = None,
    overlap: float = 0.0,
    bounds: tuple[float, float] = (-math.inf, math.inf),
) -> Interval:
    """Interval for a mean over the rows of new groups, and over new repeats.

    G groups are the sample. The variance of the mean over their rows is that of leaving out one
    group at a time, ``(G − 1) / G · Σ (m(−g) − m)²`` (CR3 of cluster-robust regression), with the
    degrees of freedom of Bell & McCaffrey, G − 1 for groups of one size and fewer for others; with
    repeats it is joined as in :func:`wane.stats.crossed_interval`. Below 1.2 degrees of freedom, as
    of two groups, there is no interval (NaN). An end with no bound behind it is m ± q · error, with
    Student's q. One that leaves a bound behind, as the upper end of losses leaves zero, is that on
    the logarithm of the distance to it, moved for skewness, which few groups do not show:
    ``high = least + (m − least) exp(r (q + min(r, 0.2) max(0, w (2 q² + 1) − q²) / 2))``, r being
    the error divided by ``m − least`` and w the share of the variance that is the groups' own; low
    likewise below ``most``. Between two bounds, as of shares, both ends are Student's on the logit.

    Source: Bell & McCaffrey, Bias reduction in standard errors for linear regression with
    multi-stage samples, Survey Methodology 28 (2002); for the skewness Hall, JRSS B 54 (1992).

    Args:
        contributions: of the groups, as :func:`group_contributions` gives them, [groups].
        sizes: how many rows each has, or pairs of a row and a repeat, all above 0, [groups].
        repeat_means: the mean over rows for each repeat, [repeats]; one adds nothing.
        confidence: of the interval.
        test_to_train_ratio: as in :func:`wane.stats.paired_difference`.
        overlap: by which share training sets in common make the variance of groups larger.
        bounds: between which numbers the mean lies, infinite where that is not known.

    Raises:
        InputError: unless there is one size above 0 for each group.
    """
    own, rows = row_of(contributions, "contributions"), row_of(sizes, "sizes")
    check_confidence(confidence)
    if own.shape != rows.shape or not np.all(rows > 0):
        raise InputError(
            f"sizes must have a number above 0 for each of {own.size} groups, got {sizes!r}."
        )
    mean, repeats = moments(own)[0], row_of(repeat_means, "repeat_means")
    none = Interval(mean, math.nan, math.nan, math.nan, own.size)
    if own.size < 2:
        return none
    variance, freedom = _jackknife(own, rows)
    parts = [(variance * (1 + overlap), freedom)]
    if repeats.size > 1:
        factor = variance_factor(repeats.size, test_to_train_ratio)
        parts.append((moments(repeats)[1] ** 2 * factor, repeats.size - 1.0))
    error, freedom = satterthwaite(parts)
    if freedom < FEWEST_FREEDOM:
        return dataclasses.replace(none, standard_error=error)
    quantile = float(stats.t.ppf((1 + confidence) / 2, freedom))
    skewed = variance / error**2 if error > 0 else 0.0
    return Interval(mean, error, *_ends(mean, error, quantile, skewed, *bounds), own.size)


def _jackknife(contributions: Floats, sizes: Floats) -> tuple[float, float]:
    """The variance of a mean over groups by leaving one out, and its degrees of freedom.

    The deviations of the means without a group are a linear map L of the groups' own means. With
    independent ones of one variance ``L Lᵀ`` has the degrees of freedom ``tr² / tr(squared)``; the
    sums below are these two traces, without a matrix of groups by groups.
    """
    share = sizes / sizes.sum()
    weight = share / (1 - share)
    without = (contributions - contributions.mean()) / sizes.size / (1 - share)
    variance = (sizes.size - 1) / sizes.size * float(np.sum(without**2))
    squares = weight**2
    shares = float(np.sum(share**2))
    a, b, c = (float(np.sum(squares * share**power)) for power in range(3))
    own = 1 + shares - 2 * share
    trace = float(np.sum(squares * own))
    crossed = shares**2 * a**2 + 2 * a * c + 2 * b**2 - 4 * shares * a * b
    squared = crossed + float(np.sum(squares**2 * (own**2 - (own - 1) ** 2)))
    return variance, min(trace**2 / squared, sizes.size - 1.0)


def _ends(
    mean: float, error: float, quantile: float, skewed: float, least: float, most: float
) -> tuple[float, float]:
    """The ends of an interval within two bounds, each finite or not."""
    whole, place = most - least, (mean - least) / (most - least)
    if not (math.isfinite(whole) and 0 < place < 1):
        low = max(mean - _reach(error, quantile, skewed, most - mean), least)
        return low, min(mean + _reach(error, quantile, skewed, mean - least), most)
    reach = quantile * error / (whole * place * (1 - place))
    odds = special.logit(place)
    low, high = (least + whole * float(special.expit(odds + way * reach)) for way in (-1, 1))
    return low, high


def _reach(error: float, quantile: float, skewed: float, room: float) -> float:
    """How far an end is from the mean, if a bound is so far on the other side of it.

    Where groups of the long tail are missing from a sample, its mean, its spread and its skewness
    are all too small, and no spread mends that; but what ends at a bound has a long tail on the
    other side. Student's t is lower by ``κ (2 q² + 1) / 6`` at the quantile q, for a skewness κ of
    the mean; the logarithm makes up for ``r q² / 2`` of it. κ is taken to be 3 r: means of squares
    of normal effects of groups with some noise have 2 to 3 r, inverse Gaussians 3 r, lognormals
    more. What repeats and the overlap of training sets add to the variance is not skewed, so κ
    counts by the share of the groups' own, ``skewed``. r goes to zero with many groups, and the end
    to that of Student.
    """
    if not 0 < room < math.inf:
        return quantile * error
    share = error / room
    moved = max(0.0, skewed * (2 * quantile**2 + 1) - quantile**2) / 2
    further = share * (quantile + min(share, MOST_SKEWNESS) * moved)
    return room * math.expm1(min(further, 700.0))  # e to the 709 is no number any more
