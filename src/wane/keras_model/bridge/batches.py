"""Whether losses and metrics of rows depend on the batches that the rows come in.

The mean squared error of 1,000 rows is the same in batches of 10 and of 100; a Dice loss, a maximum
over a batch, or the loss of a masked output is not: ``fit`` takes the mean over batches of these.
"""

import types
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np

from wane.keras_model.bridge.bridge import QUICK, Arrays, Bridge
from wane.keras_model.components import is_of_keras
from wane.keras_model.random_state import random_states_kept
from wane.resampling.rows import Rows

ROWS = 48
"""On so many rows at most it is tried out."""
TOLERANCE = 1e-4
"""Numbers that differ by a smaller share than this are the same but for rounding."""
DRAWS = 3
"""How many random outputs of each spread are tried beside the model's own, which may all lie on one
side of a threshold, or far from the targets, before any training."""

_ROWWISE_LOSSES = frozenset(
    {
        keras.losses.binary_crossentropy,
        keras.losses.binary_focal_crossentropy,
        keras.losses.categorical_crossentropy,
        keras.losses.categorical_focal_crossentropy,
        keras.losses.categorical_hinge,
        keras.losses.cosine_similarity,
        keras.losses.hinge,
        keras.losses.huber,
        keras.losses.kl_divergence,
        keras.losses.log_cosh,
        keras.losses.mean_absolute_error,
        keras.losses.mean_absolute_percentage_error,
        keras.losses.mean_squared_error,
        keras.losses.mean_squared_logarithmic_error,
        keras.losses.poisson,
        keras.losses.sparse_categorical_crossentropy,
        keras.losses.squared_hinge,
        keras.metrics.binary_accuracy,
        keras.metrics.categorical_accuracy,
        keras.metrics.sparse_categorical_accuracy,
        keras.metrics.sparse_top_k_categorical_accuracy,
        keras.metrics.top_k_categorical_accuracy,
    }
)
_OF_ONE_HOT = (keras.metrics.categorical_accuracy, keras.metrics.top_k_categorical_accuracy)
"""Functions that look for the largest along the last axis of targets: of plain labels, the rows."""
_ELEMENTWISE = {
    "Absolute",
    "Add",
    "Divide",
    "Exp",
    "Maximum",
    "Minimum",
    "Multiply",
    "Negative",
    "Power",
    "Sqrt",
    "Square",
    "Subtract",
    "Tanh",
    "TrueDivide",
    "Elu",
    "Gelu",
    "HardSigmoid",
    "Relu",
    "LeakyRelu",
    "Selu",
    "Sigmoid",
    "Silu",
    "Softplus",
}
"""Operations of Keras between layers, as in ``x + layer(x)``, that take each element alone."""
_ROWWISE_METRICS = (keras.metrics.RootMeanSquaredError, keras.metrics.R2Score)


