"""Targets that a network's last activation cannot reach, and pixels that go into it as they are."""

import math
from typing import Any

import keras
import numpy as np
import pytest

import wane
from wane.keras_model.checks.scale import reach_of, scale_remarks

layers = keras.layers
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(30, 3)).astype(np.float32)


def network(*last: Any, loss: Any = "mse") -> Any:
    model = keras.Sequential([layers.Input((3,)), layers.Dense(4, "relu"), *last], name="net")
    model.compile("sgd", loss)
    return model


def remarks(model: Any, y: Any, x: Any = X, **options: Any) -> list[str]:
    return list(scale_remarks(model, x, np.asarray(y), **{"standardized": False, **options}))


RANGES: dict[Any, tuple[float, float] | None] = {
    "sigmoid": (0, 1),
    "hard_sigmoid": (0, 1),
    "softmax": (0, 1),
    "tanh": (-1, 1),
    "softsign": (-1, 1),
    "relu6": (0, 6),
    "relu": (0, math.inf),
    "softplus": (0, math.inf),
    "exponential": (0, math.inf),
    "elu": (-1, math.inf),
    "gelu": (-0.17, math.inf),
    "log_sigmoid": (-math.inf, 0),
    "linear": None,
    None: None,
    "leaky_relu": None,
    "soft_shrink": None,
    "glu": None,
}


@pytest.mark.parametrize("activation", RANGES)
def test_between_what_an_activation_lies(activation: Any) -> None:
    found, expected = reach_of(network(layers.Dense(2, activation))), RANGES[activation]
    assert (found is None) == (expected is None)
    if found is not None and expected is not None:
        assert found[1:] == pytest.approx(expected, abs=1e-3)


def test_layers_that_are_an_activation() -> None:
    dense = layers.Dense(1)
    for last, expected in (
        ((layers.ReLU(max_value=3), layers.Reshape((1,))), ("ReLU", 0, 3)),
        ((layers.ELU(alpha=2), layers.Dropout(0.1)), ("ELU", pytest.approx(-2), math.inf)),
        ((layers.Softmax(),), ("Softmax", 0, 1)),
        ((layers.Activation("tanh"),), ("tanh", -1, 1)),
        ((keras.Sequential([layers.Dense(1, "sigmoid")]),), ("sigmoid", 0, 1)),
    ):
        assert reach_of(network(dense, *last)) == expected
    for free in (layers.LeakyReLU(), layers.Rescaling(9), layers.ReLU(negative_slope=0.1)):
        assert reach_of(network(layers.Dense(1, "relu"), free)) is None


def test_targets_that_no_training_reaches_are_named() -> None:
    y = np.linspace(-4, 5, 30)
    (sentence,) = remarks(network(layers.Dense(1, "sigmoid")), y)
    assert sentence == (
        "The last activation 'sigmoid' of the model 'net' gives numbers from 0 to 1, and 26 of 30 "
        "targets lie beyond (y goes from -4 to 5), so that no training reaches them: scale y, or "
        "end the model with another activation, such as 'linear'."
    )
    (sentence,) = remarks(network(layers.Dense(1, "softplus"), loss="mae"), y)
    assert "gives numbers of at least 0, and 13 of 30 targets lie beyond" in sentence
    (sentence,) = remarks(network(layers.Dense(1, "log_sigmoid"), loss="huber"), y[:, None])
    assert "gives numbers of at most 0, and 17 of 30 targets lie beyond" in sentence
    (sentence,) = remarks(network(layers.Dense(1, "relu6"), loss="poisson"), abs(y) * 2)
    assert "gives numbers from 0 to 6, and" in sentence


def test_targets_within_reach_and_classes_are_no_remark() -> None:
    shares = np.linspace(0, 1, 30)
    assert remarks(network(layers.Dense(1, "sigmoid")), shares) == []
    assert remarks(network(layers.Dense(1, "relu")), 100 * shares) == []
    assert remarks(network(layers.Dense(1)), 100 * shares - 50) == []
    assert remarks(network(layers.Dense(1, "sigmoid"), loss="hinge"), shares.round() * 2 - 1) == []
    labels = np.arange(30) % 3
    sparse = network(layers.Dense(3, "softmax"), loss="sparse_categorical_crossentropy")
    assert remarks(sparse, labels) == []
    assert remarks(network(layers.Dense(1, "sigmoid")), 9 * shares, standardized=True) == []


PIXELS = RANDOM.integers(0, 256, size=(20, 8, 8, 1), dtype=np.uint8)
CONV = "x holds pixels from 0 to 255, which reach the layer 'conv' of the model 'net' as they are, "


def of_images(*first: Any) -> Any:
    conv = layers.Conv2D(2, 3, name="conv")
    last = [layers.Flatten(), layers.Dense(1, "sigmoid")]
    model = keras.Sequential([layers.Input((8, 8, 1)), *first, conv, *last], name="net")
    model.compile("sgd", "binary_crossentropy")
    return model


@pytest.mark.parametrize("kind", [np.uint8, np.float32, np.int64])
def test_pixels_that_nothing_scales(kind: Any) -> None:
    y, x = np.arange(20) % 2, PIXELS.astype(kind)
    (sentence,) = remarks(of_images(), y, x)
    assert sentence == CONV + (
        "and networks train badly on such inputs unless they are made for them: begin the model "
        "with keras.layers.Rescaling(1 / 255), or divide x by 255."
    )
    inner = keras.Sequential([layers.Rescaling(1 / 255)])
    for first in (layers.Rescaling(1 / 127.5, -1), inner, layers.BatchNormalization()):
        assert remarks(of_images(first), y, x) == []
    assert remarks(of_images(), y, x.astype(np.float32) / 255) == []
    assert remarks(of_images(layers.MaxPooling2D(1)), y, x)  # which scales nothing
    inputs = keras.Input((8, 8, 1))
    divided = keras.Model(inputs, layers.Dense(1)(layers.Flatten()(inputs / 255.0)))
    divided.compile("sgd", "mse")
    assert remarks(divided, y, x) == []


def test_what_are_no_pixels() -> None:
    words = RANDOM.integers(0, 256, size=(20, 8))
    model = keras.Sequential([layers.Input((8,)), layers.Embedding(256, 2), layers.Dense(1)])
    model.compile("sgd", "mse")
    assert remarks(model, np.zeros((20, 8, 1)), words) == []
    masks = (PIXELS > 9).astype(np.uint8)
    assert remarks(of_images(), np.arange(20) % 2, masks) == []


@pytest.mark.thorough
def test_both_are_among_the_notes_of_a_study() -> None:
    model = of_images()
    model.compile("sgd", "mse")
    study = wane.Study(model, PIXELS, np.arange(20.0), candidates=[], repeats=1, epochs=1)
    reach, pixels = study.run(progress=False).notes
    assert reach.startswith("The last activation 'sigmoid' of the model 'net' gives numbers from 0")
    assert pixels.startswith(CONV)
