"""The rows of each repeat, prepared once and shared by all structures."""

import numpy as np

from wane.resampling.dataset import DataSet, PreparedRows, TargetScale
from wane.resampling.splits import Resampling, Split


class PreparedSplits:
    """The rows of each repeat, which all structures share.

    Args:
        data: all rows.
        resampling: which repeat uses which split.

    Attributes:
        resampling: as given.
        targets: centre and scale of the target in each repeat so far.
    """

    def __init__(self, data: DataSet, resampling: Resampling) -> None:
        self.resampling = resampling
        self.targets: dict[int, TargetScale] = {}
        self._data = data
        self._latest: tuple[int, PreparedRows] | None = None

    def rows(self, repeat: int) -> PreparedRows:
        """The rows of a repeat; those of the latest split are remembered."""
        index = self.resampling.resample(repeat)
        if self._latest is None or self._latest[0] != index:
            self._latest = (index, self._data.prepared(self.resampling.splits[index]))
        self.targets[repeat] = self._latest[1].target
        return self._latest[1]

    def target(self, repeat: int) -> TargetScale:
        """Centre and scale of the target in a repeat."""
        return self.targets[repeat] if repeat in self.targets else self.rows(repeat).target

    def all_rows(self) -> PreparedRows:
        """Every row that is not a test row, for training."""
        return self._data.prepared(Split(np.arange(len(self._data.development)), None))
