"""Statistics on plain arrays: intervals, paired tests, multiplicity, selection and bootstrap.

Everything here is NumPy and SciPy; candidates are rows or indices, and names stay above.
"""

from wane.stats.bootstrap import Corrected, bias_corrected
from wane.stats.intervals import (
    Interval,
    PairedDifference,
    crossed_difference,
    crossed_interval,
    mean_interval,
    paired_difference,
    share_interval,
)
from wane.stats.multiplicity import holm
from wane.stats.racing import halving_rounds, still_racing
from wane.stats.retraining import RetrainedDifference, retrained_difference
from wane.stats.selection import best, one_standard_error
from wane.stats.train_sizes import TrainSizes

__all__ = [
    "Corrected",
    "Interval",
    "PairedDifference",
    "RetrainedDifference",
    "TrainSizes",
    "best",
    "bias_corrected",
    "crossed_difference",
    "crossed_interval",
    "halving_rounds",
    "holm",
    "mean_interval",
    "one_standard_error",
    "paired_difference",
    "retrained_difference",
    "share_interval",
    "still_racing",
]
