#!/usr/bin/env bash
# Keras 3.15.1 on JAX 0.10.2: saving a compiled model as .h5 removes the optimizer from the settings
# that the model keeps of its `compile`. A .keras file that is saved from the same model afterwards
# has no optimizer in it, and loads, without an error, with RMSprop, the default of `compile`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet keras==3.15.1 jax==0.10.2
cd "$work"
KERAS_BACKEND=jax "$work/venv/bin/python" - <<'PYTHON'
import logging
import warnings

import keras

logging.getLogger("absl").setLevel("ERROR")  # Keras warns that .h5 is the older format
warnings.simplefilter("ignore")
model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
model.compile(keras.optimizers.SGD(0.1), "mse")
loaded = []
for path in ("first.keras", "model.h5", "second.keras"):
    model.save(path)
    if path.endswith(".keras"):
        loaded.append(type(keras.saving.load_model(path).optimizer).__name__)
print(keras.__version__, "before and after saving as .h5:", loaded)
assert loaded[0] == type(model.optimizer).__name__ == "SGD"
assert loaded[1] == "RMSprop", "behaviour has changed"
PYTHON
