#!/usr/bin/env bash
# Keras 3.15.1 on JAX 0.10.2: a model that is compiled with the loss "mse" or "mae" and saved as .h5
# does not load: `load_model` raises an error about a metric 'keras.metrics.mse', though the model has
# no metrics. Under the long name "mean_squared_error" the same loss loads, and so does the model with
# `compile=False`, or from a .keras file.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet keras==3.15.1 jax==0.10.2
cd "$work"
KERAS_BACKEND=jax "$work/venv/bin/python" - <<'PYTHON'
import logging

import keras

logging.getLogger("absl").setLevel("ERROR")  # Keras warns that .h5 is the older format


def load(loss, end, **options):
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", loss)
    model.save("model" + end)
    return keras.saving.load_model("model" + end, **options)


load("mse", ".keras")
load("mse", ".h5", compile=False)
load("mean_squared_error", ".h5")
for loss in ("mse", "mae"):
    try:
        load(loss, ".h5")
        raise SystemExit(f"behaviour has changed: the model with {loss} is loaded")
    except ValueError as error:
        print(keras.__version__, loss, error)
        assert f"keras.metrics.{loss}" in str(error), "behaviour has changed"
PYTHON
