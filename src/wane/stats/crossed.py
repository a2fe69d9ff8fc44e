"""Intervals over new rows and new repeats, where the same rows are evaluated in every repeat."""

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from wane.stats.intervals import (
    Floats,
    Interval,
    PairedDifference,
    bounds,
    check_confidence,
    moments,
    row_of,
    skewness_shift,
    variance_factor,
    without_spread,
)

ROWS_OF_NO_SKEWNESS = 20
"""How many rows without skewness are counted among differences of losses."""


def crossed_interval(
    row_means: ArrayLike,
    repeat_means: ArrayLike,
    *,
    confidence: float = 0.95,
    test_to_train_ratio: float | None = None,
) -> Interval:
    """Interval for a mean over new rows and new repeats, from one number for each of the two.

    n rows are predicted by the networks of k repeats: rows and repeats are crossed, and both are
    samples. The variance of the mean is ``s²(rows) / n + s²(repeats) · (1 / k + ratio)``, the ratio
    being 0 where repeats differ in their seed only and that of Nadeau & Bengio where their training
    sets overlap (see :func:`paired_difference`). It errs, by the interaction's share of 1 / (n k),
    on the safe side. Degrees of freedom are Satterthwaite's.

    Losses of rows are skewed, and few rows would give an interval that is too low: both ends are
    moved by ``√variance · κ (1 + 2 t²) / 6``, with κ the skewness of the mean that the rows' third
    moment gives (at most ±0.6, where the expansion ends to hold).

    With a single repeat the interval speaks of the rows alone; with fewer than two rows there is
    none (NaN).

    Source: Satterthwaite, An approximate distribution of estimates of variance components,
    Biometrics Bulletin 2 (1946); for the skewness Hall, On the removal of skewness by
    transformation, JRSS B 54 (1992), the Cornish–Fisher inversion that he starts from.

    Args:
        row_means: the mean over repeats for each row, [rows].
        repeat_means: the mean over rows for each repeat, [repeats].
        confidence: of the interval.
        test_to_train_ratio: as in :func:`paired_difference`.
    """
    mean, error, freedom, rows = _crossed(row_means, repeat_means, test_to_train_ratio)
    low, high = bounds(mean, error, freedom + 1, confidence)
    shift = 0.0
    if error > 0:
        shift = error * skewness_shift(_skewness(rows, error), (high - mean) / error)
    return Interval(mean, error, low + shift, high + shift, rows.size)


def crossed_difference(
    row_differences: ArrayLike,
    repeat_differences: ArrayLike,
    *,
    confidence: float = 0.95,
    test_to_train_ratio: float | None = None,
    skewed: bool = False,
) -> PairedDifference:
    """Interval and two-sided test of a mean difference over new rows and new repeats.

    The same n rows evaluate two candidates in each of k repeats, so that one number of rows,
    however many the repeats, limits what is known: with few rows the interval of
    :func:`paired_difference` over repeats is too narrow. Variance and degrees of freedom are those
    of :func:`crossed_interval`, with the differences in place of the means; p is 1 minus the
    confidence of the interval that ends at zero. Differences that are equal on all rows and in all
    repeats are treated as in :func:`paired_difference`, with the rows for its pairs: repeats that
    agree in everything are one run. Differences of two losses have long tails on both sides. The
    third moment of few rows shows where this sample has its outliers, and the whole shift for it
    would move the interval further the way they moved the mean: ``n / (n + 20)`` of it counts,
    unless they are ``skewed``.

    Args:
        row_differences: the mean over repeats of a − b for each row, [rows].
        repeat_differences: the mean over rows of a − b for each repeat, [repeats].
        confidence: of the interval.
        test_to_train_ratio: as in :func:`paired_difference`.
        skewed: whether b is one number for all rows; the shift is that of :func:`crossed_interval`.
    """
    check_confidence(confidence)
    mean, error, freedom, rows = _crossed(row_differences, repeat_differences, test_to_train_ratio)
    repeats = np.size(repeat_differences)
    if error <= np.finfo(np.float32).eps * abs(mean):  # what float32 rounds is no spread
        return without_spread(mean, rows.size, repeats)
    others = 0 if skewed else ROWS_OF_NO_SKEWNESS
    skewness = _skewness(rows, error) * rows.size / (rows.size + others)
    found = PairedDifference(mean, error, math.nan, math.nan, math.nan, repeats, freedom, skewness)
    if math.isnan(error):
        return found
    low, high = found.bounds(float(stats.t.ppf((1 + confidence) / 2, freedom)))
    p_value = float(2 * stats.t.sf(found.quantile, freedom))
    return dataclasses.replace(found, low=low, high=high, p_value=p_value)


def _crossed(
    row_means: ArrayLike, repeat_means: ArrayLike, ratio: float | None
) -> tuple[float, float, float, Floats]:
    """Mean, standard error, Satterthwaite's degrees of freedom, and the rows' means."""
    rows, repeats = row_of(row_means, "row_means"), row_of(repeat_means, "repeat_means")
    mean, spread = moments(rows)
    parts = [(spread**2 / max(rows.size, 1), rows.size - 1)]
    if repeats.size > 1:
        factor = variance_factor(repeats.size, ratio)
        parts.append((moments(repeats)[1] ** 2 * factor, repeats.size - 1))
    return mean, *satterthwaite(parts), rows


def satterthwaite(parts: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The standard error and degrees of freedom of a sum of variances.

    Args:
        parts: the variances, each with its degrees of freedom; where all are zero, the degrees of
            freedom are those of the first.
    """
    variance = sum(part for part, _ in parts)
    weights = sum(part**2 / freedom for part, freedom in parts if freedom > 0)
    freedom = variance**2 / weights if weights > 0 else max(float(parts[0][1]), 1.0)
    return math.sqrt(variance), float(freedom)


def _skewness(rows: Floats, error: float) -> float:
    """The skewness of the rows' mean, at most 0.6 either way, where the expansion ends to hold."""
    if not error > 0:
        return 0.0
    third = float(np.mean((rows - rows.mean()) ** 3)) / (rows.size**2 * error**3)
    return float(np.clip(third, -0.6, 0.6))
