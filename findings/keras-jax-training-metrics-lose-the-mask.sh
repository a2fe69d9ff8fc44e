#!/usr/bin/env bash
# Keras 3.15.1 on JAX 0.10.2: in `fit` the metrics of training rows count masked steps, while the
# training loss, the validation metrics and `evaluate` leave them out. The mask is an attribute of the
# traced outputs, and JAX's value_and_grad hands the outputs on without it. With a learning rate of 0
# and the same rows as training and validation rows, the two means ought to be one number.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet keras==3.15.1 jax==0.10.2
KERAS_BACKEND=jax "$work/venv/bin/python" - <<'PYTHON'
import keras
import numpy as np

random = np.random.default_rng(0)
x = random.normal(size=(16, 4, 2)).astype("float32")
x[:, 2:] = 0  # padding
y = np.where(np.arange(4)[None, :, None] < 2, 0, 50).astype("float32")  # 50 under the padding
y = np.broadcast_to(y, (16, 4, 1))
model = keras.Sequential([keras.layers.Input((4, 2)), keras.layers.Masking(), keras.layers.Dense(1)])
model.compile(keras.optimizers.SGD(0.0), "mae", metrics=["mae"])
logs = model.fit(x, y, validation_data=(x, y), batch_size=16, verbose=0).history
logs = {name: round(values[0], 3) for name, values in logs.items()}
print(keras.__version__, logs)
assert logs["loss"] == logs["val_loss"] == logs["val_mae"] < 2, "behaviour has changed"
assert logs["mae"] > 20, "behaviour has changed: the training metric leaves the padding out"
PYTHON
