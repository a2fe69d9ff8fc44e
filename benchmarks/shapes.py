"""The catalogue of shapes: small and large networks of every kind, each with rows of noise.

What they learn means nothing; what a run of each costs, and what comes before the first, does.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np


@dataclasses.dataclass(frozen=True)
class Shape:
    """One network on rows of one shape.

    Attributes:
        key: its name on the command line.
        title: its name in tables.
        layers: its layers before the last, a dense one of one number; from ``keras.layers``.
        row: the shape of one row of inputs.
        rows: how many train; a fourth of them validate.
        epochs: how long a run trains.
        batch_size: rows in a batch.
        words: how many words there are, where inputs are words; 0 where they are numbers.
        least: how many times as fast as ``fit`` a run is meant to be, at least.
    """

    key: str
    title: str
    layers: Callable[[Any], list[Any]]
    row: tuple[int, ...]
    rows: int
    epochs: int
    batch_size: int = 32
    words: int = 0
    least: float = 1.0

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """Inputs [rows, …] and targets [rows, 1]."""
        generator = np.random.default_rng(0)
        size = (self.rows, *self.row)
        if self.words:
            x = generator.integers(0, self.words, size).astype(np.int32)
        else:
            x = generator.normal(size=size).astype(np.float32)
        return x, generator.normal(size=(self.rows, 1)).astype(np.float32)

    def model(self) -> Any:
        """The compiled model."""
        import keras

        first = keras.layers.Input(self.row, dtype="int32" if self.words else "float32")
        model = keras.Sequential([first, *self.layers(keras.layers), keras.layers.Dense(1)])
        model.compile("adam", "mse")
        return model

    def quick(self) -> "Shape":
        """The same network with few rows, to see that everything works."""
        return dataclasses.replace(self, rows=16, epochs=1, batch_size=8)


def _dense(*units: int) -> Callable[[Any], list[Any]]:
    return lambda layers: [layers.Dense(n, "relu") for n in units]


def _attention(layers: Any) -> list[Any]:
    """Two blocks of attention over 50 steps, with what is added around them."""
    import keras

    inputs = hidden = layers.Input((50, 32))
    for _ in range(2):
        seen = layers.MultiHeadAttention(4, 8)(hidden, hidden)
        hidden = layers.LayerNormalization()(layers.Add()([hidden, seen]))
        inner = layers.Dense(32)(layers.Dense(64, "gelu")(hidden))
        hidden = layers.LayerNormalization()(layers.Add()([hidden, inner]))
    return [keras.Model(inputs, hidden), layers.GlobalAveragePooling1D()]


def _blocks(layers: Any) -> list[Any]:
    """Three blocks of convolution, normalization and pooling."""
    blocks = [
        layer
        for filters in (16, 32, 64)
        for layer in (
            layers.Conv2D(filters, 3, padding="same", activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(2),
        )
    ]
    return [*blocks, layers.GlobalAveragePooling2D()]


def _regularized_table(layers: Any) -> list[Any]:
    return [
        layer
        for _ in range(2)
        for layer in (
            layers.Dense(128, "relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.3),
        )
    ]


def _series(layers: Any) -> list[Any]:
    return [
        layers.Conv1D(16, 7, strides=2, activation="relu"),
        layers.MaxPooling1D(4),
        layers.Conv1D(32, 5, activation="relu"),
        layers.GlobalAveragePooling1D(),
    ]


def _wide_convolutions(layers: Any) -> list[Any]:
    return [
        layers.Conv2D(64, 5, activation="relu"),
        layers.Conv2D(128, 5, strides=2, activation="relu"),
        layers.GlobalAveragePooling2D(),
    ]


def _separable(layers: Any) -> list[Any]:
    return [
        layers.SeparableConv2D(32, 3, activation="relu"),
        layers.SeparableConv2D(64, 3, strides=2, activation="relu"),
        layers.GlobalAveragePooling2D(),
    ]


def _volumes(layers: Any) -> list[Any]:
    return [
        layers.Conv3D(16, 3, activation="relu"),
        layers.MaxPooling3D(2),
        layers.Conv3D(32, 3, activation="relu"),
        layers.GlobalAveragePooling3D(),
    ]


def _augmented(layers: Any) -> list[Any]:
    return [
        layers.RandomFlip(),
        layers.RandomRotation(0.1),
        layers.Conv2D(16, 3, activation="relu"),
        layers.GlobalAveragePooling2D(),
    ]


_SHAPES = (
    Shape("tiny", "Dense 32, 30 rows of 2", _dense(32), (2,), 30, 200),
    Shape("table", "Dense 64 × 2, 2,000 rows of 20", _dense(64, 64), (20,), 2000, 10),
    Shape("long-table", "Dense 64 × 2, 20,000 rows of 50", _dense(64, 64), (50,), 20_000, 2, 128),
    Shape("small-batches", "Dense 64 × 2, batches of 8", _dense(64, 64), (20,), 1000, 5, 8),
    Shape("large-batches", "Dense 64 × 2, batches of 512", _dense(64, 64), (20,), 5000, 10, 512),
    Shape("deep", "Dense 64 × 10", _dense(*[64] * 10), (16,), 500, 10),
    Shape("wide", "Dense 2048 × 2", _dense(2048, 2048), (64,), 256, 4, least=1.2),
    Shape("normalized", "Dense 128 × 2, normalized, dropout", _regularized_table, (30,), 1000, 10),
    Shape("series", "Conv1D, 1,000 steps", _series, (1000, 1), 128, 3, least=2.5),
    Shape("blocks", "Conv2D, three blocks", _blocks, (32, 32, 3), 128, 2, least=2.5),
    Shape("wide-conv", "Conv2D 5×5, 64 → 128", _wide_convolutions, (28, 28, 1), 128, 2, least=1.2),
    Shape("separable", "SeparableConv2D", _separable, (32, 32, 3), 128, 2),
    Shape("volumes", "Conv3D", _volumes, (16, 16, 16, 1), 64, 2, 16),
    Shape("augmented", "images flipped and turned", _augmented, (32, 32, 3), 128, 2),
    Shape("gru", "GRU 32, 100 steps", lambda layers: [layers.GRU(32)], (100, 8), 128, 3),
    Shape(
        "lstm", "LSTM 64, 100 steps", lambda layers: [layers.LSTM(64)], (100, 8), 128, 3, least=2.2
    ),
    Shape(
        "wide-lstm",
        "LSTM 256 × 2, 50 steps",
        lambda layers: [layers.LSTM(256, return_sequences=True), layers.LSTM(256)],
        (50, 16),
        64,
        2,
        least=1.6,
    ),
    Shape(
        "conv-lstm",
        "ConvLSTM2D 8",
        lambda layers: [layers.ConvLSTM2D(8, 3), layers.Flatten()],
        (8, 16, 16, 1),
        64,
        2,
        16,
    ),
    Shape("attention", "two attention blocks, 50 × 32", _attention, (50, 32), 256, 3, least=1.8),
    Shape(
        "words",
        "Embedding 20,000 and LSTM 32",
        lambda layers: [layers.Embedding(20_000, 32), layers.LSTM(32)],
        (40,),
        256,
        3,
        words=20_000,
    ),
    Shape(
        "many-words",
        "Embedding 200,000 × 32",
        lambda layers: [layers.Embedding(200_000, 32), layers.GlobalAveragePooling1D()],
        (20,),
        512,
        2,
        words=200_000,
        least=1.2,
    ),
)
SHAPES = {shape.key: shape for shape in _SHAPES}
"""Every shape by its key."""
