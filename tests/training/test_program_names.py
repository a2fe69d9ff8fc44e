"""Names for which Keras takes the loss or metric that fits the targets; what it keeps in compiling.

All of it trains and is reported as ``fit`` does.
"""

from typing import Any

import keras
import numpy as np
import pytest

import wane
from thorough_cases import thorough_but
from wane.keras_model.bridge.bridge import bridge

ROWS = 24
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(ROWS, 3)).astype("float32")
LABELS = RANDOM.integers(0, 3, ROWS).astype("int32")
YES = (LABELS > 0).astype("float32")
KINDS: dict[str, tuple[int, np.ndarray, str]] = {
    "one unit": (1, YES, "binary_crossentropy"),
    "one unit, a column": (1, YES[:, None], "binary_crossentropy"),
    "labels": (3, LABELS, "sparse_categorical_crossentropy"),
    "labels in a column": (3, LABELS[:, None], "sparse_categorical_crossentropy"),
    "one-hot": (3, np.eye(3, dtype="float32")[LABELS], "categorical_crossentropy"),
}
FIT: dict[str, Any] = {"epochs": 2, "batch_size": 8, "shuffle": False}


def network(units: int) -> Any:
    keras.utils.set_random_seed(3)
    last = keras.layers.Dense(units, activation="sigmoid" if units == 1 else "softmax")
    return keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(4, "tanh"), last])


def assert_as_in_fit(model: Any, y: Any) -> wane.Result:
    """Train a run, then the model by ``fit``, and compare the weights and all that ``fit`` logs."""
    study = wane.Study(
        model, X, y, candidates=[], validation=(X, y), repeats=1, learning_curve=False,
        extend=False, references=False,
        initial_weights="model", **FIT,
    )  # fmt: skip
    result = study.run(progress=False)
    history = model.fit(X, y, validation_data=(X, y), verbose=0, **FIT).history
    for mine, theirs in zip(
        result.model("baseline").get_weights(), model.get_weights(), strict=True
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-6, atol=1e-6)
    for name, logged in history.items():
        part, metric = ("validation", name[4:]) if name.startswith("val_") else ("train", name)
        column = f"{part}_{'data_loss' if metric == 'loss' else metric}"
        np.testing.assert_allclose(result.curves[column], logged, rtol=1e-5, atol=1e-6)
    return result


@pytest.mark.parametrize("name", ["crossentropy", "CE"])
@pytest.mark.parametrize("kind", thorough_but(["labels"], KINDS))
def test_a_crossentropy_is_the_one_that_fits_the_targets(kind: str, name: str) -> None:
    """Regression: it was refused, though ``fit`` trains it."""
    units, y, meant = KINDS[kind]
    model = network(units)
    model.compile("sgd", name, metrics=["acc", "accuracy"])
    result = assert_as_in_fit(model, y)
    assert result.best_model().get_compile_config()["loss"] == name
    named = network(units)
    named.compile("sgd", meant)
    assert bridge(model, X, y).task == bridge(named, X, y).task


@pytest.mark.thorough
def test_a_metric_of_one_hot_targets_over_labels_is_what_fit_logs() -> None:
    """Regression: it takes the largest of a batch's labels, and so depends on the batches."""
    model = network(3)
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["categorical_accuracy"])
    assert_as_in_fit(model, LABELS)


@pytest.mark.thorough
def test_every_output_has_the_crossentropy_that_fits_its_targets() -> None:
    inputs = keras.Input((3,))
    outputs = {
        name: keras.layers.Dense(n, "sigmoid" if n == 1 else "softmax", name=name)(inputs)
        for name, n in (("a", 1), ("b", 3), ("c", 3))
    }
    model = keras.Model(inputs, outputs)
    model.compile("sgd", dict.fromkeys("abc", "ce"), metrics={n: ["acc"] for n in "abc"})
    one_hot = KINDS["one-hot"][1]
    assert_as_in_fit(model, {"a": YES[:, None], "b": LABELS[:, None], "c": one_hot})


@pytest.mark.thorough
@pytest.mark.parametrize("trained", [False, True])
def test_metrics_that_a_model_was_compiled_with_before_are_kept(trained: bool) -> None:
    """Regression: Keras keeps them, ``fit`` logs them, and a study left them out in silence."""
    model = network(1)
    model.compile("adam", "binary_crossentropy", metrics=["mae"], weighted_metrics=["auc"])
    if trained:
        model.fit(X, YES, verbose=0)
    model.compile("sgd", "mse")
    result = assert_as_in_fit(model, YES[:, None])
    assert {"validation_mae", "validation_auc"} <= set(result.curves)
    # Such as are compiled anew take their place.
    model.compile("sgd", "mse", metrics=["mape"])
    result = assert_as_in_fit(model, YES[:, None])
    assert "validation_mae" not in result.curves


def test_a_loss_that_a_model_was_compiled_with_before_is_kept() -> None:
    """Regression: a model compiled anew with another optimizer alone was refused."""
    model = network(1)
    model.compile("adam", "mae", metrics=["mse"])
    model.compile("sgd")
    result = assert_as_in_fit(model, YES[:, None])
    assert result.document["study"]["loss"] == "mean_absolute_error"
    assert result.document["study"]["optimizer"] == "sgd"


@pytest.mark.parametrize("alike", thorough_but([False], [False, True]))
def test_a_number_for_each_class_never_has_a_name_that_fit_gives_another_metric(
    alike: bool,
) -> None:
    """Regression: ``f1_score_1`` was class 1 of the first, and for ``fit`` the second metric."""
    model, y = network(3), KINDS["one-hot"][1]
    metrics = [
        keras.metrics.F1Score(), keras.metrics.FBetaScore(beta=0.5),
        keras.metrics.F1Score(name="f1_score" if alike else "f1_score_1", average="macro"),
    ]  # fmt: skip
    model.compile("sgd", "categorical_crossentropy", metrics=metrics)
    curves = wane.Study(
        model, X, y, candidates=[], validation=(X, y), repeats=1, learning_curve=False,
        extend=False, references=False,
        initial_weights="model", **FIT,
    ).run(progress=False).curves  # fmt: skip
    history = model.fit(X, y, validation_data=(X, y), verbose=0, **FIT).history
    for part, before in (("train", ""), ("validation", "val_")):
        columns = {
            "f1_score": [f"{part}_f1_score_element_{place}" for place in range(3)],
            "fbeta_score": [f"{part}_fbeta_score_{place}" for place in range(3)],
            "f1_score_1": [f"{part}_f1_score_1"],
        }
        for name, several in columns.items():
            logged = np.reshape(history[before + name], (2, -1))
            np.testing.assert_allclose(curves[several], logged, rtol=1e-5, atol=1e-6)
