"""Small networks in the manner of those that people publish as examples, with rows for them.

Each takes inputs to features of a row, [rows, features], or of each step or pixel of one,
[rows, …, features], on which any head fits.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers, ops

STEPS, WORDS, SIDE = 6, 9, 8


@dataclasses.dataclass(frozen=True)
class Architecture:
    """A network without its head.

    Attributes:
        inputs: the kind of each input: ``"numbers"``, ``"words"``, ``"sequence"`` or ``"image"``.
        features: from the input tensors and a width to the tensor of features.
    """

    inputs: tuple[str, ...]
    features: Callable[..., Any]


class Squeeze(layers.Layer):  # type: ignore[misc] # Keras has no types
    """A layer of one's own, with a weight and a penalty of its own, that hands masks on."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, shape: Any) -> None:
        self.slope = self.add_weight(shape=(shape[-1],), initializer="ones", name="slope")

    def call(self, x: Any) -> Any:
        self.add_loss(0.01 * ops.sum(ops.square(self.slope)))
        return ops.tanh(x * self.slope)


def dense(x: Any, width: int, activation: str = "relu") -> Any:
    return layers.Dense(width, activation=activation)(x)


def perceptron(x: Any, width: int) -> Any:
    return dense(dense(x, width), width, "tanh")


def normalized(x: Any, width: int) -> Any:
    hidden = layers.BatchNormalization()(layers.Dense(width, use_bias=False)(x))
    return layers.LayerNormalization()(layers.Activation("relu")(hidden))


def autoencoder(x: Any, width: int) -> Any:
    return dense(dense(x, 2, "linear"), width)


def highway(x: Any, width: int) -> Any:
    hidden, gate = dense(x, width), dense(x, width, "sigmoid")
    return layers.Add()([layers.Multiply()([hidden, gate]), layers.Dense(width)(x)])


def experts(x: Any, width: int) -> Any:
    gate = layers.Dense(2, activation="softmax")(x)
    both = [layers.Reshape((1, width))(dense(x, width)) for _ in range(2)]
    return layers.Flatten()(layers.Dot((1, 1))([gate, layers.Concatenate(1)(both)]))


def own_layer(x: Any, width: int) -> Any:
    return Squeeze()(dense(x, width, "linear"))


def wide_and_deep(x: Any, other: Any, width: int) -> Any:
    return layers.Concatenate()([x, perceptron(other, width)])


def siamese(x: Any, other: Any, width: int) -> Any:
    tower = layers.Dense(width, activation="tanh", name="tower")
    return layers.Subtract()([tower(x), tower(other)])


def recommender(user: Any, item: Any, width: int) -> Any:
    table = layers.Embedding(WORDS, width, name="table")
    flat = layers.GlobalAveragePooling1D()
    return layers.Multiply()([flat(table(user)), flat(table(item))])


def bag_of_words(x: Any, width: int) -> Any:
    return layers.GlobalAveragePooling1D()(layers.Embedding(WORDS, width, mask_zero=True)(x))


def sentiment(x: Any, width: int) -> Any:
    return layers.LSTM(width)(layers.Embedding(WORDS, 3, mask_zero=True)(x))


def text_cnn(x: Any, width: int) -> Any:
    words = layers.Embedding(WORDS, 3)(x)
    sizes = [layers.Conv1D(width, size, activation="relu")(words) for size in (2, 3)]
    return layers.Concatenate()([layers.GlobalMaxPooling1D()(part) for part in sizes])


def tagger(x: Any, width: int) -> Any:
    words = layers.Embedding(WORDS, 3, mask_zero=True)(x)
    return layers.Bidirectional(layers.LSTM(width, return_sequences=True))(words)


def padded(x: Any, width: int) -> Any:
    return layers.GRU(width, return_sequences=True)(layers.Masking()(x))


def padded_own(x: Any, width: int) -> Any:
    return Squeeze()(layers.TimeDistributed(layers.Dense(width))(layers.Masking()(x)))


def forecaster(x: Any, width: int) -> Any:
    return layers.SimpleRNN(width)(layers.Conv1D(width, 2, padding="causal")(x))


