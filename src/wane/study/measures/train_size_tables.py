"""The table of training on fewer rows, as the diagnosis and the document take it."""

import dataclasses
from typing import Any

import numpy as np
import pandas as pd

from wane.stats import TrainSizes
from wane.study.measures.finished import FinishedRuns
from wane.study.measures.row_losses import RowLosses

LOWEST = "validation_lowest_data_loss"
"""The column of the validation data loss at a run's best epoch."""
BEST_EPOCH = "best_epoch"
"""Which epoch that is, from 1."""
MORE_ROWS = 0.05
"""More rows help if twice as many lower the validation loss by at least this share."""


def best_part(rows: int) -> str:
    """What the journal calls validation predictions at the best epoch of runs on so many rows."""
    return f"validation, best epoch of {rows} rows"


def worth_asking(table: pd.DataFrame) -> bool:
    """Whether the last step to more rows lowered the mean lowest loss by enough to matter."""
    *_, before, after = table.groupby("rows")[LOWEST].mean().sort_index()
    return bool(before - after > MORE_ROWS * after)


def losses(table: pd.DataFrame | None, finished: FinishedRuns) -> TrainSizes | None:
    """The data losses of the table of train sizes as the diagnosis takes them.

    Args:
        table: of train sizes, or None.
        finished: the study's runs, whose journal has predictions of some of these.
    """
    if table is None:
        return None

    def by_size(column: str) -> np.ndarray:
        wide = table.pivot(index="rows", columns="repeat", values=column).sort_index()
        return wide.to_numpy(np.float64)

    sizes = np.sort(table["rows"].unique())
    columns = ("train_data_loss", "validation_data_loss", LOWEST)
    found = TrainSizes(sizes, *map(by_size, columns))
    if not finished.resampling.shares_split or not worth_asking(table):
        return found
    measured = RowLosses(finished)
    both = [
        measured.mean(0, best_part(rows), lowest)
        for rows, lowest in zip(sizes[-2:].tolist(), found.lowest_loss[-2:], strict=True)
    ]
    if both[0] is None or both[1] is None:
        return found
    return dataclasses.replace(found, fall_of_rows=both[0] - both[1])


def size_documents(table: pd.DataFrame | None, metrics: list[str]) -> list[dict[str, Any]] | None:
    """The ``train_sizes`` of the JSON document: mean and spread of each size over its runs."""
    if table is None:
        return None
    documents = []
    for rows, own in table.groupby("rows"):
        parts = {
            part: {
                metric: {
                    "mean": own[f"{part}_{metric}"].mean(),
                    "std": own[f"{part}_{metric}"].std(ddof=1),
                }
                for metric in metrics
                if f"{part}_{metric}" in own  # what scorers say of predictions is not found here
            }
            for part in ("train", "validation")
        }
        diverged = int(own["train_data_loss"].isna().sum())
        documents.append({"rows": rows, "runs": len(own), "diverged": diverged, **parts})
    return documents
