"""Rows as arrays, as programs take them."""

import logging
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from wane._errors import InputError
from wane.resampling.streams.on_disk import OnDisk


def _unless_it_is_raised(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], InputError))


# JAX logs what a callback raises, with its traceback; rows that cannot be read are one sentence.
logging.getLogger("jax._src.callback").addFilter(_unless_it_is_raised)


@jax.tree_util.register_pytree_node_class
class Streamed:
    """Rows of an array on disk, by their numbers, which are all that a program holds of it.

    As a pytree it is the numbers alone, so that rows are shuffled, divided into batches and mapped
    over as those in memory are. A batch is read when it is trained on or evaluated.

    Args:
        source: gives the values; the same object for all rows of a study, lest it be traced anew.
        index: the numbers of the rows, [rows] int32.
    """

    def __init__(self, source: OnDisk, index: Any) -> None:
        self.source = source
        self.index = index

    def tree_flatten(self) -> tuple[tuple[Any], OnDisk]:
        """For JAX."""
        return (self.index,), self.source

    @classmethod
    def tree_unflatten(cls, source: OnDisk, leaves: tuple[Any]) -> "Streamed":
        """For JAX."""
        return cls(source, leaves[0])

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the values."""
        return (*self.index.shape, *self.source.shape[1:])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """The values, all in memory."""
        values = self.source.take(self.index)
        return values if dtype is None else values.astype(dtype)

    def read(self) -> jax.Array:
        """The values, on the device, in a program too."""
        if not isinstance(self.index, jax.core.Tracer):
            return jnp.asarray(np.asarray(self))
        values = jax.ShapeDtypeStruct(self.shape, self.source.dtype)
        read: jax.Array = jax.pure_callback(
            self.source.take, values, self.index, vmap_method="expand_dims"
        )
        return read


def is_streamed(value: Any) -> bool:
    """Whether these are rows of an array on disk, and no array."""
    return isinstance(value, Streamed)


def on_device(values: Any) -> Any:
    """Arrays on the device, but for those that stay on disk.

    Args:
        values: an array, or a dictionary or list of arrays.
    """
    return jax.tree.map(
        lambda value: (
            Streamed(value.whole, jnp.asarray(value.rows))
            if isinstance(value, OnDisk)
            else jnp.asarray(value)
        ),
        values,
    )


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

    def read(self) -> "Rows":
        """These rows with the values of inputs that are on disk."""
        x = jax.tree.map(
            lambda part: part.read() if is_streamed(part) else part, self.x, is_leaf=is_streamed
        )
        return self._replace(x=x)


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
