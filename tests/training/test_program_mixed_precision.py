"""Networks that compute in half precision train as in ``fit``.

Where both sides do the same sums in the same order they round alike, and stay within 1e-6. A
convolution that is trained as a matrix product adds up in another order, so that its outputs may
differ by one rounding, a relative 2⁻⁸ in bfloat16 and 2⁻¹¹ in float16; the next layers pass that
on. Twice one rounding is allowed for losses; weights, which move by about 1 in all, may differ by
four in absolute terms.
"""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, optimizers

from parity_cases import ROWS, Case, assert_alike, by_fit, by_wane, case, column
from thorough_cases import thorough_but

OPTIONS: dict[str, Any] = {"epochs": 9, "batch_size": 11}
SAME_ORDER = {
    "mixed_bfloat16": ["Dense", "BatchNormalization", "LayerNormalization", "LSTM", "attention"],
    # XLA has no float16 attention on CPUs, neither here nor in fit.
    "mixed_float16": ["Dense", "BatchNormalization", "LayerNormalization", "LSTM"],
}
REORDERED = ["Conv2D, strided, and max pooling", "depthwise and separable"]
LOSSES = ["binary", "sparse", "mse", "huber", "categorical"]
OPTIMIZERS = {
    "mixed_bfloat16": lambda: optimizers.SGD(0.05, momentum=0.9),
    "mixed_float16": lambda: optimizers.Adam(0.01),
}
ROUNDING = {"mixed_bfloat16": 2.0**-8, "mixed_float16": 2.0**-11}


@pytest.fixture(params=ROUNDING)
def policy(request: pytest.FixtureRequest) -> Iterator[str]:
    """The dtype policy of all new layers, until the test ends."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(request.param)
    yield request.param
    keras.config.set_dtype_policy(before)


def branches(families: list[str], optimizer: Any) -> Case:
    """A network with a branch for each family, which does compute in half precision."""
    given = case(families, LOSSES[: len(families)], optimizer)
    computes = {layer.compute_dtype for layer in given.model.layers if layer.weights}
    assert computes <= {"bfloat16", "float16"}
    return given


@pytest.mark.thorough
@pytest.mark.usefixtures("quick_compilation")
def test_sums_in_the_same_order(policy: str) -> None:
    given = branches(SAME_ORDER[policy], OPTIMIZERS[policy]())
    assert_alike(by_wane(given, **OPTIONS), by_fit(given, **OPTIONS), 1e-6, 1e-6)
    scaled = isinstance(given.model.optimizer, optimizers.LossScaleOptimizer)
    assert scaled == (policy == "mixed_float16")  # compile() wraps the optimizer by itself


@pytest.mark.thorough
@pytest.mark.usefixtures("quick_compilation")
def test_convolutions(policy: str) -> None:
    given = branches(REORDERED, optimizers.Adam(0.01))
    mine, theirs = by_wane(given, **OPTIONS), by_fit(given, **OPTIONS)
    for name, losses in theirs.losses.items():
        np.testing.assert_allclose(mine.losses[name], losses, rtol=2 * ROUNDING[policy])
    for path, weight in theirs.weights.items():
        np.testing.assert_allclose(
            mine.weights[path], weight, rtol=0, atol=4 * ROUNDING[policy], err_msg=path
        )


@pytest.mark.thorough
@pytest.mark.usefixtures("policy")
@pytest.mark.parametrize("policy", ["mixed_float16"], indirect=True)
def test_a_dynamic_loss_scale() -> None:
    """It begins so high that steps are skipped, and grows again within the run."""
    begins, ends = 2.0**24, []
    for grows_after in (3, 2000):
        scaled = optimizers.LossScaleOptimizer(
            optimizers.Adam(0.01), initial_scale=begins, dynamic_growth_steps=grows_after
        )
        given = branches(["Dense"], scaled)
        assert_alike(by_wane(given, **OPTIONS), by_fit(given, **OPTIONS), 1e-6, 1e-6)
        ends.append(float(scaled.dynamic_scale.value))
    assert ends[0] > ends[1]
    assert ends[1] < begins


@pytest.mark.thorough
@pytest.mark.parametrize("dtype", thorough_but(["mixed_bfloat16"], ["mixed_bfloat16", "bfloat16"]))
def test_a_policy_of_single_layers(dtype: str) -> None:
    """Only the hidden layer computes in half precision; with ``bfloat16`` it holds such weights."""
    keras.utils.set_random_seed(0)
    random = np.random.default_rng(0)
    hidden = layers.Dense(8, activation="tanh", dtype=dtype)
    model = keras.Sequential([layers.Input((5,)), hidden, layers.Dense(1)])
    model.compile(optimizers.LossScaleOptimizer(optimizers.Adam(0.01)), loss="mse")
    x = random.normal(size=(ROWS, 5)).astype("float32")
    given = Case(model, x, column(x.sum(axis=1)))
    mine, theirs = by_wane(given, **OPTIONS), by_fit(given, **OPTIONS)
    assert str(hidden.kernel.dtype) == ("bfloat16" if dtype == "bfloat16" else "float32")
    for outcome in (mine, theirs):  # NumPy's isclose does not take bfloat16
        outcome.weights = {path: w.astype("float32") for path, w in outcome.weights.items()}
    assert_alike(mine, theirs, 1e-6, 1e-6)
