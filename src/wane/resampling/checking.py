"""Inputs, targets and weights as the arrays that training takes, checked."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from wane._errors import InputError

ArrayTree = ArrayLike | pd.DataFrame | pd.Series | Mapping[str, ArrayLike] | Sequence[ArrayLike]
"""Rows as users give them: one array or data frame, [rows, …], or as in Keras a dictionary or list
of arrays for several inputs or outputs."""


def checked_array(values: Any, name: str) -> np.ndarray:
    """Numbers as Keras would train on them: float32, or int32 where they are whole by type.

    Args:
        values: anything that NumPy takes as an array of numbers, [rows, …].
        name: what to call it in an error.

    Raises:
        InputError: if it is empty, not numbers, not finite, or has no rows.
    """
    if isinstance(values, pd.DataFrame | pd.Series):
        values = values.to_numpy()
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise InputError(f"{name} must be an array with rows of one shape: {error}.") from error
    if array.dtype.kind not in "fiub":
        array = _numbers(array, name)
    if array.ndim == 0 or array.shape[0] == 0:
        raise InputError(f"{name} has no rows; its shape is {array.shape}.")
    if array.dtype.kind in "iu" and _within(array, np.int32):
        return array.astype(np.int32)
    with np.errstate(over="ignore"):  # beyond float32 is infinite, which is reported below
        array = array.astype(np.float32)
    if not np.all(np.isfinite(array)):
        broken = int(np.count_nonzero(~np.isfinite(array)))
        raise InputError(
            f"{name} holds NaN, infinite values or values too large for float32, {broken} in all: "
            f"fill or drop them first (scikit-learn's SimpleImputer fills)."
        )
    return array


def checked_arrays(values: ArrayTree, name: str) -> Any:
    """The array, or as in Keras a dictionary or list of arrays for several inputs or outputs.

    Dictionaries and lists may hold others, for nested outputs.

    Raises:
        InputError: as :func:`checked_array`, naming the one that is wrong.
    """
    if isinstance(values, Mapping):
        return {key: checked_arrays(value, f"{name}[{key!r}]") for key, value in values.items()}
    if isinstance(values, list | tuple) and values and all(map(_is_part, values)):
        return [checked_arrays(value, f"{name}[{i}]") for i, value in enumerate(values)]
    _refuse_batches(values, name)
    return checked_array(values, name)


def _is_part(value: Any) -> bool:
    """Whether an element of a list is the rows of an input or output, rather than a row."""
    return isinstance(value, Mapping) or (hasattr(value, "shape") and len(value.shape) > 0)


def _refuse_batches(values: Any, name: str) -> None:
    """Refuse what gives rows batch by batch, which ``fit`` takes."""
    if hasattr(values, "__array__"):
        return
    is_dataset = any(hasattr(values, method) for method in ("as_numpy_iterator", "batch_sampler"))
    if is_dataset or isinstance(values, Iterator) or "PyDataset" in _names_of_classes(values):
        raise InputError(
            f"{name} is a {type(values).__name__}, which gives rows batch by batch; wane needs all "
            f"rows as arrays, since it divides and shuffles them anew in each repeat: put the "
            f"batches together, as in x, y = (np.concatenate(part) for part in zip(*batches))."
        )


def _names_of_classes(value: Any) -> list[str]:
    return [each.__name__ for each in type(value).__mro__]


def parts_of(values: Any) -> list[Any]:
    """The arrays of a dictionary or list of arrays; one array or data frame is its only part."""
    if isinstance(values, dict):
        values = list(values.values())
    return [part for v in values for part in parts_of(v)] if isinstance(values, list) else [values]


def _within(array: np.ndarray, dtype: type[np.integer[Any]]) -> bool:
    """Whether a smaller type of whole numbers holds all of these."""
    bounds = np.iinfo(dtype)
    return bool(array.min(initial=0) >= bounds.min and array.max(initial=0) <= bounds.max)


def _numbers(array: np.ndarray, name: str) -> np.ndarray:
    """An array of Python objects as floats, if they are numbers (None counts as NaN)."""
    wrong = [value for value in array.flat if not isinstance(value, _NUMBERS)]
    if wrong:
        first = wrong[0].item() if isinstance(wrong[0], np.generic) else wrong[0]
        raise InputError(
            f"{name} must hold numbers, but holds values such as {first!r}: encode text and "
            f"dates as numbers first."
        )
    return array.astype(np.float64)


_NUMBERS = (int, float, np.number, np.bool_, type(None))


def check_same_rows(**arrays: Any) -> None:
    """Check that all these arrays have as many rows as each other.

    Raises:
        InputError: naming each array and its rows.
    """
    parts = [(name, part) for name, array in arrays.items() for part in parts_of(array)]
    counts = {
        name if len(parts_of(arrays[name])) == 1 else f"{name} number {number}": len(part)
        for number, (name, part) in enumerate(parts)
        if part is not None
    }
    if len(set(counts.values())) > 1:
        sizes = ", ".join(f"{name} has {count}" for name, count in counts.items())
        raise InputError(f"Rows do not match: {sizes}.")
