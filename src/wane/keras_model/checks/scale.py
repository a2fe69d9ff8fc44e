"""Whether inputs are of a scale that a network can take, and targets within its reach."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np

from wane._errors import InputError
from wane.keras_model.bridge.task import Task, task_of
from wane.keras_model.components import Part, model_parts, watched
from wane.keras_model.random_state import random_states_kept
from wane.resampling.streams.on_disk import OnDisk

_ACTIVATION_LAYERS = (keras.layers.ReLU, keras.layers.ELU)
"""Layers of Keras that are an activation which does not give numbers of any size."""
_PASSING_LAYERS = (
    keras.layers.Dropout,
    keras.layers.Flatten,
    keras.layers.Reshape,
    keras.layers.Permute,
)
"""Layers after which an activation is the last one all the same."""
_OF_ALL_UNITS = {"softmax": (0.0, 1.0), "sparsemax": (0.0, 1.0), "log_softmax": (-math.inf, 0.0)}
"""Activations that are no function of a single number, and between what they lie."""
_TRIED = np.concatenate([np.linspace(-10, 10, 2001), [-1e6, 1e6]]).astype(np.float32)
"""Numbers among whose values an activation's lowest and highest are looked for."""
_ANY_SIZE = 1e3
"""What reaches so far has no bound."""
_OF_NUMBERS = ("mean_absolute_percentage_error", "mean_squared_logarithmic_error", "poisson")
"""Losses of a number to predict beside those of the task "regression"."""

_PIXEL, _SMALLEST_IMAGE = 255, 8
_LOOKED_AT = 1000
"""About how many rows of an array on disk are looked at."""
_LARGE = 20
"""Larger inputs than that train badly."""
_NORMALIZING_LAYERS = (
    keras.layers.Normalization,
    keras.layers.BatchNormalization,
    keras.layers.LayerNormalization,
    keras.layers.GroupNormalization,
)
"""Layers with weights that take inputs of any scale."""


class Reach(NamedTuple):
    """Between what the outputs of a model lie, and by which activation."""

    activation: str
    low: float
    high: float

    def __str__(self) -> str:
        if self.high == math.inf:
            return f"of at least {self.low:.3g}"
        return f"of at most {self.high:.3g}" if self.low == -math.inf else self.span

    @property
    def span(self) -> str:
        """Both ends in words."""
        return f"from {self.low:.3g} to {self.high:.3g}"


def check_standardized(model: keras.Model, task: Task) -> None:
    """Check that a model can be trained on a standardized target, as far as can be told.

    Raises:
        InputError: if its loss or its last activation is not for numbers on both sides of 0. Of
            functions of the user's own neither is known.
    """
    remedy = (
        "leave standardize_target (--standardize-target) out, so that the target stays as it is"
    )
    if task.kind != "regression" and task.elementwise:
        raise InputError(
            f"The loss {task.loss} is not for a standardized target, whose numbers lie on both "
            f"sides of 0: {remedy}."
        )
    reach = reach_of(model)
    if reach is not None:
        raise InputError(
            f"The last activation {reach.activation!r} cannot reach a standardized target, whose "
            f"numbers lie on both sides of 0 and beyond 1: {remedy}, or end the model without it."
        )


def scale_remarks(model: keras.Model, x: Any, y: Any, *, standardized: bool) -> tuple[str, ...]:
    """Sentences on targets that a model cannot reach and on pixels that go into it as they are.

    Args:
        model: the compiled, built model.
        x, y: rows as it gets them, [rows, …], but for the scale of a standardized target.
        standardized: whether the target is centred and scaled.
    """
    said = ("" if standardized else _out_of_reach(model, y), _unscaled(model, x))
    return tuple(sentence for sentence in said if sentence)


def _out_of_reach(model: keras.Model, y: Any) -> str:
    reach = reach_of(model)
    if reach is None:
        return ""
    task = task_of(model, model.outputs)
    if task.kind != "regression" and task.loss not in _OF_NUMBERS:
        return ""
    values = np.asarray(y, np.float64)
    beyond = int(np.count_nonzero((values < reach.low) | (values > reach.high)))
    if not beyond:
        return ""
    return (
        f"The last activation {reach.activation!r} of the model {model.name!r} gives numbers "
        f"{reach}, and {beyond:,} of {values.size:,} targets lie beyond (y goes from "
        f"{values.min():.3g} to {values.max():.3g}), so that no training reaches them: scale y, or "
        f"end the model with another activation, such as 'linear'."
    )


