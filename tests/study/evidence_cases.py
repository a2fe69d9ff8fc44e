"""Evidence whose truth is known, for the tests of diagnosis and verdict."""

import dataclasses
from typing import Any

import numpy as np

import wane
from wane.penalties import candidate_names
from wane.resampling.splits import Resampling, Split
from wane.study.evaluation.evidence import Evidence

STRENGTHS = (1e-3, 1e-2, 1e-1)
CANDIDATES = ((), *wane.sweep(wane.L2, STRENGTHS))
SHARED = (
    "All {} repeats share one split and differ in seed only: this holds for networks trained on "
    "these 20 rows."
)


def resampling(repeats: int, *, fixed: bool = True) -> Resampling:
    """One split for all repeats, or one each with a third of the rows held out."""
    rows = np.arange(30)
    if fixed:
        return Resampling("fixed", (Split(rows, None),), repeats)
    return Resampling("fraction", (Split(rows[:20], rows[20:]),) * repeats, repeats)


def evidence(train: Any, validation: Any, **parts: Any) -> Evidence:
    """Evidence with these final losses, [candidates, repeats]; the baseline's curve is flat.

    On one split every validation row says what their mean does, unless ``validation_rows`` has
    others: what is then tested is the spread between seeds.
    """
    train, validation = np.asarray(train, float), np.asarray(validation, float)
    repeats = validation.shape[1]
    candidates = CANDIDATES[: len(validation)]
    defaults: dict[str, Any] = {
        "names": candidate_names(candidates),
        "candidates": candidates,
        "train_loss": train,
        "validation_loss": validation,
        "baseline_curve": np.repeat(validation[0][:, None], 5, axis=1),
        "metric": "accuracy",
        "validation_metric": 1 - validation,
        "test_metric": None,
        "rows": {"train": 20, "validation": 10, "test": 1000},
        "resampling": resampling(repeats),
    }
    found = Evidence(**{**defaults, **parts})
    if "validation_rows" in parts or not found.resampling.shares_split:
        return found
    values = {"data_loss": found.validation_loss, found.metric: found.validation_metric}
    values[found.criterion.name] = found.values
    rows = {name: constant_rows(table) for name, table in values.items()}
    return dataclasses.replace(found, validation_rows=rows)


def constant_rows(values: np.ndarray, rows: int = 10) -> np.ndarray:
    """Rows that all have the mean over repeats, [candidates, rows]."""
    return np.repeat(np.mean(values, axis=1)[:, None], rows, axis=1)


def rows_about(values: np.ndarray, deviation: float, rows: int = 40) -> np.ndarray:
    """Rows about the means over repeats, independent over candidates, [candidates, rows].

    Their mean is that of the repeats, and their standard deviation is this one.
    """
    noise = np.random.default_rng(7).normal(size=(len(values), rows))
    noise -= noise.mean(axis=1, keepdims=True)
    noise *= deviation / noise.std(axis=1, ddof=1, keepdims=True)
    return np.asarray(np.mean(values, axis=1)[:, None] + noise)


def noisy(means: list[float], repeats: int = 10, spread: float = 0.01) -> np.ndarray:
    """Losses around these means, independent over candidates and repeats."""
    noise = np.random.default_rng(0).normal(scale=spread, size=(len(means), repeats))
    return np.asarray(means)[:, None] + noise


def spread(count: int, deviation: float) -> np.ndarray:
    """Numbers about zero with this standard deviation."""
    numbers = np.random.default_rng(0).normal(size=count)
    return np.asarray(deviation * (numbers - numbers.mean()) / numbers.std(ddof=1))
