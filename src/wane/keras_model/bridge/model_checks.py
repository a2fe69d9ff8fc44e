"""Whether a model can be trained by the engine, and whether the data fit it."""

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax
import keras
import numpy as np
from keras.src import losses
from keras.src import metrics as keras_metrics

from wane._errors import InputError, nearest, one_line
from wane.keras_model.bridge.masks import masks_of, with_masks
from wane.keras_model.bridge.task import LOSS_OF_ANY_CLASSES, Task, task_of
from wane.keras_model.bridge.tracing import first_rows, outputs_by_tracing
from wane.keras_model.components import (
    failing,
    is_of_keras,
    loss_parts,
    model_parts,
    untraceable,
)
from wane.keras_model.random_state import random_states_kept

if TYPE_CHECKING:
    from jax.typing import ArrayLike


def check_compiled(model: keras.Model) -> None:
    """Check that a model is compiled, on any backend.

    Raises:
        InputError: naming what is wrong with the model.
    """
    if not isinstance(model, keras.Model):
        raise InputError(
            f"model must be a compiled keras.Model or a function that returns one, "
            f"got {type(model).__name__}."
        )
    if not getattr(model, "compiled", False) or model.optimizer is None:
        raise InputError(
            f"The model {model.name!r} is not compiled: call model.compile(optimizer=..., "
            f"loss=...) before giving it to wane."
        )
    if getattr(model, "_compile_loss", None) is None:
        raise InputError(
            f"The model {model.name!r} was compiled without a loss: call "
            f"model.compile(optimizer=..., loss=...)."
        )
    _check_names(model)


def check_model(model: keras.Model, x: "ArrayLike", y: "ArrayLike") -> Any:
    """Check that a model is compiled, of a kind that wane trains, and fits the rows.

    Returns:
        Outputs of the shapes and masks that the model has for the first rows (at most two),
        [rows, …]; their numbers mean nothing.

    Raises:
        InputError: naming what is wrong with the model or the rows.
    """
    check_compiled(model)
    _refuse_what_is_not_trained(model)
    predictions = _predictions(model, x)
    if not model.trainable_variables:
        raise InputError(
            f"The model {model.name!r} has no trainable weight: set trainable=True on a layer."
        )
    _check_loss(model, predictions, y)
    return predictions


_OF_ANY_CLASSES = {"loss": LOSS_OF_ANY_CLASSES, "metric": ("accuracy", "acc")}
"""Names for which Keras takes the loss or metric that fits the targets."""


def _check_names(model: keras.Model) -> None:
    """Check that Keras knows the names of losses and metrics, which it looks up only in training.

    Raises:
        InputError: naming one that it does not know.
    """
    metrics = model._compile_metrics
    given = {
        "loss": ([model._compile_loss._user_loss], losses),
        "metric": (
            [] if metrics is None else [metrics._user_metrics, metrics._user_weighted_metrics],
            keras_metrics,
        ),
    }
    for kind, (names, module) in given.items():
        for name in keras.tree.flatten(names):
            if not isinstance(name, str) or name.lower() in _OF_ANY_CLASSES[kind]:
                continue
            try:
                module.get(name)
            except ValueError as error:
                known = [known for known in module.ALL_OBJECTS_DICT if known.islower()]
                raise InputError(
                    f"The model {model.name!r} was compiled with the {kind} {name!r}, which Keras "
                    f"does not know: {nearest(name, known)}"
                ) from error


def _refuse_what_is_not_trained(model: keras.Model) -> None:
    for method in ("train_step", "compute_loss", "compute_metrics"):
        if getattr(type(model), method) is not getattr(keras.Model, method):
            raise InputError(
                f"The model {model.name!r} has a {method}() of its own, which wane does not train; "
                f"it trains models that leave {method}() as in keras.Model."
            )
    for layer in model._flatten_layers():
        if getattr(layer, "stateful", False) and isinstance(layer, keras.layers.RNN):
            raise InputError(
                f"The layer {layer.name!r} is stateful: it carries its state from one batch to the "
                f"next, which means nothing once rows are divided and shuffled anew in each "
                f"repeat; make it with stateful=False."
            )


def _predictions(model: keras.Model, x: "ArrayLike") -> Any:
    rows = first_rows(x)
    shapes = jax.tree.map(lambda array: array.shape[1:], rows)
    expected: Any = getattr(model, "input_shape", None) if model.built else None
    one_input = isinstance(expected, tuple) and all(
        size is None or isinstance(size, int) for size in expected
    )
    if one_input and isinstance(rows, dict | list) and len(rows) > 1:
        parts = f" ({', '.join(map(repr, rows))})" if isinstance(rows, dict) else ""
        raise InputError(
            f"x has {len(rows)} parts{parts}, but the model {model.name!r} has one input: give one "
            f"array."
        )
    if one_input and isinstance(rows, jax.Array) and not _fits(rows.shape, expected):
        raise InputError(
            f"The rows of x have shape {shapes}, but the model {model.name!r} expects "
            f"{tuple(expected[1:])}: change x or the model's Input."
        )
    mode = {"training": False} if model._call_has_training_arg else {}

    def outputs(rows: Any) -> Any:
        # A model that is not built yet is built by the call; on others it leaves no trace.
        with keras.StatelessScope() if model.built else contextlib.nullcontext():
            # Layers of the user's own may keep in Python what they computed.
            if model.built and all(is_of_keras(layer) for layer in model._flatten_layers()):
                return outputs_by_tracing(lambda rows: model(rows, **mode), rows)
            return model(rows, **mode)

    try:
        with random_states_kept():
            return outputs(rows)
    except Exception as error:
        raise _call_refusal(model, error, lambda: outputs(rows), shapes) from error


