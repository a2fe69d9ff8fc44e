"""Every family of layers trains as in ``fit``, from the same weights and row order."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import wane

ROWS, TRAIN, BATCH, EPOCHS = 30, 22, 8, 3  # a last batch of 6
Shape = tuple[int, ...]

FAMILIES: dict[str, tuple[Shape, Callable[[], list[Any]]]] = {
    "Conv1D, dilated and causal": (
        (9, 3),
        lambda: [layers.Conv1D(4, 3, dilation_rate=2, padding="causal", activation="relu")],
    ),
    "Conv2D, strided, and max pooling": (
        (8, 8, 2),
        lambda: [
            layers.Conv2D(4, 3, strides=2, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
        ],
    ),
    "Conv2D in groups and average pooling": (
        (6, 6, 4),
        lambda: [layers.Conv2D(4, 3, groups=2), layers.AveragePooling2D(2)],
    ),
    "Conv3D": ((4, 4, 4, 1), lambda: [layers.Conv3D(3, 2), layers.GlobalMaxPooling3D()]),
    "depthwise and separable": (
        (7, 7, 2),
        lambda: [layers.DepthwiseConv2D(3), layers.SeparableConv2D(4, 3)],
    ),
    "Conv2DTranspose": ((4, 4, 2), lambda: [layers.Conv2DTranspose(3, 3, strides=2)]),
    "BatchNormalization": ((5,), lambda: [layers.Dense(6), layers.BatchNormalization()]),
    "LayerNormalization": ((5,), lambda: [layers.Dense(6), layers.LayerNormalization()]),
    "GroupNormalization": ((4, 4, 4), lambda: [layers.GroupNormalization(2)]),
    "Embedding": ((6,), lambda: [layers.Embedding(9, 4)]),
    "SimpleRNN": ((5, 3), lambda: [layers.SimpleRNN(4)]),
    "LSTM": ((5, 3), lambda: [layers.LSTM(4)]),
    "LSTM that skips a mask": (
        (6,),
        lambda: [layers.Embedding(9, 4, mask_zero=True), layers.LSTM(4)],
    ),
    "GRU": ((5, 3), lambda: [layers.GRU(4)]),
    "Bidirectional": ((5, 3), lambda: [layers.Bidirectional(layers.LSTM(3))]),
    "TimeDistributed": ((5, 3), lambda: [layers.TimeDistributed(layers.Dense(4))]),
    "cells": ((5, 3), lambda: [layers.RNN([layers.LSTMCell(3), layers.GRUCell(2)])]),
    "attention": ((5, 4), lambda: [SelfAttention(), layers.GlobalAveragePooling1D()]),
    "a layer of one's own": ((5,), lambda: [Squash()]),
}  # fmt: skip


class SelfAttention(layers.Layer):  # type: ignore[misc] # Keras has no types
    """Multi-head attention of a sequence to itself."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.attention = layers.MultiHeadAttention(2, 3)

    def build(self, shape: Any) -> None:
        self.attention.build(shape, shape)

    def call(self, x: Any) -> Any:
        return x + self.attention(x, x)


class Squash(layers.Layer):  # type: ignore[misc] # Keras has no types
    """A layer written with keras.ops, with a weight of its own and a penalty of its own."""

    def build(self, shape: Any) -> None:
        self.slope = self.add_weight(shape=(shape[-1],), initializer="ones", name="slope")

    def call(self, x: Any) -> Any:
        self.add_loss(0.01 * keras.ops.sum(keras.ops.square(self.slope)))
        return keras.ops.tanh(x * self.slope)


def rows(shape: Shape) -> tuple[np.ndarray, np.ndarray]:
    """Inputs of this shape (whole numbers where a row is a sentence) and labels."""
    random = np.random.default_rng(0)
    if shape == (6,):
        x: np.ndarray = random.integers(0, 9, size=(ROWS, *shape))
    else:
        x = random.normal(size=(ROWS, *shape)).astype("float32")
    return x, (random.random(ROWS) > 0.5).astype("float32")


def model_of(family: str, optimizer: Any = "adam") -> Any:
    """A compiled network around the layers of a family."""
    shape, make = FAMILIES[family]
    dtype = "int32" if shape == (6,) else None
    head = [layers.Flatten(), layers.Dense(1, activation="sigmoid")]
    model = keras.Sequential([layers.Input(shape, dtype=dtype), *make(), *head])
    model.compile(optimizer=optimizer, loss="binary_crossentropy")
    return model


@pytest.mark.parametrize("family", FAMILIES)
def test_a_run_equals_fit(family: str) -> None:
    x, y = rows(FAMILIES[family][0])
    model = model_of(family)
    result = wane.Study(
        model,
        x[:TRAIN],
        y[:TRAIN],
        candidates=[],
        validation=(x[TRAIN:], y[TRAIN:]),
        repeats=1,
        epochs=EPOCHS,
        batch_size=BATCH,
        shuffle=False,
        initial_weights="model",
    ).run(progress=False)
    history = model.fit(
        x[:TRAIN],
        y[:TRAIN],
        validation_data=(x[TRAIN:], y[TRAIN:]),
        epochs=EPOCHS,
        batch_size=BATCH,
        shuffle=False,
        verbose=0,
    ).history
    for mine, theirs in zip(
        result.model("baseline").get_weights(), model.get_weights(), strict=True
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)
    if family != "a layer of one's own":  # there Keras adds the layer's own penalty to the loss
        np.testing.assert_allclose(result.curves["train_data_loss"], history["loss"], rtol=1e-5)
        np.testing.assert_allclose(
            result.curves["validation_data_loss"], history["val_loss"], rtol=1e-5
        )


@pytest.mark.parametrize("family", ["LSTM", "attention", "Conv2D, strided, and max pooling"])
def test_fresh_weights_and_penalties(family: str) -> None:
    """Repeats draw weights of their own, and the penalty shrinks what it acts on."""
    x, y = rows(FAMILIES[family][0])
    study = wane.Study(
        model_of(family, keras.optimizers.Adam(0.02)), x, y, candidates=[wane.L2(1.0)],
        validation=0.3, repeats=2, epochs=20, batch_size=BATCH,
    )  # fmt: skip
    runs = study.run(progress=False).runs.set_index(["candidate", "repeat"])
    norms = [column for column in runs if str(column).startswith("norm_")]
    assert norms
    for repeat in (0, 1):
        assert (runs.loc[("L2(1)", repeat), norms] < runs.loc[("baseline", repeat), norms]).all()
    assert (runs.loc[("baseline", 0), norms] != runs.loc[("baseline", 1), norms]).any()
