"""Proximal steps after the updates of Keras's optimizers, which give exact zeros.

The step of a weight must be what the optimizer multiplies its gradient by, or training rests where
the penalty is weighed wrongly against the loss. For plain SGD it is the learning rate: Parikh &
Boyd, Proximal algorithms, Foundations and Trends in Optimization 1 (2014). Where momentum sums up
gradients, a steady one is multiplied by ``learning_rate / (1 - momentum)``. For Adam and its kin it
is a number for each weight: Yun, Lozano & Yang, Adaptive proximal gradient methods for structured
neural networks, NeurIPS 34 (2021); Melchior, Joseph & Moolekamp, Proximal Adam, arXiv:1910.10094.
"""

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from wane._errors import InputError, listed
from wane.keras_model.axes import check_axes
from wane.keras_model.weights import targeted
from wane.penalties import Penalty, Sparse, is_proximal

RatesAt = Callable[[Any], Any]
"""A function from counts of steps [counts] to the learning rates of a schedule [counts]."""


def _sgd(optimizer: Any, index: int, rate: Any, rates_at: RatesAt) -> Any:
    del index
    if not optimizer.momentum:
        return rate
    # The share of a steady gradient in the buffer, which sums up learning rates as it does steps.
    momentum = optimizer.momentum
    stride = optimizer.gradient_accumulation_steps or 1
    count = math.ceil(math.log(_FORGOTTEN) / math.log(momentum))
    powers = np.arange(count)
    times = optimizer.iterations - 1 - powers * stride
    shares = ops.cast(momentum**powers, "float32") * ops.cast(times >= 0, "float32")
    rates = rates_at(ops.maximum(times, 0)) if _schedule(optimizer) else rate
    held = ops.sum(shares * rates)
    return rate + momentum * held if optimizer.nesterov else held


def _rmsprop(optimizer: Any, index: int, rate: Any, rates_at: RatesAt) -> Any:
    del rates_at
    return rate / ops.sqrt(optimizer._velocities[index] + optimizer.epsilon)


def _adagrad(optimizer: Any, index: int, rate: Any, rates_at: RatesAt) -> Any:
    del rates_at
    return rate / ops.sqrt(optimizer._accumulators[index] + optimizer.epsilon)


def _adam(optimizer: Any, index: int, rate: Any, rates_at: RatesAt) -> Any:
    del rates_at
    squares = (optimizer._velocity_hats if optimizer.amsgrad else optimizer._velocities)[index]
    known = ops.sqrt(1 - ops.power(optimizer.beta_2, ops.cast(optimizer.iterations, "float32")))
    return rate * known / (ops.sqrt(squares) + optimizer.epsilon)


def _adamax(optimizer: Any, index: int, rate: Any, rates_at: RatesAt) -> Any:
    del rates_at
    return rate / (optimizer._u[index] + optimizer.epsilon)


def _nadam(optimizer: Any, index: int, rate: Any, rates_at: RatesAt) -> Any:
    del rates_at
    known = 1 - ops.power(optimizer.beta_2, ops.cast(optimizer.iterations, "float32"))
    return rate / (ops.sqrt(optimizer._velocities[index] / known) + optimizer.epsilon)


_STEPS: dict[type, Callable[[Any, int, Any, RatesAt], Any]] = {
    keras.optimizers.SGD: _sgd,
    keras.optimizers.RMSprop: _rmsprop,
    keras.optimizers.Adagrad: _adagrad,
    keras.optimizers.Adam: _adam,
    keras.optimizers.AdamW: _adam,
    keras.optimizers.Adamax: _adamax,
    keras.optimizers.Nadam: _nadam,
}
"""What each optimizer multiplies a steady gradient by, after an update.

The arguments are the optimizer, the place of the weight, the learning rate of the update, and a
function that gives the rates of earlier ones.
"""
_FORGOTTEN = 1e-4
"""The share of a step that momentum may still hold when it is left out of account."""


def _schedule(optimizer: Any) -> Any:
    """The optimizer's learning-rate schedule, or None."""
    rate = optimizer._learning_rate
    return rate if isinstance(rate, keras.optimizers.schedules.LearningRateSchedule) else None


def _kind(optimizer: Any) -> type | None:
    """Which of the optimizers in :data:`_STEPS` this is; on torch Keras has classes of its own."""
    if not type(optimizer).__module__.startswith("keras."):
        return None  # a class of the user's own may make other steps than the one it is made of
    return next((kind for kind in type(optimizer).__mro__ if kind in _STEPS), None)


