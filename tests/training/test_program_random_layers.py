"""Layers that draw random numbers, and shuffling, have in training the distribution of ``fit``.

Both sides train many short runs from the same weights, and the final training losses are compared
by the two-sample Kolmogorov-Smirnov test. With right code the comparison fails
under at most :data:`FALSE_ALARMS` of all seeds (Bonferroni over the 7 branches); the seeds are
fixed, so that what passes once goes on passing. That a wrong rate is caught is itself tested.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers
from scipy import stats

import wane
from parity_cases import ROWS, one_hot

FALSE_ALARMS = 0.01
RUNS, EPOCHS, BATCH = 80, 2, 4

Makers = dict[str, Callable[[float], Any]]

RANDOM: Makers = {
    "Dropout": layers.Dropout,
    "SpatialDropout1D": layers.SpatialDropout1D,
    "SpatialDropout2D": layers.SpatialDropout2D,
    "GaussianDropout": layers.GaussianDropout,
    "GaussianNoise": layers.GaussianNoise,
    "AlphaDropout": layers.AlphaDropout,
    "shuffling": lambda rate: layers.Activation("linear"),  # noqa: ARG005 # has no rate
}
SHAPES = {"SpatialDropout1D": (4, 6), "SpatialDropout2D": (2, 2, 6)}


@dataclasses.dataclass
class Network:
    """A network with a branch for each random layer, and its rows."""

    model: Any
    x: list[np.ndarray]
    y: list[np.ndarray]


def network(rate: float) -> Network:
    """The network at a rate; weights and rows are the same at every rate."""
    keras.utils.set_random_seed(0)
    random = np.random.default_rng(0)
    inputs, outputs, x, y = [], [], [], []
    for name, make in RANDOM.items():
        shape = SHAPES.get(name, (24,))
        tensor = layers.Input(shape)
        inputs.append(tensor)
        tensor = layers.Flatten()(make(rate)(tensor))
        outputs.append(layers.Dense(3, activation="softmax", name=name)(tensor))
        x.append(random.normal(size=(ROWS, *shape)).astype("float32"))
        y.append(one_hot(random.normal(size=ROWS)))
    model = keras.Model(inputs, outputs)
    model.compile(keras.optimizers.SGD(0.3), loss="categorical_crossentropy")
    return Network(model, x, y)


def by_wane(given: Network) -> dict[str, np.ndarray]:
    """The final training loss of every run, by branch."""
    first = ([part[:1] for part in given.x], [part[:1] for part in given.y])
    curves = (
        wane.Study(
            given.model, given.x, given.y, candidates=[], repeats=RUNS, validation=first,
            epochs=EPOCHS, batch_size=BATCH, initial_weights="model",
        )
        .run(progress=False)
        .curves
    )  # fmt: skip
    last = curves[curves["epoch"] == EPOCHS]
    return {name: last[f"train_{name}_loss"].to_numpy() for name in RANDOM}


def by_fit(given: Network, shuffle: bool = True) -> dict[str, np.ndarray]:
    """The same of ``fit``."""
    start = given.model.get_weights()
    losses: dict[str, list[float]] = {name: [] for name in RANDOM}
    for _ in range(RUNS):
        given.model.set_weights(start)
        history = given.model.fit(
            given.x, given.y, epochs=EPOCHS, batch_size=BATCH, shuffle=shuffle, verbose=0
        ).history
        for name, values in losses.items():
            values.append(history[f"{name}_loss"][-1])
    return {name: np.asarray(values) for name, values in losses.items()}


def p_value(some: np.ndarray, others: np.ndarray) -> float:
    """How often losses of one distribution differ as much as these."""
    return float(stats.ks_2samp(some, others).pvalue)


@pytest.mark.thorough
@pytest.mark.usefixtures("quick_compilation")
def test_the_distributions_are_those_of_fit_and_others_differ() -> None:
    mine = by_wane(network(0.3))
    given = network(0.3)
    start = given.model.get_weights()
    theirs = by_fit(given)
    given.model.set_weights(start)
    # What is wrong: other rates; for shuffling, none at all.
    wrong = {**by_fit(network(0.7)), "shuffling": by_fit(given, shuffle=False)["shuffling"]}
    for name in RANDOM:
        assert np.unique(mine[name]).size > RUNS / 2, f"{name} does not draw anew in every run"
    alike = {name: p_value(mine[name], theirs[name]) for name in RANDOM}
    apart = {name: p_value(mine[name], wrong[name]) for name in RANDOM}
    level = FALSE_ALARMS / len(RANDOM)
    assert not {name: p for name, p in alike.items() if p < level}
    assert not {name: p for name, p in apart.items() if p > level}
