"""Whether a run can begin: its first step is traced and computed once, before anything is trained.

For what fails, has no finite loss, or does in Python what a compiled program would do only once,
the error names the layer, loss or metric that it comes from.
"""

import hashlib
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np

from wane._errors import InputError
from wane.keras_model.bridge.bridge import QUICK, Arrays, Bridge
from wane.keras_model.checks.python_state import changed, python_state, refusal
from wane.keras_model.components import (
    Part,
    failing,
    failure,
    is_of_keras,
    is_traced,
    loss_parts,
    metric_parts,
    model_parts,
    watched,
)
from wane.keras_model.random_state import random_states_kept
from wane.keras_model.weights import owned_variables
from wane.resampling.rows import Rows

ROWS = 1024
"""The most rows on which the first step is tried; evaluations take as many at a time."""


def check_first_step(bridge: Bridge, weights: Arrays, state: Arrays, rows: Rows) -> str:
    """Check that a run with these initial values and training rows can begin.

    Nothing is changed: neither the model's variables nor any random state.

    Returns:
        SHA-256 of the step's program, the same in every process and whatever layers are called.

    Raises:
        InputError: naming the layer, loss, metric or optimizer that cannot be part of a compiled
            program, or that gives NaN or infinite values before any training.
    """
    x, y, sample_weight, unit = rows.at(slice(ROWS)).read()
    if any(axes > 1 for axes in bridge.mask_axes):
        _check_weights_of_steps(bridge, sample_weight)
    inputs = (weights, state, x, y, sample_weight, unit)
    whole = step_of(bridge)

    def step(*inputs: Any) -> tuple[jax.Array, jax.Array]:
        loss, own, _ = whole(*inputs)  # of metrics, which are not returned, nothing is computed
        return loss, own

    def trace() -> list[Any]:
        traced = jax.make_jaxpr(lambda *inputs: step(*inputs))  # a new function is traced anew
        return list(traced(*inputs).consts)

    with random_states_kept():
        before = python_state(bridge.model)
        try:
            lowered = jax.jit(step).lower(*inputs)
            loss, own = lowered.compile(QUICK)(*inputs)
            suspect = changed(before, python_state(bridge.model))
            refused = refusal(bridge.model, trace) if suspect else None
        except Exception as error:
            _check_weights_of_steps(bridge, sample_weight)
            raise _cannot_be_traced(bridge, error, trace) from error
    if refused is not None:
        raise refused
    _check_optimizer(bridge, weights)
    if not (np.isfinite(loss) and np.isfinite(own)):
        raise _not_finite(bridge, weights, state, x, loss)
    return hashlib.sha256(lowered.as_text().encode()).hexdigest()


def _check_weights_of_steps(bridge: Bridge, sample_weight: Any) -> None:
    """Check that weights of rows have an axis for the steps of a row, where outputs have steps.

    Keras multiplies losses [rows, steps] by weights [rows] without adding an axis, which fails, or
    weighs the steps where a batch happens to have as many rows.
    """
    for weight, axes in zip(jax.tree.leaves(sample_weight), bridge.output_axes, strict=False):
        if weight.ndim == 1 and axes > 2:
            raise InputError(
                f"The model {bridge.model.name!r} has an output for each step of a row, but the "
                f"weights have shape {weight.shape}: give them an axis for the steps, as in "
                f"sample_weight[:, None], or one weight for each step."
            )


def step_of(bridge: Bridge) -> Callable[..., tuple[jax.Array, jax.Array, dict[str, jax.Array]]]:
    """What a run does with its first rows: its data loss, own penalties and metrics."""

    def step(
        weights: Arrays, state: Arrays, x: Any, y: Any, sample_weight: Any, unit: Any = None
    ) -> tuple[jax.Array, jax.Array, dict[str, jax.Array]]:
        predictions, _, own = bridge.forward(weights, state, x, training=True)
        loss = bridge.data_loss(y, predictions, sample_weight)
        metrics = bridge.with_rows(bridge.metric_state(), y, predictions, sample_weight, unit)
        return loss, own, bridge.metric_results(metrics)

    return step


