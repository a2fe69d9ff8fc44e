#!/usr/bin/env bash
# Keras 3.15.1: the configuration of the loss Huber has no delta. A model compiled with
# Huber(delta=0.1), saved to a .keras file and loaded, evaluates and trains with delta=1.0, without an
# error or a warning. So do copies by get_config and by get_compile_config.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet keras==3.15.1 jax==0.10.2
cd "$work"
KERAS_BACKEND=jax "$work/venv/bin/python" -W error::UserWarning - <<'PYTHON'
import keras
import numpy as np

x, y = np.ones((4, 1), "float32"), np.full((4, 1), 5.0, "float32")
model = keras.Sequential(
    [keras.layers.Input((1,)), keras.layers.Dense(1, kernel_initializer="zeros")]
)
model.compile("sgd", keras.losses.Huber(delta=0.1))
model.fit(x, y, epochs=1, verbose=0)
before = model.evaluate(x, y, verbose=0)
model.save("model.keras")
after = keras.saving.load_model("model.keras").evaluate(x, y, verbose=0)
print(keras.__version__, keras.losses.Huber(delta=0.1).get_config(), before, after)
assert 0.4 < before < 0.5  # 0.1 * (|error| - 0.05)
assert after > 4, "behaviour has changed"  # 1.0 * (|error| - 0.5)
PYTHON
