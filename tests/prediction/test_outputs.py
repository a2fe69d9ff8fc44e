"""A network's outputs as predictions: classes, numbers, several of them."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest

from table_cases import message
from wane.prediction.outputs import predicted, score

X = np.linspace(-2, 2, 7, dtype="float32")[:, None]


def network(units: int, loss: Any, activation: str | None = None) -> keras.Model:
    dense = keras.layers.Dense(units, activation=activation, bias_initializer="normal")
    model = keras.Sequential([keras.layers.Input((1,)), dense])
    model.compile(loss=loss)
    return model


def sigmoid(values: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-values)))


def softmax(values: np.ndarray) -> np.ndarray:
    return np.asarray(keras.ops.softmax(values))


LOGITS = keras.losses.BinaryCrossentropy(from_logits=True)
CLASS_LOGITS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


@pytest.mark.parametrize(
    ("units", "loss", "activation", "shares"),
    [
        (1, "binary_crossentropy", "sigmoid", None),
        (1, LOGITS, None, sigmoid),
        (3, "categorical_crossentropy", "softmax", None),
        (3, CLASS_LOGITS, None, softmax),
    ],
)
def test_classes_have_probabilities(units: int, loss: Any, activation: Any, shares: Any) -> None:
    model = network(units, loss, activation)
    outputs = np.asarray(model.predict(X, verbose=0))
    expected = outputs if shares is None else shares(outputs)
    if units == 1:
        expected = np.hstack([1 - expected, expected])
    names: Sequence[str] = ["no", "yes", "so"][: max(units, 2)]
    table = predicted(model, X, names, pd.Index(range(10, 17)))
    assert list(table.columns) == [
        "prediction",
        "probability",
        *[f"probability_{n}" for n in names],
    ]
    np.testing.assert_allclose(table.iloc[:, 2:], expected, atol=1e-6)
    np.testing.assert_array_equal(table["probability"], table.iloc[:, 2:].max(axis=1))
    assert table["prediction"].tolist() == [names[place] for place in expected.argmax(axis=1)]
    assert table.index[0] == 10
    unnamed = predicted(model, X, (), None)
    assert unnamed["prediction"].tolist() == expected.argmax(axis=1).tolist()


def test_numbers_stay_as_the_network_has_them() -> None:
    for units, names in ((1, ["prediction"]), (2, ["prediction_0", "prediction_1"])):
        model = network(units, "mse")
        table = predicted(model, X, (), None)
        assert list(table.columns) == names
        np.testing.assert_allclose(table, model.predict(X, verbose=0), atol=1e-6)


def test_several_yes_or_no_questions_are_no_classes() -> None:
    model = network(2, "binary_crossentropy", "sigmoid")
    assert list(predicted(model, X, (), None).columns) == ["prediction_0", "prediction_1"]


def test_rows_that_the_network_does_not_take_are_refused() -> None:
    text = message(predicted, network(1, "mse"), np.zeros((2, 3), "float32"), (), None)
    assert text.startswith("The network does not take these rows (")


def test_no_rows_are_refused() -> None:
    model = network(1, "mse")
    for x in (X[:0], [X[:0], X[:0]]):
        text = message(predicted, model, x, (), None)
        assert text == "There are no rows to predict: give at least one."


def test_the_score_is_of_the_known_rows() -> None:
    table = pd.DataFrame({"prediction": ["a", "b", "b", "a"], "probability": 1.0})
    truth = pd.Series(["a", "b", "a", None])
    assert score(table, truth, "y") == (
        "On the 3 rows whose 'y' is known, accuracy is 0.667; that tells of new rows only if the "
        "study had none of these."
    )
    positions = pd.DataFrame({"prediction": [0, 1], "probability": 1.0})
    assert "accuracy is 1.000" in str(score(positions, pd.Series([0.0, 1.0]), "y"))
    numbers = pd.DataFrame({"prediction": [1.0, 2.0, 9.0]})
    found = score(numbers, pd.Series([0.0, 3.0, np.nan]), "y")
    assert "the 2 rows whose 'y' is known, RMSE is 1 and R² 0.556;" in str(found)
    assert "the row whose 'y' is known, RMSE is 2;" in str(
        score(numbers[:1], pd.Series([3.0]), "y")
    )
    assert score(numbers, pd.Series([np.nan] * 3), "y") is None
    assert score(numbers, pd.Series(["a", "b", "c"]), "y") is None
    several = pd.DataFrame({"prediction_0": [1.0], "prediction_1": [1.0]})
    assert score(several, pd.Series([1.0]), "y") is None
