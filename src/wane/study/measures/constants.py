"""The losses to which a network's compare: of the best constant prediction, and of the targets."""

from typing import Any

import numpy as np
from scipy.special import xlogy

from wane.keras_model.bridge.task import Task
from wane.resampling.dataset import PreparedRows
from wane.resampling.rows import as_evaluated

_OF_AMOUNTS = ("mean_absolute_percentage_error", "mean_squared_logarithmic_error", "poisson")
"""Losses of Keras's that are no task of their own, of which the best constant is known."""
_EPSILON = 1e-7
"""Keras takes no target for nearer to 0 than this, where it divides by it or takes a logarithm."""


def constant_losses(task: Task, rows: PreparedRows) -> tuple[float | None, float]:
    """What training data losses compare to: a constant's, None if not known, and the targets' own.

    The constant is the best by the weights in training, as a network that learns nothing from its
    inputs would be: of balanced classes each is as likely to it, however few rows one has.

    Args:
        task: what the network is for.
        rows: of a split.
    """
    train = as_evaluated(rows.train, rows.validation, rows.test)[0]
    weight = train.sample_weight
    constant = constant_loss(task, train.y, weight, rows.train.sample_weight)
    return constant, perfect_loss(task, train.y, weight)


def constant_loss(task: Task, y: Any, weight: Any = None, trained: Any = None) -> float | None:
    """The loss of the best constant prediction of these targets; None where it is not known.

    Entropy of the classes, variance, mean distance from the median, or what else the loss is of the
    constant that minimizes it.

    Args:
        task: what the network is for.
        y: its targets, as it is trained on them.
        weight: the weights of the rows in the loss, [rows]; None for none.
        trained: those in training, such as of classes, by which the constant is the best; None for
            the same ones.
    """
    if task.kind == "other" and not (task.elementwise and task.loss in _OF_AMOUNTS):
        return None
    values = np.asarray(y, np.float64).reshape(len(y), -1)
    by = []
    for one in (weight, trained):
        # Steps of sequences, or rows beside a label that is left out, may weigh otherwise.
        own = None if one is None else np.asarray(one, np.float64)
        no_rows = own is not None and (own.size != len(values) or not own.any())
        if no_rows or (own is not None and task.ignore_class is not None):
            return None
        by.append(None if own is None else own.ravel())
    if task.ignore_class is not None:
        values = values[values != task.ignore_class]
    factor = 1.0 if by[0] is None else float(by[0].mean())
    known = _constant_loss(task, values, by[0], by[0] if by[1] is None else by[1])
    # What weighs nothing in training has a share of 0 there.
    return None if known is None or not np.isfinite(known) else factor * known


def perfect_loss(task: Task, y: Any, weight: Any = None) -> float:
    """The loss of predictions that are the targets, to which losses compare: 0 but for Poisson's.

    Args:
        task, y, weight: as for :func:`constant_loss`, which knows a constant for these.
    """
    if task.loss != "poisson":
        return 0.0
    values = np.asarray(y, np.float64).reshape(len(y), -1)
    losses = np.mean(values - xlogy(values, values), axis=1)
    return float(np.mean(losses if weight is None else losses * np.ravel(weight)))


def _constant_loss(
    task: Task, values: np.ndarray, weight: np.ndarray | None, trained: np.ndarray | None
) -> float | None:
    """The same as a mean over rows by their weights."""

    def mean(rows: np.ndarray) -> np.ndarray:
        return np.asarray(np.average(rows, axis=0, weights=weight))

    def best(rows: np.ndarray) -> np.ndarray:
        return np.asarray(np.average(rows, axis=0, weights=trained))

    if task.loss == "binary_crossentropy":
        ones, own = best(values), mean(values)
        return float(-np.mean(xlogy(own, ones) + xlogy(1 - own, 1 - ones)))
    if task.loss.endswith("categorical_crossentropy"):
        if task.sparse:
            return -float(np.sum(xlogy(_shares(values, weight), _shares(values, trained))))
        return -float(np.sum(xlogy(mean(values), best(values))))
    if task.loss == "mean_squared_error":
        return float(np.mean(mean(np.square(values - best(values)))))
    if task.loss == "mean_absolute_error":
        return float(np.mean(mean(np.abs(values - _median(values, trained)))))
    if task.loss == "mean_absolute_percentage_error":
        share = 100 / np.maximum(np.abs(values), _EPSILON)
        weighted = share if trained is None else share * trained[:, None]
        return float(np.mean(mean(share * np.abs(values - _median(values, weighted)))))
    if task.loss == "mean_squared_logarithmic_error":
        logarithms = np.log1p(np.maximum(values, _EPSILON))
        return float(np.mean(mean(np.square(logarithms - best(logarithms)))))
    if task.loss == "poisson":
        means = best(values)
        # Of counts that are all 0 the loss falls without end.
        return float(np.mean(means - xlogy(mean(values), means))) if np.all(means > 0) else None
    return None


def _shares(values: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    """The share of each label in all rows, or steps of them, by the weights of rows, [labels]."""
    labels = np.unique(values, return_inverse=True)[1].ravel()
    per_label = None if weight is None else np.repeat(weight, len(labels) // len(weight))
    counts = np.bincount(labels, weights=per_label)
    return np.asarray(counts / counts.sum())


def _median(values: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    """The median of each column, of rows by their weights, [rows] or [rows, columns]."""
    if weight is None:
        return np.asarray(np.median(values, axis=0))
    order = np.argsort(values, axis=0)
    each = np.broadcast_to(weight.reshape(len(weight), -1), values.shape)
    below = np.cumsum(np.take_along_axis(each, order, axis=0), axis=0)
    place = np.argmax(below >= below[-1] / 2, axis=0)
    ordered = np.take_along_axis(values, order, axis=0)
    return np.asarray(np.take_along_axis(ordered, place[None], axis=0)[0])
