"""Statistics on plain arrays: intervals, paired tests, multiplicity, selection and bootstrap.

Everything here is NumPy and SciPy; candidates are rows or indices, and names stay above.
"""

from wane.stats.bootstrap import Corrected, bias_corrected
from wane.stats.crossed import crossed_difference, crossed_interval
from wane.stats.groups import by_size, group_contributions, group_sums, grouped_interval
from wane.stats.intervals import (
    Interval,
    PairedDifference,
    mean_interval,
    paired_difference,
    share_interval,
)
from wane.stats.multiplicity import holm
from wane.stats.racing import halving_rounds, still_racing
from wane.stats.retraining import RetrainedDifference, retrained_difference
from wane.stats.selection import best, one_standard_error
from wane.stats.sequential import anytime_p, confidence_sequence, e_process, look_level
from wane.stats.simultaneous import MaxT, max_t
from wane.stats.train_sizes import TrainSizes

__all__ = [
    "Corrected",
    "Interval",
    "MaxT",
    "PairedDifference",
    "RetrainedDifference",
    "TrainSizes",
    "anytime_p",
    "best",
    "bias_corrected",
    "by_size",
    "confidence_sequence",
    "crossed_difference",
    "crossed_interval",
    "e_process",
    "group_contributions",
    "group_sums",
    "grouped_interval",
    "halving_rounds",
    "holm",
    "look_level",
    "max_t",
    "mean_interval",
    "one_standard_error",
    "paired_difference",
    "retrained_difference",
    "share_interval",
    "still_racing",
]
