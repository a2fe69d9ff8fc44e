"""The estimators of scikit-learn that stand beside a study's networks."""

from typing import TYPE_CHECKING, Any

import numpy as np

from wane.resampling.ties.folds import HELD_OUT, Folds

if TYPE_CHECKING:
    from wane.keras_model.bridge.task import Task

LABELS = {
    "constant": ("a constant", "a constant"),
    "linear": ("logistic regression", "ridge regression"),
    "boosting": ("gradient boosting", "gradient boosting"),
    "recalibrated": ("recalibrated", ""),
}
"""What people call those that are built in, for classes and for numbers."""
FOLDS = 3
"""In how many folds of the training rows the strength of a linear model is tuned."""
MUCH = 1e6
"""From so many numbers (rows times inputs times classes) on it is tuned on one part of them."""
LARGEST = 5e7
"""Inputs of more numbers than these are not fitted."""


def label(name: str, task: "Task") -> str:
    """What people call a reference."""
    return LABELS[name][task.kind == "regression"] if name in LABELS else name


def constant(task: "Task") -> Any:
    """The best constant prediction: shares of the classes, or the mean, or of distances the median.

    Args:
        task: what the network is for.
    """
    from sklearn.dummy import DummyClassifier, DummyRegressor

    if task.kind != "regression":
        return DummyClassifier(strategy="prior")
    distances = task.loss in ("mean_absolute_error", "huber", "log_cosh")
    return DummyRegressor(strategy="median" if distances else "mean")


def fold_count(task: "Task", x: np.ndarray, y: np.ndarray) -> int:
    """In how many folds the strength of a linear model is tuned: one where there is much.

    Args:
        task: what the network is for.
        x, y: training rows, [rows, inputs], and their labels or numbers.
    """
    classes = 1 if task.kind == "regression" else len(np.unique(y))
    return 1 if x.size * classes > MUCH else FOLDS


def linear(
    task: "Task", x: np.ndarray, y: np.ndarray, seed: int, folds: Folds | None = None
) -> Any:
    """A linear model of standardized inputs, whose strength the training rows choose.

    Ridge regression by its exact leave-one-out error; logistic regression by the log loss of three
    folds, or of a quarter where there are very many numbers. Rows that have to do with each other
    would tell of each other there, so that these have folds of their own.

    Args:
        task: what the network is for.
        x, y: training rows, [rows, inputs], and their labels or numbers.
        seed: draws folds.
        folds: of rows that have to do with each other; None where they have not.
    """
    from sklearn.linear_model import LogisticRegression, Ridge, RidgeCV
    from sklearn.model_selection import GridSearchCV, StratifiedKFold, StratifiedShuffleSplit
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if task.kind == "regression":
        alphas = np.logspace(-2, 4, 13)
        if not folds:
            return make_pipeline(StandardScaler(), RidgeCV(alphas=alphas))
        error = "neg_mean_squared_error"
        ridge = make_pipeline(StandardScaler(), Ridge())
        return GridSearchCV(ridge, {"ridge__alpha": alphas}, scoring=error, cv=folds)
    plain = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    _, counts = np.unique(y, return_counts=True)
    if counts.min() < FOLDS or folds == []:  # too few rows or groups of a class for folds
        return plain
    parts: Any = folds or StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    if folds is None and fold_count(task, x, y) == 1:
        parts = StratifiedShuffleSplit(1, test_size=HELD_OUT, random_state=seed)
    strengths = {"logisticregression__C": np.logspace(-3, 2, 6)}
    return GridSearchCV(plain, strengths, scoring="neg_log_loss", cv=parts)


def boosting(task: "Task", seed: int, *, tied: bool = False) -> Any:
    """Gradient boosting as scikit-learn has it by default.

    Args:
        task: what the network is for.
        seed: draws the rows of early stopping, where there are more than 10,000.
        tied: whether rows have to do with each other, so that no rows drawn at random may stop it.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    stops = False if tied else "auto"
    if task.kind == "regression":
        return HistGradientBoostingRegressor(random_state=seed, early_stopping=stops)
    return HistGradientBoostingClassifier(random_state=seed, early_stopping=stops)


def weighted(estimator: Any, weight: np.ndarray | None) -> dict[str, np.ndarray]:
    """The argument of ``fit`` by which an estimator takes weights of rows; none if it cannot."""
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import Pipeline
    from sklearn.utils.validation import has_fit_parameter

    if weight is None:
        return {}
    inner = estimator.estimator if isinstance(estimator, GridSearchCV) else estimator
    if isinstance(inner, Pipeline):
        name, last = inner.steps[-1]
        return (
            {f"{name}__sample_weight": weight} if has_fit_parameter(last, "sample_weight") else {}
        )
    return {"sample_weight": weight} if has_fit_parameter(inner, "sample_weight") else {}
