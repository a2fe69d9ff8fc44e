"""What a model's layers keep or draw in Python while they are called.

A compiled program calls a layer's Python code once, when it is traced; a counter, a list or NumPy's
random numbers then stand still while the program runs.
"""

import itertools
import random
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import keras
import numpy as np

from wane._errors import InputError
from wane.keras_model.components import (
    Part,
    is_of_keras,
    keeps_a_tensor,
    model_parts,
    watched,
)

_PLAIN = (int, float, complex, str, bytes, bool, type(None), np.generic)
_COMPARED = 1000
"""The most elements of an array or list that are looked at."""
_TENSOR = object()
"""Stands for a tensor without a value, which only tracing can have left behind."""


class _Drawn(NamedTuple):
    """The state of a generator of random numbers."""

    state: Any


_NUMPY, _PYTHON = "NumPy's random numbers", "Python's random numbers"


def python_state(model: keras.Model) -> dict[tuple[str, str], Any]:
    """What a call could change in Python: attributes of the user's own layers, random numbers.

    Keras's own layers are left out: they keep what they need in variables.
    """
    numpy_state: Any = np.random.get_state()
    found: dict[tuple[str, str], Any] = {
        ("", _NUMPY): (numpy_state[1].tobytes(), numpy_state[2]),
        ("", _PYTHON): random.getstate(),
    }
    for layer in model._flatten_layers():
        if not is_of_keras(layer):
            for name, value in vars(layer).items():
                found[_label(layer), name] = _plain(value, depth=3)
    return found


def _label(layer: Any) -> str:
    return f"{'model' if isinstance(layer, keras.Model) else 'layer'} {layer.name!r}"


def _plain(value: Any, depth: int) -> Any:
    """A value to compare, as far as it is made of plain numbers, text and arrays of NumPy."""
    if isinstance(value, _PLAIN):
        return repr(value)
    if isinstance(value, np.ndarray):
        return value.shape, value.tobytes() if value.size <= _COMPARED else None
    if isinstance(value, np.random.Generator):
        return _Drawn(repr(value.bit_generator.state))
    if isinstance(value, random.Random):
        return _Drawn(value.getstate())
    if isinstance(value, list | tuple | set | frozenset | dict) and depth:
        parts = value.items() if isinstance(value, dict) else value
        some = itertools.islice(parts, _COMPARED)
        return len(value), [_plain(part, depth - 1) for part in some]
    # A tensor without a value may be used by the next call, which then fails. What else there is,
    # such as variables and layers, is no state of Python's.
    return _TENSOR if isinstance(value, jax.core.Tracer) else None


def changed(before: dict[Any, Any], after: dict[Any, Any]) -> list[tuple[str, str]]:
    """What is new or another in the later of two states of Python."""
    return [key for key, value in after.items() if key not in before or before[key] != value]


def refusal(model: keras.Model, trace: Callable[[], list[Any]]) -> InputError | None:
    """The error on what every call changes in Python; what only a first call sets is no error."""
    drawing: list[str] = []

    def watch(part: Part, method: Any, args: Any, kwargs: Any) -> Any:
        before = python_state(model)
        outputs = method(*args, **kwargs)
        if any(not label for label, _ in changed(before, python_state(model))):
            drawing.append(part.label)
        return outputs

    before = python_state(model)
    with watched(model_parts(model), watch):
        constants = trace()
    of_keras = vars(keras.Model(name="model"))
    after = python_state(model)
    if any(isinstance(constant, jax.core.Tracer) for constant in constants):
        holders = [label for (label, _), value in after.items() if value is _TENSOR]
        return InputError(keeps_a_tensor((holders or [_label(model)])[0]))
    for label, name in changed(before, after):
        if not label and drawing:
            return InputError(_drawn_once(drawing[0], name))
        if label and isinstance(after[label, name], _Drawn):
            return InputError(_drawn_once(label, f"its attribute {name!r}"))
        if label and name not in of_keras:
            return InputError(
                f"The {label} changes its attribute {name!r} in every call, which a "
                f"compiled program does only once: keep what changes in a variable made by "
                f"add_weight(trainable=False), or leave it out."
            )
    return None


def _drawn_once(label: str, source: str) -> str:
    return (
        f"The {label} draws from {source}, which a compiled program does only once: draw by "
        f"keras.random with a keras.random.SeedGenerator made in the layer."
    )
