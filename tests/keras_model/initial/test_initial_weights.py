"""Initial weights of runs: distributed as the layers' initializers say, anew for each key."""

from typing import Any

import jax
import keras
import numpy as np
import pytest
from scipy import stats

import wane
from model_cases import Scaled, WithoutConfig, compiled, rows, sequential
from thorough_cases import thorough_but
from wane.keras_model.initial.initial_weights import fresh_weights, own_weights
from wane.keras_model.initial.trained_weights import why_trained

Dense = keras.layers.Dense


def draws(model: Any, count: int = 200, draw: Any = fresh_weights) -> list[np.ndarray]:
    """Each trainable variable's initial values, [keys, …]."""
    drawn = draw(model)
    keys = [jax.random.fold_in(jax.random.key(5), i) for i in range(count)]
    values = [drawn(key)[0] for key in keys]
    return [np.stack([np.asarray(v[i]) for v in values]) for i in range(len(values[0]))]


INITIALIZERS: dict[str, tuple[Any, Any]] = {
    # Dense(4) on 3 inputs: fan in 3, fan out 4.
    "glorot_uniform": ("glorot_uniform", stats.uniform(-np.sqrt(6 / 7), 2 * np.sqrt(6 / 7))),
    "he_normal": (
        "he_normal",
        stats.truncnorm(-2, 2, scale=np.sqrt(2 / 3) / 0.87962566103423978),
    ),
    "uniform": (
        keras.initializers.RandomUniform(-0.5, 0.25, seed=1), stats.uniform(-0.5, 0.75),
    ),
    "normal": (keras.initializers.RandomNormal(1.0, 0.5, seed=1), stats.norm(1.0, 0.5)),
}  # fmt: skip


@pytest.mark.parametrize("name", thorough_but(["glorot_uniform", "normal"], INITIALIZERS))
def test_weights_have_the_initializer_s_distribution(name: str) -> None:
    initializer, distribution = INITIALIZERS[name]
    kernel, bias, *_ = draws(sequential(kernel_initializer=initializer))
    assert kernel.shape == (200, 3, 4)
    assert stats.kstest(kernel.ravel(), distribution.cdf).pvalue > 1e-4
    low, high = distribution.support()
    assert low <= kernel.min() and kernel.max() <= high
    error = distribution.std() / np.sqrt(200)
    np.testing.assert_allclose(kernel.mean(axis=0), distribution.mean(), atol=5 * error)
    assert not bias.any()


def test_weights_are_independent_of_each_other_and_across_keys() -> None:
    model = sequential(Dense(4, name="like_hidden_1"), Dense(4, name="like_hidden_2"))
    hidden, _, one, _, two, _, _, _ = draws(model)
    assert len(np.unique(hidden)) == hidden.size  # no key and no weight repeats a number
    correlation = np.corrcoef(one.reshape(200, -1)[:, 0], two.reshape(200, -1)[:, 0])[0, 1]
    assert abs(correlation) < 0.3
    assert abs(np.corrcoef(hidden[:-1, 0, 0], hidden[1:, 0, 0])[0, 1]) < 0.3


def test_a_seed_fixed_in_an_initializer_makes_no_two_runs_equal() -> None:
    seeded = keras.initializers.GlorotUniform(seed=3)
    kernel = draws(sequential(kernel_initializer=seeded), count=20)[0]
    assert len(np.unique(kernel)) == kernel.size


def test_initializers_without_chance_are_kept() -> None:
    orthogonal = keras.initializers.Orthogonal(gain=2.0)
    kernel, bias, *_ = draws(
        sequential(kernel_initializer=orthogonal, bias_initializer=keras.initializers.Constant(0.7))
    )
    assert (bias == np.float32(0.7)).all()
    for drawn in kernel[:5]:
        np.testing.assert_allclose(drawn @ drawn.T, 4 * np.eye(3), atol=1e-5)
    assert len(np.unique(kernel[:, 0, 0])) == 200


