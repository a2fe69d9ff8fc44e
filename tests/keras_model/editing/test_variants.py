"""Networks with layers or constraints that they did not have, otherwise the same."""

from typing import Any

import keras
import numpy as np
import pytest

from regularization_cases import stack
from thorough_cases import thorough_but
from wane.keras_model.editing.variants import with_dropout, with_max_norm
from wane.keras_model.weights import trainable_weights

L = keras.layers
BOUND = 0.2


def dense() -> Any:
    return stack(L.Dense(5, activation="relu", name="first"), L.Dense(1), shape=(4,))


def convolution() -> Any:
    return stack(L.Conv1D(5, 3, name="first"), L.GlobalAveragePooling1D(), L.Dense(1))


def recurrent() -> Any:
    return stack(L.LSTM(5, name="first"), L.Dense(1))


@pytest.mark.parametrize("make", thorough_but([dense], [dense, convolution, recurrent]))
def test_max_norm_bounds_the_weights_that_lead_into_each_unit(make: Any) -> None:
    model = make()
    model.compile(keras.optimizers.SGD(0.5), "mse")
    constrained: keras.Model = with_max_norm(model, BOUND, "hidden")
    for one, other in zip(model.get_weights(), constrained.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    x = np.random.default_rng(0).normal(size=(16, *model.input_shape[1:])).astype("float32")
    y = 5 * x.reshape(16, -1)[:, :1]
    constrained.fit(x, y, epochs=3, verbose=0)
    bounded = [w for w in trainable_weights(constrained) if w.layer.startswith("first")]
    for weight in bounded:
        if weight.role in ("kernel", "recurrent"):
            values = np.asarray(weight.variable)
            norms = np.linalg.norm(values.reshape(-1, values.shape[-1]), axis=0)
            assert norms.max() == pytest.approx(BOUND, rel=1e-3)
    assert np.linalg.norm(np.asarray(constrained.layers[-1].kernel)) > BOUND


def test_dropout_stands_after_each_hidden_layer() -> None:
    model = dense()
    model.compile("sgd", "mse")
    normalized: keras.Model = with_dropout(model, normalization=True)
    kinds = [type(layer).__name__ for layer in normalized.layers]
    assert kinds == ["Dense", "BatchNormalization", "Dropout", "Dense"]
    dropping: keras.Model = with_dropout(model)
    assert [type(layer).__name__ for layer in dropping.layers] == ["Dense", "Dropout", "Dense"]
