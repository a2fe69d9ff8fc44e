"""The strength from which on a sparse penalty keeps all its weights at zero, read off the data."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from wane._errors import InputError
from wane.keras_model.weights import targeted
from wane.penalties import DEFAULT_ROLES, Sparse, sweep
from wane.study.running.session import Session
from wane.study.study import Study

MOST_REPEATS = 10
"""Repeats that are looked at: their spread is small beside the range of strengths."""


def max_strength(
    study: Study,
    penalty: type[Sparse],
    *,
    layers: str = "all",
    on: str | tuple[str, ...] = DEFAULT_ROLES,
    options: Mapping[str, Any] | None = None,
) -> float:
    """The smallest strength at which weights that are zero stay zero, at the start of training.

    With the penalized weights at zero and all others at their initial values, the data loss has a
    gradient there, and no sparse penalty that outweighs it lets a weight go: the ``alpha_max`` of
    lasso paths. For a network of one linear layer with centred targets it is the exact upper end
    of the path; in deeper ones the other weights move, and it is where to begin. The largest of the
    first ten repeats is taken.

    Args:
        study: gives the model, the rows and the loss.
        penalty: ``wane.L1``, ``wane.L1L2`` or ``wane.GroupLasso``, whose strength is meant in all.
        layers, on: its target.
        options: what else its class takes.

    Returns:
        The strength, above 0.

    Raises:
        InputError: if the penalty is not sparse, or there is no such end: where a layer of
            rectified units is zero, so is the gradient, and its weights stay zero at any strength.

    Source: ``lambda_max`` of Friedman, Hastie & Tibshirani, Regularization paths for generalized
    linear models via coordinate descent, J. Stat. Softw. 33 (2010). For L1 it is the largest
    ``|∂loss/∂w|`` at ``w = 0``, for group lasso the largest ``‖∂loss/∂w‖ / √(group size)``.

    Example:
        >>> import numpy as np, wane
        >>> import keras
        >>> model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile(loss="mse")
        >>> x = np.linspace(-1, 1, 20)
        >>> study = wane.Study(model, x[:, None], 2 * x, epochs=3, repeats=2)
        >>> round(wane.max_strength(study, wane.L1), 1) > 1
        True
    """
    if not (isinstance(penalty, type) and issubclass(penalty, Sparse)):
        raise InputError(
            f"Only a penalty that makes weights zero has an upper end, which L1, L1L2 and "
            f"GroupLasso do, got {penalty!r}."
        )
    ((one,),) = sweep(penalty, [1.0], layers=layers, on=on, **(options or {}))
    assert isinstance(one, Sparse)
    session = Session(study.spec.with_candidates([one]), study._ready)
    largest = max(_threshold(session, one, repeat) for repeat in _repeats(session))
    if not largest > 0:
        raise InputError(
            f"{one.kind} on layers={layers!r} has no upper end: where these weights are zero the "
            f"data loss does not change with them (as in a hidden layer of rectified units), so "
            f"that they stay zero at any strength; give the strengths."
        )
    share = one.strengths_at()[0] / one.strength
    return largest / share


def _repeats(session: Session) -> range:
    return range(min(session.resampling.repeats, MOST_REPEATS))


def _threshold(session: Session, penalty: Sparse, repeat: int) -> float:
    """The least first strength with which a repeat's weights stay zero at the start."""
    bridge = session.bridge
    places = [weight.index for weight in targeted(bridge.model, penalty)]
    start = session.structures.all[0].beginning.initial_states(repeat)
    rows = start.train

    def loss(own: Any) -> jax.Array:
        values = list(start.weights)
        for place, value in zip(places, own, strict=True):
            values[place] = value
        outputs, _, _ = bridge.forward(values, start.state, rows.x, training=False)
        return bridge.data_loss(rows.y, outputs, rows.sample_weight)

    found = jax.grad(loss)([jnp.zeros_like(start.weights[place]) for place in places])
    return max(float(penalty.zero_threshold(part)) for part in found)
