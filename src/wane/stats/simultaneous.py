"""Intervals that hold for several differences at once, and so for the one that was chosen."""

import dataclasses
import math

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from wane.stats.intervals import PairedDifference

Floats = NDArray[np.float64]

DRAWS = 20_000
"""Draws of the differences: their 95th percentile has a standard error of about 0.006."""


@dataclasses.dataclass(frozen=True)
class MaxT:
    """The largest of several t statistics where no difference is any, drawn many times.

    Of m candidates the best is chosen, and an interval of its own would miss the truth more often
    than in 5 % of studies: the largest of m errors is larger than one. The interval of
    :meth:`adjusted` reaches as many standard errors as the largest of m t statistics does in 95 %
    of studies, so that all m intervals hold at once. Candidates that share a baseline and rows
    have correlated errors, of which the largest is smaller than that of independent ones. One
    chi-squared divisor stands for the standard deviations of all, so that with few repeats and many
    candidates the m intervals hold together somewhat less often (6 to 40 candidates that share a
    baseline, 10 repeats: 94 to 91 %), and that of the chosen one, which verdicts print, in 97 %.

    Source: Hothorn, Bretz & Westfall, Simultaneous inference in general parametric models,
    Biometrical Journal 50 (2008), their single-step procedure with a multivariate t.

    Attributes:
        largest: of each draw, with normal errors, [draws], before they are divided by what a
            standard error of few degrees of freedom makes of them.
        random: a chi-squared draw's uniform place for each, [draws].
        count: how many candidates there are.

    Example:
        >>> import numpy as np
        >>> from wane.stats import max_t, paired_difference
        >>> gains = np.random.default_rng(0).normal(0.4, 1, size=(3, 30))
        >>> found = [paired_difference(row, 0 * row) for row in gains]
        >>> adjusted = max_t(gains @ gains.T).adjusted(found[0])
        >>> bool(adjusted.low < found[0].low and adjusted.p_value > found[0].p_value)
        True
    """

    largest: Floats
    random: Floats
    count: int

    def quantile(self, freedom: float, confidence: float = 0.95) -> float:
        """How many standard errors hold the largest of the errors in this share of studies."""
        return self._quantile(self._drawn(freedom), freedom, confidence)

    def _quantile(self, drawn: Floats, freedom: float, confidence: float) -> float:
        joint = float(np.quantile(drawn, confidence))
        alone = float(stats.t.ppf((1 + confidence) / 2, freedom))
        bonferroni = float(stats.t.ppf(1 - (1 - confidence) / 2 / self.count, freedom))
        return max(alone, min(joint, bonferroni))

    def adjusted(self, one: PairedDifference, *, confidence: float = 0.95) -> PairedDifference:
        """The difference of one candidate, its interval and p allowing for all the others.

        p is 1 minus the confidence of the interval that ends at zero. What has no standard error
        has no interval, and its p is multiplied by the number of candidates.
        """
        if not one.standard_error > 0 or not one.freedom > 0:
            return dataclasses.replace(one, p_value=min(self.count * one.p_value, 1.0))
        drawn = self._drawn(one.freedom)
        low, high = one.bounds(self._quantile(drawn, one.freedom, confidence))
        reach = one.quantile
        alone = float(2 * stats.t.sf(reach, one.freedom))
        joint = float(np.mean(drawn >= reach))
        p_value = max(alone, min(joint, self.count * alone, 1.0))
        if joint * len(self.largest) < 20:  # so few draws are no share
            p_value = min(1.0, self.count * alone)
        return dataclasses.replace(one, low=low, high=high, p_value=p_value)

    def _drawn(self, freedom: float) -> Floats:
        if math.isinf(freedom):
            return self.largest
        divisor = np.sqrt(stats.chi2.ppf(self.random, freedom) / freedom)
        return np.asarray(self.largest / divisor)


def max_t(covariance: NDArray[np.float64], *, independent: int = 0, seed: int = 0) -> MaxT:
    """Draw the largest of the t statistics of differences with this covariance.

    Args:
        covariance: of the differences' means, or what is proportional to it,
            [candidates, candidates].
        independent: how many further candidates there are of which no covariance is known.
        seed: where the draws start from.
    """
    covariance = np.asarray(covariance, np.float64)
    spread = np.sqrt(np.diag(covariance))
    known = spread > 0
    scale = spread[known]
    correlation = covariance[np.ix_(known, known)] / np.outer(scale, scale)
    generator = np.random.default_rng(seed)
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    normal = generator.standard_normal((DRAWS, len(scale))) @ root.T
    largest = np.max(np.abs(normal), axis=1, initial=0.0)
    others = independent + int(np.count_nonzero(~known))
    if others:
        more = np.abs(generator.standard_normal((DRAWS, others))).max(axis=1)
        largest = np.maximum(largest, more)
    return MaxT(largest, generator.random(DRAWS), len(scale) + others)
