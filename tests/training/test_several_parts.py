"""Models with several inputs and outputs train as in ``fit``."""

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import wane

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


def network(named: bool) -> Any:
    """Two inputs, two outputs, two losses with weights, and metrics of each."""
    a, b = layers.Input((3,), name="a"), layers.Input((2,), name="b")
    hidden = layers.Dense(6, activation="relu")(layers.Concatenate()([a, b]))
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


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
def test_a_run_equals_fit(named: bool, weighted: bool) -> None:
    x, y = parts(named)
    model = network(named)
    train, rest = slice(TRAIN), slice(TRAIN, None)
    weight = np.linspace(0.2, 2, TRAIN, dtype="float32") if weighted else None
    options: dict[str, Any] = {"epochs": 4, "batch_size": 8, "shuffle": False}
    result = wane.Study(
        model,
        cut(x, train),
        cut(y, train),
        candidates=[],
        validation=(cut(x, rest), cut(y, rest)),
        repeats=1,
        initial_weights="model",
        sample_weight=weight,
        **options,
    ).run(progress=False)
    history = model.fit(
        cut(x, train),
        cut(y, train),
        validation_data=(cut(x, rest), cut(y, rest)),
        sample_weight=weight,
        verbose=0,
        **options,
    ).history
    for mine, theirs in zip(
        result.model("baseline").get_weights(), model.get_weights(), strict=True
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-6, atol=1e-6)
    curves = result.curves
    np.testing.assert_allclose(curves["train_data_loss"], history["loss"], rtol=1e-5)
    for name in ("above_accuracy", "total_mae"):
        np.testing.assert_allclose(curves[f"validation_{name}"], history[f"val_{name}"], rtol=1e-5)


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
    with pytest.raises(wane.InputError) as told:
        wane.Study(model, x, y, candidates=[], epochs=1, repeats=1).run(progress=False)
    assert str(told.value).startswith(message)
    assert "\n" not in str(told.value)


def test_one_weight_per_class_is_for_one_output() -> None:
    x, y = parts(named=True)
    with pytest.raises(wane.InputError) as told:
        wane.Study(network(named=True), x, y, epochs=1, class_weight={0: 2.0})
    assert str(told.value) == (
        "class_weight and standardize_target are for models with one output."
    )
