"""Maximum pooling as comparisons of slices."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

MOST_POOLED = 16
"""Poolings of more values than this along an axis stay: each is an operation to compile."""


def is_replaceable(x: Any, params: dict[str, Any]) -> bool:
    """Whether :func:`maximum_pooling` can take the place of ``reduce_window_max``.

    Args:
        x: shape and dtype of the operand.
        params: the parameters of the primitive.
    """
    return (
        jnp.issubdtype(x.dtype, jnp.floating)
        and set(params["base_dilation"]) == {1}
        and 0 not in x.shape
        and 1 < max(params["window_dimensions"]) <= MOST_POOLED
    )


def maximum_pooling(x: jax.Array, params: dict[str, Any]) -> jax.Array:
    """What ``reduce_window_max`` gives, ``out[o] = max_t x[o·s + t·r − l]``.

    With stride s, window dilation r and padding l before (by −∞) along each axis. The first of
    equal values gets the whole gradient and NaN stays NaN, as there. Its gradient, which XLA's CPU
    backend scatters value by value, is a sum of padded slices here.
    """
    pads = [(low, high, 0) for low, high in params["padding"]]
    x = lax.pad(x, np.array(-np.inf, x.dtype), pads)
    sizes, strides = params["window_dimensions"], params["window_strides"]
    # Axis by axis there are fewer comparisons (2k for k×k values); from the last axis on, so that
    # of equal values the first in the order of memory wins.
    for axis in reversed(range(x.ndim)):
        x = _along(x, axis, sizes[axis], strides[axis], params["window_dilation"][axis])
    return x


def _along(x: jax.Array, axis: int, size: int, stride: int, dilation: int) -> jax.Array:
    """The maximum over windows of one axis."""
    last = (x.shape[axis] - (size - 1) * dilation - 1) // stride * stride

    def read(tap: int) -> jax.Array:
        start = tap * dilation
        return lax.slice_in_dim(x, start, start + last + 1, stride, axis)

    largest = read(0)
    for tap in range(1, size):
        one = read(tap)
        # `lax.max` would share the gradient between equal values.
        is_new = lax.bitwise_or(lax.gt(one, largest), lax.ne(one, one))
        largest = lax.select(is_new, one, largest)
    return largest
