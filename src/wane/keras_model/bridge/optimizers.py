"""The optimizer of a model made anew, and the state in which it starts from given weights."""

from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
import keras
import numpy as np

from wane._errors import InputError, one_line
from wane.keras_model.copies import has_state, own_parts_known
from wane.keras_model.foreign_optimizers import optimizer_classes, optimizers_of

CHANGES_RATE = "wane.LearningRate"
"""The change of a candidate by which its runs begin with another learning rate."""
_EXCLUSIONS = ("_exclude_from_weight_decay", "_exclude_from_weight_decay_pattern")


def fresh_optimizer(model: keras.Model) -> Any:
    """A new optimizer of the model's configuration, not yet built.

    Raises:
        InputError: if it cannot be made from its configuration.
    """
    optimizer = model.optimizer
    try:
        with own_parts_known(model):
            kind = optimizer_classes(optimizer)[type(optimizer).__name__]
            fresh = kind.from_config(optimizer.get_config())
    except Exception as error:
        raise InputError(
            f"The optimizer {type(optimizer).__name__} of the model {model.name!r} cannot be made "
            f"anew from its configuration ({one_line(error)}): use numbers, schedules and Keras's "
            f"own optimizers, or classes with a get_config() of their own."
        ) from error
    for mine, theirs in zip(optimizers_of(fresh), optimizers_of(optimizer), strict=True):
        for name in _EXCLUSIONS:  # set by a method, so not in the configuration
            if name in vars(theirs):
                setattr(mine, name, getattr(theirs, name))
    return fresh


def optimizer_document(optimizer: Any) -> Any:
    """An optimizer's class and configuration, without the name that Keras counts up."""
    configurations = [
        [type(one).__name__, {k: v for k, v in one.get_config().items() if k != "name"}]
        for one in optimizers_of(optimizer)
    ]
    excluded = [[vars(one).get(name) for name in _EXCLUSIONS] for one in optimizers_of(optimizer)]
    return [configurations, excluded]


def rate_index(optimizer: Any, setter: str) -> int:
    """Where the learning rate is among an optimizer's variables.

    Args:
        optimizer: the optimizer, built.
        setter: what sets the rate, for an error.

    Raises:
        InputError: if it has none.
    """
    rate = getattr(optimizer, "_learning_rate", None)  # a loss-scaling optimizer has none
    for index, variable in enumerate(optimizer.variables):
        if variable is rate:
            return index
    raise InputError(
        f"{setter} sets the learning rate, but the optimizer {optimizer.name!r} follows a schedule "
        f"of its own: give the optimizer a number, or leave {setter} out."
    )


def check_rates(optimizer: Any, callbacks: Sequence[Any]) -> None:
    """Check that candidates may give other learning rates to an optimizer.

    Args:
        optimizer: the optimizer, built.
        callbacks: Keras's callbacks of the study.

    Raises:
        InputError: if it follows a schedule, or a callback sets the rate of each epoch.
    """
    rate_index(optimizer, CHANGES_RATE)
    if any(isinstance(one, keras.callbacks.LearningRateScheduler) for one in callbacks):
        raise InputError(
            f"{CHANGES_RATE} and LearningRateScheduler both set the learning rate; give one."
        )


def optimizer_start(model: keras.Model, optimizer: Any) -> Callable[[Sequence[Any]], list[Any]]:
    """A function that gives the optimizer's state before its first step from these weights.

    For most optimizers that is one state whatever the weights, but an optimizer may keep a copy of
    them (``ScheduleFreeAdamW`` does).

    Args:
        model: the model whose trainable variables are optimized.
        optimizer: its optimizer, built.
    """
    variables = model.trainable_variables
    state = [variable.value for variable in optimizer.variables]
    weights = [np.asarray(variable.value) for variable in variables]
    varied = [weight for weight in weights if np.ptp(weight) > 0]  # zeros are no sign of a copy
    if not any(np.array_equal(value, weight) for value in state for weight in varied):
        return lambda weights: state  # noqa: ARG005 # the same for any weights

    def start(weights: Sequence[Any]) -> list[Any]:
        twin = fresh_optimizer(model)
        mapping = list(zip(variables, weights, strict=True))
        with keras.StatelessScope(state_mapping=mapping) as scope:
            twin.build(variables)
        values = ((variable, scope.get_current_value(variable)) for variable in twin.variables)
        return [jnp.asarray(v.value if value is None else value) for v, value in values]

    return start


def trained_start(model: keras.Model) -> Callable[[Sequence[Any]], list[Any]]:
    """A function that gives the state in which the model's own optimizer is, whatever the weights.

    Raises:
        InputError: if it has not been trained, or its state is not of the weights that are.
    """
    state = [variable.value for variable in model.optimizer.variables]
    if not has_state(model):
        raise InputError(
            f"optimizer_state='model' (--optimizer-state model) goes on with a trained optimizer, "
            f"but that of the model {model.name!r} has made no step with the weights that are "
            f"trained now: leave it out."
        )
    return lambda weights: state  # noqa: ARG005 # the same for any weights