def wavenet(x: Any, width: int) -> Any:
    for dilation in (1, 2):
        step = layers.Conv1D(width, 2, padding="causal", dilation_rate=dilation)(x)
        x = layers.Add()([layers.Activation("tanh")(step), layers.Conv1D(width, 1)(x)])
    return x


def transformer(x: Any, width: int) -> Any:
    tokens = layers.Dense(width)(x)
    seen = layers.MultiHeadAttention(2, 2)(tokens, tokens)
    tokens = layers.LayerNormalization()(layers.Add()([tokens, seen]))
    return layers.Add()([tokens, dense(tokens, width, "gelu")])


def vgg(x: Any, width: int) -> Any:
    x = layers.Conv2D(width, 3, padding="same", activation="relu")(x)
    return layers.Flatten()(layers.MaxPooling2D(4)(x))


def residual(x: Any, width: int) -> Any:
    first = layers.Conv2D(width, 3, strides=2, padding="same")(x)
    second = layers.BatchNormalization()(layers.Conv2D(width, 3, padding="same")(first))
    return layers.GlobalAveragePooling2D()(layers.ReLU()(layers.Add()([first, second])))


def mobile(x: Any, width: int) -> Any:
    x = layers.DepthwiseConv2D(3, strides=2, padding="same", activation="relu6")(x)
    x = layers.Conv2D(width, 1)(x)
    gate = dense(layers.GlobalAveragePooling2D(keepdims=True)(x), width, "sigmoid")
    return layers.GlobalMaxPooling2D()(layers.Multiply()([x, gate]))


def u_net(x: Any, width: int) -> Any:
    down = layers.Conv2D(width, 3, padding="same", activation="relu")(x)
    low = layers.Conv2D(width, 3, padding="same")(layers.MaxPooling2D(2)(down))
    up = layers.Conv2DTranspose(width, 2, strides=2)(low)
    return layers.Concatenate()([down, up])


ARCHITECTURES: dict[str, Architecture] = {
    "perceptron": Architecture(("numbers",), perceptron),
    "normalized": Architecture(("numbers",), normalized),
    "autoencoder": Architecture(("numbers",), autoencoder),
    "highway": Architecture(("numbers",), highway),
    "experts": Architecture(("numbers",), experts),
    "own layer": Architecture(("numbers",), own_layer),
    "wide and deep": Architecture(("numbers", "numbers"), wide_and_deep),
    "siamese": Architecture(("numbers", "numbers"), siamese),
    "recommender": Architecture(("words", "words"), recommender),
    "bag of words": Architecture(("words",), bag_of_words),
    "sentiment": Architecture(("words",), sentiment),
    "text CNN": Architecture(("words",), text_cnn),
    "tagger": Architecture(("words",), tagger),
    "padded": Architecture(("sequence",), padded),
    "padded, own layer": Architecture(("sequence",), padded_own),
    "forecaster": Architecture(("sequence",), forecaster),
    "WaveNet": Architecture(("sequence",), wavenet),
    "transformer": Architecture(("sequence",), transformer),
    "VGG": Architecture(("image",), vgg),
    "residual": Architecture(("image",), residual),
    "mobile": Architecture(("image",), mobile),
    "U-Net": Architecture(("image",), u_net),
}

SHAPES: dict[str, tuple[int, ...]] = {
    "numbers": (4,),
    "words": (STEPS,),
    "sequence": (STEPS, 3),
    "image": (SIDE, SIDE, 1),
}


def input_rows(kind: str, count: int, random: np.random.Generator) -> np.ndarray:
    """Rows of an input; words and sequences end in padding of zeros."""
    shape = (count, *SHAPES[kind])
    kept = np.arange(STEPS) < random.integers(1, STEPS + 1, (count, 1))
    if kind == "words":
        return np.asarray(random.integers(1, WORDS, shape) * kept, "int32")
    numbers = random.normal(size=shape)
    return np.asarray(numbers * kept[..., None] if kind == "sequence" else numbers, "float32")


def network(name: str, width: int, units: int, activation: str) -> Any:
    """The network with a head, not compiled."""
    member = ARCHITECTURES[name]
    inputs = [
        layers.Input(SHAPES[kind], dtype="int32" if kind == "words" else None)
        for kind in member.inputs
    ]
    features = member.features(*inputs, width)
    outputs = layers.Dense(units, activation=activation, name="output")(features)
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], outputs)
