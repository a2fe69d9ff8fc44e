"""Whether a model's weights are no longer an initializer's: they were trained, loaded or set."""

import math
from collections.abc import Callable
from typing import Any

import jax
import keras
import numpy as np
from keras.src.initializers.random_initializers import compute_fans

from wane._errors import InputError
from wane.keras_model.copies import is_model, steps_taken
from wane.keras_model.initial.initial_weights import restarting_initializers, seeded
from wane.keras_model.random_state import random_states_kept
from wane.keras_model.weights import owned_variables

DRAWS, DRAWS_OF_LARGE, LARGE = 16, 2, 10**6
"""How often an initializer is drawn from to know what it gives, and for a large weight."""
DEVIATIONS, SHARE = 10.0, 0.02
"""How far a statistic of a weight must lie from those of the draws: in their standard deviations,
and in the weight's scale (of a large weight they hardly vary)."""
TRUNCATED = 0.87962566103423978
"""The standard deviation of a standard normal number that is cut off at 2, as Keras has it."""
ROUNDING = 1e-3
"""By what share a weight may lie beyond a bound, for types of few digits."""

_OTHER_UNIT = (
    " If it was trained on the target as it is, it starts far off, since standardize_target "
    "(--standardize-target) centres and scales that: leave it out."
)


def why_trained(model: keras.Model) -> str | None:
    """What shows that fresh weights would throw something away, in a phrase; None if nothing does.

    The optimizer has taken steps, or a weight (moving statistics among them) has values that its
    initializer could not have given. Weights that fresh ones would leave alone, such as frozen
    ones, are not looked at.
    """
    steps = steps_taken(model)
    if steps:
        return f"its optimizer has taken {steps:,} step{'s' if steps > 1 else ''}"
    try:
        initializers = restarting_initializers(model)
    except InputError:  # which says what to do where fresh weights are asked for
        return None
    with random_states_kept():
        for layer, _, variable in owned_variables(model):
            initializer = initializers.get(id(variable))
            if initializer is not None and not _could_give(initializer, variable.value):
                name = variable.name.replace("_", " ")
                return f"the {name} of layer {layer!r} is not what its initializer gives"
    return None


def initial_weights_of(
    source: Any, model: keras.Model, wanted: str, *, standardized: bool = False
) -> tuple[str, str | None]:
    """Where runs begin, ``"fresh"`` or ``"model"``, and a note where that was not asked for.

    Args:
        source: the model, or the function that returns it, whose weights count in any case.
        model: the built model.
        wanted: ``"auto"``, ``"fresh"`` or ``"model"``.
        standardized: whether the target is centred and scaled.
    """
    if wanted != "auto" or not is_model(source):
        return ("fresh" if wanted == "auto" else wanted), None
    reason = why_trained(model)
    if reason is None:
        return "fresh", None
    return "model", (
        f"The model {model.name!r} has trained weights ({reason}), so every run starts from these: "
        f"initial_weights='fresh' (--weights fresh) draws new ones. If it was trained on rows of "
        f"this study, its numbers on validation and test rows are too good."
        f"{_OTHER_UNIT if standardized else ''}"
    )


def _could_give(initializer: Callable[..., Any], value: Any) -> bool:
    """Whether an initializer could have given a weight's value.

    One that gives the same every time must give this. Of others the bound must hold, if one is
    known, and some draws are looked at: the weight's mean, its root mean square and its largest
    number must lie among theirs, so widely that no draw fails by chance.
    """
    own = np.asarray(value).astype(np.float32)
    if own.size == 0 or not np.isfinite(own).all():  # nothing to keep
        return True
    first, second = (_draw(initializer, value, place) for place in range(2))
    if np.array_equal(first, second):
        return bool(np.allclose(own, first, rtol=1e-5, atol=1e-7))
    count = DRAWS if own.size <= LARGE else DRAWS_OF_LARGE
    draws = [first, second, *(_draw(initializer, value, place) for place in range(2, count))]
    drawn = np.array([_statistics(draw) for draw in draws])
    bound = _bound(initializer, value.shape) * (1 + ROUNDING)
    if np.abs(own).max() > bound >= drawn[:, 2].max():  # which holds for the draws, if it is right
        return False
    apart = np.abs(_statistics(own) - drawn.mean(axis=0))
    scale = drawn[:, 1].mean()  # their root mean square
    return bool(np.all(apart <= np.maximum(DEVIATIONS * drawn.std(axis=0, ddof=1), SHARE * scale)))


def _bound(initializer: Any, shape: tuple[int, ...]) -> float:
    """The largest number, either sign, that one of Keras's initializers gives; else infinity."""
    own = keras.initializers
    if isinstance(initializer, own.RandomUniform):
        return float(max(abs(initializer.minval), abs(initializer.maxval)))
    if isinstance(initializer, own.TruncatedNormal):
        return float(abs(initializer.mean) + 2 * abs(initializer.stddev))
    if not isinstance(initializer, own.VarianceScaling):
        return math.inf
    # Newer releases of Keras say which axes of a kernel are inputs and outputs.
    axes = {name: getattr(initializer, name, None) for name in ("input_axes", "output_axes")}
    fan_in, fan_out = compute_fans(shape, **{name: one for name, one in axes.items() if one})
    fans = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
    variance = initializer.scale / max(1.0, fans[initializer.mode])
    if initializer.distribution == "uniform":
        return math.sqrt(3 * variance)
    if initializer.distribution == "truncated_normal":
        return 2 * math.sqrt(variance) / TRUNCATED
    return math.inf


def _draw(initializer: Callable[..., Any], like: Any, place: int) -> np.ndarray:
    words = jax.random.key_data(jax.random.key(place))
    drawn = seeded(initializer, words)(like.shape, dtype=str(like.dtype))
    return np.asarray(drawn).astype(np.float32)


def _statistics(values: np.ndarray) -> np.ndarray:
    flat = values.ravel()
    square = np.dot(flat, flat) / flat.size
    return np.array([flat.mean(dtype=np.float64), np.sqrt(square), np.abs(flat).max()])
