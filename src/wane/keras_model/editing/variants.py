"""A network with layers or constraints that it did not have: the same one otherwise."""

from collections.abc import Callable, Iterator
from typing import Any

import keras

from wane._errors import InputError
from wane.keras_model.copies import (
    ModelSource,
    compile_config,
    is_model,
    made,
    own_parts_known,
    take_state,
    take_statistics,
)
from wane.keras_model.dropout import dropout_layers
from wane.keras_model.random_state import random_states_kept
from wane.keras_model.weights import targeted
from wane.penalties import L2

Layers = Iterator[tuple[Any, Any]]
"""Each layer with the one that it is like, or None."""

_CONSTRAINTS = ("kernel_constraint", "recurrent_constraint")
RATE = 0.5
"""The rate of dropout layers until a candidate sets it; above 0, so that it can be data."""


def with_dropout(source: ModelSource, *, normalization: bool = False) -> ModelSource:
    """The network with a dropout layer after each hidden layer.

    Hidden layers are those with weights, but for the last one.

    Args:
        source: a compiled sequential model, or a function that returns one.
        normalization: whether a BatchNormalization layer stands before each dropout layer.

    Returns:
        A model, or a function where the source is one. A model that has dropout layers keeps them
        and gets no others.

    Raises:
        InputError: if the network is not sequential, or has no hidden layer.
    """

    def layers(model: keras.Model) -> Layers:
        trained = [layer for layer in model.layers if layer.weights]
        if len(trained) < 2:
            raise InputError(
                f"The model {model.name!r} has no hidden layer, after which dropout could stand: "
                f"leave out the methods with dropout."
            )
        own = bool(dropout_layers(model))
        for layer in model.layers:
            yield type(layer).from_config(layer.get_config()), layer
            if layer in trained[:-1]:
                if normalization:
                    yield keras.layers.BatchNormalization(), None
                if not own:
                    yield keras.layers.Dropout(RATE), None

    return _varied(source, layers, "dropout")


def with_max_norm(source: ModelSource, bound: float, layers: str) -> ModelSource:
    """The network with Keras's max-norm constraint on the kernels, recurrent ones too, of layers.

    After each update the weights that lead into each unit are scaled down to the norm ``bound``
    where theirs is larger.

    Args:
        source: a compiled sequential model, or a function that returns one.
        bound: the largest norm.
        layers: which layers, as a penalty has them.

    Raises:
        InputError: if the network is not sequential, or none of the layers takes such a constraint.
    """

    def constrained(model: keras.Model) -> Layers:
        # The weights of a recurrent layer are its cell's, and the constraints the layer's.
        axes = {
            weight.layer.partition("/")[0]: list(range(len(weight.variable.shape) - 1))
            for weight in targeted(model, L2(0.0, layers=layers))
        }
        pairs = [(layer, layer.get_config()) for layer in model.layers]
        if not any(layer.name in axes and _CONSTRAINTS[0] in config for layer, config in pairs):
            raise InputError(
                f"No layer of the model {model.name!r} that matches {layers!r} takes a max-norm "
                f"constraint: leave out the method max-norm."
            )
        for layer, config in pairs:
            if layer.name in axes:
                # Of a convolution the weights that lead into a filter are all but its last axis.
                limit = keras.constraints.MaxNorm(bound, axis=axes[layer.name])
                config.update((name, limit) for name in _CONSTRAINTS if name in config)
            yield type(layer).from_config(config), layer

    return _varied(source, constrained, "max-norm")


def _varied(
    source: ModelSource, layers: Callable[[keras.Model], Layers], method: str
) -> ModelSource:
    """A model of other layers, compiled alike, or a function that makes such models."""
    if not is_model(source):
        _check_sequential(made(source), method)
        return lambda: _built(made(source), layers)
    _check_sequential(source, method)
    return _built(source, layers)


def _built(model: keras.Model, layers: Callable[[keras.Model], Layers]) -> keras.Model:
    """A model of these layers with the weights and the compilation of another one."""
    with own_parts_known(model), random_states_kept():
        pairs = list(layers(model))
        inputs = keras.Input(model.input_shape[1:], dtype=model.inputs[0].dtype)
        twin = keras.Sequential([inputs, *(layer for layer, _ in pairs)], name=model.name)
        twin.compile_from_config(compile_config(model))
    for layer, like in pairs:
        if like is not None and like.weights:
            layer.set_weights(like.get_weights())
    take_state(twin, model)
    take_statistics(twin)
    return twin


def _check_sequential(model: keras.Model, method: str) -> None:
    if not isinstance(model, keras.Sequential):
        raise InputError(
            f"The method {method} needs a keras.Sequential model, since in no other is it plain "
            f"where it belongs, and {getattr(model, 'name', model)!r} is none: give the network "
            f"that you mean as a candidate, wane.Network(model, title)."
        )
