#!/usr/bin/env bash
# Keras 3.15.1 on JAX 0.10.2: `keras.utils.normalize(x, axis=0)` of a NumPy array divides by the lengths
# of the columns, but along the rows (`axis or -1` takes the 0 for no axis): a square array comes out
# wrong without an error, and any other raises an error of shapes. Of a tensor it comes out right.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet keras==3.15.1 jax==0.10.2
KERAS_BACKEND=jax "$work/venv/bin/python" - <<'PYTHON'
import keras
import numpy as np

x = np.array([[3, 10], [4, 0]], "float32")
array = keras.utils.normalize(x, axis=0)
tensor = np.asarray(keras.utils.normalize(keras.ops.convert_to_tensor(x), axis=0))
print(keras.__version__, "array:", array.tolist(), "tensor:", tensor.tolist())
assert np.allclose(tensor, [[0.6, 1], [0.8, 0]])
assert np.allclose(array, [[0.6, 2], [0.4, 0]]), "behaviour has changed"
try:
    keras.utils.normalize(np.ones((3, 2)), axis=0)
    raise SystemExit("behaviour has changed: an array that is not square is taken")
except ValueError as error:
    print("not square:", error)
PYTHON
