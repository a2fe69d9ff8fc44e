"""Small data, networks and studies for the tests of studies."""

from typing import Any

import keras
import numpy as np

import wane

INPUTS = 3


def data(task: str = "binary", rows: int = 30, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets of a small noisy problem."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, INPUTS)).astype("float32")
    score = x[:, 0] + random.normal(scale=0.5, size=rows)
    targets = {
        "binary": (score > 0).astype("float32"),
        "multiclass": np.digitize(score, [-0.4, 0.4]).astype("int32"),
        "regression": score.astype("float32"),
    }
    return x, targets[task]


def network(task: str = "binary", optimizer: Any = "sgd", inputs: int = INPUTS) -> Any:
    """A compiled network with one hidden layer."""
    loss, outputs, activation = {
        "binary": ("binary_crossentropy", 1, "sigmoid"),
        "multiclass": ("sparse_categorical_crossentropy", 3, "softmax"),
        "regression": ("mean_squared_error", 1, "linear"),
    }[task]
    model = keras.Sequential(
        [
            keras.layers.Input((inputs,)),
            keras.layers.Dense(4, activation="tanh", name="hidden"),
            keras.layers.Dense(outputs, activation=activation, name="output"),
        ],
        name="net",
    )
    model.compile(optimizer=optimizer, loss=loss)
    return model


def study(task: str = "binary", **options: Any) -> wane.Study:
    """A study of two epochs on ``data``, with any option or argument replaced."""
    x, y = data(task)
    defaults: dict[str, Any] = {
        "x": x, "y": y, "candidates": [wane.L2(0.01)], "repeats": 2, "epochs": 2, "batch_size": 8,
        "learning_curve": False, "retraining": False, "extend": False, "references": False,
    }  # fmt: skip
    if "model" not in options:
        defaults["model"] = network(task)
    return wane.Study(**{**defaults, **options})