def test_frozen_layers_and_adapted_statistics_keep_values() -> None:
    x, _ = rows()
    normalization = keras.layers.Normalization(name="adapted")
    normalization.adapt(3 * x + 5)
    model = keras.Sequential(
        [keras.layers.Input((3,)), normalization, Dense(4, name="frozen"), Dense(1, name="last")]
    )
    model.get_layer("frozen").trainable = False
    compiled(model)
    trainable, state = fresh_weights(model)(jax.random.key(0))
    before = {v.path: np.asarray(v.value) for v in model.non_trainable_variables}
    assert len(before) >= 4  # the frozen kernel and bias, mean and variance
    for variable, value in zip(model.non_trainable_variables, state, strict=True):
        np.testing.assert_array_equal(value, before[variable.path])
    kernel = model.get_layer("last").kernel
    index = [v is kernel for v in model.trainable_variables].index(True)
    assert np.any(np.asarray(trainable[index]) != np.asarray(kernel.value))


@pytest.mark.filterwarnings("ignore:Layer InputLayer does not have a .quantize:UserWarning")
def test_quantized_weights_are_kept_and_not_taken_for_trained_ones() -> None:
    model = sequential()
    model.quantize("int8")
    model.get_layer("hidden").enable_lora(2)
    compiled(model)
    assert why_trained(model) is None
    trainable, state = fresh_weights(model)(jax.random.key(0))
    assert any(np.any(variable.value) for variable in model.non_trainable_variables)
    for variable, value in zip(model.non_trainable_variables, state, strict=True):
        np.testing.assert_array_equal(value, variable.value)
    factors = [v.path.split("/")[-1] for v in model.trainable_variables]
    index = factors.index("lora_kernel_a")
    assert np.any(np.asarray(trainable[index]) != np.asarray(model.trainable_variables[index]))


def test_a_trained_model_starts_anew_batch_statistics_included() -> None:
    x, y = rows()
    model = sequential(keras.layers.BatchNormalization(name="batch"))
    model.fit(5 * x + 3, y, epochs=3, verbose=0)
    layer = model.get_layer("batch")
    assert np.any(np.asarray(layer.moving_mean.value) != 0)
    trainable, state = fresh_weights(model)(jax.random.key(0))
    values = {
        v.path.split("/", 1)[1]: np.asarray(value)
        for v, value in zip(
            [*model.trainable_variables, *model.non_trainable_variables],
            [*trainable, *state],
            strict=True,
        )
    }
    for name, value in (("moving_mean", 0), ("moving_variance", 1), ("gamma", 1), ("beta", 0)):
        (found,) = (v for path, v in values.items() if path.endswith(f"batch/{name}"))
        assert (found == value).all()


def test_own_weights_are_the_model_s() -> None:
    model = sequential(keras.layers.Dropout(0.5))
    for mine, variable in zip(draws(model, 3, own_weights), model.trainable_variables, strict=True):
        assert (mine == np.asarray(variable.value)).all()
    draw = own_weights(model)
    one, two = (np.asarray(draw(jax.random.key(k))[1][0]) for k in range(2))
    assert np.any(one != two)  # the dropout's random state differs by key


def test_an_unregistered_layer() -> None:
    model = keras.Sequential([keras.layers.Input((3,)), Scaled(name="scaled"), Dense(1)])
    kernel = draws(compiled(model))[0]
    assert stats.kstest(kernel.ravel(), stats.norm(0, 0.05).cdf).pvalue > 1e-4


def test_a_model_that_cannot_be_made_anew_is_refused() -> None:
    x, y = rows()
    model = compiled(WithoutConfig(Dense(4)))
    with pytest.raises(wane.InputError) as caught:
        wane.Study(model, x, y, epochs=1).run(progress=False)
    text = str(caught.value)
    assert text.startswith(
        f"The model {model.name!r} cannot be copied, so pass a function that returns a new "
        f"compiled model in its place: Object WithoutConfig was created by passing "
    )
    assert "\n" not in text


def test_draws_one_by_one_are_those_of_one_program() -> None:
    layers = [
        keras.layers.Dense(4, kernel_initializer=name)
        for name in ("glorot_uniform", "he_normal", "lecun_normal", "orthogonal", "random_normal")
    ]
    model = keras.Sequential([keras.Input((3,)), *layers])
    draw = fresh_weights(model)
    one_by_one, compiled = draw(jax.random.key(5)), jax.jit(draw)(jax.random.key(5))
    for mine, theirs in zip(one_by_one[0], compiled[0], strict=True):
        np.testing.assert_array_max_ulp(np.asarray(mine), np.asarray(theirs), 1)