def _call_refusal(
    model: keras.Model, error: Exception, call: Callable[[], Any], shapes: Any
) -> InputError:
    """The error on a model that cannot be called, naming the layer in which that is so."""
    found = failing(model_parts(model), call)
    if found is not None:
        error = found[1]
        sentence = untraceable(found[0].label, error)
        if sentence is not None:
            return InputError(sentence)
    place = "" if found is None or found[0].owner is model else f"the {found[0].label} fails: "
    return InputError(
        f"The model {model.name!r} cannot be called on rows of shape {shapes}: "
        f"{place}{one_line(error)}"
    )


def _fits(shape: tuple[int, ...], expected: tuple[int | None, ...]) -> bool:
    return len(shape) == len(expected) and all(
        size is None or size == given for given, size in zip(shape[1:], expected[1:], strict=True)
    )


def _check_loss(model: keras.Model, predictions: Any, y: "ArrayLike") -> None:
    """Check that the targets fit the loss: their shape, and for classes their labels."""
    some = first_rows(y)
    if not model._compile_loss.built:
        with contextlib.suppress(Exception):  # what is wrong is said below
            model._compile_loss.build(some, predictions)
    task = task_of(model, predictions)
    if not isinstance(predictions, list | tuple | dict) and not isinstance(y, dict | list):
        _check_labels(model, task, predictions, np.asarray(y))

    masks = masks_of(predictions)

    def loss(some: Any, predictions: Any) -> Any:
        with keras.StatelessScope():
            return model._compile_loss(some, with_masks(predictions, masks), None)

    try:
        jax.eval_shape(loss, some, predictions)
    except Exception as error:
        # What cannot be traced may fail here for some other reason, such as too few rows.
        found = failing(loss_parts(model), lambda: jax.eval_shape(loss, some, predictions))
        sentence = None if found is None else untraceable(found[0].label, found[1])
        if sentence is not None:
            raise InputError(sentence) from error
        targets, outputs = (
            jax.tree.map(lambda array: tuple(array.shape[1:]), part) for part in (some, predictions)
        )
        raise InputError(
            f"The loss {task.loss} cannot be computed from targets of shape {targets} and outputs "
            f"of shape {outputs}: {one_line(error)}"
        ) from error


def _check_labels(model: keras.Model, task: Task, predictions: Any, labels: np.ndarray) -> None:
    """Check the labels of a model with one output."""
    if task.ignore_class is not None:
        labels = labels[labels != task.ignore_class]
        if not labels.size:
            raise InputError(
                f"Every target is {task.ignore_class}, which the loss {task.loss} ignores: "
                f"give y that holds other labels too."
            )
    # Losses of the user's own may have no use for targets.
    if task.kind != "other" and len(labels) > 1 and np.all(labels == labels[:1]):
        raise InputError(
            f"The targets are the same in all {len(labels):,} rows, "
            f"{np.ravel(labels[:1])[:3].tolist()}, so that there is nothing to learn: give y that "
            f"differs between rows."
        )
    columns = predictions.shape[-1] if predictions.ndim > 1 else 1
    wide = labels.ndim == predictions.ndim > 1 and labels.shape[-1] > 1
    if task.sparse and wide:
        raise InputError(
            f"The loss {task.loss} takes a whole label for each row, but y has {labels.shape[-1]} "
            f"columns, as one-hot targets have: give y.argmax(axis=-1), or compile the model with "
            f"the loss categorical_crossentropy."
        )
    if task.kind == "binary" and (labels.min() < 0 or labels.max() > 1):
        raise InputError(
            f"The loss {task.loss} needs labels from 0 to 1, but y goes from {labels.min():g} to "
            f"{labels.max():g}: encode the classes as 0 and 1, or use a loss for more classes."
        )
    if task.sparse:
        whole = np.all(labels == np.round(labels))
        if not whole or labels.min() < 0 or labels.max() >= columns:
            raise InputError(
                f"The loss {task.loss} needs whole labels from 0 to {columns - 1} (the model has "
                f"{columns} outputs), but y goes from {labels.min():g} to {labels.max():g}: "
                f"number the classes from 0, or change the size of the last layer."
            )
    elif task.elementwise and not _same_shape(labels.shape[1:], predictions.shape[1:]):
        raise InputError(
            f"The targets have shape {labels.shape[1:]} for each row, but the model "
            f"{model.name!r} gives {tuple(predictions.shape[1:])} and its loss {task.loss} "
            f"compares them element by element: {_remedy(task, labels, columns)}."
        )


def _remedy(task: Task, labels: np.ndarray, columns: int) -> str:
    """What to change where targets have another shape than outputs."""
    if task.kind == "multiclass" and labels.size == len(labels):
        return (
            f"give one-hot targets of {columns} columns, or compile the model with the loss "
            f"sparse_categorical_crossentropy"
        )
    return "change y or the last layer"


def _same_shape(targets: tuple[int, ...], outputs: tuple[int, ...]) -> bool:
    """Whether the shapes agree but for a last axis of length 1, as Keras takes them."""
    strip = [s[:-1] if s and s[-1] == 1 else s for s in (tuple(targets), tuple(outputs))]
    return strip[0] == strip[1]
