"""Intervals for a mean over repeats and for the paired difference of two candidates."""

import dataclasses
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from wane._errors import InputError

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Interval:
    """A mean, its standard error and its two-sided confidence interval, in the values' unit."""

    mean: float
    standard_error: float
    low: float
    high: float
    count: int


@dataclasses.dataclass(frozen=True)
class PairedDifference:
    """The mean of a − b, with its interval and its two-sided p-value.

    Attributes:
        mean: in the unit of a and b.
        standard_error: of the mean.
        low, high: the interval; NaN where there is none.
        p_value: of the mean being zero.
        count: how many repeats there are.
        freedom: degrees of freedom of the standard error; NaN where it has none.
        skewness: of the mean, by which both ends are moved; see :func:`crossed_difference`.
    """

    mean: float
    standard_error: float
    low: float
    high: float
    p_value: float
    count: int
    freedom: float = math.nan
    skewness: float = 0.0

    @property
    def has_interval(self) -> bool:
        """Whether the repeats were enough for one."""
        return not math.isnan(self.low)

    def bounds(self, quantile: float) -> tuple[float, float]:
        """The ends of the interval that reaches so many standard errors to either side."""
        shift = skewness_shift(self.skewness, quantile)
        return (
            self.mean + (shift - quantile) * self.standard_error,
            self.mean + (shift + quantile) * self.standard_error,
        )

    @property
    def quantile(self) -> float:
        """How many standard errors an interval must reach to hold zero at its end."""
        t, skewness = abs(self.mean) / self.standard_error, self.skewness
        return _quantile(t, skewness if self.mean > 0 else -skewness)

    def times(self, factor: float) -> "PairedDifference":
        """The difference of the values times a factor, such as −1 for b − a."""
        low, high = sorted((self.low * factor, self.high * factor))
        return dataclasses.replace(
            self,
            mean=self.mean * factor,
            standard_error=self.standard_error * abs(factor),
            low=low,
            high=high,
            skewness=math.copysign(self.skewness, self.skewness * factor),
        )

    def within(self, span: float) -> "PairedDifference":
        """The difference of values that lie no further than this apart."""
        low, high = max(self.low, -span), min(self.high, span)
        return dataclasses.replace(self, low=low, high=high) if self.has_interval else self

    @property
    def is_positive(self) -> bool:
        """Whether it is above zero beyond chance, at a level of 5 %."""
        return self.mean > 0 and self.p_value < 0.05


def mean_interval(
    values: ArrayLike, *, confidence: float = 0.95, test_to_train_ratio: float | None = None
) -> Interval:
    """Student's t interval for the mean of k values, independent ones unless a ratio is given.

    ``m ± t(k − 1, (1 + confidence) / 2) · s / √k``, with s the standard deviation with k − 1 in
    its denominator. With ``test_to_train_ratio`` it is ``s · √(1 / k + ratio)`` for ``s / √k``, as
    in :func:`paired_difference`.

    Fewer than two values say nothing about their spread: standard error and bounds are then NaN
    (so is the mean of no value). They are NaN too if a value is NaN or infinite, and the mean is
    then NaN or infinite.

    Source: Student, The probable error of a mean, Biometrika 6 (1908).

    Raises:
        InputError: unless ``values`` is one row of numbers, ``0 < confidence < 1`` and the ratio
            is None or a finite number above 0.
    """
    row = row_of(values, "values")
    mean, deviation = moments(row)
    error = deviation * math.sqrt(variance_factor(row.size, test_to_train_ratio))
    low, high = bounds(mean, error, row.size, confidence)
    return Interval(mean, error, low, high, row.size)


def skewness_shift(skewness: float, quantile: float) -> float:
    """By how many standard errors the ends of an interval for a mean of skewed rows move.

    It grows no further where it would pass an end by: a wider interval holds a narrower one.
    """
    reach = min(quantile, 1.5 / abs(skewness)) if skewness else quantile
    return skewness * (1 + 2 * reach**2) / 6


