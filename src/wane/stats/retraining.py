"""The interval of a difference over splits of one data set, from retraining under random weights.

Splits of one data set share most of their rows, so that what the splits show says little of other
data sets. Networks that are trained again with random weights of the rows show it: they vary as
networks on other data sets would.
"""

import dataclasses
import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from wane._errors import InputError
from wane.stats.intervals import Floats, PairedDifference

WEIGHT_VARIANCE = 0.25
"""The variance c² of a row's weight, whose mean is 1. Weights from Gamma(1 / c², c²) leave
1 / (1 + c²) = 0.8 of the rows in effect; a bootstrap (c² = 1) leaves half, and networks that are
trained on half as many rows are others."""

FEWEST_FREEDOM = 3.0
"""The fewest degrees of freedom that are used: below that the quantiles say nothing any more."""


@dataclasses.dataclass(frozen=True)
class RetrainedDifference(PairedDifference):
    """The mean of a difference over splits, with an interval over data sets.

    Attributes:
        draws: how many draws of row weights it rests on.
        runs: how many runs each of the two candidates had for that.
    """

    draws: int = 0
    runs: int = 0


def row_weights(
    generator: np.random.Generator, rows: int, *, variance: float = WEIGHT_VARIANCE
) -> Floats:
    """Random weights of rows, [rows], each from Gamma(1 / c², c²): mean 1, variance c².

    Args:
        generator: draws them.
        rows: how many.
        variance: c².
    """
    return generator.gamma(1 / variance, variance, size=rows)


def normalized_weights(weights: ArrayLike, labels: ArrayLike | None = None) -> Floats:
    """Weights of rows divided by their mean, or within each class by the mean of the class.

    Keras divides a weighted loss by the number of rows. So the penalty keeps its weight against
    the data loss, and classes their shares, as stratified splits keep them.

    Args:
        weights: of the rows, [rows], all above 0.
        labels: the class of each row, [rows]; None for all rows together.
    """
    whole = np.asarray(weights, np.float64)
    own = np.zeros(len(whole), int)
    if labels is not None:
        own = np.unique(np.asarray(labels), return_inverse=True)[1].reshape(-1)
    means = np.bincount(own, whole) / np.bincount(own)
    return whole / means[own]


