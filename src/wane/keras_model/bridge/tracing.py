"""What is known of a computation without computing it: shapes, names and errors.

Every operation that runs by itself is compiled by itself, for 10 to 200 ms of processor time at
each new shape; a traced one takes a fraction of a millisecond.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from wane.keras_model.bridge.masks import masks_of, with_masks

FEW = 2
"""The rows with which models are tried."""


def known_by_tracing(function: Callable[[], Any]) -> Any:
    """What a function gives, none of whose numbers are computed: they are tracers."""
    found: list[Any] = []
    jax.eval_shape(lambda: found.append(function()))
    return found[0]


def outputs_by_tracing(call: Callable[[Any], Any], rows: Any) -> Any:
    """Outputs of the shapes, types and masks that a model's have, all of their numbers zero."""
    outputs, masks = jax.eval_shape(
        lambda rows: (outputs := call(rows), masks_of(outputs)),  # of the traced outputs
        rows,
    )
    return with_masks(_zeros(outputs), _zeros(masks))


def first_rows(rows: Any) -> Any:
    """The first rows of arrays [rows, …]."""

    def first(array: Any) -> jax.Array:
        on_device = isinstance(array, jax.Array) and jax.default_backend() != "cpu"
        return jnp.asarray((array if on_device else np.asarray(array))[:FEW])

    return jax.tree.map(first, rows)


def _zeros(shapes: Any) -> Any:
    return jax.tree.map(lambda one: jnp.asarray(np.zeros(one.shape, one.dtype)), shapes)