def _quantile(t: float, skewness: float) -> float:
    """The quantile q of which the interval's lower end, ``t − q + κ (1 + 2 q²) / 6``, is zero."""
    if skewness == 0:
        return t
    constant = t + skewness / 6
    if constant <= 0:
        return 0.0
    root = 1 - 4 / 3 * skewness * constant
    found = 2 * constant / (1 + math.sqrt(root)) if root > 0 else math.inf
    if found <= 1.5 / abs(skewness):
        return found
    return constant + 0.75 / skewness  # beyond it the shift does not grow


def share_interval(found: Interval, rows: float, *, confidence: float = 0.95) -> Interval:
    """An interval for a share of rows, which lies within 0 and 1.

    It is cut off there; one that would be all of 0 to 1 is no information, and none is given (NaN).
    Where all rows agree, their spread of zero would make it a point, and it reaches as far as a
    share with which n rows agree in ``(1 − confidence) / 2`` of all samples: for n right ones of n
    down to ``((1 − confidence) / 2) ** (1 / n)``.

    Source: Clopper & Pearson, The use of confidence or fiducial limits illustrated in the case of
    the binomial, Biometrika 26 (1934).

    Args:
        found: the interval by the spread of the rows.
        rows: how many independent rows it stands for.
        confidence: of the interval.
    """
    low, high = found.low, found.high
    if math.isnan(low):
        return found
    if low <= 0 and high >= 1:
        return dataclasses.replace(found, low=math.nan, high=math.nan)
    reach = 1 - ((1 - confidence) / 2) ** (1 / rows)
    if found.mean == 1:
        low = min(low, 1 - reach)
    if found.mean == 0:
        high = max(high, reach)
    return dataclasses.replace(found, low=max(low, 0.0), high=min(high, 1.0))


def paired_difference(
    a: ArrayLike,
    b: ArrayLike,
    *,
    confidence: float = 0.95,
    test_to_train_ratio: float | None = None,
    same_rows: bool = False,
) -> PairedDifference:
    """Two-sided paired t interval and test of the mean of d = a − b over k repeats.

    The variance of the mean of d is ``s² / k`` where ``test_to_train_ratio`` is None: independent
    runs on one split, of which only the seed varied. Over resampled splits the training sets
    overlap and s² / k is too small; with ``test_to_train_ratio = n_validation / n_train`` the
    variance is the corrected ``(1 / k + n_validation / n_train) · s²``. In both cases
    ``t = mean / √variance`` has k − 1 degrees of freedom.

    Differences that are all the same number other than zero have no spread for a t. They agree in
    their sign alone, as m coins would in ``2 · (1 / 2) ** m`` of all throws, m being k, or with a
    ratio as many independent pairs as have that variance, ``1 / (1 / k + ratio)``. That is p (the
    sign test), and there is no interval (NaN). If all are zero, p = 1. Fewer than two pairs give
    NaN for the standard error, the bounds and p. Where all repeats have the same rows and come to
    the same number, they are one run that was trained k times, and p = 1.

    Args:
        a, b: one number per repeat, [repeats].
        confidence: of the interval.
        test_to_train_ratio: of overlapping splits, else None.
        same_rows: whether all repeats share one split, so that only their seed varies.

    Source: Nadeau & Bengio, Inference for the generalization error, Machine Learning 52 (2003),
    their corrected resampled t-test.

    Raises:
        InputError: unless a and b are rows of equal length with finite differences,
            ``0 < confidence < 1`` and the ratio is None or a finite number above 0.
    """
    check_confidence(confidence)
    differences = _differences(row_of(a, "a"), row_of(b, "b"))
    count = differences.size
    mean, deviation = moments(differences)
    error = deviation * math.sqrt(variance_factor(count, test_to_train_ratio))
    # What float32 rounds in a and b is no spread: accuracies are steps of 1 / n.
    rounding = 2 * np.finfo(np.float32).eps * max(np.abs(a).max(), np.abs(b).max()) if count else 0
    if error == 0 or (count > 1 and np.ptp(differences) <= rounding):
        independent = 1 / variance_factor(count, test_to_train_ratio)
        return without_spread(mean, 1 if same_rows and count > 1 else independent, count)
    low, high = bounds(mean, error, count, confidence)
    p_value = float(2 * stats.t.sf(abs(mean) / error, count - 1))
    return PairedDifference(mean, error, low, high, p_value, count, float(count - 1))


