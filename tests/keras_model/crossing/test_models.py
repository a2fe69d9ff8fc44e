"""Models written for another backend: the same when read back, or refused by what is lost."""

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import wane
from wane.keras_model.crossing.models import read_model, write_model

LAYERS = keras.layers


def network(*layers: Any, **compiled: Any) -> Any:
    """A compiled network of these layers before its last one."""
    model = keras.Sequential([LAYERS.Input((3,)), *layers, LAYERS.Dense(1, name="last")], name="n")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.compile(**{"loss": "mse", **compiled})
    return model


def test_a_model_is_the_same_when_it_is_read(tmp_path: Path) -> None:
    model = network(
        LAYERS.Dense(4, activation="relu", kernel_regularizer=keras.regularizers.L2(0.1)),
        LAYERS.BatchNormalization(),
        LAYERS.Dropout(0.5),
        LAYERS.Dense(2, trainable=False, kernel_constraint="max_norm"),
        optimizer=keras.optimizers.AdamW(keras.optimizers.schedules.CosineDecay(0.1, 100)),
        loss=keras.losses.Huber(),
        metrics=["mae", keras.metrics.MeanSquaredError()],
    )
    model.fit(np.ones((8, 3)), np.ones(8), verbose=0)
    write_model(model, tmp_path / "model.keras")
    found = read_model(tmp_path / "model.keras")
    for config in ("get_config", "get_compile_config"):  # where tuples become lists
        mine, theirs = (json.dumps(getattr(one, config)()) for one in (found, model))
        assert mine == theirs
    own = [m.get_weights() for m in (found, model)]
    assert all(np.array_equal(mine, theirs) for mine, theirs in zip(*own, strict=True))
    state = [[np.asarray(v) for v in m.optimizer.variables] for m in (found, model)]
    assert all(np.array_equal(mine, theirs) for mine, theirs in zip(*state, strict=True))


class OwnLayer(keras.layers.Layer):  # type: ignore[misc] # Keras has no types
    """A layer of the user's own."""

    def call(self, x: Any) -> Any:
        return x


class OwnModel(keras.Model):  # type: ignore[misc] # Keras has no types
    """A model whose code is in its class."""

    def __init__(self) -> None:
        super().__init__(name="n")
        self.dense = LAYERS.Dense(1)

    def call(self, x: Any) -> Any:
        return self.dense(x)


def own_loss(y: Any, predicted: Any) -> Any:
    return keras.ops.mean((y - predicted) ** 2)


def subclassed() -> Any:
    model = OwnModel()
    model.compile(loss="mse")
    model(np.ones((1, 3)))
    return model


def with_weights(change: Callable[[Any], None]) -> Any:
    """A network of which something is set that no configuration holds."""
    model = network(optimizer=keras.optimizers.AdamW(weight_decay=0.1))
    change(model)
    return model


def exclude(model: Any) -> None:
    model.optimizer.exclude_from_weight_decay(var_names=["bias"])


def freeze(model: Any) -> None:
    model.layers[-1].bias.trainable = False


LOST: dict[str, tuple[Callable[[], Any], str]] = {
    "layer": (lambda: network(OwnLayer(name="mine")), "the code of 'mine'"),
    "lambda layer": (lambda: network(LAYERS.Lambda(own_loss, name="f")), "the code of 'f'"),
    "both": (
        lambda: network(OwnLayer(name="mine"), loss=own_loss),
        "the code of 'mine' and own_loss, which is not Keras's own: make",
    ),
    "class": (subclassed, "the code of 'n'"),
    "loss": (lambda: network(loss=own_loss), "the code of own_loss"),
    "lambda": (lambda: network(loss=lambda y, p: y - p), "the code of a lambda"),
    "metric": (lambda: network(metrics=[own_loss]), "the code of own_loss"),
    "activation": (lambda: network(LAYERS.Dense(1, activation=abs_of)), "the code of abs_of"),
    "Huber": (
        lambda: network(loss=keras.losses.Huber(delta=2.0)),
        "all arguments of its loss: make",
    ),
    "excluded": (
        lambda: with_weights(exclude),
        "which weights its optimizer excludes from weight decay: make",
    ),
    "frozen": (
        lambda: with_weights(freeze),
        "what was set as trainable on 'n/last/bias'",
    ),
}


def abs_of(x: Any) -> Any:
    return keras.ops.abs(x)


@pytest.mark.parametrize("case", LOST)
def test_what_a_file_does_not_hold_is_named(case: str, tmp_path: Path) -> None:
    make, lost = LOST[case]
    with pytest.raises(wane.InputError) as caught:
        write_model(make(), tmp_path / "model.keras")
    text = str(caught.value)
    assert text.startswith(
        f"The model 'n' cannot be handed from the backend 'jax' to JAX, on which wane trains, "
        f"since a .keras file does not hold {lost}"
    )
    end = "a function that returns it may be given in its place"
    assert text.endswith(
        f": make it of Keras's own layers and functions, or start Python anew with "
        f"KERAS_BACKEND=jax, where {end if case == 'lambda' else 'it may stay as it is'}."
    )


def test_a_lambda_layer_is_named_once(tmp_path: Path) -> None:
    with pytest.raises(wane.InputError) as caught:
        write_model(network(LAYERS.Lambda(lambda x: x * 2, name="f")), tmp_path / "model.keras")
    assert str(caught.value) == (
        "The model 'n' cannot be handed from the backend 'jax' to JAX, on which wane trains, since "
        "a .keras file does not hold the code of 'f', which is not Keras's own: make it of Keras's "
        "own layers and functions, or start Python anew with KERAS_BACKEND=jax, where a function "
        "that returns it may be given in its place."
    )


def test_what_is_not_compiled_or_no_model_is_refused_as_on_jax(tmp_path: Path) -> None:
    uncompiled: Any = keras.Sequential([LAYERS.Input((3,)), LAYERS.Dense(1)], name="n")
    with pytest.raises(wane.InputError, match=r"^The model 'n' is not compiled: call model"):
        write_model(uncompiled, tmp_path / "model.keras")
    number: Any = 3
    with pytest.raises(wane.InputError, match=r"^model must be a compiled keras.Model or .* int\."):
        write_model(number, tmp_path / "model.keras")


def test_a_function_is_refused(tmp_path: Path) -> None:
    with pytest.raises(wane.InputError, match=r"^A function that makes models cannot be handed"):
        write_model(network, tmp_path / "model.keras")
