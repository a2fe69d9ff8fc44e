#!/usr/bin/env bash
# JAX 0.10.2 on a CPU, with `jax_disable_most_optimizations`: the compiled gradient of max(x * a + b) is
# infinite, though without the flag, or without `jit`, it is right. The gradient of a maximum divides
# by the number of values that equal it. The unoptimized program computes x * a + b once for the maximum
# and anew for the comparison, with other rounding, and so in some rows no value equals the maximum.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet jax==0.10.2
"$work/venv/bin/python" - <<'PYTHON'
import jax
import jax.numpy as jnp
import numpy as np

x = np.random.default_rng(0).normal(size=(64, 16)).astype("float32")
w = jnp.array([0.3, 0.7])


def largest(w):
    return jnp.max(x * w[0] + w[1], axis=1).sum()


def places(w):  # how many values of each row equal its maximum
    values = x * w[0] + w[1]
    return (values == jnp.max(values, axis=1, keepdims=True)).astype("float32").sum(axis=1)


right = [x.max(axis=1).sum(), 64]
seen = {}
for flag in (False, True):
    jax.config.update("jax_disable_most_optimizations", flag)
    jax.clear_caches()  # the flag is no part of the key under which programs are kept
    seen[flag] = jax.jit(jax.grad(largest))(w), jax.jit(places)(w)
    print(jax.__version__, "flag:", flag, "gradient:", seen[flag][0], "right:", right)
    print("fewest values that equal the maximum:", seen[flag][1].min())
    assert np.allclose(jax.grad(largest)(w), right), "behaviour has changed: wrong without jit"
assert np.allclose(seen[False][0], right) and seen[False][1].min() == 1, "behaviour has changed"
assert np.isinf(seen[True][0]).all() and seen[True][1].min() == 0, "behaviour has changed"
PYTHON