def _cannot_be_traced(
    bridge: Bridge, error: Exception, trace: Callable[[], list[Any]]
) -> InputError:
    """The error on the part in which tracing the first step fails."""
    model = bridge.model
    parts = [*model_parts(model), *loss_parts(model), *metric_parts(bridge.flat_metrics)]
    found = failing(parts, trace)
    if found is None:
        found = _failing_regularizer(model) or (Part(f"model {model.name!r}", model, "call"), error)
    return InputError(failure(found[0].label, found[1]))


def _failing_regularizer(model: keras.Model) -> tuple[Part, Exception] | None:
    """The first weight's regularizer that cannot be traced, with its error."""
    for layer, _, variable in owned_variables(model):
        if variable.regularizer is None:
            continue
        try:
            jax.eval_shape(variable.regularizer, variable.value)
        except Exception as error:
            part = Part(f"regularizer of layer {layer!r}", variable.regularizer, "__call__")
            return part, error
    return None


def _check_optimizer(bridge: Bridge, weights: Arrays) -> None:
    """Check that an optimizer or schedule that is not Keras's own can be traced."""
    optimizer = bridge.optimizer
    rate = getattr(optimizer, "_learning_rate", None)  # a loss-scaling optimizer has none
    if is_of_keras(optimizer) and not _is_own_schedule(rate):
        return
    try:
        jax.eval_shape(bridge.updated, bridge.optimizer_state(weights), weights, weights)
    except Exception as error:
        label = f"optimizer {optimizer.name!r}"
        if _is_own_schedule(rate):
            label = f"learning-rate schedule {type(rate).__name__!r}"
        raise InputError(failure(label, error)) from error


def _is_own_schedule(rate: Any) -> bool:
    schedule = keras.optimizers.schedules.LearningRateSchedule
    return isinstance(rate, schedule) and not is_of_keras(rate)


def _not_finite(bridge: Bridge, weights: Arrays, state: Arrays, x: Any, loss: Any) -> InputError:
    """The error on where the first NaN or infinite value comes from."""
    model = bridge.model
    values = {
        id(variable): value
        for variable, value in zip(
            [*model.trainable_variables, *model.non_trainable_variables],
            [*weights, *state],
            strict=True,
        )
    }
    for layer, _, variable in owned_variables(model):
        if id(variable) in values and not _all_finite(values[id(variable)]):
            return InputError(
                f"The layer {layer!r} begins with NaN or infinite numbers in its {variable.name}: "
                f"give the model finite weights, or pass initial_weights='fresh'."
            )
    guilty: list[str] = []

    def watch(part: Part, method: Any, args: Any, kwargs: Any) -> Any:
        outputs = method(*args, **kwargs)
        known = not is_traced((args, kwargs, outputs))
        if known and not guilty and _all_finite((args, kwargs)) and not _all_finite(outputs):
            guilty.append(part.label)
        return outputs

    with watched(model_parts(model), watch):
        bridge.forward(weights, state, x, training=True)
    if guilty:
        return InputError(
            f"The {guilty[0]} gives NaN or infinite values for finite inputs before any training: "
            f"look in it for a logarithm, root, exponential or quotient that its inputs do not "
            f"allow, or scale x."
        )
    for layer, _, variable in owned_variables(model):
        value = values.get(id(variable))
        if variable.regularizer is not None and not _all_finite(variable.regularizer(value)):
            guilty.append(f"regularizer of layer {layer!r}")
    if guilty:
        return InputError(
            f"The {guilty[0]} gives NaN or infinite values before any training: change it or the "
            f"initial weights."
        )
    if np.isfinite(loss):
        return InputError(
            f"The activity regularizers and add_loss of the model {model.name!r} sum up to NaN or "
            f"an infinite value before any training: change them or scale x."
        )
    return InputError(
        f"The loss {bridge.task.loss} is {float(loss):g} before any training, though the "
        f"model's outputs are finite: give targets and a last activation that this loss allows."
    )


def _all_finite(values: Any) -> bool:
    """Whether every floating-point number in these arrays is finite."""
    arrays = [
        leaf
        for leaf in jax.tree.leaves(values)
        if isinstance(leaf, jax.Array) and jnp.issubdtype(leaf.dtype, jnp.floating)
    ]
    return all(bool(jnp.all(jnp.isfinite(array))) for array in arrays)
