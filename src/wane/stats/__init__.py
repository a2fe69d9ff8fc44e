"""Statistics on plain arrays: intervals, paired tests, multiplicity and selection rules.

Everything here is NumPy and SciPy; candidates are rows or indices, and names stay above.
"""

from wane.stats.intervals import Interval, PairedDifference, mean_interval, paired_difference
from wane.stats.multiplicity import holm
from wane.stats.selection import best, one_standard_error
from wane.stats.train_sizes import TrainSizes

__all__ = [
    "Interval",
    "PairedDifference",
    "TrainSizes",
    "best",
    "holm",
    "mean_interval",
    "one_standard_error",
    "paired_difference",
]
