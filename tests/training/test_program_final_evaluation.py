"""The final numbers of a run are what ``keras.Model.evaluate`` says of its model."""

from typing import Any

import keras
import numpy as np
import pytest

import wane
from thorough_cases import thorough_but
from training_cases import LOSSES, data, network, study

ROWS_BY_PART = {"train": 0, "validation": 1, "test": 2}


@pytest.fixture(scope="module", params=thorough_but(["multiclass"], LOSSES))
def trained(request: pytest.FixtureRequest) -> tuple[str, wane.Result]:
    """A study of a network with dropout, BatchNormalization and a regularizer of its own."""
    task = request.param
    middle = (keras.layers.BatchNormalization(momentum=0.5), keras.layers.Dropout(0.3))
    model = network(task, keras.optimizers.SGD(0.05), middle)
    model.get_layer("output").kernel.regularizer = keras.regularizers.L1(0.01)
    model.get_layer("output").kernel_regularizer = keras.regularizers.L1(0.01)
    made = study(
        model, task, test=data(task, seed=2), candidates=[wane.L2(0.1)], repeats=2, epochs=12
    )
    return task, made.run(progress=False)


@pytest.mark.parametrize("part", ROWS_BY_PART)
@pytest.mark.parametrize("candidate", ["baseline", "L2(0.1)"])
def test_numbers_are_those_of_evaluate(
    part: str, candidate: str, trained: tuple[str, wane.Result]
) -> None:
    task, result = trained
    x, y = data(task, seed=ROWS_BY_PART[part])
    row: Any = result.runs.set_index(["candidate", "repeat"]).loc[(candidate, 1)]
    model = result.model(candidate, repeat=1)
    metrics = {
        "binary": ["accuracy"],
        "multiclass": ["accuracy"],
        "regression": [keras.metrics.RootMeanSquaredError(name="rmse"), keras.metrics.R2Score()],
    }
    model.compile(optimizer="sgd", loss=LOSSES[task][0], metrics=metrics[task])
    evaluated = model.evaluate(x, y, verbose=0, return_dict=True, batch_size=10)
    penalty = sum(float(loss) for loss in model.losses)
    assert row["penalty_value"] == pytest.approx(penalty, rel=1e-5)
    assert row[f"{part}_data_loss"] == pytest.approx(
        evaluated["loss"] - penalty, rel=1e-4, abs=1e-5
    )
    for name, column in (("accuracy", "accuracy"), ("rmse", "rmse"), ("r2_score", "r2")):
        assert (name in evaluated) == (f"{part}_{column}" in row)
        if name in evaluated:
            assert row[f"{part}_{column}"] == pytest.approx(evaluated[name], rel=1e-4, abs=1e-5)


def test_norms_are_those_of_the_weights(trained: tuple[str, wane.Result]) -> None:
    _, result = trained
    row: Any = result.runs.set_index(["candidate", "repeat"]).loc[("L2(0.1)", 0)]
    model = result.model("L2(0.1)")
    for layer in ("hidden", "output"):
        norm = np.linalg.norm(np.asarray(model.get_layer(layer).kernel.value))
        assert row[f"norm_{layer}"] == pytest.approx(norm, rel=1e-5)


def test_training_moved_the_normalization(trained: tuple[str, wane.Result]) -> None:
    _, result = trained
    layer = result.model("L2(0.1)").layers[1]
    assert isinstance(layer, keras.layers.BatchNormalization)
    assert np.any(np.asarray(layer.moving_mean.value) != 0)
    assert np.any(np.asarray(layer.moving_variance.value) != 1)


def test_the_penalty_shrinks_the_weights(trained: tuple[str, wane.Result]) -> None:
    _, result = trained
    norms = result.runs.groupby("candidate", observed=True)["norm_hidden"].mean()
    assert norms["L2(0.1)"] < norms["baseline"]


@pytest.mark.parametrize("rows", thorough_but([1025], [1023, 1024, 1025, 2500]))
def test_evaluation_in_blocks(rows: int) -> None:
    """Whole and partial blocks of an evaluation give the mean over all rows."""
    x, y = data("regression", rows=rows, seed=3)
    model = network("regression", keras.optimizers.SGD(0.0))
    result = study(
        model, "regression", candidates=[], epochs=1, validation=(x, y), initial_weights="model"
    ).run(progress=False)
    evaluated = model.evaluate(x, y, verbose=0)
    assert result.runs["validation_data_loss"].iloc[0] == pytest.approx(evaluated, rel=1e-5)


