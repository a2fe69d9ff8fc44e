"""A run with a penalty gives what ``keras.Model.fit`` gives from the same weights and row order."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

import wane
from fit_cases import BATCH, EPOCHS, ROWS, TASKS, data, network
from thorough_cases import thorough_but

OPTIMIZERS: dict[str, Callable[[], Any]] = {
    "momentum": lambda: keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True),
    "adam": lambda: keras.optimizers.Adam(0.01),
    "adamw": lambda: keras.optimizers.AdamW(0.01, weight_decay=0.1),
}


def assert_equals_fit(
    model: Any, task: str, penalty: wane.L2, regularize: Callable[[Any], None], **options: Any
) -> None:
    """Train one run of the engine and one ``fit`` from the model's weights, and compare them."""
    x, y, x_val, y_val = data(task)
    study = wane.Study(
        model,
        x,
        y,
        candidates=[penalty],
        validation=(x_val, y_val),
        repeats=1,
        epochs=EPOCHS,
        batch_size=BATCH,
        shuffle=False,
        initial_weights="model",
        learning_curve=False,
        extend=False,
        references=False,
        **options,
    )
    result = study.run(progress=False)
    before = [np.array(w) for w in model.get_weights()]
    regularize(model)
    history = model.fit(
        x,
        y,
        validation_data=(x_val, y_val),
        epochs=EPOCHS,
        batch_size=BATCH,
        shuffle=False,
        verbose=0,
        **options,
    ).history
    assert any(np.any(a != b) for a, b in zip(before, model.get_weights(), strict=True))
    trained = result.model(study.spec.names[1])
    for mine, keras_own in zip(trained.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(mine, keras_own, rtol=1e-6, atol=1e-6)
    curves = result.curves[result.curves["candidate"] == study.spec.names[1]]
    final_penalty = result.runs["penalty_value"].iloc[1]
    assert curves["validation_data_loss"].iloc[-1] + final_penalty == pytest.approx(
        history["val_loss"][-1], rel=1e-5
    )
    if final_penalty == 0:
        np.testing.assert_allclose(curves["train_data_loss"], history["loss"], rtol=1e-5)


def nothing(model: Any) -> None:
    """Leave the model as it is."""


def l2_on_hidden(model: Any) -> None:
    """What ``wane.L2(0.01, layers="hidden")`` is in Keras."""
    layer = model.get_layer("hidden")
    layer.kernel.regularizer = keras.regularizers.L2(0.01)


@pytest.mark.parametrize("task", thorough_but(["binary"], TASKS))
@pytest.mark.parametrize("optimizer", thorough_but(["adam"], OPTIMIZERS))
def test_every_task(task: str, optimizer: str) -> None:
    model = network(task, OPTIMIZERS[optimizer]())
    assert_equals_fit(model, task, wane.L2(0.01, layers="hidden"), l2_on_hidden)


@pytest.mark.parametrize("task", thorough_but(["regression"], TASKS))
def test_without_penalty_curves_are_those_of_fit(task: str) -> None:
    assert_equals_fit(network(task, "adam"), task, wane.L2(0.0), nothing)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "middle",
    thorough_but(
        [(keras.layers.BatchNormalization,)],
        [
            (keras.layers.BatchNormalization,),
            (keras.layers.LayerNormalization,),
            (keras.layers.BatchNormalization, keras.layers.ReLU, keras.layers.LayerNormalization),
        ],
    ),
)
def test_normalization(middle: tuple[Any, ...]) -> None:
    model = network("multiclass", "adam", tuple(layer() for layer in middle))
    assert_equals_fit(model, "multiclass", wane.L2(0.01, layers="hidden"), l2_on_hidden)


@pytest.mark.thorough
def test_regularizers_already_on_the_model() -> None:
    model = network(
        "binary",
        "adam",
        kernel_regularizer=keras.regularizers.L1(0.02),
        bias_regularizer="l2",
        activity_regularizer=keras.regularizers.L2(0.01),
    )

    def add_l2(model: Any) -> None:
        model.get_layer("hidden").kernel.regularizer = keras.regularizers.L1L2(0.02, 0.01)

    x, y, x_val, y_val = data("binary")
    study = wane.Study(
        model, x, y, candidates=[wane.L2(0.01, layers="hidden")], validation=(x_val, y_val),
        repeats=1, epochs=EPOCHS, batch_size=BATCH, shuffle=False, initial_weights="model",
    )  # fmt: skip
    result = study.run(progress=False)
    add_l2(model)
    model.fit(x, y, epochs=EPOCHS, batch_size=BATCH, shuffle=False, verbose=0)
    for mine, theirs in zip(
        result.model("L2(0.01)").get_weights(), model.get_weights(), strict=True
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-6, atol=1e-6)


@pytest.mark.thorough
def test_sample_weights() -> None:
    weights = np.random.default_rng(1).uniform(0.1, 3, ROWS).astype("float32")
    model = network("regression", "adam")
    penalty = wane.L2(0.01, layers="hidden")
    assert_equals_fit(model, "regression", penalty, l2_on_hidden, sample_weight=weights)


@pytest.mark.parametrize("task", thorough_but(["multiclass"], ["binary", "multiclass"]))
def test_class_weights(task: str) -> None:
    penalty = wane.L2(0.01, layers="hidden")
    model = network(task, "adam")
    assert_equals_fit(model, task, penalty, l2_on_hidden, class_weight={0: 0.3, 1: 4.0})


@pytest.mark.thorough
def test_constraints_and_frozen_layers() -> None:
    model = network("binary", "adam", kernel_constraint=keras.constraints.MaxNorm(0.7))
    assert_equals_fit(model, "binary", wane.L2(0.01, layers="hidden"), l2_on_hidden)
    model = network("binary", "adam", (keras.layers.Dense(5, name="frozen"),))
    model.get_layer("frozen").trainable = False
    model.compile(optimizer="adam", loss="binary_crossentropy")
    assert_equals_fit(model, "binary", wane.L2(0.01, layers="hidden"), l2_on_hidden)


@pytest.mark.thorough
def test_weighted_metrics_are_weighted_and_metrics_are_not() -> None:
    x, y, x_val, y_val = data("binary")
    weights = np.random.default_rng(1).uniform(0.1, 3, ROWS).astype("float32")
    model = network("binary", "adam")
    model.compile(
        optimizer="adam",
        loss="binary_crossentropy",
        metrics=["accuracy", keras.metrics.AUC(name="auc")],
        weighted_metrics=[keras.metrics.BinaryAccuracy(name="weighted")],
    )
    study = wane.Study(
        model, x, y, candidates=[], validation=(x_val, y_val), repeats=1, epochs=EPOCHS,
        batch_size=BATCH, shuffle=False, initial_weights="model", sample_weight=weights,
    )  # fmt: skip
    curves = study.run(progress=False).curves
    history = model.fit(
        x, y, sample_weight=weights, validation_data=(x_val, y_val), epochs=EPOCHS,
        batch_size=BATCH, shuffle=False, verbose=0,
    ).history  # fmt: skip
    for name in ("accuracy", "auc", "weighted"):
        np.testing.assert_allclose(curves[f"train_{name}"], history[name], rtol=1e-5)
        np.testing.assert_allclose(curves[f"validation_{name}"], history[f"val_{name}"], rtol=1e-5)
