"""How much single rows weigh in the chosen candidate's mean loss."""

import dataclasses
import math

import numpy as np
from scipy import stats

from wane.study.measures.rowwise import RowContributions
from wane.study.spec.selection import Criterion


@dataclasses.dataclass(frozen=True)
class Tails:
    """How much single rows weigh in the chosen candidate's mean loss.

    Attributes:
        kurtosis: excess kurtosis of the rows' losses, 0 for normal ones.
        heaviest: the share of their sum that is the largest one's.
        median_gain: the median over rows of what the baseline loses more; NaN without a baseline.
    """

    kurtosis: float
    heaviest: float
    median_gain: float


def tails(rows: RowContributions, criterion: Criterion, chosen: int) -> Tails | None:
    """How much single rows weigh: the test rows where there are some, else validation rows."""
    name = criterion.name
    if criterion.direction == "up" or rows.kinds.get(name) != "mean":
        return None
    sums, own, baseline = rows.validation, None, None
    if "test" in rows.values:
        own, baseline = rows.test(chosen).get(name), rows.test(0).get(name)
    elif sums is not None and name in sums.sums:
        seen = sums.counts > 0
        means = sums.sums[name][:, seen] / sums.counts[seen]
        own = means[sums.candidates.index(chosen)]
        baseline = means[sums.candidates.index(0)] if 0 in sums.candidates else None
    if own is None or np.any(own < 0) or not own.sum() > 0:
        return None
    weighed = own > 0  # a row of weight 0 is no row
    own, baseline = own[weighed], None if baseline is None else baseline[weighed]
    gain = math.nan if baseline is None else float(np.median(baseline - own))
    nearly_equal = np.ptp(own) <= 1e-6 * own.mean()  # of which rounding would be the moments
    kurtosis = 0.0 if nearly_equal else float(stats.kurtosis(own))
    return Tails(kurtosis, float(own.max() / own.sum()), gain)
