"""What a reference predicts, in the form in which the study's network does."""

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import logit, softmax

from wane.study.measures.scorers import class_shares

if TYPE_CHECKING:
    from wane.keras_model.bridge.task import Task
    from wane.resampling.dataset import TargetScale

LEAST = 1e-7
"""Keras takes no probability for less than this from 0 or 1."""
FOLDS = 5
"""In how many parts of the validation rows the temperature is found for the others."""
TEMPERATURES = (-5.0, 5.0)
"""The range of its logarithm."""


def of_estimator(
    estimator: Any, x: np.ndarray, task: "Task", units: int, target: "TargetScale"
) -> np.ndarray:
    """An estimator's predictions as the network's outputs, [rows, units].

    Args:
        estimator: fitted to labels, or to numbers in the target's own unit.
        x: rows, [rows, inputs].
        task: what the network is for.
        units: of its last layer.
        target: centre and scale of the target.
    """
    if task.kind == "regression":
        numbers = np.asarray(estimator.predict(x), np.float64).reshape(len(x), -1)
        return np.asarray((numbers - target.centre) / target.scale, np.float32)
    classes = np.asarray(estimator.classes_, int)
    known = _probabilities(estimator, x, classes)
    shares = np.zeros((len(x), max(units, 2)))
    shares[:, classes] = known  # a class without training rows has none
    return from_shares(shares, task)


def _probabilities(estimator: Any, x: np.ndarray, classes: np.ndarray) -> np.ndarray:
    if hasattr(estimator, "predict_proba"):
        return np.asarray(estimator.predict_proba(x))
    labels = np.asarray(estimator.predict(x))  # all of the share is the class's that it names
    return np.asarray(labels[:, None] == classes, float)


def from_shares(shares: np.ndarray, task: "Task") -> np.ndarray:
    """Probabilities of classes as the network's outputs.

    Args:
        shares: [rows, classes], summing to 1.
        task: what the network is for.
    """
    clipped = np.clip(shares, LEAST, 1 - LEAST)
    if task.kind == "binary":
        one = clipped[:, 1:]
        return np.asarray(logit(one) if task.from_logits else one, np.float32)
    return np.asarray(np.log(clipped) if task.from_logits else shares, np.float32)


def recalibrated(
    validation: np.ndarray,
    y: np.ndarray,
    test: np.ndarray | None,
    task: "Task",
    seed: int,
    groups: np.ndarray | None = None,
    weight: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray | None]:
    """A network's outputs with its logits divided by one temperature.

    The temperature is that of the lowest log loss on validation rows; for validation rows
    themselves that on the other four fifths of them.

    Source: Guo, Pleiss, Sun & Weinberger, On calibration of modern neural networks, ICML 2017.

    Args:
        validation, test: the network's outputs, [rows, units].
        y: the labels of the validation rows.
        task: what the network is for.
        seed: divides the validation rows.
        groups: of the validation rows, which are never divided, or None.
        weight: of the validation rows in the log loss, or None.
    """
    weights = np.ones(len(y)) if weight is None else weight
    scores = _scores(validation, task)
    codes = np.arange(len(y)) if groups is None else np.unique(groups, return_inverse=True)[1]
    parts = (np.random.default_rng(seed).permutation(codes.max(initial=-1) + 1) % FOLDS)[codes]
    own = np.empty_like(scores)
    for part in range(FOLDS):
        others = parts != part
        own[~others] = scores[~others] / _temperature(scores[others], y[others], weights[others])
    tested = None
    if test is not None:
        temperature = _temperature(scores, y, weights)
        tested = from_shares(softmax(_scores(test, task) / temperature, axis=1), task)
    return from_shares(softmax(own, axis=1), task), tested


def _scores(outputs: np.ndarray, task: "Task") -> np.ndarray:
    """Logits of all classes, [rows, classes]."""
    flat = np.asarray(outputs, np.float64).reshape(len(outputs), -1)
    if task.from_logits:
        zero = np.zeros_like(flat) if task.kind == "binary" else flat[:, :0]
        return np.asarray(np.hstack([zero, flat]))
    shares = np.clip(class_shares(task, flat), LEAST, 1)
    return np.asarray(np.log(shares))


def _temperature(scores: np.ndarray, y: np.ndarray, weight: np.ndarray) -> float:
    """The temperature of the lowest mean log loss of rows by their weights; 1 without rows."""
    if not weight.any():
        return 1.0

    rows, total = np.arange(len(y)), weight.sum()

    def loss(log_temperature: float) -> float:
        # What log_softmax and np.average do, in the same order: their checks took most of the time.
        scaled = scores / np.exp(log_temperature)
        shifted = scaled - scaled.max(axis=1, keepdims=True)
        logs = shifted[rows, y] - np.log(np.exp(shifted).sum(axis=1))
        return -float((logs * weight).sum() / total)

    found = minimize_scalar(loss, bounds=TEMPERATURES, method="bounded")
    return float(np.exp(found.x))