def without_spread(mean: float, independent: float, count: int) -> PairedDifference:
    """What differences say that are all the same number, by the signs of ``independent`` ones."""
    p_value = min(1.0, 2.0 ** (1 - independent)) if mean else 1.0
    return PairedDifference(mean, 0.0, math.nan, math.nan, p_value, count)


def row_of(values: ArrayLike, name: str) -> Floats:
    row = np.asarray(values, dtype=np.float64)
    if row.ndim != 1:
        raise InputError(
            f"{name} must be one row of numbers, got an array of shape {row.shape}; "
            f"pass one candidate at a time."
        )
    return row


def _differences(a: Floats, b: Floats) -> Floats:
    if a.size != b.size:
        raise InputError(
            f"a and b must be paired, one number of each per repeat, got {a.size} and {b.size}; "
            f"pass the same repeats for both."
        )
    with np.errstate(all="ignore"):  # what overflows or is undefined is reported below
        differences: Floats = a - b
    bad = np.flatnonzero(~np.isfinite(differences))
    if bad.size:
        first = bad[0]
        raise InputError(
            f"a and b must have finite differences, got a={a[first]:g} and b={b[first]:g} in "
            f"repeat {first} and {bad.size} such repeats in all; leave out the diverged runs."
        )
    return differences


def variance_factor(count: int, ratio: float | None) -> float:
    """What s² is multiplied by to give the variance of the mean of ``count`` differences."""
    if ratio is not None and not (math.isfinite(ratio) and ratio > 0):
        raise InputError(
            f"test_to_train_ratio must be a finite number above 0, got {ratio!r}; "
            f"use None where all repeats share one split."
        )
    return 1 / max(count, 1) + (ratio or 0.0)


def moments(row: Floats) -> tuple[float, float]:
    """Mean and standard deviation (ddof 1), NaN where there are too few or no finite values."""
    if not row.size:
        return math.nan, math.nan
    with np.errstate(all="ignore"):  # diverged runs are expected: NaN says enough
        if row.size > 1 and np.all(row == row[0]) and np.isfinite(row[0]):
            return float(row[0]), 0.0  # the sum's rounding would leave a spread of its own
        deviation = float(np.std(row, ddof=1)) if row.size > 1 else math.nan
        return float(np.mean(row)), deviation


def bounds(mean: float, error: float, count: float, confidence: float) -> tuple[float, float]:
    check_confidence(confidence)
    margin = float(stats.t.ppf((1 + confidence) / 2, count - 1)) * error
    return mean - margin, mean + margin


def check_confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise InputError(f"confidence must lie between 0 and 1, got {confidence!r}; 0.95 is usual.")


def shifted(one: PairedDifference, by: float) -> PairedDifference:
    """The same difference with another mean, and the interval and p of both.

    How far a mean has to be moved, for having been chosen, is not known without error: the interval
    holds what it held before and what it holds about the new mean, and p is the larger one.
    """
    moved = dataclasses.replace(one, mean=one.mean + by)
    p_value = one.p_value
    if one.standard_error > 0:
        p_value = max(p_value, float(2 * stats.t.sf(moved.quantile, one.freedom)))
    low, high = one.low + min(by, 0.0), one.high + max(by, 0.0)
    return dataclasses.replace(moved, low=low, high=high, p_value=p_value)
