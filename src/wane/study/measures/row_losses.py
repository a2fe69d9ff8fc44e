"""The data loss of each validation row in runs that are no candidate's: of paths, and on parts."""

from collections.abc import Sequence

import numpy as np

from wane.stats import group_contributions
from wane.study.measures.finished import (
    FinishedRuns,
    evaluated_rows,
    groups_of_validation,
    row_numbers,
)
from wane.study.measures.rowwise import RowMeasures, is_mean


class RowLosses:
    """Data losses of the validation rows that all repeats of one split share.

    Args:
        finished: the runs, whose repeats share one split.
    """

    def __init__(self, finished: FinishedRuns) -> None:
        self._finished = finished
        self._measures = RowMeasures(finished.bridge)
        groups = groups_of_validation(finished)
        if groups is not None:
            count = finished.row_counts["validation"]
            groups = groups[row_numbers(finished.resampling, 0, count)]
        self._groups = groups

    def mean(self, number: int, part: str, reported: Sequence[float]) -> np.ndarray | None:
        """The mean over repeats of each row's loss, or of what each group of rows adds.

        Args:
            number: what the journal calls the candidate of the runs.
            part: what it calls their predictions.
            reported: the validation data loss of each run.

        Returns:
            [rows]; None where predictions were not kept, or the loss is no mean over rows.
        """
        found = []
        for repeat, loss in enumerate(reported):
            outputs = self._finished.journal.predictions(number, repeat, part)
            if not outputs:
                return None
            rows = evaluated_rows(self._finished, repeat)[0]
            found.append(self._measures.of(rows, outputs)["data_loss"])
            if not is_mean(found[-1], "mean", loss):
                return None
        rows_mean: np.ndarray = np.mean(found, axis=0)
        return rows_mean if self._groups is None else group_contributions(rows_mean, self._groups)
