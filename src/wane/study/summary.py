"""A study's numbers as tables and as the JSON document that every view is drawn from."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from wane.penalties import Candidate, strength_of

if TYPE_CHECKING:
    from wane.study.store import Store

IDENTITY = ("candidate", "penalty", "strength", "repeat")


def runs_table(
    store: "Store", names: Sequence[str], candidates: Sequence[Candidate]
) -> pd.DataFrame:
    """A row for each finished run: candidate, penalty, strength, repeat, then its numbers."""
    rows = [
        {
            "candidate": names[candidate],
            "penalty": penalty_label(candidates[candidate]),
            "strength": strength_of(candidates[candidate]),
            "repeat": repeat,
            **numbers,
        }
        for candidate, repeat, _, numbers in store.runs()
    ]
    return pd.DataFrame(rows, columns=None if rows else list(IDENTITY))


def curves_table(store: "Store", names: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    """A row for each run and epoch (from 1): candidate, repeat, epoch, then the curves."""
    codes, repeats, epochs, blocks = [], [], [], []
    for candidate, repeat, values in store.curves():
        count = len(values)
        codes.append(np.full(count, candidate, np.int32))
        repeats.append(np.full(count, repeat, np.int32))
        epochs.append(np.arange(1, count + 1, dtype=np.int32))
        blocks.append(values)
    values = np.concatenate(blocks) if blocks else np.empty((0, len(columns)), np.float32)
    table = {
        "candidate": pd.Categorical.from_codes(
            np.concatenate(codes) if codes else np.empty(0, np.int32), categories=pd.Index(names)
        ),
        "repeat": np.concatenate(repeats) if repeats else np.empty(0, np.int32),
        "epoch": np.concatenate(epochs) if epochs else np.empty(0, np.int32),
    }
    order = sorted(range(len(columns)), key=lambda i: not columns[i].endswith("data_loss"))
    table.update({columns[i]: values[:, i] for i in order})
    return pd.DataFrame(table)


_POWER_OF_UNIT = {
    "rmse": 1,
    "root_mean_squared_error": 1,
    "mae": 1,
    "mean_absolute_error": 1,
    "mse": 2,
    "mean_squared_error": 2,
}
"""The metrics that are in the target's unit, or in its square."""


def unit_factor(column: str, scale: float) -> float:
    """What a number of this column is multiplied by if the target was divided by ``scale``."""
    part, _, metric = column.partition("_")
    if part == "norm":
        return 1.0  # of a layer, whatever its name
    return scale ** _POWER_OF_UNIT.get(metric, 0)


def penalty_label(candidate: Candidate) -> str | None:
    """The kinds of a candidate's changes, as tables show them; None for the baseline."""
    return " + ".join(change.kind for change in candidate) or None


def summary_table(runs: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """A row for each candidate: mean and standard deviation (ddof 1) of each number over runs."""
    numbers = [column for column in runs.columns if column not in IDENTITY]
    rows = []
    for name in names:
        own = runs[runs["candidate"] == name]
        if own.empty:
            continue
        row: dict[str, Any] = {
            "candidate": name,
            "penalty": own["penalty"].iloc[0],
            "strength": own["strength"].iloc[0],
            "runs": len(own),
        }
        for column in numbers:
            finite = own[column].dropna()  # diverged runs have no numbers; they are counted apart
            row[f"{column}_mean"] = finite.mean() if len(finite) else np.nan
            row[f"{column}_std"] = finite.std(ddof=1) if len(finite) > 1 else np.nan
        rows.append(row)
    return pd.DataFrame(rows)


def candidate_documents(
    runs: pd.DataFrame,
    summary: pd.DataFrame,
    metrics: Sequence[str],
    layers: Mapping[str, Sequence[str]],
) -> list[dict[str, Any]]:
    """The ``candidates`` of the JSON document.

    Args:
        runs, summary: the tables.
        metrics: the metrics in the order in which they are shown, ``data_loss`` last.
        layers: the layers that have a kernel, by candidate.
    """
    documents = []
    for _, row in summary.iterrows():

        def both(column: str, row: Any = row) -> dict[str, float]:
            return {"mean": row[f"{column}_mean"], "std": row[f"{column}_std"]}

        own = runs[runs["candidate"] == row["candidate"]]
        parts = {
            part: {metric: both(f"{part}_{metric}") for metric in metrics}
            if f"{part}_data_loss_mean" in summary
            else None
            for part in ("train", "validation", "test")
        }
        documents.append(
            {
                "name": row["candidate"],
                "penalty": row["penalty"],
                "strength": float(row["strength"]),
                "runs": int(row["runs"]),
                "diverged": int(own["train_data_loss"].isna().sum()),
                **parts,
                "penalty_value": both("penalty_value"),
                "weight_norms": {
                    layer: both(f"norm_{layer}") for layer in layers[row["candidate"]]
                },
            }
        )
    return documents
