"""Shapes, masks and names are known without computing a number."""

import jax
import keras
import numpy as np
import pytest
from keras.src.backend.common.masking import get_keras_mask

from wane.keras_model.bridge.bridge import bridge
from wane.keras_model.bridge.model_checks import check_model
from wane.keras_model.bridge.tracing import first_rows, known_by_tracing, outputs_by_tracing

RANDOM = np.random.default_rng(0)


def masked() -> keras.Model:
    steps = keras.Input((5,), dtype="int32")
    embedded = keras.layers.Embedding(7, 3, mask_zero=True)(steps)
    each = keras.layers.LSTM(4, return_sequences=True)(embedded)
    outputs = {"each": keras.layers.Dense(2)(each), "one": keras.layers.LSTM(2)(each)}
    model = keras.Model(steps, outputs)
    model.compile("adam", "mse")
    return model


def test_outputs_have_the_shapes_types_and_masks_of_a_call() -> None:
    model, rows = masked(), RANDOM.integers(0, 7, (2, 5)).astype("int32")
    called, traced = model(rows), outputs_by_tracing(model, rows)
    assert called.keys() == traced.keys()
    for name, output in called.items():
        assert (output.shape, output.dtype) == (traced[name].shape, traced[name].dtype)
        mask, found = get_keras_mask(output), get_keras_mask(traced[name])
        assert (mask is None) == (found is None)
        if mask is not None:
            assert (mask.shape, mask.dtype) == (found.shape, found.dtype)
    assert get_keras_mask(called["each"]) is not None


def test_checking_a_model_calls_none_of_keras_s_layers_with_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    numbers: list[bool] = []

    def call(self: keras.layers.Dense, inputs: jax.Array, training: bool) -> jax.Array:  # noqa: ARG001 # Keras's signature
        numbers.append(not isinstance(inputs, jax.core.Tracer))
        outputs: jax.Array = inputs @ self.kernel + self.bias
        return outputs

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile("adam", "mse", metrics=["mae"])
    monkeypatch.setattr(keras.layers.Dense, "call", call)
    x, y = np.ones((4, 3), "float32"), np.arange(8.0).reshape(4, 2)
    outputs = check_model(model, x, y)
    assert outputs.shape == (2, 2) and numbers == [False]
    assert bridge(model, x, y).metric_names == ("mae", "rmse", "r2")


@pytest.mark.parametrize("kind", [np.asarray, jax.numpy.asarray], ids=["numpy", "jax"])
def test_the_first_rows_of_every_array(kind: object) -> None:
    x = {"a": kind(np.arange(12.0).reshape(4, 3)), "b": kind(np.arange(4))}  # type: ignore[operator] # one of two functions
    first = first_rows(x)
    assert {name: part.tolist() for name, part in first.items()} == {
        "a": [[0, 1, 2], [3, 4, 5]],
        "b": [0, 1],
    }


def test_what_tracing_finds_and_what_fails_in_it() -> None:
    assert list(known_by_tracing(lambda: {"b": jax.numpy.ones(2) * 2, "a": 1})) == ["b", "a"]
    with pytest.raises(TypeError, match="incompatible shapes"):
        known_by_tracing(lambda: jax.numpy.ones(2) + jax.numpy.ones(3))
