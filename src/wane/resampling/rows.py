"""Rows as arrays, as programs take them."""

from typing import Any, NamedTuple

import jax


class Rows(NamedTuple):
    """Examples as arrays: x [rows, …], y [rows, …], sample_weight [rows] or None.

    For models with several inputs or outputs each is a list or dictionary of arrays.
    """

    x: Any
    y: Any
    sample_weight: Any = None

    @property
    def row_count(self) -> int:
        """How many examples there are."""
        return int(jax.tree.leaves(self.x)[0].shape[0])

    def at(self, index: Any) -> "Rows":
        """These rows, by a slice or an index array."""
        return jax.tree.map(lambda array: array[index], self)  # type: ignore[no-any-return] # JAX has no types here
