#!/usr/bin/env bash
# Keras 3.15.1 on JAX 0.10.2: `build` called twice does nothing more to other optimizers, but gives
# `LossScaleOptimizer` a second step counter and a second scale. `variables` lists both pairs, under the
# same paths, and the first pair is dead: it stays as it began. A model that is saved and loaded then
# loses the step counter and the scale, with a warning about the number of variables.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet keras==3.15.1 jax==0.10.2
cd "$work"
KERAS_BACKEND=jax "$work/venv/bin/python" - <<'PYTHON'
import warnings

import keras
import numpy as np

warnings.simplefilter("ignore")
x, y = np.ones((8, 2), "float32"), np.ones((8, 1), "float32")


def built(times, scaled):
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    optimizer = keras.optimizers.SGD(0.1)
    if scaled:
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    model.compile(optimizer, "mse")
    for _ in range(times):
        optimizer.build(model.trainable_variables)
    model.fit(x, y, batch_size=2, verbose=0)
    model.save("model.keras")
    loaded = keras.saving.load_model("model.keras").optimizer
    return optimizer.variables, loaded.variables


plain, _ = built(2, scaled=False)
once, once_loaded = built(1, scaled=True)
twice, twice_loaded = built(2, scaled=True)


def counters(variables):
    return [int(v.numpy()) for v in variables if v.path.endswith("step_counter")]


print(keras.__version__, "built twice:", [v.path for v in twice])
print("step counters, built once:", counters(once), "loaded:", counters(once_loaded))
print("step counters, built twice:", counters(twice), "loaded:", counters(twice_loaded))
assert len({v.path for v in plain}) == len(plain)
assert len({v.path for v in once}) == len(once) and counters(once) == counters(once_loaded) == [4]
assert len(twice) == len(once) + 2 and counters(twice) == [0, 4], "behaviour has changed"
assert counters(twice_loaded) == [0], "behaviour has changed"
PYTHON
