#!/usr/bin/env bash
# Keras 3.15.1 with torch 2.13.0, and on JAX 0.10.2: a model that is saved under the torch backend
# keeps in its .keras file the name of a private class of that backend for SGD, Adam and seven other
# optimizers (others, such as Ftrl, keep the public name). On JAX `load_model` of the file raises an
# error where torch is not installed. Where torch is installed it loads an optimizer made for torch,
# and `fit` raises. `load_model(..., compile=False)` works.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/both"
"$work/both/bin/pip" install --quiet keras==3.15.1 jax==0.10.2 torch==2.13.0
python3 -m venv "$work/without"
"$work/without/bin/pip" install --quiet keras==3.15.1 jax==0.10.2
cd "$work"
KERAS_BACKEND=torch "$work/both/bin/python" - <<'PYTHON'
import json
import zipfile

import keras

for name in ("SGD", "Ftrl"):
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    model.compile(name, "mse")
    model.save(f"{name}.keras")
    config = json.loads(zipfile.ZipFile(f"{name}.keras").read("config.json"))
    module = config["compile_config"]["optimizer"]["module"]
    print(keras.__version__, keras.backend.backend(), name, "is saved as of", module)
    assert module.startswith("keras.src.backend.torch") == (name == "SGD"), "behaviour has changed"
PYTHON
cat > load.py <<'PYTHON'
import importlib.util
import warnings

import keras
import numpy as np

warnings.simplefilter("ignore")  # Keras warns that the saved optimizer had no step
x, y = np.ones((8, 2), "float32"), np.ones((8, 1), "float32")
keras.saving.load_model("SGD.keras", compile=False)
keras.saving.load_model("Ftrl.keras").fit(x, y, verbose=0)
has_torch = importlib.util.find_spec("torch") is not None
try:
    model = keras.saving.load_model("SGD.keras")
    loaded = type(model.optimizer).__module__
except TypeError as error:
    loaded = str(error).split(" Full object config")[0]
print(keras.backend.backend(), "torch installed:", has_torch, "load_model:", loaded)
if has_torch:
    assert loaded.startswith("keras.src.backend.torch"), "behaviour has changed"
    try:
        model.fit(x, y, verbose=0)
        raise SystemExit("behaviour has changed: the model can be trained")
    except TypeError as error:
        print("fit:", error)
else:
    assert "cannot be imported" in loaded, "behaviour has changed"
PYTHON
KERAS_BACKEND=jax "$work/without/bin/python" load.py
KERAS_BACKEND=jax "$work/both/bin/python" load.py
