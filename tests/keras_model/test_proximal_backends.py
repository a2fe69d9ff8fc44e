"""Exact zeros in plain ``fit`` on every backend of Keras, and without loading JAX on the others.

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
print("done")
"""


@pytest.mark.parametrize("backend", ["jax", "torch", "tensorflow"])
def test_fit_ends_at_the_lasso_with_exact_zeros(backend: str) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", TRAINING.format(backend=backend)],
        env={**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "done"
