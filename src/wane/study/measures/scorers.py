"""scikit-learn's scorers on the predictions that were kept, for every run."""

import functools
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from wane._errors import InputError, listed
from wane.study.measures.finished import FinishedRuns
from wane.study.spec.scorers import Scorers

if TYPE_CHECKING:
    import pandas as pd

    from wane.keras_model.bridge.task import Task
    from wane.resampling.dataset import PreparedRows


def check_task(scorers: Scorers, task: "Task", taken: Sequence[str], rows: "PreparedRows") -> None:
    """Check that a task has what scorers need, and that no metric has the name of one.

    Args:
        scorers: the scorers.
        task: what the network is for.
        taken: the names of metrics.
        rows: those of a split, of whose targets scorers are tried.

    Raises:
        InputError: if it has not.
    """
    if scorers and task.kind == "other":
        raise InputError(
            f"Scorers are for networks with one output for classes or numbers, but the loss "
            f"{task.loss} is for neither: leave out scoring={list(scorers)}."
        )
    double = [name for name in scorers if name in taken]
    if double:
        raise InputError(
            f"The scorer {double[0]!r} has the name of a metric that the study reports already: "
            f"leave it out."
        )
    if not scorers:
        return
    from sklearn.metrics import get_scorer_names

    known = get_scorer_names()
    named = {name: scorer for name, scorer in scorers.items() if name in known}
    y = np.asarray(rows.train.y) * rows.target.scale + rows.target.centre
    right = targets_of(task, y)
    for name, score in scored(named, task, _right_outputs(task, right), right).items():
        if isinstance(score, str):
            others = [other for other in known if other.startswith(f"{name}_")]
            other = f"give one of {listed(others)}" if others else "leave it out"
            raise InputError(
                f"The scorer {name!r} is not for this {task.kind} task "
                f"({score.partition(': ')[2].partition('. ')[0].rstrip('.')}): {other}."
            )


def _right_outputs(task: "Task", y: np.ndarray) -> np.ndarray:
    """Outputs of a network that is right about these targets, [rows, units]."""
    if task.kind == "regression":
        return y.reshape(len(y), -1).astype(float)
    classes = y[:, None] if task.kind == "binary" else np.eye(y.max() + 1)[y]
    return np.asarray(2.0 * classes - 1 if task.from_logits else classes, float)


def predictor(task: "Task", outputs: np.ndarray) -> Any:
    """An estimator of scikit-learn that gives these predictions; its x are the rows' numbers.

    Args:
        task: what the network is for.
        outputs: its outputs, [rows, …], in the target's own unit.
    """
    numbers, classes = _estimators()
    flat = outputs.reshape(len(outputs), -1).astype(np.float64)
    return numbers(flat) if task.kind == "regression" else classes(class_shares(task, flat))


@functools.cache
def _estimators() -> tuple[Any, Any]:
    """Classes of scikit-learn's estimators, which take long to be made."""
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

    class Numbers(RegressorMixin, BaseEstimator):  # type: ignore[misc] # no types
        def __init__(self, values: np.ndarray) -> None:
            self.values = values

        def predict(self, x: Any) -> Any:
            values = self.values[x.ravel()]
            return values[:, 0] if values.shape[1] == 1 else values

    class Classes(ClassifierMixin, BaseEstimator):  # type: ignore[misc] # no types
        def __init__(self, shares: np.ndarray) -> None:
            self.shares = shares
            self.classes_ = np.arange(shares.shape[1])

        def predict_proba(self, x: Any) -> Any:
            return self.shares[x.ravel()]

        def predict(self, x: Any) -> Any:
            return self.shares[x.ravel()].argmax(axis=1)

    return Numbers, Classes


def class_shares(task: "Task", flat: np.ndarray) -> np.ndarray:
    """The probability of each class, [rows, classes], summing to 1."""
    if task.kind == "binary":
        one = 1 / (1 + np.exp(-flat)) if task.from_logits else flat
        if one.shape[1] != 1:
            raise ValueError(f"it has {one.shape[1]} yes-or-no outputs, and scorers take one")
        return np.hstack([1 - one, one])
    if task.from_logits:
        flat = np.exp(flat - flat.max(axis=1, keepdims=True))
    return np.asarray(flat / flat.sum(axis=1, keepdims=True))


def targets_of(task: "Task", y: Any) -> np.ndarray:
    """Targets as scikit-learn takes them: labels, or numbers."""
    values = np.asarray(y).reshape(len(y), -1)
    if task.kind == "regression":
        return values[:, 0] if values.shape[1] == 1 else values
    labels = values.argmax(axis=1) if values.shape[1] > 1 else values[:, 0]
    return np.round(labels).astype(int)


def with_scores(runs: "pd.DataFrame", finished: FinishedRuns) -> "tuple[pd.DataFrame, list[str]]":
    """The table of runs with ``validation_<scorer>`` and ``test_<scorer>``, and what went wrong.

    A scorer that fails on a run gives it no number, and all other numbers stand.
    """
    scorers, task = finished.spec.scoring, finished.bridge.task
    if not scorers:
        return runs, []
    faults: dict[str, list[str]] = {name: [] for name in scorers}
    found: dict[str, list[float]] = {}
    names = list(finished.spec.names)
    order = list(zip(runs["candidate"].map(names.index), runs["repeat"], strict=True))
    values: dict[tuple[str, tuple[int, int]], float] = {}
    for candidate, repeat in sorted(order, key=lambda run: (run[1], run[0])):
        rows = finished.splits.rows(int(repeat))
        for part, some in (("validation", rows.validation), ("test", rows.test)):
            outputs = finished.journal.predictions(candidate, int(repeat), part)
            if some is None or len(outputs) != 1:
                continue
            own = outputs[0] * rows.target.scale + rows.target.centre
            y = targets_of(task, np.asarray(some.y) * rows.target.scale + rows.target.centre)
            for name, score in scored(scorers, task, own, y).items():
                if isinstance(score, str):
                    faults[name].append(score)
                else:
                    values[f"{part}_{name}", (candidate, repeat)] = score
    for column in dict.fromkeys(column for column, _ in values):
        found[column] = [values.get((column, run), np.nan) for run in order]
    last = [c for c in runs.columns if c.startswith(("penalty_value", "norm_"))]
    first = [c for c in runs.columns if c not in last]
    table = runs[first].assign(**found).join(runs[last])
    return table, [_note(name, own) for name, own in faults.items() if own]


def scored(
    scorers: Scorers, task: "Task", outputs: np.ndarray, y: np.ndarray
) -> dict[str, float | str]:
    """Each scorer's number for these predictions, or what went wrong, in words."""
    numbers = np.arange(len(y))[:, None]
    scores: dict[str, float | str] = {}
    for name, scorer in scorers.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a number that is not defined comes as NaN
                scores[name] = float(scorer(predictor(task, outputs), numbers, y))
        except Exception as error:  # the user's own code may raise anything
            scores[name] = f"{type(error).__name__}: {error}"
    return scores


def _note(name: str, faults: list[str]) -> str:
    first = " ".join(faults[0].split())[:200]
    return (
        f"The scorer {name!r} failed on {len(faults):,} sets of predictions, which have no number "
        f"of it; first with {first}"
    )
