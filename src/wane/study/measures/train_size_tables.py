"""The table of training on fewer rows, as the diagnosis and the document take it."""

from typing import Any

import numpy as np
import pandas as pd

from wane.stats import TrainSizes

LOWEST = "validation_lowest_data_loss"
"""The column of the validation data loss at a run's best epoch."""


def losses(table: pd.DataFrame | None) -> TrainSizes | None:
    """The data losses of the table of train sizes as the diagnosis takes them."""
    if table is None:
        return None

    def by_size(column: str) -> np.ndarray:
        wide = table.pivot(index="rows", columns="repeat", values=column).sort_index()
        return wide.to_numpy(np.float64)

    sizes = np.sort(table["rows"].unique())
    columns = ("train_data_loss", "validation_data_loss", LOWEST)
    return TrainSizes(sizes, *map(by_size, columns))


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
