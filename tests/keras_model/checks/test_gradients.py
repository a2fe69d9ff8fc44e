"""Weights that no run can train, found by their gradients."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest

from model_cases import rows
from wane.keras_model.bridge.bridge import bridge
from wane.keras_model.checks.gradients import untrained

layers = keras.layers


def dense(units: int, name: str, **options: Any) -> Any:
    return layers.Dense(units, name=name, **options)


def chain(*parts: Any) -> Any:
    return keras.Sequential([layers.Input((3,)), *parts])


def dead() -> Any:
    """Rectified units whose inputs are always below zero."""
    low = keras.initializers.Constant(-100.0)
    return chain(dense(4, "before"), dense(4, "dead", activation="relu", bias_initializer=low),
                 dense(1, "out"))  # fmt: skip


def saturated() -> Any:
    high = keras.initializers.Constant(1e4)
    return chain(dense(4, "full", activation="sigmoid", bias_initializer=high), dense(1, "out"))


def zero_head() -> Any:
    """As residual branches and some heads begin: the layers before train from the second step."""
    return chain(dense(4, "hidden"), dense(1, "out", kernel_initializer="zeros"))


def without_loss() -> Any:
    """A head whose output has no loss."""
    given = layers.Input((3,))
    hidden = dense(4, "hidden")(given)
    return keras.Model(given, {"used": dense(1, "used")(hidden), "idle": dense(1, "idle")(hidden)})


class OnlyInTraining(layers.Layer):  # type: ignore[misc,name-defined] # Keras has no types
    """A scale that acts in training alone."""

    def build(self, shape: Any) -> None:
        self.scale = self.add_weight(shape=(shape[-1],), initializer="ones", name="scale")

    def call(self, x: Any, training: bool = False) -> Any:
        return x * self.scale if training else x


CASES: dict[str, tuple[Callable[[], Any], set[str]]] = {
    "plain": (lambda: chain(dense(4, "hidden"), layers.Dropout(0.5), dense(1, "out")), set()),
    "normalized": (
        lambda: chain(dense(4, "hidden"), layers.BatchNormalization(), dense(1, "out")), set()
    ),
    "zero head": (zero_head, set()),
    "dead": (dead, {"before/kernel", "before/bias", "dead/kernel", "dead/bias", "out/kernel"}),
    "saturated": (saturated, {"full/kernel", "full/bias"}),
    "only in training": (lambda: chain(OnlyInTraining(), dense(1, "out")), set()),
    "without loss": (without_loss, {"idle/kernel", "idle/bias"}),
}  # fmt: skip


@pytest.mark.parametrize("penalized", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_weights_without_gradient(name: str, penalized: bool) -> None:
    make, expected = CASES[name]
    keras.utils.set_random_seed(2)
    model = make()
    x, y = rows()
    model.compile("sgd", {"used": "mse"} if name == "without loss" else "mse")
    targets: Any = {"used": y, "idle": y} if name == "without loss" else y
    if penalized:  # a penalty moves a weight without any gradient of the data loss
        for variable in model.trainable_variables:
            variable.regularizer = keras.regularizers.L2(0.1)
    built = bridge(model, x, targets)
    began = [variable.value for variable in model.trainable_variables]
    state = [variable.value for variable in model.non_trainable_variables]
    moved = [weight + penalized for weight in began]
    row = jax.tree.map(jnp.asarray, (x, targets, None))
    found = untrained(built, began, state, row, moved)
    assert {f"{weight.layer}/{weight.variable.name}" for weight in found} == expected
    assert all((v.regularizer is not None) == penalized for v in model.trainable_variables)


def test_what_has_moved_without_a_penalty_is_not_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    model = dead()
    model.compile("sgd", "mse")
    x, y = rows()
    built = bridge(model, x, y)
    weights = [variable.value for variable in model.trainable_variables]
    monkeypatch.setattr(jax, "grad", lambda _: pytest.fail("traced"))
    ended = [np.asarray(weight) + 1 for weight in weights]
    assert untrained(built, weights, [], (x, y, None), ended) == []
