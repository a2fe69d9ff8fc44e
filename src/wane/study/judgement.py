"""From finished runs to tables, verdict and document."""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import xlogy

from wane.keras_model.callbacks import stops_by_validation
from wane.keras_model.task import Task
from wane.study.comparison import comparisons_table
from wane.study.evidence import Evidence
from wane.study.expected import Expected, expected
from wane.study.selection import DATA_LOSS, Criterion
from wane.study.store import finite
from wane.study.summary import candidate_documents
from wane.study.train_sizes import losses, size_documents
from wane.study.verdict import verdict

if TYPE_CHECKING:
    from wane.study.result import Result
    from wane.study.run import Session
    from wane.study.store import Store

Table = dict[str, np.ndarray]
"""Values by metric, [candidates, repeats]."""


def judge(result: "Result", session: "Session", store: "Store") -> None:
    """Give the result its verdict, its comparisons and its document.

    Args:
        result: the result, with its tables of runs and of train sizes.
        session, store: the study and its runs.
    """
    study, runs = result.study, result.runs
    metric = session.bridge.task.metric
    values = {part: _by_metric(runs, study.names, part) for part in ("validation", "test")}
    values = {part: table for part, table in values.items() if table}
    train = _by_metric(runs, study.names, "train")
    criterion = _usable(result, session.criterion, values["validation"])
    selected_by = values["validation"][criterion.name]
    evidence = Evidence(
        names=study.names,
        candidates=study.candidates,
        train_loss=train["data_loss"],
        validation_loss=values["validation"]["data_loss"],
        baseline_curve=_baseline_curve(session, store),
        metric=metric,
        validation_metric=values["validation"][metric],
        test_metric=values["test"][metric] if "test" in values else None,
        rows=session.row_counts(),
        resampling=session.resampling,
        metric_direction=session.directions.get(metric),
        criterion=criterion,
        selected_by=selected_by,
        constant_loss=constant_loss(session.bridge.task, session.splits.rows(0).train.y),
        sizes=losses(result.train_sizes),
        dropped=session.dropped,
        unfair=[study.candidates.index(candidate) for candidate in study.unfair],
        stopped_by_validation=stops_by_validation(study.callbacks),
    )
    evidence = _with_expected(
        evidence, lambda best: expected(session, store, best, criterion, values)
    )
    result._session, result._criterion = session, criterion
    result.verdict = verdict(evidence)
    result._comparisons = comparisons_table(
        study.names, values["validation"], session.resampling, len(session.dropped), result._places
    )
    result.document = finite(_document(result, session, criterion, list(values["validation"])))


def _with_expected(evidence: Evidence, found: Callable[[int], Expected]) -> Evidence:
    best = evidence.chosen
    return evidence if best is None else dataclasses.replace(evidence, expected=found(best))


def _usable(result: "Result", criterion: Criterion, values: Table) -> Criterion:
    """What candidates are chosen by: the data loss if what the user names cannot choose.

    It can where it has a number in every run of a candidate that has not diverged. A score that no
    number is known of on the rows of one split (such as AUC, with one class) has none there for any
    candidate.
    """
    whole = np.asarray(np.isfinite(values["data_loss"]).all(axis=1))
    numbers = values.get(criterion.name)
    if numbers is not None and (np.isfinite(numbers[whole]).all(axis=1).any() or not whole.any()):
        return criterion
    lacking = "no numbers to choose by"
    if numbers is not None and np.isfinite(numbers).any():
        lacking = "no number in some run of every candidate"
    result.notes.append(
        f"{criterion.name!r} has {lacking}, so candidates are chosen by validation data loss."
    )
    return DATA_LOSS


def _by_metric(runs: pd.DataFrame, names: tuple[str, ...], part: str) -> Table:
    """Final values of a part, by metric."""
    columns = [column for column in runs.columns if column.startswith(f"{part}_")]
    if f"{part}_data_loss" not in columns:
        return {}
    table = runs.set_index(["candidate", "repeat"])
    return {
        column.removeprefix(f"{part}_"): table[column]
        .unstack()
        .loc[list(names)]
        .to_numpy(np.float64)
        for column in columns
    }


def _baseline_curve(session: "Session", store: "Store") -> np.ndarray:
    """The baseline's validation data loss, [runs that did not diverge, epochs].

    A run that a callback stopped early keeps its last value to the end.
    """
    column = session.program.curve_names.index("validation_data_loss")
    diverged = {repeat for candidate, repeat, epoch, _ in store.runs() if epoch and not candidate}
    curves = [c[:, column] for _, repeat, c in store.curves(0) if repeat not in diverged]
    longest = max((len(curve) for curve in curves), default=0)
    kept = [np.pad(curve, (0, longest - len(curve)), mode="edge") for curve in curves]
    return np.array(kept, np.float64).reshape(len(kept), longest)


def constant_loss(task: Task, y: Any) -> float | None:
    """The loss of the best constant prediction of these targets; None where it is not known.

    Entropy of the classes, variance, or mean distance from the median, as the loss is.

    Args:
        task: what the network is for.
        y: its targets, as it is trained on them.
    """
    if task.kind == "other":
        return None
    values = np.asarray(y, np.float64).reshape(len(y), -1)
    if task.loss == "binary_crossentropy":
        ones = values.mean(axis=0)
        return float(-np.mean(xlogy(ones, ones) + xlogy(1 - ones, 1 - ones)))
    if task.loss.endswith("categorical_crossentropy"):
        shares = values.mean(axis=0)
        if task.sparse:
            shares = np.unique(values, return_counts=True)[1] / values.size
        return float(-np.sum(xlogy(shares, shares)))
    if task.loss == "mean_squared_error":
        return float(np.mean(np.var(values, axis=0)))
    if task.loss == "mean_absolute_error":
        return float(np.mean(np.abs(values - np.median(values, axis=0))))
    return None


def _document(
    result: "Result", session: "Session", criterion: Criterion, metrics: list[str]
) -> dict[str, Any]:
    study = result.study
    metric = session.bridge.task.metric
    shown = [metric, *(name for name in metrics if name not in (metric, "data_loss")), "data_loss"]
    shown = list(dict.fromkeys(shown))
    norms = {
        name: session.structures.of(index).program.norm_names
        for index, name in enumerate(study.names)
    }
    return {
        "study": {
            "name": study.name,
            "task": session.bridge.task.kind,
            "metric": metric,
            "select_by": criterion.name,
            "loss": session.bridge.task.loss,
            "optimizer": type(session.bridge.optimizer).__name__.lower(),
            "epochs": study.epochs,
            "batch_size": study.batch_size,
            "repeats": session.resampling.repeats,
            "seed": study.seed,
            "rows": session.row_counts(),
            "resampling": str(session.resampling),
        },
        "candidates": candidate_documents(result.runs, result.summary(), shown, norms),
        "train_sizes": size_documents(result.train_sizes, [*shown, "lowest_data_loss"]),
        "chosen": result.verdict.chosen,
        "one_standard_error": result.verdict.one_standard_error,
        "verdict": result.verdict.document(),
        "comparisons": [dict(row) for row in result.comparisons().to_dict("records")],
        "notes": list(result.notes),
        "engine": session.workers.told(),
        "files": {"folder": str(result.folder)},
    }
