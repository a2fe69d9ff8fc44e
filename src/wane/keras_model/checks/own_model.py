"""A study's own copy of a model, so that what is done with the model later changes nothing."""

from typing import TYPE_CHECKING, Any

import jax
import keras

from wane._errors import InputError
from wane.keras_model.bridge.bridge import Bridge, bridge
from wane.keras_model.bridge.tracing import first_rows
from wane.keras_model.checks.first_step import step_of
from wane.keras_model.copies import copied, take_state
from wane.keras_model.foreign_optimizers import keep_origin
from wane.keras_model.random_state import random_states_kept
from wane.keras_model.weights import aligned

if TYPE_CHECKING:
    from jax.typing import ArrayLike


def own_model(model: keras.Model, x: "ArrayLike", y: "ArrayLike") -> keras.Model:
    """A copy of a compiled model that trains as it does, with its weights and optimizer's state.

    Args:
        model: what the user gave; one that is not built yet is built for ``x``.
        x, y: at least two rows of inputs and targets, [rows, …].

    Raises:
        InputError: if it is no model that wane trains, or its configuration makes another one.
    """
    theirs = bridge(model, x, y)  # refuses what is not trained, before Keras is asked for a copy
    twin = copied(model)
    take_state(twin, model)
    keep_origin(twin, model)
    _check_same(theirs, bridge(twin, x, y), x, y)
    return twin


def _check_same(theirs: Bridge, mine: Bridge, x: Any, y: Any) -> None:
    """Check that a model and its copy are the same program."""
    rows = [first_rows(part) for part in (x, y)]
    try:
        expected, found = (_program(one, mine, *rows) for one in (theirs, mine))
        # A model that is another one each time, as by NumPy's random numbers, is no fault here.
        different = found != expected and expected == _program(theirs, mine, *rows)
    except Exception:  # what cannot be traced is refused when the first step is tried
        return
    if different:
        model = theirs.model
        raise InputError(
            f"The model {model.name!r} cannot be copied, since what its configuration makes "
            f"computes something else: have get_config() of its own layers, losses and metrics "
            f"give all arguments, or pass a function that returns a new compiled model in its "
            f"place."
        )


def _program(bridge: Bridge, like: Bridge, x: Any, y: Any) -> str:
    """The program of a first step, its variables in the order of another model of these layers."""
    model, other = bridge.model, like.model
    twins = {id(theirs): mine for mine, theirs in aligned(model, other)}
    lists = (model.trainable_variables, model.non_trainable_variables)
    places = {id(v): (kind, i) for kind, several in enumerate(lists) for i, v in enumerate(several)}
    step = step_of(bridge)

    def in_order(weights: Any, state: Any) -> Any:
        given = [[v.value for v in several] for several in lists]
        variables = [*other.trainable_variables, *other.non_trainable_variables]
        for variable, value in zip(variables, [*weights, *state], strict=True):
            kind, index = places[id(twins[id(variable)])]
            given[kind][index] = value
        return step(*given, x, y, None)

    values = [
        [variable.value for variable in several]
        for several in (other.trainable_variables, other.non_trainable_variables)
    ]
    with random_states_kept():
        return str(jax.jit(in_order).lower(*values).as_text())
