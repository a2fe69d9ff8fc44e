"""Problems whose best strengths by layer are known.

Each has two layers that are penalized, or four, and rows without end. What is true of strengths is
their expected loss on new rows: in closed form for linear networks, else that of the networks
themselves on many rows.
"""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import numpy as np

STRENGTHS = (1e-4, 10.0)
"""The weakest and the strongest of every search."""

Rows = tuple[np.ndarray, np.ndarray]


@dataclasses.dataclass(frozen=True)
class Known:
    """A problem whose truth is known.

    Attributes:
        title: for tables.
        layers: the names of the layers, in the order of the ranges.
        network: makes the compiled network.
        draw: rows of it, (rows, seed) → (x, y).
        order: the layer that needs the strongest penalty, and that which needs the weakest; None
            where one strength is as good.
        loss: the expected loss of a strength for each layer in closed form; None where there is
            none.
        train, validation, epochs: of a run.
    """

    title: str
    layers: tuple[str, ...]
    network: Callable[[], Any]
    draw: Callable[[int, int], Rows]
    order: tuple[str, str] | None
    loss: Callable[..., float] | None = None
    train: int = 40
    validation: int = 100
    epochs: int = 150


INPUTS = 20
"""Of the linear networks, as many for each of their layers."""
NOISE = 1.0
"""The standard deviation of the noise in the target."""
TRAIN = 40
DRAWS = 400
"""Training sets over which closed forms are averaged."""


def _linear_weights(sizes: tuple[float, ...]) -> np.ndarray:
    """Weights of the true function, of so large a norm for each layer."""
    random = np.random.default_rng(0)
    own = [random.normal(size=INPUTS // len(sizes)) for _ in sizes]
    return np.concatenate([s * w / np.linalg.norm(w) for s, w in zip(sizes, own, strict=True)])


def _drawn_linear(sizes: tuple[float, ...]) -> Callable[[int, int], Rows]:
    weights = _linear_weights(sizes)

    def draw(rows: int, seed: int) -> Rows:
        random = np.random.default_rng(seed)
        x = random.normal(size=(rows, INPUTS))
        y = x @ weights + NOISE * random.normal(size=rows)
        return x.astype("float32"), y[:, None].astype("float32")

    return draw


def _linear_loss(sizes: tuple[float, ...]) -> Callable[..., float]:
    """The expected squared error of the minimum of loss and penalty: ridge regressions in one.

    Given the rows X, ŵ = (XᵀX / n + Λ)⁻¹ Xᵀy / n, and the expectation over noise of the squared
    error on new rows is the noise's variance, the bias squared and the variance of ŵ.
    """
    weights = _linear_weights(sizes)
    random = np.random.default_rng(1)
    x = random.normal(size=(DRAWS, TRAIN, INPUTS))
    gram = np.swapaxes(x, 1, 2) @ x / TRAIN

    def loss(*strengths: float) -> float:
        penalty = np.repeat(strengths, INPUTS // len(sizes))
        inverse = np.linalg.inv(gram + np.diag(penalty))
        bias = np.sum((inverse @ (penalty * weights)) ** 2, axis=1)
        spread = NOISE**2 / TRAIN * np.trace(inverse @ gram @ inverse, axis1=1, axis2=2)
        return float(np.mean(NOISE**2 + bias + spread))

    return loss


def _compiled(inputs: Any, outputs: Any) -> Any:
    import keras

    model = keras.Model(inputs, outputs)
    model.compile(optimizer=keras.optimizers.Adam(0.03), loss="mse")
    return model


def _linear(names: tuple[str, ...]) -> Any:
    """Linear layers side by side, each on inputs of its own."""
    import keras

    x = keras.layers.Input((INPUTS,))
    count = INPUTS // len(names)
    own = [
        keras.layers.Dense(1, use_bias=False, name=name)(x[:, place : place + count])
        for name, place in zip(names, range(0, INPUTS, count), strict=True)
    ]
    return _compiled(x, keras.layers.Add()(own))


SIGNAL, IDLE = 2, 20
"""Inputs with and without a part in the target, of the network whose early layer sees noise."""


def _noisy_early() -> Any:
    """The early layer sees every input, of which the late one has those that matter once more."""
    import keras

    x = keras.layers.Input((SIGNAL + IDLE,))
    early = keras.layers.Dense(16, activation="relu", name="early")(x)
    both = keras.layers.Concatenate()([x[:, :SIGNAL], early])
    return _compiled(x, keras.layers.Dense(1, name="late")(both))


def _drawn_noisy(rows: int, seed: int) -> Rows:
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, SIGNAL + IDLE))
    y = 1.5 * x[:, 0] - x[:, 1] + NOISE * random.normal(size=rows)
    return x.astype("float32"), y[:, None].astype("float32")


FEATURES, WIDTH = 4, 60
"""Inputs, and units of a late layer where none are needed."""


def _wide_late() -> Any:
    """A small early layer that is enough, and a wide one after it that adds what it likes."""
    import keras

    x = keras.layers.Input((FEATURES,))
    early = keras.layers.Dense(FEATURES, activation="tanh", name="early")(x)
    late = keras.layers.Dense(WIDTH, activation="relu", name="late")(early)
    enough = keras.ops.sum(early, axis=1, keepdims=True)
    return _compiled(x, keras.layers.Add()([enough, _contrast(late)]))


def _drawn_steep(rows: int, seed: int) -> Rows:
    """A sum of steps, for which the early layer's weights have to be large."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, FEATURES))
    y = np.tanh(3 * x).sum(axis=1) + NOISE * random.normal(size=rows)
    return x.astype("float32"), y[:, None].astype("float32")


def _contrast(units: Any) -> Any:
    """Half of the units less the others: a readout without weights, which nothing penalizes.

    It magnifies them, so that small weights before it are enough to fit noise.
    """
    import keras

    signs = [keras.ops.sum(units[:, first::2], axis=1, keepdims=True) for first in (0, 1)]
    return 4 * (signs[0] - signs[1]) / units.shape[1] ** 0.5


UNLIKE, ALIKE, FOUR = (2.0, 0.3), (0.5, 0.5), (2.0, 0.2, 0.7, 0.35)
"""The norms of the true weights of each layer of linear networks."""
NAMES = ("first", "second", "third", "fourth")


def _of_norms(title: str, norms: tuple[float, ...], order: tuple[str, str] | None) -> Known:
    """A linear network whose layers have true weights of these norms."""
    names = NAMES[: len(norms)]
    return Known(
        title,
        names,
        functools.partial(_linear, names),
        _drawn_linear(norms),
        order,
        _linear_loss(norms),
    )


PROBLEMS = {
    "linear": _of_norms(
        "linear network, one layer with small weights", UNLIKE, ("second", "first")
    ),
    "early": Known(
        "early layer sees noise", ("early", "late"), _noisy_early, _drawn_noisy, ("early", "late")
    ),
    "late": Known(
        "late layer far too wide", ("early", "late"), _wide_late, _drawn_steep, ("late", "early")
    ),
    "one": _of_norms("linear network, layers alike: one strength is best", ALIKE, None),
    "four": _of_norms("linear network, four layers", FOUR, ("second", "first")),
}
