"""Small estimators and rows for the tests of estimators."""

from typing import Any

import keras
import numpy as np

import wane

QUICK: dict[str, Any] = {
    "hidden_layer_sizes": 4,
    "strengths": [0.01],
    "repeats": 2,
    "epochs": 2,
    "batch_size": 8,
}
"""Settings of a fit that takes a moment."""


def rows(count: int = 40, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and amounts, [rows, 3] and [rows]."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(count, 3)) * [1.0, 10.0, 0.1] + [0.0, 5.0, 1.0]
    return x, x[:, 0] + random.normal(scale=0.3, size=count)


def words(y: np.ndarray) -> np.ndarray:
    """Amounts as two classes with names."""
    return np.where(y > 0, "yes", "no")


def classifier(**settings: Any) -> wane.RegularizedMLPClassifier:
    return wane.RegularizedMLPClassifier(**{**QUICK, **settings})


def regressor(**settings: Any) -> wane.RegularizedMLPRegressor:
    return wane.RegularizedMLPRegressor(**{**QUICK, **settings})


def network(n_features: int, n_outputs: int, loss: str = "binary_crossentropy") -> Any:
    """A compiled network with a sigmoid output for classes, and a linear one for amounts."""
    activation = "linear" if loss == "mean_squared_error" else "sigmoid"
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((n_features,)),
            layers.Dense(4, activation="tanh", name="hidden"),
            layers.Dense(n_outputs, activation=activation, name="output"),
        ]
    )
    model.compile(optimizer="sgd", loss=loss)
    return model