def reach_of(model: keras.Model) -> Reach | None:
    """Between what a model's outputs lie by Keras's own activation with which its graph ends.

    Returns:
        None where it gives numbers of any size on both sides of 0, or none is known.
    """
    graph = getattr(model, "_functional", None) or model
    outputs = keras.tree.flatten(getattr(graph, "outputs", None) or [])
    if len(outputs) != 1:
        return None
    layer, node, _ = outputs[0]._keras_history
    while isinstance(layer, _PASSING_LAYERS):
        layer, node, _ = layer._inbound_nodes[node].input_tensors[0]._keras_history
    if isinstance(layer, keras.Model):
        return reach_of(layer)
    if isinstance(layer, keras.layers.Softmax):
        return Reach("Softmax", *_OF_ALL_UNITS["softmax"])
    if isinstance(layer, _ACTIVATION_LAYERS):
        return _reach(type(layer).__name__, layer)
    activation: Any = getattr(layer, "activation", None)
    if not getattr(activation, "__module__", "").startswith("keras."):
        return None
    return _reach(str(getattr(activation, "__name__", None)), activation)


def _reach(name: str, activation: Callable[[Any], Any]) -> Reach | None:
    if name == "glu":  # whose units are two of the layer's
        return None
    if name in _OF_ALL_UNITS:
        return Reach(name, *_OF_ALL_UNITS[name])
    values = np.asarray(activation(keras.ops.convert_to_tensor(_TRIED)))
    low, high = float(values.min()) + 0.0, float(values.max()) + 0.0  # -0 is 0
    low, high = (low if low > -_ANY_SIZE else -math.inf), (high if high < _ANY_SIZE else math.inf)
    return None if (low, high) == (-math.inf, math.inf) else Reach(name, low, high)


def _unscaled(model: keras.Model, x: Any) -> str:
    """On pixels from 0 to 255 that reach the first layer with weights as they are."""
    if isinstance(x, OnDisk):
        x = np.asarray(x[:: max(1, len(x) // _LOOKED_AT)])
    if not isinstance(x, np.ndarray) or x.ndim < 3 or not _are_pixels(x):
        return ""
    brightest = x[[int(np.argmax(x.reshape(len(x), -1).max(axis=1)))]]
    found: list[tuple[Part, float]] = []

    def watch(part: Part, method: Any, args: Any, kwargs: Any) -> Any:
        if not found and _takes_a_scale(part.owner):
            inputs = [np.asarray(one) for one in keras.tree.flatten(args) if one is not None]
            found.append((part, max(float(np.abs(one).max()) for one in inputs)))
        return method(*args, **kwargs)

    mode = {"training": False} if model._call_has_training_arg else {}
    with keras.StatelessScope(), random_states_kept(), watched(model_parts(model), watch):
        model(keras.ops.convert_to_tensor(brightest), **mode)
    if not found or found[0][1] <= _LARGE or isinstance(found[0][0].owner, _NORMALIZING_LAYERS):
        return ""
    return (
        f"x holds pixels from 0 to 255, which reach the {found[0][0].label} of the model "
        f"{model.name!r} as they are, and networks train badly on such inputs unless they are made "
        f"for them: begin the model with keras.layers.Rescaling(1 / 255), or divide x by 255."
    )


def _takes_a_scale(part: Any) -> bool:
    """Whether this is a layer with weights into which numbers go; ids of an embedding are none."""
    of_ids = isinstance(part, keras.layers.Embedding | keras.Model)
    return isinstance(part, keras.Layer) and bool(part.trainable_weights) and not of_ids


def _are_pixels(x: np.ndarray) -> bool:
    if x.dtype == np.uint8:
        return bool(x.max() > _PIXEL / 2)
    large = min(x.shape[1:3]) >= _SMALLEST_IMAGE and x.min() >= 0
    return bool(large and _PIXEL / 2 < x.max() <= _PIXEL and np.array_equal(x, np.round(x)))
