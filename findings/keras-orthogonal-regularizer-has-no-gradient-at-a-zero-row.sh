#!/usr/bin/env bash
# Keras 3.15.1 on JAX 0.10.2: the gradient of `OrthogonalRegularizer` is NaN on a kernel with a row of
# zeros (with `mode="columns"`: a column of zeros), though its value is finite and the row is left as
# zeros. The rows are divided by their length as x * min(rsqrt(sum(x^2)), 1 / epsilon), and the
# derivative of rsqrt at 0 is infinite, times 0. One step of `fit` from such a kernel gives NaN weights.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet keras==3.15.1 jax==0.10.2
KERAS_BACKEND=jax "$work/venv/bin/python" - <<'PYTHON'
import jax
import keras
import numpy as np

kernel = np.array([[1, 2], [3, -1], [0, 0]], "float32")
penalty = keras.regularizers.OrthogonalRegularizer(mode="rows")
value, gradient = jax.value_and_grad(penalty)(kernel)
layer = keras.layers.Dense(2, use_bias=False, kernel_regularizer=penalty)
model = keras.Sequential([keras.layers.Input((3,)), layer])
layer.set_weights([kernel])
model.compile(keras.optimizers.SGD(0.1), "mse")
history = model.fit(np.eye(3), np.ones((3, 2)), epochs=2, verbose=0).history
print(keras.__version__, "value:", value, "gradient:", *gradient, "losses:", history["loss"])
assert np.isfinite(value) and np.isfinite(gradient[:2]).all()
assert np.isnan(gradient[2]).all(), "behaviour has changed"
assert np.isfinite(history["loss"][0]) and np.isnan(history["loss"][1]), "behaviour has changed"
PYTHON
