"""Decoupled weight decay in Keras's optimizers: strengths that are data, and models handed back."""

import contextlib
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import keras

from wane._errors import InputError, joined, listed
from wane.keras_model.weights import Weight, aligned, targeted
from wane.penalties import Candidate, Penalty, penalties_of


def steppers(optimizer: Any) -> list[Any]:
    """The optimizers that make the steps: the optimizer itself, or those that it wraps."""
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        return steppers(optimizer.inner_optimizer)
    if isinstance(optimizer, keras.optimizers.MultiOptimizer):
        return [part for inner in optimizer.optimizers for part in steppers(inner)]
    return [optimizer]


def own_decay(optimizer: Any) -> float:
    """The largest weight decay that an optimizer has of its own, 0 for none."""
    return max(_own_decays(optimizer).values(), default=0.0)


def _own_decays(optimizer: Any) -> dict[str, float]:
    """The weight decays above 0 of an optimizer by the arguments that set them."""
    names = ("weight_decay", "adam_weight_decay")  # the latter Muon's, for what it leaves to Adam
    parts = steppers(optimizer)
    found = {
        name: max((float(getattr(part, name, None) or 0.0) for part in parts), default=0.0)
        for name in names
    }
    return {name: strength for name, strength in found.items() if strength}


def stepper_of(optimizer: Any, variable: Any) -> Any:
    """The optimizer that makes the steps of a variable: the optimizer itself, or one it wraps."""
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        return stepper_of(optimizer.inner_optimizer, variable)
    if not isinstance(optimizer, keras.optimizers.MultiOptimizer):
        return optimizer
    if not optimizer.built:
        return optimizer._optimizer_map(variable)
    place = optimizer._var_to_optimizer_idx.get(optimizer._var_key(variable))
    return None if place is None else optimizer.optimizers[place]  # None: was frozen at that time


def decay_of(optimizer: Any, variable: Any) -> float:
    """The weight decay that an optimizer of Keras takes off a variable, 0 for none.

    Args:
        optimizer: of a compiled model, or None.
        variable: one that it trains.
    """
    stepper = stepper_of(optimizer, variable)
    if stepper is None or not stepper._use_weight_decay(variable):
        return 0.0
    by_adam = isinstance(stepper, keras.optimizers.Muon) and stepper._should_use_adamw(variable)
    return float((stepper.adam_weight_decay if by_adam else stepper.weight_decay) or 0.0)


def is_excluded(optimizer: Any, variable: Any) -> bool:
    """Whether the optimizer that makes a variable's steps decays others and excludes this one."""
    stepper = stepper_of(optimizer, variable)
    return (
        stepper is not None and own_decay(stepper) > 0 and not stepper._use_weight_decay(variable)
    )


@contextlib.contextmanager
def decaying(model: keras.Model, optimizer: Any, strengths: Mapping[int, Any]) -> Iterator[None]:
    """A scope in which the optimizer's steps take weight decay of these strengths.

    It is done where Keras does it, so that accumulated gradients, skipped steps and learning-rate
    schedules are heeded as Keras heeds them. The optimizer has no weight decay of its own.

    Args:
        model: the model whose weights are updated.
        optimizer: a built optimizer that nobody else uses.
        strengths: numbers, perhaps traced, by the place of the weight among the trainable ones.
    """
    variables = model.trainable_variables
    by_variable = {id(variables[i]): _constant(s) for i, s in strengths.items()}
    found = steppers(optimizer) if strengths else []
    for stepper in found:
        replace_decay(stepper, by_variable)
    try:
        yield
    finally:
        for stepper in found:
            restore_decay(stepper)


def replace_decay(optimizer: Any, strengths: Mapping[int, Callable[[], Any]]) -> None:
    """Let an optimizer decay some variables, and no others.

    Args:
        optimizer: one that makes steps itself.
        strengths: gives the strength of a variable when a step is made, by the variable's ``id``.
    """

    def decay(variables: Any) -> None:
        for variable in variables:
            if id(variable) in strengths:
                # In Keras's order, so that the result is the same to the bit.
                rate = keras.ops.cast(optimizer.learning_rate, variable.dtype)
                strength = keras.ops.cast(strengths[id(variable)](), variable.dtype)
                variable.assign(variable - variable * strength * rate)

    optimizer._apply_weight_decay = decay


def _constant(value: Any) -> Callable[[], Any]:
    return lambda: value


def restore_decay(optimizer: Any) -> None:
    """Let the variables of an optimizer decay as it has it."""
    vars(optimizer).pop("_apply_weight_decay", None)  # the class's own is there again


def decayable(model: keras.Model, penalty: Penalty) -> tuple[Weight, ...]:
    """The weights of a model that a penalty acts on, which its optimizer can decay.

    Raises:
        InputError: if there are none, or the optimizer's steps do not start from the weights.
    """
    weights = targeted(model, penalty)
    if any(
        isinstance(stepper_of(model.optimizer, weight.variable), keras.optimizers.Ftrl)
        for weight in weights
    ):
        raise InputError(
            f"{penalty} cannot act with the optimizer Ftrl, which makes each weight anew from all "
            f"its gradients: compile the model {model.name!r} with another one, or give wane.L2."
        )
    return weights


