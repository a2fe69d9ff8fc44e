"""Rows as arrays, as programs take them."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp


class Rows(NamedTuple):
    """Examples as arrays: x [rows, …], y [rows, …], sample_weight [rows] or None.

    For models with several inputs or outputs each is a list or dictionary of arrays. Where y is
    standardized, ``unit`` has its centre and scale for each row, [rows, 2]: so they are data, and
    go wherever the rows go.
    """

    x: Any
    y: Any
    sample_weight: Any = None
    unit: Any = None

    @property
    def row_count(self) -> int:
        """How many examples there are."""
        return int(jax.tree.leaves(self.x)[0].shape[0])

    def at(self, index: Any) -> "Rows":
        """These rows, by a slice or an index array."""
        return jax.tree.map(lambda array: array[index], self)  # type: ignore[no-any-return] # JAX has no types here


def as_evaluated(
    train: Rows, validation: Rows, test: Rows | None
) -> tuple[Rows, Rows, Rows | None]:
    """The rows of a split with the weights that final numbers have.

    Validation and test rows have their own, as ``fit`` and ``evaluate`` take them. Training rows
    are compared with validation rows, so they have theirs where these have some too: weights of
    classes, and of training rows beside validation rows without, are for training alone.
    """
    if validation.sample_weight is None:
        train = train._replace(sample_weight=None)
    return train, validation, test


def in_own_unit(unit: Any, values: Any) -> Any:
    """Targets or predictions, [rows, …], in the unit of the target before it was standardized.

    In float32 whatever their type: numbers of a half type may be too large for it there.
    """
    if unit is None:
        return values

    def own(array: jax.Array) -> jax.Array:
        centre, scale = (column.reshape(-1, *[1] * (array.ndim - 1)) for column in unit.T)
        return jnp.add(array.astype(jnp.float32) * scale, centre)

    return jax.tree.map(own, values)
