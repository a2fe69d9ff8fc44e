"""Every loss of Keras, and one of the user's own, trains as in ``fit``."""

import dataclasses
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, losses

from parity_cases import LOSSES, ROWS, Case, assert_alike, by_fit, by_wane, case, compare
from wane.keras_model.bridge.bridge import bridge

ELSEWHERE = ["CTC"]
"""Losses that take other shapes than the catalogue's; they have tests of their own."""


MULTICLASS = {
    "categorical",
    "categorical logits",
    "categorical focal",
    "sparse",
    "without a class",
    "generalized",
}


def test_every_loss_has_a_row() -> None:
    made = {type(loss.make()).__name__ for loss in LOSSES.values()} - {"str"}
    known = made | {"Loss", *ELSEWHERE}
    assert {name for name in vars(losses) if isinstance(getattr(losses, name), type)} == known


@pytest.mark.thorough
@pytest.mark.usefixtures("quick_compilation")
def test_every_loss() -> None:
    """Each branch of one network has another loss."""
    given = case(["Dense"] * len(LOSSES), list(LOSSES), keras.optimizers.SGD(0.02))
    weight = np.linspace(0.2, 2, ROWS, dtype="float32")
    compare(given, epochs=3, batch_size=11, sample_weight=weight)


def test_a_summed_loss() -> None:
    """Its gradient is that of the sum; it is reported per row."""
    given = case(["Dense"], ["mse"], "sgd")
    given.model.compile("sgd", loss=losses.MeanSquaredError(reduction="sum"))
    options = {"epochs": 3, "batch_size": 11}
    mine, theirs = by_wane(given, **options), by_fit(given, **options)
    per_row = {name: values / 11 for name, values in theirs.losses.items()}
    assert_alike(mine, dataclasses.replace(theirs, losses=per_row), 1e-6, 1e-6)


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_is_taken_alone(loss: str) -> None:
    """A single output is checked more closely than several."""
    given = case(["Dense"], [loss], "sgd")
    task = bridge(given.model, given.x, given.y).task
    assert task.sparse == (given.y.dtype == np.int32 and loss != "circle")
    assert (task.kind == "multiclass") == (loss in MULTICLASS)


@pytest.mark.thorough
def test_connectionist_temporal_classification() -> None:
    """Its targets are label sequences of another length than the outputs."""
    random = np.random.default_rng(0)
    model = keras.Sequential([layers.Input((7, 3)), layers.Dense(4)])
    model.compile(keras.optimizers.SGD(0.1), loss=losses.CTC())
    x = random.normal(size=(ROWS, 7, 3)).astype("float32")
    compare(
        Case(model, x, random.integers(1, 4, size=(ROWS, 2)).astype("int32")),
        epochs=3,
        batch_size=11,
    )


def quantiles(y: Any, predictions: Any) -> Any:
    """The pinball loss of three quantiles: one target for three outputs."""
    error = keras.ops.expand_dims(y, -1) - predictions
    levels = keras.ops.convert_to_tensor([0.1, 0.5, 0.9])
    return keras.ops.mean(keras.ops.maximum(levels * error, (levels - 1) * error), axis=-1)


@pytest.mark.thorough
def test_a_loss_of_ones_own_with_other_shapes() -> None:
    random = np.random.default_rng(0)
    model = keras.Sequential([layers.Input((3,)), layers.Dense(3)])
    model.compile(keras.optimizers.SGD(0.1), loss=quantiles)
    x = random.normal(size=(ROWS, 3)).astype("float32")
    compare(Case(model, x, x.sum(axis=1)), epochs=3, batch_size=11)
