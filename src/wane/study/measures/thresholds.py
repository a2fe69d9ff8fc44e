"""Keras's metrics over fixed thresholds, found exactly from the predictions that were kept.

Keras's AUC counts at 200 thresholds from 0 to 1. Where a strong penalty presses all scores between
two of them it reads 0.5, however well they rank the rows. Here every score is a threshold.
"""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from wane.keras_model.bridge.bridge import Bridge
from wane.resampling.rows import Rows
from wane.study.measures.finished import FinishedRuns, evaluated_rows

if TYPE_CHECKING:
    import pandas as pd

TOLERANCE = 0.02
"""The exact value is told, and chooses, where some run's differs by more than this."""


def with_exact(
    runs: "pd.DataFrame", finished: FinishedRuns
) -> "tuple[pd.DataFrame, FinishedRuns, list[str]]":
    """Runs with ``validation_<metric>_exact`` where that is needed, what chooses then, and notes.

    Args:
        runs: the table of runs.
        finished: the runs; where they choose by such a metric, what is given back has its exact
            value as the criterion.
    """
    notes: list[str] = []
    for name, metric in finished.bridge.metrics_by_name.items():
        if not is_thresholded(metric):
            continue
        found = _exact_columns(runs, finished, name, metric)
        apart = [np.abs(own - runs[f"{part}_{name}"]).max() for part, own in found.items()]
        largest = max((one for one in apart if np.isfinite(one)), default=0.0)
        if largest <= TOLERANCE:
            continue
        exact = f"{name}_exact"
        last = [c for c in runs.columns if c.startswith(("penalty_value", "norm_"))]
        own = {f"{part}_{exact}": values for part, values in found.items()}
        runs = runs.drop(columns=last).assign(**own).join(runs[last])
        directions = {**finished.directions, exact: finished.directions.get(name)}
        chosen_by, chooses = finished.criterion, ""
        if chosen_by.name == name:
            chosen_by = dataclasses.replace(chosen_by, name=exact)
            chooses = ", and candidates are chosen by it"
        ranges = {**finished.ranges, exact: (0.0, 1.0)}
        finished = dataclasses.replace(
            finished, directions=directions, criterion=chosen_by, ranges=ranges
        )
        notes.append(
            f"Keras counts {name!r} at a few thresholds, and so is up to {largest:.2g} off where "
            f"scores lie close together, as strong penalties make them: {exact!r} has every score "
            f"as a threshold{chooses}."
        )
    return runs, finished, notes


def _exact_columns(
    runs: "pd.DataFrame", finished: FinishedRuns, name: str, metric: Any
) -> dict[str, np.ndarray]:
    """The exact value of each run in the table, by part; Keras's where there is none."""
    names = list(finished.spec.names)
    found: dict[str, np.ndarray] = {}
    for place, (candidate, repeat) in enumerate(
        zip(runs["candidate"], runs["repeat"], strict=True)
    ):
        parts = dict(
            zip(("validation", "test"), evaluated_rows(finished, int(repeat)), strict=True)
        )
        for part, rows in parts.items():
            if rows is not None and f"{part}_{name}" in runs:
                outputs = finished.journal.predictions(names.index(candidate), int(repeat), part)
                counted = runs[f"{part}_{name}"].to_numpy(dtype=np.float64)
                value = exact_or(counted[place], finished.bridge, metric, rows, outputs)
                found.setdefault(part, counted.copy())[place] = value
    return found


def exact_or(
    value: float, bridge: Bridge, metric: Any, rows: Rows, outputs: Sequence[np.ndarray]
) -> float:
    """The exact value for rows and the outputs that were kept; the given one where there is none.

    So it is without outputs, with several, and with rows of one class.
    """
    if len(outputs) != 1:
        return value
    exact = exact_of_rows(bridge, metric, rows, outputs[0])
    return exact if np.isfinite(exact) else value


def exact_of_rows(bridge: Bridge, metric: Any, rows: Rows, outputs: np.ndarray) -> float:
    """The exact value for rows and their outputs, by their weights where the metric counts so."""
    weight = rows.sample_weight if bridge.is_weighted(metric) else None
    return exact_value(metric, np.asarray(rows.y), outputs, weight)


def is_thresholded(metric: Any) -> bool:
    """Whether this is one of Keras's metrics that have the same thresholds for all scores."""
    return _kind(metric) is not None


def exact_value(metric: Any, y: np.ndarray, scores: np.ndarray, weight: Any = None) -> float:
    """The value of such a metric with every score as a threshold.

    Args:
        metric: for which :func:`is_thresholded` holds.
        y, scores: targets of 0 and 1 and the outputs for them, [rows, …] of as many numbers.
        weight: by how much each row counts, [rows]; None for all alike.

    Returns:
        The value; NaN where there is none, as with one class only.
    """
    counts = np.ones(len(y)) if weight is None else np.asarray(weight, np.float64).ravel()
    if y.size != scores.size or counts.size != len(y):
        return np.nan
    y, scores = y.reshape(len(y), -1) > 0, scores.reshape(len(scores), -1)
    place = getattr(metric, "class_id", None)
    if place is not None:
        y, scores = y[:, [place]], scores[:, [place]]
    if getattr(metric, "multi_label", False):
        weights = getattr(metric, "label_weights", None)
        each = [_value(metric, *pair, counts) for pair in zip(y.T, scores.T, strict=True)]
        return float(np.average(each, weights=None if weights is None else np.asarray(weights)))
    return _value(metric, y.ravel(), scores.ravel(), np.repeat(counts, y.shape[1]))


def _value(metric: Any, y: np.ndarray, scores: np.ndarray, counts: np.ndarray) -> float:
    from sklearn.metrics import auc, roc_curve

    yes, no = counts[y].sum(), counts[~y].sum()
    if not yes or not no or not np.isfinite(scores).all():
        return np.nan
    false, true, _ = roc_curve(y, scores, sample_weight=counts, drop_intermediate=False)
    positive, negative = true * yes, false * no  # counts above each threshold
    precision = positive[1:] / (positive + negative)[1:]  # nothing is above the first one
    match _kind(metric):
        case "AUC" if str(metric.curve.value) == "ROC":
            return float(auc(false, true))
        case "AUC":
            return _precision_recall_area(positive, negative)
        case "SensitivityAtSpecificity":
            return float(true[1 - false >= metric.value].max(initial=0))
        case "SpecificityAtSensitivity":
            return float((1 - false)[true >= metric.value].max(initial=0))
        case "PrecisionAtRecall":
            return float(precision[true[1:] >= metric.value].max(initial=0))
        case _:
            return float(true[1:][precision >= metric.value].max(initial=0))


def _precision_recall_area(true: np.ndarray, false: np.ndarray) -> float:
    """The area below precision over recall, interpolated as Keras does (Davis & Goadrich 2006).

    Between two thresholds true and false positives grow in proportion.
    """
    slope = np.diff(true) / np.diff(true + false)
    start = true[:-1] - slope * (true + false)[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log((true + false)[1:] / (true + false)[:-1])
    ratio[~np.isfinite(ratio)] = 0.0
    return float(np.sum(slope * (np.diff(true) + start * ratio)) / true[-1])


_KINDS = (
    "AUC",
    "PrecisionAtRecall",
    "RecallAtPrecision",
    "SensitivityAtSpecificity",
    "SpecificityAtSensitivity",
)


def _kind(metric: Any) -> str | None:
    """The class of Keras that a metric is of, by name."""
    classes = [own for own in type(metric).__mro__ if own.__module__.startswith("keras.")]
    return next((own.__name__ for own in classes if own.__name__ in _KINDS), None)