def retrained_difference(
    differences: ArrayLike,
    changes: ArrayLike,
    row_differences: ArrayLike | None = None,
    *,
    rows: int,
    variance: float = WEIGHT_VARIANCE,
    confidence: float = 0.95,
) -> RetrainedDifference:
    """Two-sided t interval and test of a mean difference over splits, for other data sets.

    d are a study's differences over k splits, and their mean is the interval's centre. Candidate
    and baseline are trained again under random weights g of the rows, m runs for each of B draws
    of g, on the study's splits and from its seeds; g weighs rows in training and in the validation
    mean. z(b, j) is the difference under the draw b less that of the unweighted run of the same
    split and seed, z̄(b) its mean over the m runs. Then

        MSB = m · var over b of z̄(b),    MSW = mean over b of var over j of z(b, j),
        σ² = max(0, (MSB − MSW) / m) / c²,    V = σ² + s²(d) / k.

    σ² is the variance between data sets by a one-way random-effects analysis: weights of variance
    c² move a smooth statistic with c² times the variance with which new rows do. The squared
    standard error is V, or if larger ``RC = max(0, s²(rows) − e) / n + s²(d) / k`` by validation
    rows alone: s² of the rows' mean differences, less e, what repeats of a row leave in such a
    mean. Degrees of freedom are Satterthwaite's for V, from 3 to n − 1:
    ``2 V² / [(2 MSB² / (B − 1) + 2 MSW² / (B (m − 1))) / (m c²)² + 2 (s²(d) / k)² / (k − 1)]``.

    Source: Præstgaard & Wellner, Exchangeably weighted bootstraps of the general empirical process,
    Annals of Probability 21 (1993); Cai, Zhu, Zhong & Tian, Bootstrapping the cross-validation
    estimate, arXiv 2307.00260, for the random effects; Satterthwaite, Biometrics Bulletin 2 (1946).
    Nadeau & Bengio, Machine Learning 52 (2003), suppose the variance that is estimated here (see
    :func:`wane.stats.paired_difference`).

    Without any spread p is 1, since nothing tells chance apart.

    Args:
        differences: d, a − b for each split, [k].
        changes: z, [draws, runs of each], at least 2 of both.
        row_differences: a − b in each row, [repeats, rows], NaN where a repeat did not validate
            the row; None leaves RC out.
        rows: n, how many rows the splits divide.
        variance: c².
        confidence: of the interval.

    Raises:
        InputError: for fewer than two splits, draws or runs of each, or numbers not finite.
    """
    d, z = _checked(differences, changes)
    between_splits = float(d.var(ddof=1)) / d.size
    whole, freedom = _components(z, variance, between_splits, d.size - 1)
    freedom = min(max(freedom, FEWEST_FREEDOM), max(float(rows - 1), FEWEST_FREEDOM))
    if row_differences is not None:
        whole = max(whole, _between_rows(np.asarray(row_differences)) + between_splits)
    mean, error = float(d.mean()), math.sqrt(whole)
    margin = float(stats.t.ppf((1 + confidence) / 2, freedom)) * error
    ends = mean - margin, mean + margin
    p_value = float(2 * stats.t.sf(abs(mean) / error, freedom)) if error > 0 else 1.0
    return RetrainedDifference(
        mean, error, *ends, p_value, d.size, freedom, draws=len(z), runs=z.size
    )


def _checked(differences: ArrayLike, changes: ArrayLike) -> tuple[Floats, Floats]:
    d, z = np.asarray(differences, np.float64), np.asarray(changes, np.float64)
    if d.ndim != 1 or d.size < 2 or z.ndim != 2 or min(z.shape) < 2:
        raise InputError(
            f"retrained_difference takes [splits] and [draws, runs of each], two or more of all "
            f"three, got {d.shape} and {z.shape}: train more of them."
        )
    if not (np.all(np.isfinite(d)) and np.all(np.isfinite(z))):
        raise InputError(
            "differences and changes must be finite, got NaN or infinity among them: leave out a "
            "candidate with diverged runs."
        )
    return d, z


def _components(
    z: Floats, variance: float, between_splits: float, freedom: int
) -> tuple[float, float]:
    """V and its degrees of freedom, from z and the variance s²(d) / k with its own."""
    draws, runs = z.shape
    msb, msw = runs * float(z.mean(axis=1).var(ddof=1)), float(z.var(axis=1, ddof=1).mean())
    whole = max(0.0, (msb - msw) / runs) / variance + between_splits
    spread = 2 * msb**2 / (draws - 1) + 2 * msw**2 / (draws * (runs - 1))
    spread = spread / (runs * variance) ** 2 + 2 * between_splits**2 / freedom
    return whole, 2 * whole**2 / spread if spread > 0 else math.inf


def _between_rows(values: Floats) -> float:
    """The variance of a mean over rows that comes from which rows there are."""
    there = ~np.isnan(values)
    counts = there.sum(axis=0)
    seen = counts > 0
    means = np.where(there, values, 0).sum(axis=0)[seen] / counts[seen]
    if means.size < 2:
        return 0.0
    several = counts > 1
    within = 0.0
    if several.any():
        part = np.where(there, values, 0)[:, several]
        mean = part.sum(axis=0) / counts[several]
        squares = np.where(there[:, several], (values[:, several] - mean) ** 2, 0).sum(axis=0)
        within = float(np.mean(squares / (counts[several] - 1) / counts[several]))
    return max(0.0, float(means.var(ddof=1)) - within) / float(means.size)
