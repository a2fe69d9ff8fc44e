#!/usr/bin/env bash
# Keras 3.15.1 on JAX 0.10.2: a model whose optimizer averages the weights (`use_ema=True`) is fitted
# once only. At the end of `fit` the weights become the averages, as one array each under two names.
# The second `fit` donates that array to JAX twice, which JAX refuses; the end of `fit` then meets
# variables without a value, so that what the user sees is "TypeError: 'NoneType' object is not
# callable". The weights are lost too: `get_weights` raises the same error afterwards.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet keras==3.15.1 jax==0.10.2
KERAS_BACKEND=jax "$work/venv/bin/python" - <<'PYTHON'
import keras
import numpy as np

x, y = np.ones((8, 2), "float32"), np.ones((8, 1), "float32")
model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
optimizer = keras.optimizers.SGD(0.1, use_ema=True)
model.compile(optimizer, "mse")
model.fit(x, y, verbose=0)
averages = [v for v in optimizer.variables if "average" in v.path]
shared = [v.value is a.value for v, a in zip(model.trainable_variables, averages, strict=True)]
try:
    model.fit(x, y, verbose=0)
    raise SystemExit("behaviour has changed: the second fit succeeds")
except (TypeError, ValueError) as error:
    seen, cause = repr(error), str(error.__context__)
try:
    model.get_weights()
    raise SystemExit("behaviour has changed: the weights are kept")
except TypeError as error:
    lost = repr(error)
print(keras.__version__, "shared:", shared, "second fit:", seen, "get_weights:", lost)
print("behind it:", cause)
assert shared == [True, True], "behaviour has changed"
assert "NoneType" in seen and "donate the same buffer twice" in cause, "behaviour has changed"
PYTHON
