"""Examples on the host: inputs, targets and weights, row by row."""

import dataclasses
import hashlib
from typing import Any

import jax
import numpy as np

from wane.resampling.checking import parts_of
from wane.resampling.streams.on_disk import OnDisk


class Logarithms(np.ndarray):
    """Logarithms of a target that know how to go back: exp(y) - log_shift is the target.

    Parts and copies of them are such too, and what is computed from them is a plain array.
    """

    log_shift: int | None = None

    @classmethod
    def of(cls, values: np.ndarray, shift: int) -> "Logarithms":
        """These logarithms.

        Args:
            values: log(target + shift), [rows].
            shift: 0 or 1.
        """
        found = np.asarray(values).view(cls)
        found.log_shift = shift
        return found

    def __array_finalize__(self, origin: Any) -> None:
        self.log_shift = getattr(origin, "log_shift", None)

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        return np.asarray(array)[()] if return_scalar else np.asarray(array)


@dataclasses.dataclass(frozen=True)
class Examples:
    """Examples on the host: x an array or a data frame, y [rows, …], sample_weight or None.

    For several inputs or outputs x and y are dictionaries or lists of arrays. Rows that belong
    together have one number in ``groups``, [rows]; ``places`` are those of rows in an order,
    [rows], rising. Both are None where rows have nothing to do with each other.
    """

    x: Any
    y: Any
    sample_weight: Any = None
    groups: np.ndarray | None = None
    places: np.ndarray | None = None

    def __len__(self) -> int:
        return len(parts_of(self.y)[0])

    def splittable(self) -> tuple[Any, np.ndarray]:
        """What a splitter gets as x and y; of several parts only the number of rows."""
        nothing = np.zeros(len(self))
        x = nothing if isinstance(self.x, dict | list) else self.x
        return x, nothing if isinstance(self.y, dict | list) else self.y

    def at(self, index: np.ndarray) -> "Examples":
        """These rows."""
        own = (self.x, self.y, self.sample_weight, self.groups, self.places)
        return Examples(*(_taken(values, index) for values in own))

    @property
    def units(self) -> int:
        """How many rows, or groups of such as belong together, there are."""
        return len(self) if self.groups is None else len(np.unique(self.groups))

    def sha256(self) -> str:
        """SHA-256 of the values, by which a study recognizes the data it was made with."""
        digest = hashlib.sha256()
        own: tuple[Any, ...] = (self.x, self.y, self.sample_weight, self.groups, self.places)
        for values in own:
            if hasattr(values, "to_csv"):
                digest.update(values.to_csv().encode())
            else:
                for array in jax.tree.leaves(values):
                    for block in array.blocks() if isinstance(array, OnDisk) else (array,):
                        digest.update(np.ascontiguousarray(block).tobytes())
        return digest.hexdigest()


def _taken(values: Any, index: np.ndarray) -> Any:
    if hasattr(values, "iloc"):
        return values.iloc[index]
    return jax.tree.map(lambda array: array[index], values)