def check_optimizers(model: keras.Model) -> None:
    """Check that a model trains by the optimizer that it was compiled with.

    Raises:
        InputError: if it holds others.
    """
    known = {id(one) for one in (model.optimizer, *steppers(model.optimizer))}
    others = [
        name
        for name, one in vars(model).items()
        if isinstance(one, keras.optimizers.Optimizer) and id(one) not in known
    ]
    if others:
        raise InputError(
            f"The model {model.name!r} holds optimizers of its own, {listed(others)}, and wane "
            f"cannot see which weights they train: give weight_decay to these optimizers, or "
            f"penalize the model with wane.L2."
        )


def decays(model: keras.Model, candidate: Candidate) -> dict[int, float]:
    """A candidate's strengths of weight decay by the place of the weight among the trainable ones.

    Of a schedule it is the last strength.

    Raises:
        InputError: if it matches no weight, or the model's optimizer has a weight decay of its own,
            to which it would add.
    """
    found: dict[int, float] = {}
    for penalty in penalties_of(candidate):
        if penalty.acts_by == "decay":
            if own_decay(model.optimizer):
                raise adding_up(model, penalty)
            for weight in decayable(model, penalty):
                found[weight.index] = found.get(weight.index, 0.0) + penalty.strength
    return found


def adding_up(model: keras.Model, penalty: Penalty) -> InputError:
    """The error where the optimizer decays weights by itself."""
    found = _own_decays(model.optimizer)
    has = joined([f"{name}={strength:g}" for name, strength in found.items()])
    return InputError(
        f"The optimizer of the model {model.name!r} has {has} already, to which {penalty} would "
        f"add: compile it with {joined([f'{name}=0.0' for name in found])}."
    )


def keep_exclusions(model: keras.Model, other: keras.Model) -> None:
    """Exclude from a model's weight decay what another's excludes.

    Keras does not write exclusions into the configuration of an optimizer.

    Args:
        model: a compiled model.
        other: one of the same layers.
    """
    trained = {id(variable) for variable in other.trainable_variables}
    twins = [(twin, v) for twin, v in aligned(model, other) if id(v) in trained]
    for mine, theirs in zip(steppers(model.optimizer), steppers(other.optimizer), strict=True):
        spared = [twin for twin, variable in twins if not theirs._use_weight_decay(variable)]
        if spared:
            mine.exclude_from_weight_decay(var_list=spared)


def set_decay(model: keras.Model, strengths: Mapping[int, float]) -> None:
    """Give a model's optimizer a weight decay.

    The exclusions that go with it are in the model's optimizer, but in no file: Keras saves the
    strength without them.

    Args:
        model: a compiled model whose optimizer nobody else uses.
        strengths: by the place of the weight among the trainable ones; without any above zero
            nothing is changed.
    """
    found = {index: strength for index, strength in strengths.items() if strength}
    if not found:
        return
    if len(set(found.values())) > 1:
        warnings.warn(
            f"The optimizer of the model {model.name!r} does not get its weight decay: Keras's "
            f"optimizers have one strength for all weights, and here there are more.",
            stacklevel=3,
        )
        return
    (strength,) = set(found.values())
    give_decay(model, strength, found)


def all_but(model: keras.Model, decayed: Collection[int]) -> list[Any]:
    """The weights of a model but for some trainable ones; frozen ones may be trained later on."""
    kept = {id(model.trainable_variables[index]) for index in decayed}
    return [variable for variable in model.weights if id(variable) not in kept]


def give_decay(model: keras.Model, strength: float | None, decayed: Collection[int]) -> None:
    """Let a model's optimizer decay some weights, and no others.

    Where it wraps several, those that train none of these have no decay and no exclusions: on torch
    Keras fails where an optimizer that decays has to spare all that it trains.

    Args:
        model: a compiled model.
        strength: of all of them; 0 for no decay, None for what each of them has already.
        decayed: their places among the trainable weights.
    """
    optimizer, variables = model.optimizer, model.trainable_variables
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    if isinstance(inner, keras.optimizers.MultiOptimizer) and not inner.built:
        optimizer.build(variables)  # before this it may not know all that it wraps
    for stepper in steppers(optimizer):
        own = [i for i, v in enumerate(variables) if stepper_of(optimizer, v) is stepper]
        used = strength if set(own) & set(decayed) else 0.0
        if used is not None:
            stepper.weight_decay = used
            if "adam_weight_decay" in vars(stepper):
                stepper.adam_weight_decay = used
        spared = [] if used == 0 else all_but(model, decayed)
        stepper.exclude_from_weight_decay(var_list=spared)