def step_size(optimizer: Any, index: int, rates_at: RatesAt) -> Any:
    """The proximal step after an update: a number, or one for each element of the weight.

    It is 0 after a step that only gathered gradients.

    Args:
        optimizer: an optimizer that :func:`check_steps` lets pass, after an update. Inside a
            stateless scope its variables are what the scope holds.
        index: the place of the weight among those that the optimizer is built for.
        rates_at: gives the rates of the optimizer's schedule, if any, at several counts of steps.
    """
    schedule, kind = _schedule(optimizer), _kind(optimizer)
    assert kind is not None, "check_steps has seen the optimizer"
    # The update took the rate of the count before it.
    rate = optimizer.learning_rate if schedule is None else schedule(optimizer.iterations - 1)
    step = _STEPS[kind](optimizer, index, ops.cast(rate, "float32"), rates_at)
    gathered = optimizer.gradient_accumulation_steps
    if gathered:
        step = step * ops.cast(ops.equal(optimizer.iterations % gathered, 0), "float32")
    return ops.cast(step, optimizer._trainable_variables[index].dtype)


@dataclasses.dataclass(frozen=True)
class Step:
    """A proximal step that follows each update.

    Attributes:
        penalty: its form.
        index: the place of the weight among the trainable ones.
        strengths: the penalty's strengths, numbers or traced.
    """

    penalty: Sparse
    index: int
    strengths: Sequence[Any]


def after_steps(
    optimizer: Any, state: Sequence[Any], weights: Sequence[Any], steps: Sequence[Step]
) -> list[Any]:
    """The weights after their proximal steps, as a pure function.

    Args:
        optimizer: the built optimizer.
        state: the values of its variables after the update.
        weights: the trainable weights after the update.
        steps: what is to be done.
    """

    def rates_at(times: Any) -> Any:
        return ops.vectorized_map(_schedule(optimizer), times)

    weights = list(weights)
    mapping = list(zip(optimizer.variables, state, strict=True)) if steps else []
    with keras.StatelessScope(state_mapping=mapping):
        for step in steps:
            size = step_size(optimizer, step.index, rates_at)
            weights[step.index] = step.penalty.prox(weights[step.index], size, *step.strengths)
    return weights


def check_steps(model: keras.Model, penalties: Sequence[Penalty]) -> None:
    """Check that the penalties can act together on a compiled model.

    Raises:
        InputError: if one matches no weight or not groups of it, the model's optimizer cannot serve
            it, or two with different proximal steps act on one weight.
    """
    forms: dict[int, Penalty] = {}
    for penalty in penalties:
        for weight in targeted(model, penalty):
            check_axes(weight, penalty)
            if not is_proximal(penalty):
                continue
            _check_optimizer(model, penalty)
            other = forms.setdefault(weight.index, penalty.form)
            if other != penalty.form:
                raise InputError(
                    f"{other.kind} and {penalty.kind} both act on the {weight.variable.name} of "
                    f"layer {weight.layer!r}: a weight takes one kind of proximal step, so give "
                    f"them different layers."
                )


def steps_of(
    model: keras.Model, penalties: Sequence[Sparse], epoch: float = math.inf
) -> list[Step]:
    """One step for each weight, with the sum of the strengths of the penalties that act on it.

    Args:
        model: the model.
        penalties: the penalties.
        epoch: the epoch, counted from 0, whose strengths are meant; by default the last ones.
    """
    found: dict[int, Step] = {}
    for penalty in penalties:
        for weight in targeted(model, penalty):
            before = found.get(weight.index)
            mine = penalty.strengths_at(epoch)
            there = (0.0,) * len(mine) if before is None else before.strengths
            strengths = [a + b for a, b in zip(there, mine, strict=True)]
            found[weight.index] = Step(penalty.form, weight.index, strengths)
    return list(found.values())


def _check_optimizer(model: keras.Model, penalty: Penalty) -> None:
    """Check that the updates of a model's optimizer can be followed by proximal steps."""
    optimizer = model.optimizer
    if _kind(optimizer) is None:
        names = listed([kind.__name__ for kind in _STEPS])
        raise InputError(
            f"{penalty} needs an optimizer whose step for each weight is known, one of {names}, "
            f"but the model {model.name!r} is compiled with {type(optimizer).__name__}: change the "
            f"optimizer or leave proximal=True out."
        )
    if isinstance(optimizer, keras.optimizers.RMSprop) and (
        optimizer.momentum or optimizer.centered
    ):
        raise InputError(
            f"{penalty} needs an optimizer whose step for each weight is known, which it is not "
            f"for RMSprop with momentum or centered=True: leave these out of the model "
            f"{model.name!r}."
        )
    if optimizer.use_ema:
        raise InputError(
            f"{penalty} cannot give exact zeros with use_ema=True, since the model {model.name!r} "
            f"ends with moving averages of its weights: leave out use_ema or proximal=True."
        )
