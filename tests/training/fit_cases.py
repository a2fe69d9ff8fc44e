"""Small noisy problems and networks for comparisons with ``keras.Model.fit``."""

from typing import Any

import keras
import numpy as np

ROWS, VALIDATION, INPUTS, EPOCHS, BATCH = 50, 21, 4, 6, 16  # 50 rows leave a last batch of 2
Task = tuple[str, int, str]

TASKS: dict[str, Task] = {
    "binary": ("binary_crossentropy", 1, "sigmoid"),
    "multiclass": ("sparse_categorical_crossentropy", 3, "softmax"),
    "regression": ("mean_squared_error", 1, "linear"),
}


def data(task: str, seed: int = 0) -> tuple[Any, ...]:
    """Rows of a small noisy problem: x, y, validation x, validation y."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(ROWS + VALIDATION, INPUTS)).astype("float32")
    score = x @ random.normal(size=INPUTS) + random.normal(scale=0.5, size=len(x))
    targets = {
        "binary": (score > 0).astype("float32"),
        "multiclass": np.digitize(score, [-1, 1]).astype("int32"),
        "regression": score.astype("float32"),
    }
    y = targets[task]
    return x[:ROWS], y[:ROWS], x[ROWS:], y[ROWS:]


def network(task: str, optimizer: Any, middle: tuple[Any, ...] = (), **dense: Any) -> Any:
    """A compiled network with one hidden layer."""
    loss, outputs, activation = TASKS[task]
    model = keras.Sequential(
        [
            keras.layers.Input((INPUTS,)),
            keras.layers.Dense(8, activation="tanh", name="hidden", **dense),
            *middle,
            keras.layers.Dense(outputs, activation=activation, name="output"),
        ]
    )
    model.compile(optimizer=optimizer, loss=loss)
    return model
