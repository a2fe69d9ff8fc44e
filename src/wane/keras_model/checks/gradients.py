"""Which weights a run cannot train, since the loss does not change with them."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np

from wane.keras_model.bridge.bridge import QUICK, Arrays, Bridge
from wane.keras_model.checks.first_step import ROWS
from wane.keras_model.random_state import random_states_kept
from wane.keras_model.weight_decay import decay_of
from wane.keras_model.weights import Weight, trainable_weights

_FEW = 32
"""The rows that are tried first; only where they give no gradient, more are."""
_STEP = 0.01
"""How far the other weights are moved."""


def untrained(
    bridge: Bridge, weights: Arrays, state: Arrays, rows: Any, ended: Sequence[Any]
) -> list[Weight]:
    """The weights whose gradient is exactly zero, and stays so when the other weights move.

    What a zero in another weight holds back at first, as an output layer that begins at zero does,
    is trained from the second step on and so is none of them. Regularizers do not count.

    Args:
        bridge: the model as pure functions.
        weights, state: the values of its variables at the start of a run.
        rows: x, y and sample_weight of its training rows.
        ended: the trainable weights with which it ended. Those that moved have had a gradient, but
            for those that a penalty of their own moves, so that most models need not be traced.
    """
    found = trainable_weights(bridge.model)
    still = {
        w.index for w in found if _may_lack_gradient(bridge, w, weights[w.index], ended[w.index])
    }
    for count, training in ((_FEW, True), (ROWS, True), (ROWS, False)):
        if not still:
            break
        some = jax.tree.map(lambda array, n=count: array[:n], tuple(rows))
        still = _still(bridge, weights, state, some, still, training=training)
    return [weight for weight in found if weight.index in still]


def _may_lack_gradient(bridge: Bridge, weight: Weight, began: Any, ended: Any) -> bool:
    variable = weight.variable
    if variable.overwrite_with_gradient:
        return False  # by such numbers layers in float8 scale, and these have no gradient
    penalized = variable.regularizer is not None or decay_of(bridge.optimizer, variable) > 0
    return penalized or bool(np.array_equal(np.asarray(began), np.asarray(ended)))


def _still(
    bridge: Bridge, weights: Arrays, state: Arrays, rows: Any, still: set[int], *, training: bool
) -> set[int]:
    """Those of these weights, by their places, that have no gradient on some rows."""

    def loss(weights: Arrays, state: Arrays, rows: Any) -> jax.Array:
        x, y, sample_weight, *_ = rows
        predictions, _, own = bridge.forward(weights, state, x, training=training)
        total = bridge.data_loss(y, predictions, sample_weight) + own
        return bridge.scaled_for_gradient(total, bridge.optimizer_state(weights))

    def moves(*inputs: Any) -> list[jax.Array]:
        return [jnp.any(gradient != 0) for gradient in jax.grad(loss)(*inputs)]

    with random_states_kept(), _without_regularizers(bridge.model):
        compiled = jax.jit(moves).lower(weights, state, rows).compile(QUICK)

    def without(weights: Arrays, places: set[int]) -> set[int]:
        moving = compiled(weights, state, rows)
        return {index for index in places if not moving[index]}

    left = without(weights, still)
    while left:
        still = left
        some = [w if i in still else _moved(w, i) for i, w in enumerate(weights)]
        left = without(some, still)
        if left == still:
            break
    return left


def _moved(weight: jax.Array, index: int) -> jax.Array:
    if not jnp.issubdtype(weight.dtype, jnp.floating):
        return weight
    step = _STEP * jax.random.normal(jax.random.key(index), weight.shape)
    return weight + step.astype(weight.dtype)


@contextlib.contextmanager
def _without_regularizers(model: keras.Model) -> Iterator[None]:
    before = [variable.regularizer for variable in model.trainable_variables]
    try:
        for variable in model.trainable_variables:
            variable.regularizer = None
        yield
    finally:
        for variable, regularizer in zip(model.trainable_variables, before, strict=True):
            variable.regularizer = regularizer