def weight(rows: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 4, rows).astype("float32")


@pytest.mark.thorough
@pytest.mark.parametrize(
    "parts",
    thorough_but(
        [("validation",)],
        [("validation",), ("train", "test"), ("train", "validation"), ("validation", "test"),
         ("train", "validation", "test"), ("test",)],
    ),
    ids="-".join,
)  # fmt: skip
def test_rows_have_the_weights_that_fit_and_evaluate_give_them(parts: tuple[str, ...]) -> None:
    """Regression: runs lost the weights of validation rows unless all parts had weights.

    The curves kept them, so the last epoch of a curve was another number than its run's.
    """
    train, validation, test = (
        (*data(rows=20, seed=seed), *([weight(20, seed)] if part in parts else []))
        for part, seed in ROWS_BY_PART.items()
    )
    model = network(optimizer=keras.optimizers.SGD(0.3))
    model.compile(model.optimizer, model.loss, metrics=["acc"], weighted_metrics=["mae"])
    options: dict[str, Any] = {"sample_weight": train[2]} if "train" in parts else {}
    options |= {"epochs": 2, "batch_size": 8, "shuffle": False}
    result = study(
        model, x=train[0], y=train[1], validation=validation, test=test,
        candidates=[], initial_weights="model", **options,
    ).run(progress=False)  # fmt: skip
    row, curve = result.runs.iloc[0], result.curves.iloc[-1]
    history = model.fit(*train[:2], validation_data=validation, verbose=0, **options).history
    for name, logged in history.items():
        if name.startswith("val_"):
            column = f"validation_{'data_loss' if name == 'val_loss' else name[4:]}"
            assert row[column] == pytest.approx(logged[-1], rel=1e-5), name
            assert curve[column] == pytest.approx(logged[-1], rel=1e-5), name
    own = dict(zip(("x", "y", "sample_weight"), test, strict=False))
    evaluated = model.evaluate(**own, verbose=0, return_dict=True)
    for name, value in evaluated.items():
        column = f"test_{'data_loss' if name == 'loss' else name}"
        assert row[column] == pytest.approx(value, rel=1e-5), name
    # Training rows are compared with validation rows, so they have theirs where these have some.
    own = dict(zip(("x", "y", "sample_weight"), train, strict=False))
    if "validation" not in parts:
        own.pop("sample_weight", None)
    assert row["train_data_loss"] == pytest.approx(
        model.evaluate(**own, verbose=0, return_dict=True)["loss"], rel=1e-5
    )


@pytest.mark.thorough
def test_parts_are_evaluated_alike_whatever_weighs_the_training() -> None:
    """Weights of classes act on training; the final numbers of all parts are without them."""
    x, y = data(rows=40)
    options: dict[str, Any] = {
        "candidates": [], "validation": (x, y), "repeats": 1, "epochs": 2, "batch_size": 8,
    }  # fmt: skip
    for weights in ({"class_weight": {0: 10.0, 1: 10.0}}, {"sample_weight": np.full(40, 0.01)}):
        model = network(optimizer=keras.optimizers.SGD(0.0))
        runs = wane.Study(model, x, y, **options, **weights).run(progress=False).runs
        assert runs["train_data_loss"].iloc[0] == pytest.approx(
            runs["validation_data_loss"].iloc[0], rel=1e-5
        )


@pytest.mark.thorough
def test_a_summed_loss_is_reported_per_row() -> None:
    x, y = data(rows=40)
    model = network()
    summed = keras.losses.BinaryCrossentropy(reduction="sum")
    model.compile(optimizer=keras.optimizers.SGD(0.0), loss=summed)
    study = wane.Study(
        model, x[:16], y[:16], candidates=[], validation=(x, y), repeats=1, epochs=1,
        batch_size=8, initial_weights="model",
    )  # fmt: skip
    result = study.run(progress=False)
    evaluated = model.evaluate(x, y, batch_size=40, verbose=0)
    assert result.runs["validation_data_loss"].iloc[0] == pytest.approx(evaluated / 40, rel=1e-5)
    assert result.curves["validation_data_loss"].iloc[0] == pytest.approx(evaluated / 40, rel=1e-5)
    first = model.evaluate(x[:16], y[:16], batch_size=16, verbose=0)
    assert result.curves["train_data_loss"].iloc[0] == pytest.approx(first / 16, rel=1e-5)
