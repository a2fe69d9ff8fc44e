#!/usr/bin/env bash
# Keras 3.15.1 on JAX 0.10.2: one sample_weight for each row, with a model that gives an output for
# each step. Keras multiplies the losses [rows, steps] by weights [rows] without adding an axis. Where
# a batch has as many rows as a row has steps, that broadcasts: the weights fall on the steps, and the
# loss is not the weighted mean over rows. In any other batch `fit` and `evaluate` raise an error of
# shapes that does not name the weights. Weights of shape [rows, 1] give the weighted mean.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet keras==3.15.1 jax==0.10.2
KERAS_BACKEND=jax "$work/venv/bin/python" - <<'PYTHON'
import keras
import numpy as np

steps = 4
x = np.ones((4, steps, 1), "float32")
y = np.broadcast_to(np.arange(4.0)[:, None, None], (4, steps, 1)).astype("float32")
weight = np.array([0, 0, 0, 1], "float32")  # the last row alone, whose error is 3 at every step
model = keras.Sequential(
    [keras.layers.Input((steps, 1)), keras.layers.Dense(1, kernel_initializer="zeros")]
)
model.compile("sgd", "mae")


def loss(weight, rows=4):
    return model.evaluate(x[-rows:], y[-rows:], sample_weight=weight[-rows:], verbose=0)


column, flat = loss(weight[:, None]), loss(weight)
try:
    loss(weight, rows=3)
    raise SystemExit("behaviour has changed: three rows are taken")
except ValueError as error:
    message = str(error).splitlines()[0]
print(keras.__version__, "[rows, 1]:", column, "[rows]:", flat, "three rows:", message)
assert column == 0.75  # 3 in one of four rows
assert flat == 0.375, "behaviour has changed"  # the mean error of the last step, 1.5, over four
assert "shapes" in message
PYTHON
