"""Small tables and documents with known numbers, as a study gives them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

Row = tuple[str, str | None, float, float, float, float, float]
"""Candidate, penalty, strength, train and validation metric, train and validation data loss."""

MOONS: list[Row] = [
    ("baseline", None, 0.0, 1.0, 0.914, 2.1e-05, 0.498),
    ("L2(1e-05)", "L2", 1e-05, 1.0, 0.922, 2.1e-04, 0.33),
    ("L2(0.001)", "L2", 0.001, 0.998, 0.943, 0.0312, 0.162),
    ("L2(0.1)", "L2", 0.1, 0.867, 0.854, 0.47, 0.487),
]

FILES: dict[str, Any] = {
    "folder": "moons",
    "study": "moons/study.json",
    "database": "moons/study.db",
    "summary": "moons/summary.json",
    "runs": "moons/runs.parquet",
    "curves": "moons/curves.parquet",
    "report": "moons/report.html",
    "model": "moons/best.keras",
    "figures": ["moons/figures/strengths.png"],
}
SECONDS: dict[str, float | None] = {
    "import": 1.9,
    "prepare": 0.01,
    "compile": 1.4,
    "train": 17.6,
    "evaluate": None,
    "write": 2.1,
    "total": 23.0,
}


def summary(
    rows: Sequence[Row] = MOONS, *, metric: str = "accuracy", std: float = 0.01
) -> pd.DataFrame:
    """``result.summary()`` with these means and the same standard deviation everywhere."""
    frame = pd.DataFrame(
        [
            {
                "candidate": name,
                "penalty": penalty,
                "strength": strength,
                "runs": 1 if np.isnan(std) else 30,
                f"train_{metric}_mean": train,
                f"validation_{metric}_mean": validation,
                "train_data_loss_mean": train_loss,
                "validation_data_loss_mean": validation_loss,
            }
            for name, penalty, strength, train, validation, train_loss, validation_loss in rows
        ]
    )
    for column in [name for name in frame.columns if name.endswith("_mean")]:
        frame[column.removesuffix("mean") + "std"] = std
    return frame


def curves(
    losses: dict[str, list[list[float]]], *, metric: str = "accuracy", gap: float = 0.1
) -> pd.DataFrame:
    """``result.curves`` from validation losses by candidate, repeat and epoch.

    Train losses are lower by ``gap``; the metric is 1 − loss / 10.
    """
    rows: list[dict[str, Any]] = []
    for name, repeats in losses.items():
        for repeat, values in enumerate(repeats):
            for epoch, loss in enumerate(values, start=1):
                row = {"candidate": name, "repeat": repeat, "epoch": epoch}
                row |= {"train_data_loss": loss - gap, "validation_data_loss": loss}
                row |= {f"train_{metric}": 1.0, f"validation_{metric}": 1 - loss / 10}
                rows.append(row)
    return pd.DataFrame(rows)


EXPECTED: dict[str, Any] = {
    "source": "bootstrap",
    "rows": 70,
    "metrics": {
        "data_loss": {
            "value": 0.171, "low": 0.12, "high": 0.23, "naive": 0.162, "optimism": 0.009,
        },
        "accuracy": {
            "value": 0.94, "low": 0.88, "high": 0.98, "naive": 0.943, "optimism": 0.003,
        },
        "roc_auc": {
            "value": 0.97, "low": None, "high": None, "naive": 0.98, "optimism": None,
        },
    },
}  # fmt: skip


def comparison(
    metric: str, candidate: str, difference: float, margin: float | None, p: float | None
) -> dict[str, Any]:
    """A row of the document's comparisons, with so wide an interval."""
    return {
        "metric": metric, "candidate": candidate, "difference": difference,
        "standard_error": None if margin is None else margin / 2,
        "low": None if margin is None else difference - margin,
        "high": None if margin is None else difference + margin,
        "p": p, "p_holm": p, "pairs": 1 if margin is None else 30,
    }  # fmt: skip


def document(
    rows: Sequence[Row] = MOONS,
    *,
    chosen: str = "L2(0.001)",
    name: str = "Two moons",
    metric: str = "accuracy",
    std: float | None = 0.007,
    layers: Sequence[str] = ("dense", "dense_1"),
    test: bool = False,
    diverged: int = 0,
) -> dict[str, Any]:
    """The document of ``docs/architecture.md`` with these means."""

    def number(mean: float) -> dict[str, float | None]:
        return {"mean": mean, "std": std}

    candidates = [
        {
            "name": candidate,
            "penalty": penalty,
            "strength": strength,
            "runs": 1 if std is None else 30,
            "diverged": diverged if candidate == chosen else 0,
            "train": {metric: number(train), "data_loss": number(train_loss)},
            "validation": {metric: number(validation), "data_loss": number(validation_loss)},
            "test": {metric: number(0.777), "data_loss": number(0.3)} if test else None,
            "penalty_value": number(strength * 10),
            "weight_norms": {layer: number(4.0 + i) for i, layer in enumerate(layers)},
        }
        for candidate, penalty, strength, train, validation, train_loss, validation_loss in rows
    ]
    return {
        "study": {
            "name": name,
            "task": "binary",
            "metric": metric,
            "loss": "binary_crossentropy",
            "optimizer": "Adam(0.001)",
            "epochs": 4000,
            "batch_size": 32,
            "repeats": 1 if std is None else 30,
            "seed": 7,
            "rows": {"train": 30, "validation": 70, "test": 25 if test else 0},
            "resampling": "The runs differ in the random start; the split of the rows is fixed.",
            "shares_split": True,
            "same_weights": False,
            "correction": None,
        },
        "candidates": candidates,
        "chosen": chosen,
        "verdict": {
            "overfits": True,
            "decided": True,
            "diagnosis": {"kind": "overfits"},
            "answer": f"The network overfits; use {chosen}.",
            "text": f"The network overfits; use {chosen}. The rest is evidence.",
            "details": "",
        },
        "files": dict(FILES),
        "seconds": dict(SECONDS),
    }
