#!/usr/bin/env bash
# Keras 3.15.1 on JAX 0.10.2: Dense(8, activation="glu") gives 4 numbers for each row, since the gated
# linear unit halves the last axis, but its compute_output_shape and the model's output_shape say 8.
# A layer after it is built for 8 inputs, and the first call of that model fails. As a layer of its own,
# Activation("glu"), the same function has the same fault.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet keras==3.15.1 jax==0.10.2
cd "$work"
KERAS_BACKEND=jax "$work/venv/bin/python" - <<'PYTHON'
import keras
import numpy as np

x = np.ones((2, 3), "float32")
for layers in (
    [keras.layers.Dense(8, activation="glu")],
    [keras.layers.Dense(8), keras.layers.Activation("glu")],
):
    outputs = x
    for layer in layers:
        outputs = layer(outputs)
    stated = layers[-1].compute_output_shape((2, 8) if len(layers) > 1 else (2, 3))
    print(keras.__version__, "given:", tuple(outputs.shape), "stated:", stated)
    assert tuple(outputs.shape) == (2, 4) and tuple(stated) == (2, 8), "behaviour has changed"

model = keras.Sequential(
    [keras.layers.Input((3,)), keras.layers.Dense(8, activation="glu"), keras.layers.Dense(2)]
)
assert tuple(model.layers[-1].kernel.shape) == (8, 2), "behaviour has changed"
try:
    model(x)
    raise SystemExit("behaviour has changed: the model is called")
except ValueError as error:
    assert "expected axis -1 of input shape to have value 8" in str(error), "behaviour has changed"
    print("a layer after it was built for 8 inputs and is given 4")
PYTHON
