"""Models that predict in a target's own unit: plain Keras, whatever they are made of."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from model_cases import Scaled, WithConfig
from wane.keras_model.copies import copied, in_unit

L = keras.layers
X = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")


def largest(y: Any, predictions: Any) -> Any:
    return keras.ops.max(keras.ops.abs(y - predictions), axis=-1)


class Own(keras.losses.Loss):  # type: ignore[misc] # Keras has no types
    def call(self, y: Any, predictions: Any) -> Any:
        return keras.ops.mean(keras.ops.square(y - predictions), axis=-1)


def sequential(*layers: Any) -> Any:
    return keras.Sequential([L.Input((3,)), *layers, L.Dense(1)])


def two_inputs(named: bool) -> Any:
    one, other = L.Input((3,), name="one"), L.Input((3,), name="other")
    outputs = L.Dense(1)(one + other)
    return keras.Model({"one": one, "other": other} if named else [one, other], outputs)


KINDS: dict[str, tuple[Any, Any]] = {
    "a layer of one's own": (lambda: sequential(Scaled()), X),
    "a model in a model": (lambda: keras.Sequential([sequential()]), X),
    "inputs by name": (lambda: two_inputs(named=True), {"one": X, "other": X}),
    "several inputs": (lambda: two_inputs(named=False), [X, X]),
    "a subclass": (WithConfig, X),
    "half precision": (
        lambda: keras.Sequential([L.Input((3,)), L.Dense(1, dtype="mixed_float16")]),
        X,
    ),
}


@pytest.mark.filterwarnings("ignore:Skipping variable loading for optimizer")
@pytest.mark.parametrize("kind", KINDS)
def test_predictions_are_scaled(kind: str, tmp_path: Path) -> None:
    make, x = KINDS[kind]
    model = make()
    model(keras.tree.map_structure(lambda a: a[:2], x))
    model.compile(keras.optimizers.AdamW(), Own(), metrics=[largest])
    model.optimizer.exclude_from_weight_decay(var_list=model.trainable_variables[-1:])
    twin = copied(model)
    twin.set_weights(model.get_weights())
    whole = in_unit(twin, 2e4, 1e5)
    expected = np.asarray(model.predict(x, verbose=0), np.float64) * 2e4 + 1e5
    found = whole.predict(x, verbose=0)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    spared = [not whole.optimizer._use_weight_decay(v) for v in whole.trainable_variables]
    assert spared == [False] * (len(spared) - 1) + [True]
    names = [metric.name for metric in whole.metrics]
    numbers = whole.evaluate(x, expected, verbose=0, return_dict=True)
    assert "compile_metrics" in names and numbers["largest"] < 0.1
    whole.save(tmp_path / "best.keras")
    own = {"largest": largest, "Own": Own, "Scaled": Scaled, "WithConfig": WithConfig}
    loaded = keras.models.load_model(tmp_path / "best.keras", custom_objects=own)
    np.testing.assert_array_equal(loaded.predict(x, verbose=0), found)