def depends_on_batches(bridge: Bridge, weights: Arrays, state: Arrays, rows: Rows) -> bool:
    """Whether evaluating these rows in other batches gives other losses, metrics or outputs.

    Masked outputs do. What is known of Keras's own losses, metrics and layers is not tried; the
    rest is computed for some rows at once and in two parts of unequal size, from the model's own
    outputs and from random ones, which spread as these do and as the targets do.

    Args:
        bridge: the model as pure functions.
        weights, state: initial values of its variables.
        rows: training rows.
    """
    if any(bridge.mask_axes):
        return True
    if _is_known(bridge, rows.y):
        return False
    count = min(ROWS, rows.row_count)
    if count < 2:
        return False
    some = rows.at(np.linspace(0, rows.row_count - 1, count).astype(int)).read()
    cuts = [slice(None), slice(count // 3 or 1), slice(count // 3 or 1, None)]

    def both(weights: Arrays, state: Arrays, some: Rows) -> Any:
        outputs = [
            bridge.forward(weights, state, some.at(cut).x, training=False)[0] for cut in cuts
        ]
        joined = jax.tree.map(lambda *parts: jnp.concatenate(parts), *outputs[1:])
        pairs = [(outputs[0], joined)]
        for predictions in (outputs[0], *_random_outputs(outputs[0], some.y)):
            whole = _numbers(bridge, [(some, predictions)])
            apart = [
                (some.at(cut), jax.tree.map(lambda a, c=cut: a[c], predictions)) for cut in cuts[1:]
            ]
            pairs.append((whole, _numbers(bridge, apart)))
        return pairs

    try:
        with random_states_kept():
            pairs = jax.jit(both).lower(weights, state, some).compile(QUICK)(weights, state, some)
    except Exception:  # what takes no other number of rows is evaluated as fit evaluates it
        return True
    return not all(
        _same(one, other)
        for whole, apart in pairs
        for one, other in zip(jax.tree.leaves(whole), jax.tree.leaves(apart), strict=True)
    )


def _is_known(bridge: Bridge, y: Any) -> bool:
    """Whether loss, metrics and layers are all of Keras and known to treat each row alone."""
    axes = zip(jax.tree.leaves(y), bridge.output_axes, strict=False)
    if any(part.ndim < count for part, count in axes) and any(
        getattr(metric, "_fn", None) in _OF_ONE_HOT for metric in bridge.flat_metrics
    ):
        return False
    return (
        all(_is_rowwise_loss(entry.loss) for entry in bridge.model._compile_loss._flat_losses)
        and all(_is_rowwise_metric(metric) for metric in bridge.flat_metrics)
        and all(_is_plain_layer(p) or _is_elementwise(p) for p in _parts(bridge.model))
    )


def _is_rowwise_loss(loss: Any) -> bool:
    if not is_of_keras(loss):
        return False
    # It is a mean of rows unless some count more than others in the number it is divided by.
    ignores = getattr(loss, "ignore_class", None) is not None
    weighs = loss.reduction == "mean_with_sample_weight"
    return not ignores and not weighs and _is_rowwise(getattr(loss, "fn", None))


def _is_rowwise_metric(metric: Any) -> bool:
    known = type(metric) in _ROWWISE_METRICS or _is_rowwise(getattr(metric, "_fn", None))
    return is_of_keras(metric) and known


def _is_rowwise(function: Any) -> bool:
    """Whether this is one of those functions; one of the user's own may have no hash."""
    return isinstance(function, types.FunctionType) and function in _ROWWISE_LOSSES


def _is_plain_layer(part: Any) -> bool:
    """Whether this is a layer of Keras without a function of the user's own in it."""
    is_layer = isinstance(part, keras.Layer) and not isinstance(part, keras.layers.Lambda)
    functions = [value for value in vars(part).values() if isinstance(value, types.FunctionType)]
    own = [one for one in functions if not str(one.__module__).startswith("keras.")]
    return is_layer and is_of_keras(part) and not own


def _is_elementwise(part: Any) -> bool:
    """Whether this is an operation that takes each element of tensors [rows, …] alone."""
    if not (is_of_keras(part) and type(part).__name__ in _ELEMENTWISE):
        return False
    return all(
        # An array of numbers may have rows of its own.
        isinstance(tensor, keras.KerasTensor) and tensor.ndim == node.output_tensors[0].ndim
        for node in part._inbound_nodes
        for tensor in node.arguments._flat_arguments
        if hasattr(tensor, "shape")
    )


def _parts(model: keras.Model) -> Iterator[Any]:
    """All layers of a model, and the operations between them and between those of its models."""
    for layer in model._flatten_layers():
        yield layer
        yield from getattr(layer, "operations", [])


def _random_outputs(predictions: Any, y: Any) -> Iterator[Any]:
    """Random outputs of the kind of these: shares from 0 to 1, or numbers of their spread or y's.

    Outputs near 0 are all alike to a loss of large targets, whatever it makes of a batch.
    """
    leaves, structure = jax.tree.flatten(predictions)
    targets = jax.tree.leaves(y)
    for spreads in (leaves, targets if len(targets) == len(leaves) else []):
        for draw in range(DRAWS if spreads else 0):
            keys = jax.random.split(jax.random.key(draw), len(leaves))
            drawn = [_like(*parts) for parts in zip(leaves, keys, spreads, strict=True)]
            yield jax.tree.unflatten(structure, drawn)


def _like(values: jax.Array, key: jax.Array, spread: jax.Array) -> jax.Array:
    numbers, spread = values.astype(jnp.float32), jnp.asarray(spread).astype(jnp.float32)
    shares = jax.random.uniform(key, values.shape, minval=0.02, maxval=0.98)
    total = jnp.sum(numbers, -1, keepdims=True)
    is_distribution = (values.shape[-1] > 1) & jnp.all(jnp.abs(total - 1) < 1e-3)
    shares = jnp.where(is_distribution, shares / jnp.sum(shares, -1, keepdims=True), shares)
    deviations = 1 + jnp.nanstd(spread)
    wide = jnp.nanmean(spread) + deviations * jax.random.normal(key, values.shape)
    wide = jnp.where(jnp.all(numbers >= 0), jnp.abs(wide), wide)
    are_shares = jnp.all((numbers >= 0) & (numbers <= 1))
    return jnp.where(are_shares, shares, wide).astype(values.dtype)


def _numbers(bridge: Bridge, batches: list[tuple[Rows, Any]]) -> list[jax.Array]:
    """Data loss and metrics of rows in these batches, each with its outputs."""
    loss, metrics, count = jnp.zeros(()), bridge.metric_state(), 0
    for rows, predictions in batches:
        data_loss = bridge.data_loss(rows.y, predictions, rows.sample_weight)
        loss += data_loss * bridge.share(rows.row_count)
        metrics = bridge.with_rows(metrics, rows.y, predictions, rows.sample_weight, rows.unit)
        count += rows.row_count
    return [loss / count, *bridge.metric_results(metrics).values()]


def _same(one: Any, other: Any) -> bool:
    """Whether numbers are equal but for rounding; NaN equals NaN."""
    one, other = np.asarray(one, np.float64), np.asarray(other, np.float64)
    scale = max(np.max(np.abs(one), initial=0.0, where=np.isfinite(one)), 1e-3)
    return bool(np.allclose(one, other, rtol=0, atol=TOLERANCE * scale, equal_nan=True))
