"""What a model is for, by its loss: binary, multiclass, regression or something else."""

import dataclasses
import re
from typing import Any, Literal

import keras
import numpy as np
from scipy.special import xlogy

Kind = Literal["binary", "multiclass", "regression", "other"]

_KIND_BY_LOSS: dict[str, Kind] = {
    "binarycrossentropy": "binary",
    "binaryfocalcrossentropy": "binary",
    "categoricalcrossentropy": "multiclass",
    "categoricalfocalcrossentropy": "multiclass",
    "sparsecategoricalcrossentropy": "multiclass",
    "categoricalgeneralizedcrossentropy": "multiclass",
    "meansquarederror": "regression",
    "mse": "regression",
    "meanabsoluteerror": "regression",
    "mae": "regression",
    "huber": "regression",
    "logcosh": "regression",
}

_OF_WHOLE_LABELS = ("sparsecategoricalcrossentropy", "categoricalgeneralizedcrossentropy")
_OF_OTHER_SHAPES = ("circle", "ctc")
"""Losses of Keras whose targets have not the shape of the outputs."""

_OF_AMOUNTS = ("mean_absolute_percentage_error", "mean_squared_logarithmic_error", "poisson")
"""Losses of Keras's that are no task of their own, of which the best constant is known."""
_EPSILON = 1e-7
"""Keras takes no target for nearer to 0 than this, where it divides by it or takes a logarithm."""

LOSS_OF_ANY_CLASSES = ("crossentropy", "ce")
"""Names for which Keras takes the loss that fits outputs and targets."""


