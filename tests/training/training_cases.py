"""Small data and networks whose training takes a moment, and studies of them."""

from typing import Any

import keras
import numpy as np

import wane

ROWS, INPUTS = 26, 3
LOSSES: dict[str, tuple[str, int, str]] = {
    "binary": ("binary_crossentropy", 1, "sigmoid"),
    "multiclass": ("sparse_categorical_crossentropy", 3, "softmax"),
    "regression": ("mean_squared_error", 1, "linear"),
}


def data(task: str = "binary", rows: int = ROWS, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets of a small noisy problem."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, INPUTS)).astype("float32")
    score = x[:, 0] + random.normal(scale=0.5, size=rows)
    targets = {
        "binary": (score > 0).astype("float32"),
        "multiclass": np.digitize(score, [-0.5, 0.5]).astype("int32"),
        "regression": score.astype("float32"),
    }
    return x, targets[task]


def network(
    task: str = "binary", optimizer: Any = "adam", middle: tuple[Any, ...] = (), units: int = 4
) -> Any:
    """A compiled network with one hidden layer."""
    loss, outputs, activation = LOSSES[task]
    model = keras.Sequential(
        [
            keras.layers.Input((INPUTS,)),
            keras.layers.Dense(units, activation="tanh", name="hidden"),
            *middle,
            keras.layers.Dense(outputs, activation=activation, name="output"),
        ]
    )
    model.compile(optimizer=optimizer, loss=loss)
    return model


def study(model: Any, task: str = "binary", **options: Any) -> wane.Study:
    """A study of a few epochs on ``data`` with validation rows of their own."""
    x, y = data(task)
    defaults: dict[str, Any] = {
        "x": x,
        "y": y,
        "candidates": [wane.L2(0.01)],
        "validation": data(task, seed=1),
        "repeats": 1,
        "epochs": 3,
        "batch_size": 8,
        "learning_curve": False,
        "extend": False,
        "references": False,
    }
    return wane.Study(model, **{**defaults, **options})


def weights(result: wane.Result, candidate: str, repeat: int) -> list[np.ndarray]:
    """The final values of a run's variables, without a model around them."""
    values = result._finished.journal.weights(result.spec.names.index(candidate), repeat)
    assert values is not None
    return values


def bits(result: wane.Result) -> dict[tuple[str, int], tuple[Any, ...]]:
    """Everything that each run gave, as bytes: final numbers, curves and weights."""
    numbers = [
        c for c in result.runs.columns if c not in ("candidate", "penalty", "strength", "repeat")
    ]
    curve_columns = [c for c in result.curves.columns if c not in ("candidate", "repeat")]
    return {
        (row["candidate"], row["repeat"]): (
            row[numbers].to_numpy(np.float64).tobytes(),
            result.curves.loc[
                (result.curves["candidate"] == row["candidate"])
                & (result.curves["repeat"] == row["repeat"]),
                curve_columns,
            ]
            .to_numpy()
            .tobytes(),
            *(weight.tobytes() for weight in weights(result, row["candidate"], row["repeat"])),
        )
        for _, row in result.runs.iterrows()
    }
