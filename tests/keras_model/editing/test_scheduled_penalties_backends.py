"""The callbacks in plain ``fit`` on every backend of Keras, and without JAX on the others.

In a new interpreter each, since the backend of Keras cannot change in one that runs.
"""

import importlib.util
import os
import subprocess
import sys

import pytest

TRAINING = """
import sys
if {backend!r} != "jax":  # TensorFlow imports JAX by itself where it finds it; here nobody can
    sys.modules["jax"] = sys.modules["jaxlib"] = None
import wane
import keras
import numpy as np
import sklearn.linear_model as sk

assert keras.config.backend() == {backend!r}
random = np.random.default_rng(0)
x = random.normal(size=(40, 4)).astype("float32")
y = (x @ np.array([1.0, -0.5, 0.0, 0.0]) + random.normal(scale=0.3, size=40)).astype("float32")
expected = sk.Lasso(alpha=0.1, tol=1e-8).fit(x, y).coef_
rate = keras.optimizers.schedules.CosineDecay(0.1, 200)
for optimizer in (keras.optimizers.SGD(rate, momentum=0.5), keras.optimizers.Adam(rate)):
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
    model.compile(optimizer, "mean_squared_error")
    steps = wane.ProximalSteps(wane.L1(0.2, proximal=True))
    model.fit(x, y, batch_size=40, epochs=200, verbose=0, callbacks=[steps])
    found = keras.ops.convert_to_numpy(model.layers[0].kernel).ravel()
    np.testing.assert_allclose(found, expected, atol=1e-3)
    np.testing.assert_array_equal(found == 0, expected == 0)
assert 0 < np.sum(expected == 0) < 4


def network():
    layers = keras.layers
    model = keras.Sequential([layers.Input((4,)), layers.Dense(3), layers.Dense(1)])
    model.compile("adam", "mean_squared_error")
    return model


def fit(model, *callbacks, **options):
    defaults = {{"batch_size": 16, "epochs": 4, "shuffle": False, "verbose": 0}}
    history = model.fit(
        x, y, validation_data=(x, y), callbacks=list(callbacks), **{{**defaults, **options}}
    )
    return history.history["val_loss"]


one, other = network(), network()
other.set_weights(one.get_weights())
steps = {{0: 0.0, 1: 0.1, 3: 0.3}}
schedule = wane.schedule.steps(steps)
losses = fit(one, wane.ScheduledPenalties(wane.L1L2(schedule, schedule)))
in_parts = []
for (first, strength), end in zip(steps.items(), (1, 3, 4), strict=True):
    wane.regularize(other, wane.L1L2(strength, strength))
    in_parts += fit(other, initial_epoch=first, epochs=end)
np.testing.assert_allclose(losses, in_parts, rtol=1e-5)
for mine, theirs in zip(one.get_weights(), other.get_weights(), strict=True):
    np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)
assert one.layers[0].kernel.regularizer.get_config() == {{"l1": 0.3, "l2": 0.3}}
still = network()
still.compile(keras.optimizers.SGD(0.5), lambda _, outputs: keras.ops.mean(0.0 * outputs, axis=-1))
before = still.get_weights()
fit(still, wane.ScheduledPenalties(wane.WeightDecay(schedule, layers=still.layers[0].name)))
left = (1 - 0.5 * 0.1) ** 6 * (1 - 0.5 * 0.3) ** 3  # three steps in each of four epochs
np.testing.assert_allclose(still.get_weights()[0], before[0] * left, rtol=1e-5)
fit(still, wane.ScheduledPenalties(wane.WeightDecay(0.2, layers=still.layers[0].name)), epochs=1)
left *= (1 - 0.5 * 0.2) ** 3
np.testing.assert_allclose(still.get_weights()[0], before[0] * left, rtol=1e-5)
np.testing.assert_array_equal(still.get_weights()[2], before[2])
ours = wane.inspect(wane.regularize(one, wane.Orthogonality(0.5, layers=one.layers[0].name)))
assert abs(ours["penalty_value"][0] - float(sum(one.losses[:1]))) < 1e-5
print("done")
"""


@pytest.mark.thorough
@pytest.mark.parametrize("backend", ["jax", "torch", "tensorflow"])
def test_proximal_steps_end_at_the_lasso_and_a_schedule_is_fit_in_parts(backend: str) -> None:
    if backend != "jax" and importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed; CONTRIBUTING.md says what brings it")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", TRAINING.format(backend=backend)],
        env={**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "done"
