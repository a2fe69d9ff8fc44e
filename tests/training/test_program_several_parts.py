"""Models with several inputs and outputs train as in ``fit``."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import wane
from thorough_cases import thorough_but
from wane.keras_model.bridge.bridge import bridge

TRAIN, EVERYTHING = 22, 30


def parts(named: bool) -> tuple[Any, Any]:
    """Two inputs and two targets, by name or by place."""
    random = np.random.default_rng(0)
    a = random.normal(size=(EVERYTHING, 3)).astype("float32")
    b = random.normal(size=(EVERYTHING, 2)).astype("float32")
    above = (a[:, 0] + b[:, 0] > 0).astype("float32")
    total = a.sum(axis=1)
    if named:
        return {"a": a, "b": b}, {"above": above, "total": total}
    return [a, b], [above, total]


def cut(values: Any, rows: slice) -> Any:
    """Some rows of every part."""
    if isinstance(values, dict):
        return {name: value[rows] for name, value in values.items()}
    return [value[rows] for value in values]


def network(named: bool, kernel_regularizer: Any = None) -> Any:
    """Two inputs, two outputs, two losses with weights, and metrics of each."""
    a, b = layers.Input((3,), name="a"), layers.Input((2,), name="b")
    hidden = layers.Dense(6, activation="relu", kernel_regularizer=kernel_regularizer)(
        layers.Concatenate()([a, b])
    )
    above = layers.Dense(1, activation="sigmoid", name="above")(hidden)
    total = layers.Dense(1, name="total")(hidden)
    if named:
        model = keras.Model({"a": a, "b": b}, {"above": above, "total": total})
        model.compile(
            "adam",
            loss={"above": "binary_crossentropy", "total": "mean_squared_error"},
            loss_weights={"above": 1.0, "total": 0.3},
            metrics={"above": ["accuracy"], "total": ["mae"]},
        )
    else:
        model = keras.Model([a, b], [above, total])
        model.compile(
            "adam",
            loss=["binary_crossentropy", "mean_squared_error"],
            loss_weights=[1.0, 0.3],
            metrics=[["accuracy"], ["mae"]],
        )
    return model


@pytest.mark.parametrize("named", thorough_but([True], [True, False]))
@pytest.mark.parametrize("weighted", thorough_but([True], [True, False]))
def test_a_run_equals_fit(named: bool, weighted: bool) -> None:
    x, y = parts(named)
    model = network(named)
    weight = np.linspace(0.2, 2, TRAIN, dtype="float32") if weighted else None
    result = study(model, x, y, sample_weight=weight).run(progress=False)
    history = fitted(model, x, y, sample_weight=weight)
    for mine, theirs in zip(
        result.model("baseline").get_weights(), model.get_weights(), strict=True
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-6, atol=1e-6)
    curves = result.curves
    np.testing.assert_allclose(curves["train_data_loss"], history["loss"], rtol=1e-5)
    assert_columns(curves, history)


NAMES = ("above_loss", "total_loss", "above_accuracy", "total_mae")


def assert_columns(curves: Any, history: dict[str, list[float]]) -> None:
    """Check that losses and metrics of each output are those that ``fit`` logs."""
    for name in NAMES:
        np.testing.assert_allclose(curves[f"train_{name}"], history[name], rtol=1e-5)
        np.testing.assert_allclose(curves[f"validation_{name}"], history[f"val_{name}"], rtol=1e-5)


def study(model: Any, x: Any, y: Any, **options: Any) -> wane.Study:
    """A study whose only run trains as ``fit`` on the first rows does."""
    train, rest = slice(TRAIN), slice(TRAIN, None)
    defaults: dict[str, Any] = {
        "candidates": [],
        "validation": (cut(x, rest), cut(y, rest)),
        "repeats": 1,
        "initial_weights": "model",
        "epochs": 4,
        "batch_size": 8,
        "shuffle": False,
        "learning_curve": False,
        "extend": False,
        "references": False,
    }
    return wane.Study(model, cut(x, train), cut(y, train), **{**defaults, **options})


def fitted(model: Any, x: Any, y: Any, **options: Any) -> dict[str, list[float]]:
    """The history of ``fit`` on the first rows."""
    train, rest = slice(TRAIN), slice(TRAIN, None)
    held_out = (cut(x, rest), cut(y, rest))
    options = {"epochs": 4, "batch_size": 8, "shuffle": False, "verbose": 0, **options}
    history: dict[str, list[float]] = model.fit(
        cut(x, train), cut(y, train), validation_data=held_out, **options
    ).history
    return history


@pytest.mark.thorough
@pytest.mark.parametrize("named", [True, False])
def test_metrics_that_are_built_by_their_first_rows_are_those_of_fit(named: bool) -> None:
    x, y = parts(named)
    y = {k: v[:, None] for k, v in y.items()} if named else [v[:, None] for v in y]
    model = network(named)
    f1 = [keras.metrics.F1Score(average="macro", threshold=0.5)]
    r2 = [keras.metrics.R2Score()]
    model.compile(
        "adam",
        loss={"above": "binary_crossentropy", "total": "mse"} if named else ["mse", "mse"],
        metrics={"above": f1, "total": r2} if named else [f1, r2],
    )
    curves = study(model, x, y, epochs=2).run(progress=False).curves
    history = fitted(model, x, y, epochs=2)
    for name in ("above_f1_score", "total_r2_score"):
        assert np.isfinite(history[name]).all()
        np.testing.assert_allclose(curves[f"train_{name}"], history[name], rtol=1e-5)
        np.testing.assert_allclose(curves[f"validation_{name}"], history[f"val_{name}"], rtol=1e-5)


def test_targets_that_such_a_metric_does_not_take_are_refused() -> None:
    x, y = parts(named=True)
    model = network(named=True)
    losses = {"above": "binary_crossentropy", "total": "mse"}
    model.compile("adam", losses, metrics={"above": [keras.metrics.F1Score(threshold=0.5)]})
    with pytest.raises(wane.InputError, match=r"FBetaScore expects 2D .* such as y\[:, None\]"):
        study(model, x, y).run(progress=False)


@pytest.mark.thorough
def test_the_losses_of_outputs_are_without_penalty_and_add_up() -> None:
    x, y = parts(named=True)
    model = network(named=True, kernel_regularizer=keras.regularizers.L2(0.1))
    made = study(model, x, y, candidates=[wane.L2(0.2)], test=(x, y))
    result = made.run(progress=False)
    history = fitted(model, x, y)
    assert_columns(result.curves[result.curves["candidate"] == "baseline"], history)
    for table, split in (
        (result.curves, "train"),
        (result.curves, "validation"),
        (result.runs, "test"),
    ):
        total = table[f"{split}_above_loss"] + 0.3 * table[f"{split}_total_loss"]
        np.testing.assert_allclose(total, table[f"{split}_data_loss"], rtol=1e-5)
    assert "total_loss" in result.document["candidates"][0]["test"]


def test_losses_that_are_sums_are_reported_per_row() -> None:
    x, y = parts(named=True)
    model = network(named=True)
    model.compile("sgd", loss=dict.fromkeys(y, keras.losses.MeanSquaredError(reduction="sum")))
    curves = study(model, x, y).run(progress=False).curves
    for split in ("train", "validation"):
        total = curves[f"{split}_above_loss"] + curves[f"{split}_total_loss"]
        np.testing.assert_allclose(total, curves[f"{split}_data_loss"], rtol=1e-5)


@pytest.mark.thorough
def test_an_output_without_a_loss_has_none() -> None:
    x, y = parts(named=True)
    model = network(named=True)
    model.compile("adam", loss={"above": "binary_crossentropy", "total": None})
    result = study(model, x, y).run(progress=False)
    history = fitted(model, x, y)
    np.testing.assert_allclose(result.curves["train_data_loss"], history["loss"], rtol=1e-5)
    losses = [name for name in map(str, result.curves) if name.endswith("_loss")]
    assert losses == ["train_data_loss", "validation_data_loss"]


def test_an_output_called_data_is_refused() -> None:
    x = layers.Input((3,))
    outputs = {name: layers.Dense(1, name=name)(x) for name in ("data", "more")}
    model = keras.Model(x, outputs, name="net")
    model.compile("adam", loss="mse")
    rows = np.ones((6, 3), "float32")
    with pytest.raises(wane.InputError) as caught:
        wane.Study(model, rows, dict.fromkeys(outputs, rows[:, 0]), epochs=1).run(progress=False)
    assert str(caught.value) == (
        "The model 'net' has a metric or an output's loss called 'data_loss', which is wane's "
        "name for the loss without penalties: give the metric, or the output layer 'data', "
        "another name."
    )


LONG = pytest.mark.thorough


def stopping(monitor: str, mode: str, patience: int = 2) -> Callable[[], Any]:
    """An EarlyStopping that sees a change of 0.02 as an improvement."""
    return lambda: keras.callbacks.EarlyStopping(
        monitor, mode=mode, patience=patience, min_delta=0.02, restore_best_weights=True
    )


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("named", "make"),
    [
        pytest.param(True, stopping("val_above_loss", "min"), id="val_above_loss"),
        pytest.param(
            False, stopping("val_above_accuracy", "max"), id="val_above_accuracy", marks=LONG
        ),
        pytest.param(False, stopping("total_loss", "min"), id="total_loss", marks=LONG),
        pytest.param(True, stopping("val_total_mae", "min"), id="val_total_mae", marks=LONG),
        pytest.param(
            True,
            lambda: keras.callbacks.ReduceLROnPlateau(
                "val_total_loss", mode="min", patience=1, factor=0.3, min_delta=0.1
            ),
            id="plateau",
            marks=LONG,
        ),
    ],
)
def test_callbacks_watch_an_output_as_in_fit(named: bool, make: Callable[[], Any]) -> None:
    x, y = parts(named)
    model = network(named)
    model.optimizer.learning_rate = 0.1
    options: dict[str, Any] = {"epochs": 30}
    result = study(model, x, y, callbacks=[make()], **options).run(progress=False)
    history = fitted(model, x, y, callbacks=[make()], **options)
    changed = len(history["loss"]) < 30 or history.get("learning_rate", [0.1])[-1] < 0.1
    assert changed, "the callback must have done something"
    assert len(result.curves) == len(history["loss"])
    for mine, theirs in zip(
        result.model("baseline").get_weights(), model.get_weights(), strict=True
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-5)


def test_the_better_direction_of_an_output_s_numbers_is_known() -> None:
    """Keras wants a mode here; the loss and the metric say it themselves."""
    x, y = parts(named=True)
    made = bridge(network(named=True), x, y)
    assert made.directions == {
        "above_accuracy": "up", "total_mae": "down", "above_loss": "down", "total_loss": "down",
    }  # fmt: skip
    assert tuple(made.directions) == made.metric_names


def test_what_no_output_has_cannot_be_watched() -> None:
    x, y = parts(named=True)
    with pytest.raises(wane.InputError) as caught:
        study(
            network(named=True), x, y, callbacks=[keras.callbacks.EarlyStopping("val_accuracy")]
        ).run(progress=False)
    assert str(caught.value) == (
        "EarlyStopping watches 'val_accuracy', which is none of 'loss', 'val_loss', "
        "'above_accuracy', 'val_above_accuracy', 'total_mae', 'val_total_mae', 'above_loss', "
        "'val_above_loss', 'total_loss', 'val_total_loss': change its monitor or compile the model "
        "with that metric."
    )


@pytest.mark.thorough
def test_splits_and_penalties_of_several_parts() -> None:
    x, y = parts(named=True)
    study = wane.Study(
        network(named=True), x, y, candidates=[wane.L2(0.5, layers="output")],
        validation=0.3, test=0.2, repeats=2, epochs=30, batch_size=8,
    )  # fmt: skip
    result = study.run(progress=False)
    assert result.document["study"]["rows"] == {"train": 16, "validation": 8, "test": 6}
    means = result.summary().set_index("candidate")
    for layer in ("above", "total"):  # both are outputs
        assert means[f"norm_{layer}_mean"]["L2(0.5)"] < means[f"norm_{layer}_mean"]["baseline"]
    predictions = result.best_model()(x)
    assert {name: value.shape for name, value in predictions.items()} == {
        "above": (EVERYTHING, 1),
        "total": (EVERYTHING, 1),
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda x, y: (x["a"], y),
            "The model 'net' cannot be called on rows of shape (3,): ",
        ),
        (
            lambda x, y: (x, {"above": y["above"], "total": y["total"][:-1]}),
            "Rows do not match: ",
        ),
        (
            lambda x, y: ({**x, "b": np.full((EVERYTHING, 2), np.nan)}, y),
            "x['b'] holds NaN, infinite values or values too large for float32, 60 in all",
        ),
        (
            lambda x, y: (x, y["above"]),
            "The loss of 2 outputs cannot be computed from targets of shape () and outputs of",
        ),
    ],
)
def test_parts_that_do_not_fit(change: Any, message: str) -> None:
    model = network(named=True)
    model.name = "net"
    x, y = change(*parts(named=True))
    with pytest.raises(wane.InputError) as caught:
        wane.Study(model, x, y, candidates=[], epochs=1, repeats=1).run(progress=False)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_one_weight_per_class_is_for_one_output() -> None:
    x, y = parts(named=True)
    with pytest.raises(wane.InputError) as caught:
        wane.Study(network(named=True), x, y, epochs=1, class_weight={0: 2.0})
    assert str(caught.value) == (
        "class_weight and standardize_target are for models with one output."
    )
