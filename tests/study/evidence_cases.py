"""Evidence whose truth is known, for the tests of diagnosis and verdict."""

from typing import Any

import numpy as np

import wane
from wane.penalties import candidate_names
from wane.resampling.splits import Resampling, Split
from wane.study.evaluation.evidence import Evidence

STRENGTHS = (1e-3, 1e-2, 1e-1)
CANDIDATES = ((), *wane.sweep(wane.L2, STRENGTHS))
SHARED = "All {} runs share one split and differ in seed only: the intervals hold for this split."


def resampling(repeats: int, *, fixed: bool = True) -> Resampling:
    """One split for all repeats, or one each with a third of the rows held out."""
    rows = np.arange(30)
    if fixed:
        return Resampling("fixed", (Split(rows, None),), repeats)
    return Resampling("fraction", (Split(rows[:20], rows[20:]),) * repeats, repeats)


def evidence(train: Any, validation: Any, **parts: Any) -> Evidence:
    """Evidence with these final losses, [candidates, repeats]; the baseline's curve is flat."""
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
    return Evidence(**{**defaults, **parts})


def noisy(means: list[float], repeats: int = 10, spread: float = 0.01) -> np.ndarray:
    """Losses around these means, independent over candidates and repeats."""
    noise = np.random.default_rng(0).normal(scale=spread, size=(len(means), repeats))
    return np.asarray(means)[:, None] + noise


def spread(count: int, deviation: float) -> np.ndarray:
    """Numbers about zero with this standard deviation."""
    numbers = np.random.default_rng(0).normal(size=count)
    return np.asarray(deviation * (numbers - numbers.mean()) / numbers.std(ddof=1))
