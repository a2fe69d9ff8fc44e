"""Every family of layers, optimizer and loss, and networks of them that are compared with ``fit``.

A network of several families has a branch for each: its own input, its own layers and its own loss.
Compiling one such network takes a fraction of the time of compiling every branch alone, and a wrong
branch is still named, by its weights and by its own loss.
"""

import dataclasses
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import keras
import numpy as np
from keras import layers, losses

import wane

ROWS = 22
Shape = tuple[int, ...]
Arrays = list[np.ndarray]


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


@dataclasses.dataclass(frozen=True)
class Family:
    """Layers that are tested together.

    Attributes:
        shape: of one row of their input.
        make: returns new layers.
        words: how many different whole numbers the input holds, or 0 where it holds floats.
    """

    shape: Shape
    make: Callable[[], list[Any]]
    words: int = 0

    def rows(self, count: int, random: np.random.Generator) -> np.ndarray:
        """Inputs [count, …]."""
        if self.words:
            return random.integers(0, self.words, size=(count, *self.shape), dtype=np.int32)
        return random.normal(size=(count, *self.shape)).astype("float32")


CONVOLUTIONS: dict[str, Family] = {
    "Conv1D, dilated and causal": Family(
        (9, 3), lambda: [layers.Conv1D(4, 3, dilation_rate=2, padding="causal", activation="relu")]
    ),
    "Conv1D, strided, and max pooling": Family(
        (9, 2), lambda: [layers.Conv1D(3, 2, strides=2), layers.MaxPooling1D(2)]
    ),
    "Conv2D, strided, and max pooling": Family(
        (8, 8, 2),
        lambda: [
            layers.Conv2D(4, 3, strides=2, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
        ],
    ),
    "Conv2D in groups and average pooling": Family(
        (6, 6, 4), lambda: [layers.Conv2D(4, 3, groups=2), layers.AveragePooling2D(2)]
    ),
    "Conv2D, dilated, and global pooling": Family(
        (6, 6, 2), lambda: [layers.Conv2D(3, 2, dilation_rate=2), layers.GlobalAveragePooling2D()]
    ),
    "Conv3D": Family(
        (4, 4, 4, 1), lambda: [layers.Conv3D(3, 2, strides=2), layers.GlobalMaxPooling3D()]
    ),
    "depthwise": Family(
        (6, 6, 2), lambda: [layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same")]
    ),
    "depthwise and separable": Family(
        (7, 7, 2), lambda: [layers.DepthwiseConv2D(3), layers.SeparableConv2D(4, 3)]
    ),
    "Conv1DTranspose": Family((4, 2), lambda: [layers.Conv1DTranspose(3, 3, strides=2)]),
    "Conv2DTranspose": Family((4, 4, 2), lambda: [layers.Conv2DTranspose(3, 3, strides=2)]),
}  # fmt: skip

RECURRENT: dict[str, Family] = {
    "SimpleRNN": Family((5, 3), lambda: [layers.SimpleRNN(4)]),
    "LSTM": Family((5, 3), lambda: [layers.LSTM(4)]),
    "LSTM that skips a mask": Family(
        (6,), lambda: [layers.Embedding(9, 4, mask_zero=True), layers.LSTM(4)], words=9
    ),
    "GRU": Family((5, 3), lambda: [layers.GRU(4, return_sequences=True)]),
    "Bidirectional": Family((5, 3), lambda: [layers.Bidirectional(layers.LSTM(3))]),
    "cells": Family((5, 3), lambda: [layers.RNN([layers.LSTMCell(3), layers.GRUCell(2)])]),
}

OTHERS: dict[str, Family] = {
    "Dense": Family((5,), lambda: [layers.Dense(6, activation="gelu")]),
    "BatchNormalization": Family(
        # A bias before it has no gradient but rounding, which is another on every machine.
        (5,),
        lambda: [layers.Dense(6, use_bias=False), layers.BatchNormalization()],
    ),
    "LayerNormalization": Family((5,), lambda: [layers.Dense(6), layers.LayerNormalization()]),
    "GroupNormalization": Family((4, 4, 4), lambda: [layers.GroupNormalization(2)]),
    "Embedding": Family((6,), lambda: [layers.Embedding(9, 4)], words=9),
    "TimeDistributed": Family((5, 3), lambda: [layers.TimeDistributed(layers.Dense(4))]),
    "attention": Family((5, 4), lambda: [SelfAttention(), layers.GlobalAveragePooling1D()]),
    "a layer of one's own": Family((5,), lambda: [Squash()]),
}

FAMILIES: dict[str, Family] = {**CONVOLUTIONS, **RECURRENT, **OTHERS}

OPTIMIZERS: dict[str, Callable[[], Any]] = {
    "momentum": lambda: keras.optimizers.SGD(0.01, momentum=0.9),
    "adam": lambda: keras.optimizers.Adam(0.01),
    "adamw": lambda: keras.optimizers.AdamW(0.01, weight_decay=0.1),
    "rmsprop": lambda: keras.optimizers.RMSprop(0.002),
}
"""With rates at which losses fall. Where they rise again, rounding grows with every epoch: at five
times these of momentum and RMSprop, ``fit`` itself differs by 1e-4 to 2e-3 in some losses of
convolutions after 20 epochs from initial weights that are rounded otherwise."""


@dataclasses.dataclass(frozen=True)
class Loss:
    """A loss with outputs and targets that it takes.

    Attributes:
        make: what ``compile`` is given.
        outputs, activation: of the last layer.
        targets: makes the targets of rows from their scores, [rows] around 0.
    """

    make: Callable[[], Any]
    outputs: int
    activation: str
    targets: Callable[[np.ndarray], np.ndarray]


def classes(score: np.ndarray) -> np.ndarray:
    """One of three classes for each row."""
    return np.asarray(np.digitize(score, [-0.5, 0.5]), "int32")


def one_hot(score: np.ndarray) -> np.ndarray:
    """A column for each of three classes."""
    return np.asarray(np.eye(3, dtype="float32")[classes(score)])


def yes(score: np.ndarray) -> np.ndarray:
    """0 or 1."""
    return np.asarray(score > 0, "float32")


def column(score: np.ndarray) -> np.ndarray:
    """The score itself."""
    return np.asarray(score[:, None], "float32")


def signs(score: np.ndarray) -> np.ndarray:
    """-1 or 1."""
    return np.asarray(np.where(score > 0, 1, -1)[:, None], "float32")


def rate(score: np.ndarray) -> np.ndarray:
    """A positive number."""
    return np.asarray(np.exp(column(score)), "float32")


COMMON_LOSSES: dict[str, Loss] = {
    "binary": Loss(lambda: "binary_crossentropy", 1, "sigmoid", yes),
    "binary logits": Loss(lambda: losses.BinaryCrossentropy(from_logits=True), 1, "linear", yes),
    "categorical": Loss(lambda: "categorical_crossentropy", 3, "softmax", one_hot),
    "sparse": Loss(lambda: "sparse_categorical_crossentropy", 3, "softmax", classes),
    "mse": Loss(lambda: "mean_squared_error", 1, "linear", column),
    "huber": Loss(lambda: losses.Huber(0.7), 1, "linear", column),
    "mae": Loss(lambda: "mae", 1, "linear", column),
}

LOSSES: dict[str, Loss] = {
    **COMMON_LOSSES,
    "smoothed": Loss(lambda: losses.BinaryCrossentropy(label_smoothing=0.1), 1, "sigmoid", yes),
    "binary focal": Loss(losses.BinaryFocalCrossentropy, 1, "sigmoid", yes),
    "categorical logits": Loss(
        lambda: losses.CategoricalCrossentropy(from_logits=True), 3, "linear", one_hot
    ),
    "categorical focal": Loss(losses.CategoricalFocalCrossentropy, 3, "softmax", one_hot),
    "generalized": Loss(losses.CategoricalGeneralizedCrossEntropy, 3, "softmax", classes),
    "without a class": Loss(
        lambda: losses.SparseCategoricalCrossentropy(ignore_class=1), 3, "softmax", classes
    ),
    "categorical hinge": Loss(losses.CategoricalHinge, 3, "linear", one_hot),
    "circle": Loss(lambda: losses.Circle(gamma=2), 3, "softmax", classes),
    "cosine": Loss(losses.CosineSimilarity, 3, "linear", one_hot),
    "dice": Loss(losses.Dice, 3, "softmax", one_hot),
    "hinge": Loss(losses.Hinge, 1, "tanh", signs),
    "divergence": Loss(losses.KLDivergence, 3, "softmax", one_hot),
    "log cosh": Loss(losses.LogCosh, 1, "linear", column),
    "absolute": Loss(losses.MeanAbsoluteError, 1, "linear", column),
    "percentage": Loss(losses.MeanAbsolutePercentageError, 1, "linear", rate),
    "squared": Loss(losses.MeanSquaredError, 1, "linear", column),
    "logarithmic": Loss(losses.MeanSquaredLogarithmicError, 1, "softplus", rate),
    "poisson": Loss(losses.Poisson, 1, "softplus", rate),
    "squared hinge": Loss(losses.SquaredHinge, 1, "tanh", signs),
    "tversky": Loss(lambda: losses.Tversky(alpha=0.3), 3, "softmax", one_hot),
}


@dataclasses.dataclass
class Case:
    """A compiled network of one or several families, and rows for it.

    Attributes:
        model: alike, with its weights, for the same arguments.
        x, y: an array, or a list of them for several families.
        idle: the paths of biases on which no output depends.
    """

    model: Any
    x: Any
    y: Any
    idle: frozenset[str] = frozenset()

    @property
    def outputs(self) -> list[str]:
        """The names of the outputs; a sequential model has one without a name."""
        return list(getattr(self.model, "output_names", ["output"]))


def case(
    families: Sequence[str], trained_by: Sequence[str], optimizer: Any, regularized: bool = False
) -> Case:
    """A network with a branch for each family, trained by the loss of the same place.

    Args:
        families, trained_by: names of families and, for each, of a loss.
        optimizer: what ``compile`` is given.
        regularized: whether every second weight has a regularizer.
    """
    keras.utils.set_random_seed(1)
    random = np.random.default_rng(0)
    inputs: Any = []
    outputs: Any = []
    chains: list[list[Any]] = []
    x: Any = []
    y: Any = []
    for number, (family, loss) in enumerate(zip(families, trained_by, strict=True)):
        member, given = FAMILIES[family], LOSSES[loss]
        tensor = layers.Input(member.shape, dtype="int32" if member.words else None)
        inputs.append(tensor)
        head = layers.Dense(given.outputs, activation=given.activation, name=f"out{number}")
        chains.append([*member.make(), layers.Flatten(), head])
        for layer in chains[-1]:
            tensor = layer(tensor)
        outputs.append(tensor)
        x.append(member.rows(ROWS, random))
        y.append(given.targets(random.normal(size=ROWS)))
    if len(inputs) == 1:
        inputs, outputs, x, y = inputs[0], outputs[0], x[0], y[0]
    model = keras.Model(inputs, outputs)
    idle = idle_biases(chains)
    if regularized:
        for variable in model.trainable_variables[::2]:
            if variable.path not in idle:  # L1 would press by the sign of what is rounding
                variable.regularizer = keras.regularizers.L1L2(1e-3, 1e-2)
    compiled = [LOSSES[loss].make() for loss in trained_by]
    model.compile(optimizer, loss=compiled if len(compiled) > 1 else compiled[0])
    return Case(model, x, y, idle)


def idle_biases(chains: Sequence[Sequence[Any]]) -> frozenset[str]:
    """The paths of biases on which no output depends, in chains of built layers.

    Batch normalization takes a bias before it away with the mean; the bias of attention's keys adds
    the same to every score of a query, which the softmax takes away.
    """
    return frozenset(
        weight.path
        for chain in chains
        for layer, following in itertools.pairwise(chain)
        for weight in layer.trainable_weights
        if weight.path.endswith("/key/bias")
        or (isinstance(following, layers.BatchNormalization) and weight.path.endswith("/bias"))
    )


IDLE = 5e-3
"""How far apart idle biases may be. Their gradient is rounding, about 1e-8, of which Adam and
RMSprop, with an epsilon of 1e-7, make steps of up to a tenth of their rate of 0.01, in directions
that differ with the order of a sum; with a gradient they would go that rate in every step."""


@dataclasses.dataclass
class Outcome:
    """What training gave.

    Attributes:
        losses: the training loss of every epoch without penalties, by output.
        weights: the final weights by path.
    """

    losses: dict[str, np.ndarray]
    weights: dict[str, np.ndarray]


def by_wane(given: Case, **options: Any) -> Outcome:
    """Train one run of a study from the model's weights, in the order of the rows."""
    first = jax.tree.map(lambda part: part[:1], (given.x, given.y))
    study = wane.Study(
        given.model, given.x, given.y, candidates=[], repeats=1, shuffle=False, validation=first,
        initial_weights="model", learning_curve=False, extend=False, references=False, **options,
    )  # fmt: skip
    result = study.run(progress=False)
    names = given.outputs
    columns = [f"{name}_loss" for name in names] if len(names) > 1 else ["data_loss"]
    paths = [weight.path for weight in given.model.weights]
    values = result.model("baseline").get_weights()
    return Outcome(
        {
            name: result.curves[f"train_{column}"].to_numpy()
            for name, column in zip(names, columns, strict=True)
        },
        dict(zip(paths, values, strict=True)),
    )


def by_fit(given: Case, **options: Any) -> Outcome:
    """Train the model itself by ``fit``."""
    history = given.model.fit(given.x, given.y, shuffle=False, verbose=0, **options).history
    names = given.outputs
    # A single output has no loss of its own beside the sum with penalties.
    columns = [f"{name}_loss" for name in names] if len(names) > 1 else ["loss"]
    return Outcome(
        {name: np.asarray(history[column]) for name, column in zip(names, columns, strict=True)},
        {weight.path: np.asarray(weight.value) for weight in given.model.weights},
    )


def assert_alike(
    mine: Outcome,
    theirs: Outcome,
    losses: float,
    weights: float,
    idle: frozenset[str] = frozenset(),
) -> None:
    """Equal within these tolerances, weights relative to the largest of their array or idle."""
    assert mine.losses.keys() == theirs.losses.keys()
    for name, wanted in theirs.losses.items():
        np.testing.assert_allclose(mine.losses[name], wanted, rtol=losses, err_msg=name)
    assert mine.weights.keys() == theirs.weights.keys()
    for path, wanted in theirs.weights.items():
        allowed = IDLE if path in idle else weights * np.abs(wanted).max()
        np.testing.assert_allclose(mine.weights[path], wanted, rtol=0, atol=allowed, err_msg=path)


def compare(given: Case, losses: float = 1e-6, weights: float = 1e-6, **options: Any) -> None:
    """Train a network on both sides, and check that every weight moved and all is alike."""
    before = {weight.path: np.array(weight.value) for weight in given.model.trainable_weights}
    mine, theirs = by_wane(given, **options), by_fit(given, **options)
    for path, start in before.items():
        assert np.any(theirs.weights[path] != start), f"{path} was not trained"
    assert_alike(mine, theirs, losses, weights, given.idle)
