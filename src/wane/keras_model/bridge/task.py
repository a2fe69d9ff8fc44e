"""What a model is for, by its loss: binary, multiclass, regression or something else."""

import dataclasses
import re
from typing import Any, Literal

import keras

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
