"""Small Keras models of every shape that wane trains."""

from typing import Any

import keras
import numpy as np

Dense = keras.layers.Dense
ROWS = 24


def rows(inputs: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and binary targets."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(ROWS, inputs)).astype("float32")
    return x, (x[:, 0] > 0).astype("float32")


def compiled(model: Any) -> Any:
    """The model, compiled for a binary target."""
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="binary_crossentropy")
    return model


def sequential(*middle: Any, **hidden: Any) -> Any:
    """A compiled network with one hidden layer."""
    return compiled(
        keras.Sequential(
            [
                keras.layers.Input((3,)),
                Dense(4, activation="tanh", name="hidden", **hidden),
                *middle,
                Dense(1, activation="sigmoid", name="out"),
            ]
        )
    )


def two_branches() -> Any:
    """A functional model whose output sums two branches, each ending in a kernel."""
    inputs = keras.layers.Input((3,))
    stem = Dense(4, name="stem")(inputs)
    left = Dense(2, name="left")(stem)
    right = Dense(2, name="right")(keras.layers.Dropout(0.1)(stem))
    outputs = keras.layers.Activation("sigmoid")(keras.layers.Add()([left, right]))
    return keras.Model(inputs, outputs)


def nested() -> Any:
    """A Sequential inside a Sequential, the output being the inner one's last layer."""
    inner = keras.Sequential(
        [keras.layers.Input((4,)), Dense(3, name="one"), Dense(1, name="two")], name="inner"
    )
    return keras.Sequential([keras.layers.Input((3,)), Dense(4, name="first"), inner])


def output_in_the_middle() -> Any:
    """A network with layers named "output" and "hidden" where they are not."""
    return keras.Sequential(
        [keras.layers.Input((3,)), Dense(4, name="output"), Dense(1, name="hidden")]
    )


def recurrent() -> Any:
    """An LSTM followed by a bias-only-trainable scale and a dense layer."""
    return keras.Sequential(
        [
            keras.layers.Input((5, 2)),
            keras.layers.LSTM(3, name="lstm"),
            keras.layers.LayerNormalization(name="norm"),
            Dense(1, name="dense"),
        ]
    )


class Scaled(keras.layers.Layer):  # type: ignore[misc] # Keras has no types
    """A layer of the user's own that is registered nowhere."""

    def build(self, shape: Any) -> None:
        self.kernel = self.add_weight(
            shape=(shape[-1],), initializer="random_normal", name="kernel"
        )

    def call(self, x: Any) -> Any:
        return x * self.kernel


class WithConfig(keras.Model):  # type: ignore[misc] # Keras has no types
    """A subclassed model that says how to make it anew."""

    def __init__(self, units: int = 4, **options: Any) -> None:
        super().__init__(**options)
        self.units = units
        self.first = Dense(units, activation="tanh", name="first")
        self.last = Dense(1, activation="sigmoid", name="last")

    def call(self, x: Any) -> Any:
        return self.last(self.first(x))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}


class WithoutConfig(keras.Model):  # type: ignore[misc] # Keras has no types
    """A subclassed model that cannot be made anew from its configuration."""

    def __init__(self, first: Any) -> None:
        super().__init__()
        self.first = first
        self.last = Dense(1, activation="sigmoid", name="last")

    def call(self, x: Any) -> Any:
        return self.last(self.first(x))