class AccuracyOfTheRest(keras.metrics.SparseCategoricalAccuracy):  # type: ignore[misc] # no types
    """The share of right classes among targets other than one label, which a loss ignores too.

    Args:
        ignore_class: that label.
    """

    def __init__(self, ignore_class: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.ignore_class = ignore_class

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Count these targets."""
        if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
            y_true = keras.ops.squeeze(y_true, -1)
        counts = keras.ops.cast(keras.ops.not_equal(y_true, self.ignore_class), "float32")
        if sample_weight is not None:
            counts = counts * keras.ops.cast(sample_weight, "float32")
        return super().update_state(y_true, y_pred, sample_weight=counts)


@dataclasses.dataclass(frozen=True)
class Task:
    """What a model is for.

    Attributes:
        kind: the kind of task.
        loss: the loss by the name that Keras gives it.
        from_logits: whether the model's outputs are logits rather than probabilities.
        sparse: whether classes are given as integers rather than one column each.
        ignore_class: the label of targets that the loss leaves out, or None.
        elementwise: whether targets must have the shape of the outputs; not so for a loss of the
            user's own, nor for a few of Keras's.
    """

    kind: Kind
    loss: str
    from_logits: bool = False
    sparse: bool = False
    ignore_class: int | None = None
    elementwise: bool = True

    @property
    def metric(self) -> str:
        """The metric by which people evaluate this task."""
        named: dict[Kind, str] = {
            "binary": "accuracy",
            "multiclass": "accuracy",
            "regression": "rmse",
            "other": "data_loss",
        }
        return named[self.kind]

    def metrics(self, predictions: Any) -> list[Any]:
        """The task's own Keras metrics, for a model that was compiled without them.

        Args:
            predictions: outputs of the model for some rows; a binary loss over several columns is
                several yes-or-no questions.
        """
        if self.kind == "binary":
            threshold = 0.0 if self.from_logits else 0.5
            return [keras.metrics.BinaryAccuracy(name="accuracy", threshold=threshold)]
        if self.kind == "multiclass" and self.ignore_class is not None:
            return [AccuracyOfTheRest(self.ignore_class, name="accuracy")]
        if self.kind == "multiclass" and self.sparse:
            return [keras.metrics.SparseCategoricalAccuracy(name="accuracy")]
        if self.kind == "multiclass":
            return [keras.metrics.CategoricalAccuracy(name="accuracy")]
        if self.kind == "regression":
            rmse = keras.metrics.RootMeanSquaredError(name="rmse")
            # R2Score refuses anything but one row of numbers for each example.
            return [rmse, keras.metrics.R2Score(name="r2")] if predictions.ndim == 2 else [rmse]
        return []


def task_of(model: keras.Model, predictions: Any) -> Task:
    """The task of a compiled model, by its loss; several outputs are no task of their own.

    Args:
        model: the compiled model.
        predictions: its outputs for some rows.
    """
    loss = model._compile_loss._user_loss
    outputs = len(keras.tree.flatten(predictions))
    if outputs > 1:
        return Task("other", f"of {outputs} outputs")
    while isinstance(loss, list | tuple | dict) and len(loss) == 1:
        loss = next(iter(loss.values())) if isinstance(loss, dict) else loss[0]
    if isinstance(loss, str) and loss.lower() in LOSS_OF_ANY_CLASSES:
        built = model._compile_loss._flat_losses  # Keras chooses one by the targets
        loss = built[0].loss.fn if built else loss
    elif isinstance(loss, str):
        loss = keras.losses.get(loss)  # "mse" is "mean_squared_error"
    if isinstance(loss, keras.losses.Loss):
        name, from_logits = type(loss).__name__, loss.get_config().get("from_logits", False)
        ignored = getattr(loss, "ignore_class", None)
        own = not type(loss).__module__.startswith("keras.")
    else:
        name, from_logits, ignored = getattr(loss, "__name__", str(loss)), False, None
        own = callable(loss) and not loss.__module__.startswith("keras.")
    folded = re.sub(r"[^a-z0-9]", "", name.lower())
    kind = _KIND_BY_LOSS.get(folded, "other")
    label = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    if own:  # whatever it is called
        return Task("other", label, elementwise=False)
    sparse = folded in _OF_WHOLE_LABELS
    elementwise = not sparse and folded not in _OF_OTHER_SHAPES
    return Task(kind, label, bool(from_logits), sparse, ignored, elementwise)


def constant_loss(task: Task, y: Any, weight: Any = None) -> float | None:
    """The loss of the best constant prediction of these targets; None where it is not known.

    Entropy of the classes, variance, mean distance from the median, or what else the loss is of the
    constant that minimizes it.

    Args:
        task: what the network is for.
        y: its targets, as it is trained on them.
        weight: the weights of the rows in the loss, [rows]; None for none.
    """
    if task.kind == "other" and not (task.elementwise and task.loss in _OF_AMOUNTS):
        return None
    values = np.asarray(y, np.float64).reshape(len(y), -1)
    factor = 1.0
    if weight is not None:
        # Steps of sequences, or rows beside a label that is left out, may weigh otherwise.
        weight = np.asarray(weight, np.float64)
        if weight.size != len(values) or task.ignore_class is not None or not weight.any():
            return None
        weight, factor = weight.ravel(), float(weight.mean())
    elif task.ignore_class is not None:
        values = values[values != task.ignore_class]
    known = _constant_loss(task, values, weight)
    return None if known is None else factor * known


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


def _constant_loss(task: Task, values: np.ndarray, weight: np.ndarray | None) -> float | None:
    """The same as a mean over rows by their weights."""
    if task.loss == "binary_crossentropy":
        ones = np.average(values, axis=0, weights=weight)
        return float(-np.mean(xlogy(ones, ones) + xlogy(1 - ones, 1 - ones)))
    if task.loss.endswith("categorical_crossentropy"):
        shares = np.average(values, axis=0, weights=weight) if not task.sparse else None
        if shares is None:
            labels = np.unique(values, return_inverse=True)[1].ravel()
            per_row = None if weight is None else np.repeat(weight, len(labels) // len(weight))
            counts = np.bincount(labels, weights=per_row)
            shares = counts / counts.sum()
        return float(-np.sum(xlogy(shares, shares)))
    if task.loss == "mean_squared_error":
        squares = np.square(values - np.average(values, axis=0, weights=weight))
        return float(np.mean(np.average(squares, axis=0, weights=weight)))
    if task.loss == "mean_absolute_error":
        distances = np.abs(values - _median(values, weight))
        return float(np.mean(np.average(distances, axis=0, weights=weight)))
    if task.loss == "mean_absolute_percentage_error":
        share = 100 / np.maximum(np.abs(values), _EPSILON)
        weighted = share if weight is None else share * weight[:, None]
        distances = share * np.abs(values - _median(values, weighted))
        return float(np.mean(np.average(distances, axis=0, weights=weight)))
    if task.loss == "mean_squared_logarithmic_error":
        logarithms = np.log1p(np.maximum(values, _EPSILON))
        squares = np.square(logarithms - np.average(logarithms, axis=0, weights=weight))
        return float(np.mean(np.average(squares, axis=0, weights=weight)))
    if task.loss == "poisson":
        means = np.average(values, axis=0, weights=weight)
        # Of counts that are all 0 the loss falls without end.
        return float(np.mean(means - xlogy(means, means))) if np.all(means > 0) else None
    return None


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
