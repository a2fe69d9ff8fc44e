"""Initial weights of a run, as a pure function of its random key."""

import contextlib
import copy
import dataclasses
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from wane._errors import InputError, one_line
from wane.keras_model.copies import own_parts_known
from wane.keras_model.random_state import random_states_kept
from wane.keras_model.weights import owned_variables

if TYPE_CHECKING:
    import jax

Variables = tuple[list["jax.Array"], list["jax.Array"]]
"""The values of (trainable, non-trainable) variables, in the model's order."""


class _KeyAsSeed(keras.random.SeedGenerator):  # type: ignore[misc] # Keras has no types
    """Hands one JAX key to an initializer, which may then be traced."""

    def __init__(self, key: "jax.Array") -> None:
        self._key = key  # no super().__init__: it would create a Keras variable

    def next(self, ordered: bool = True) -> "jax.Array":  # noqa: ARG002 # Keras's signature
        return self._key


@dataclasses.dataclass(frozen=True)
class _Origin:
    """Where the initial value of one variable comes from."""

    initializer: Callable[..., Any] | None  # None: the model's own value, or a seed
    is_seed: bool
    value: "jax.Array"


def own_weights(model: keras.Model) -> Callable[["jax.Array"], Variables]:
    """Every run starts from the model's present weights; only random states differ by key."""
    origins = [
        _Origin(None, _is_seed(variable), variable.value)
        for variable in [*model.trainable_variables, *model.non_trainable_variables]
    ]
    return _drawn(origins, len(model.trainable_variables))


def fresh_weights(model: keras.Model) -> Callable[["jax.Array"], Variables]:
    """Every run draws its own weights from the initializers of the layers.

    A seed that was fixed in an initializer is replaced by the run's key: otherwise every repeat
    would start from the same weights. What training cannot change keeps the model's own values:
    weights of frozen layers, quantized weights and adapted statistics (``Normalization``).
    BatchNormalization's moving statistics start anew.

    Raises:
        InputError: if the layers cannot be made anew from their configuration.
    """
    initializers = restarting_initializers(model)
    origins = [
        _Origin(initializers.get(id(variable)), _is_seed(variable), variable.value)
        for variable in [*model.trainable_variables, *model.non_trainable_variables]
    ]
    return _drawn(origins, len(model.trainable_variables))


def restarting_initializers(model: keras.Model) -> dict[int, Callable[..., Any]]:
    """The initializer of each variable that fresh weights give a new value, by the variable's id.

    Raises:
        InputError: if the layers cannot be made anew from their configuration.
    """
    initializers = _initializers(model)
    return {
        id(variable): initializers[id(variable)]
        for _, owner, variable in owned_variables(model)
        if owner.trainable
        and not _is_seed(variable)
        and (variable.trainable or not getattr(owner, "quantization_mode", None))
        and (owner._trainable_variables or isinstance(owner, keras.layers.BatchNormalization))
    }


def _is_seed(variable: Any) -> bool:
    return bool(variable.name == "seed_generator_state")


def _initializers(model: keras.Model) -> dict[int, Callable[..., Any]]:
    """The initializer of each variable of a model, by the variable's id.

    Keras forgets a variable's initializer once it has a value. Built inside a stateless scope, a
    variable waits for its value and still holds it; so the layers are made anew there.
    """
    try:
        with own_parts_known(model), random_states_kept(), _unvalued_variables():
            twin = type(model).from_config(_uncompiled(model.get_config()))
            if not twin.built:
                twin.build_from_config(model.get_build_config())
            pairs = list(zip(owned_variables(model), owned_variables(twin), strict=True))
            found = {
                id(mine): theirs._initializer
                for (_, _, mine), (_, _, theirs) in pairs
                if mine.shape == theirs.shape
            }
    except Exception as error:
        raise _cannot_restart(model, one_line(error)) from error
    if len(found) < len(pairs):
        raise _cannot_restart(model, "its configuration gives weights of other shapes")
    return found


def _uncompiled(config: Any) -> Any:
    """A configuration in which no model is compiled: an optimizer makes variables of its own."""
    if isinstance(config, dict):
        return {k: _uncompiled(v) for k, v in config.items() if k != "compile_config"}
    return [_uncompiled(v) for v in config] if isinstance(config, list) else config


@contextlib.contextmanager
def _unvalued_variables() -> Iterator[None]:
    """A scope in which new variables get no value, neither in it nor when it ends."""
    from keras.src.backend.common import global_state

    with keras.StatelessScope():
        try:
            yield
        finally:  # the scope's end would else initialize what waits in this list
            global_state.set_global_attribute("uninitialized_variables", [])


def _cannot_restart(model: keras.Model, reason: str) -> InputError:
    return InputError(
        f"The model {model.name!r} cannot be given fresh weights for each repeat ({reason}); pass "
        f"a function that returns a new compiled model in its place, or initial_weights='model' "
        f"(--weights model)."
    )


def _drawn(origins: list[_Origin], trainable: int) -> Callable[["jax.Array"], Variables]:
    import jax
    import jax.numpy as jnp

    from wane.training.lowering import random_bits
    from wane.training.lowering.rewriting import rewritten

    def draw(key: "jax.Array") -> Variables:
        values = []
        for index, origin in enumerate(origins):
            words = jax.random.key_data(jax.random.fold_in(key, index))
            if origin.is_seed:
                counter = jnp.zeros((), words.dtype)  # Keras: [seed, how often drawn from]
                values.append(jnp.stack([words[-1], counter]).astype(origin.value.dtype))
            elif origin.initializer is None:
                values.append(origin.value)
            else:
                shape, dtype = origin.value.shape, origin.value.dtype
                initializer = seeded(origin.initializer, words)
                values.append(jnp.asarray(initializer(shape, dtype=str(dtype)), dtype))
        return values[:trainable], values[trainable:]

    if all(origin.initializer is None or _is_of_keras(origin.initializer) for origin in origins):
        return draw  # by programs that were compiled when Keras drew the model's own weights
    # Written out, Threefry compiles in half of the time that its loop takes, to the same bits.
    return jax.jit(rewritten(draw, random_bits.form_of))


def _is_of_keras(initializer: Callable[..., Any]) -> bool:
    """Whether an initializer is Keras's own, an object or a layer's function."""
    return str(initializer.__module__).partition(".")[0] == "keras"


def seeded(initializer: Callable[..., Any], words: "jax.Array") -> Callable[..., Any]:
    """The initializer drawing from this key (its words), if it draws at all."""
    if not isinstance(initializer, keras.initializers.Initializer) or not hasattr(
        initializer, "seed"
    ):
        return initializer
    seeded = copy.copy(initializer)
    seeded.seed = _KeyAsSeed(words)
    return seeded  # type: ignore[no-any-return] # Keras has no types


def called_weights(
    make_model: Callable[[], keras.Model], seed: int
) -> tuple[keras.Model, Variables]:
    """The model that a user's function returns under one seed, and its initial weights.

    Python's, NumPy's and Keras's random states are those of ``seed`` during the call and are put
    back afterwards.
    """
    import random

    from keras.src.backend.common import global_state
    from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR

    with random_states_kept():
        random.seed(seed)
        np.random.seed(seed)
        global_state.set_global_attribute(GLOBAL_SEED_GENERATOR, None)
        model = make_model()
    return model, (
        [variable.value for variable in model.trainable_variables],
        [variable.value for variable in model.non_trainable_variables],
    )
