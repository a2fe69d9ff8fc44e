"""The estimators of scikit-learn that stand beside a study's networks."""

from typing import TYPE_CHECKING, Any

import numpy as np

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
PART = 0.25
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


def linear(task: "Task", x: np.ndarray, y: np.ndarray, seed: int) -> Any:
    """A linear model of standardized inputs, whose strength the training rows choose.

    Ridge regression by its exact leave-one-out error; logistic regression by the log loss of three
    folds, or of a quarter where there are very many numbers.

    Args:
        task: what the network is for.
        x, y: training rows, [rows, inputs], and their labels or numbers.
        seed: draws folds.
    """
    from sklearn.linear_model import LogisticRegression, RidgeCV
    from sklearn.model_selection import GridSearchCV, StratifiedKFold, StratifiedShuffleSplit
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if task.kind == "regression":
        return make_pipeline(StandardScaler(), RidgeCV(alphas=np.logspace(-2, 4, 13)))
    plain = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    _, counts = np.unique(y, return_counts=True)
    if counts.min() < FOLDS:  # too few rows of a class for folds
        return plain
    parts: Any = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    if x.size * len(counts) > MUCH:
        parts = StratifiedShuffleSplit(1, test_size=PART, random_state=seed)
    strengths = {"logisticregression__C": np.logspace(-3, 2, 6)}
    return GridSearchCV(plain, strengths, scoring="neg_log_loss", cv=parts)


def boosting(task: "Task", seed: int) -> Any:
    """Gradient boosting as scikit-learn has it by default.

    Args:
        task: what the network is for.
        seed: draws the rows of early stopping, where there are more than 10,000.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    if task.kind == "regression":
        return HistGradientBoostingRegressor(random_state=seed)
    return HistGradientBoostingClassifier(random_state=seed)


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
