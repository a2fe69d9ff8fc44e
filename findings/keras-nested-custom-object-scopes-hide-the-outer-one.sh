#!/usr/bin/env bash
# Keras 3.15.1 on JAX 0.10.2: a custom_object_scope within another one hides the outer one's names
# instead of adding to them: what the outer scope knows is not found until the inner one ends.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet keras==3.15.1 jax==0.10.2
cd "$work"
KERAS_BACKEND=jax "$work/venv/bin/python" - <<'PYTHON'
import keras


class Outer(keras.layers.Layer):
    pass


class Inner(keras.layers.Layer):
    pass


print("Keras", keras.__version__)
with keras.saving.custom_object_scope({"Outer": Outer}):
    assert keras.saving.get_registered_object("Outer") is Outer
    with keras.saving.custom_object_scope({"Inner": Inner}):
        inner = keras.saving.get_registered_object("Inner")
        outer = keras.saving.get_registered_object("Outer")
        print("in the inner scope:", inner, outer)
        assert inner is Inner and outer is None, "behaviour has changed"
    assert keras.saving.get_registered_object("Outer") is Outer, "behaviour has changed"
PYTHON
