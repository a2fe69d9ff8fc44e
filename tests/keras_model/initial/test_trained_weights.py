"""Whether weights are an initializer's: trained, loaded and set ones are told from new ones."""

from typing import Any

import keras
import numpy as np
import pytest

from model_cases import compiled, nested, rows, sequential, two_branches
from thorough_cases import thorough_but
from wane.keras_model.initial.trained_weights import why_trained

L = keras.layers
RANDOM = (
    "glorot_uniform", "he_normal", "orthogonal", "random_normal", "random_uniform",
    "truncated_normal", "lecun_uniform", "variance_scaling",
)  # fmt: skip


def trained(model: Any, epochs: int = 1) -> Any:
    """The model after some epochs, compiled anew, so that its optimizer knows nothing of them."""
    model.fit(*rows(), epochs=epochs, batch_size=4, verbose=0)
    return compiled(model)


def recurrent() -> Any:
    return keras.Sequential([L.Input((5, 2)), L.Bidirectional(L.LSTM(3)), L.Dense(1)])


def embedded() -> Any:
    position = keras.initializers.Constant(np.linspace(0, 1, 24).reshape(6, 4))
    return keras.Sequential(
        [L.Input((3,)), L.Embedding(6, 4, embeddings_initializer=position), L.Flatten(), L.Dense(1)]
    )


def attention() -> Any:
    x = L.Input((5, 6))
    found = L.MultiHeadAttention(2, 4)(x, x) + L.GroupQueryAttention(2, 4, 2)(x, x)
    return keras.Model(x, L.Dense(1)(L.Flatten()(L.LayerNormalization()(found))))


def filters() -> Any:
    layers = (
        L.Conv2D(4, 3), L.SeparableConv2D(4, 2), L.DepthwiseConv2D(2), L.Conv2DTranspose(3, 2),
        L.GroupNormalization(3), L.PReLU(), L.BatchNormalization(), L.Flatten(),
        L.SpectralNormalization(L.Dense(4)), L.EinsumDense("ab,bcd->acd", (2, 3), bias_axes="cd"),
    )  # fmt: skip
    return keras.Sequential([L.Input((8, 8, 1)), *layers, L.Flatten(), L.Dense(1)])


@pytest.mark.thorough
@pytest.mark.parametrize("make", [two_branches, nested, recurrent, embedded, attention, filters])
def test_new_weights_are_an_initializer_s(make: Any) -> None:
    assert why_trained(compiled(make())) is None


@pytest.mark.parametrize("name", thorough_but(["he_normal", "orthogonal"], RANDOM))
@pytest.mark.parametrize("seed", [None, 3])
def test_no_draw_is_taken_for_trained(name: str, seed: int | None) -> None:
    initializer = keras.initializers.get(name)
    config = {**initializer.get_config(), "seed": seed}
    for units in (1, 2, 7, 40):
        own = type(initializer).from_config(config)
        layers = L.Dense(units, kernel_initializer=own), L.BatchNormalization()
        assert why_trained(sequential(*layers)) is None


def test_steps_of_the_optimizer_tell() -> None:
    model = sequential()
    model.fit(*rows(), epochs=2, batch_size=12, verbose=0)
    assert why_trained(model) == "its optimizer has taken 4 steps"


def test_without_the_optimizer_the_weights_tell() -> None:
    text = "of layer 'hidden' is not what its initializer gives"
    assert why_trained(trained(sequential())) in (f"the bias {text}", f"the kernel {text}")
    loud = trained(sequential(use_bias=False, kernel_initializer="he_normal"), epochs=200)
    assert why_trained(loud) == f"the kernel {text}"  # beyond what a truncated normal gives
    given = sequential(kernel_initializer="random_normal")
    given.get_layer("hidden").kernel.assign(np.full((3, 4), 0.5))
    assert why_trained(given) == f"the kernel {text}"


@pytest.mark.thorough
def test_kernels_of_attention_tell() -> None:
    model = compiled(attention())
    kernel = next(v for v in model.trainable_variables if v.path.endswith("query/kernel"))
    kernel.assign(1.2 * kernel.value)
    assert why_trained(model) is not None


def test_moving_statistics_tell() -> None:
    model = sequential(L.BatchNormalization(name="norm"))
    model.get_layer("norm").moving_mean.assign(np.full(4, 0.1))
    assert why_trained(model) == "the moving mean of layer 'norm' is not what its initializer gives"


def test_what_fresh_weights_would_leave_alone_does_not_tell() -> None:
    normal = L.Normalization()
    normal.adapt(rows()[0])
    body = sequential()
    trained(body)
    body.trainable = False
    model = keras.Sequential([L.Input((3,)), normal, body, L.Dense(1)])
    assert why_trained(compiled(model)) is None
    body.trainable = True
    assert why_trained(compiled(model)) is not None


def test_asking_moves_no_random_state() -> None:
    model = sequential()
    numbers = []
    for ask in (False, True):
        keras.utils.set_random_seed(1)
        if ask:
            why_trained(model)
        numbers.append((np.random.rand(), float(keras.random.normal(()))))
    assert numbers[0] == numbers[1]
