"""Rows of a memory-mapped array, read when they are needed."""

import contextlib
import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from wane._errors import InputError

SHARE = 0.25
"""An array stays on disk where it would take more than this share of the memory that is free."""
BLOCK_BYTES = 2**24
"""How much is read at a time where all rows are looked at, 16 MiB."""


class OnDisk:
    """Some rows of an array in a file, in an order; slices and index arrays give others.

    Nothing is read before :meth:`take`, :meth:`blocks` or NumPy asks for values. What was read is
    let go at once: mapped pages count as memory of the process until they are.

    Args:
        array: the whole array, mapped for reading.
        dtype: the type that its numbers are given as.
        rows: which rows of it, and in what order; None means all.
        whole: the rows of which these are some; None means themselves.

    Attributes:
        array, dtype, whole: as given.
        rows: the numbers of the rows in the whole array, [rows] int32.
    """

    def __init__(
        self,
        array: np.memmap,
        dtype: Any,
        rows: np.ndarray | None = None,
        whole: "OnDisk | None" = None,
    ) -> None:
        self.array = array
        self.whole = whole or self
        self.dtype = np.dtype(dtype)
        self.rows = np.arange(len(array), dtype=np.int32) if rows is None else rows

    @property
    def shape(self) -> tuple[int, ...]:
        """As NumPy's arrays have it."""
        return (len(self.rows), *self.array.shape[1:])

    @property
    def ndim(self) -> int:
        """As NumPy's arrays have it."""
        return self.array.ndim

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: Any) -> "OnDisk":
        """Other rows of the same array, by a slice or an array of numbers or truth values."""
        return OnDisk(self.array, self.dtype, np.atleast_1d(self.rows[index]), self.whole)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """All of the rows in memory."""
        values = self.take(self.rows)
        return values if dtype is None else values.astype(dtype)

    def take(self, rows: Any) -> np.ndarray:
        """Rows of the whole array by their numbers, [*rows.shape, …]."""
        values = np.asarray(self.array[np.asarray(rows)]).astype(self.dtype)
        _let_go(self.array)
        return values

    def blocks(self) -> Iterator[np.ndarray]:
        """All of the rows, some at a time."""
        each = max(1, int(np.prod(self.shape[1:])) * max(self.array.itemsize, self.dtype.itemsize))
        step = max(1, BLOCK_BYTES // each)
        for first in range(0, len(self), step):
            yield self.take(self.rows[first : first + step])


def on_disk(values: Any, name: str) -> OnDisk | None:
    """An array that is to stay on disk, if this is one: mapped from a file, and large.

    It must lie in its file row by row. A mapping whose changes are private (mode ``"c"``) has
    values that no file has, and is taken into memory as other arrays are.

    Args:
        values: what the user gave.
        name: what to call it in an error.

    Raises:
        InputError: if it has no rows, or numbers that are not finite or beyond float32.
    """
    if not isinstance(values, np.memmap) or values.dtype.kind not in "fiub" or values.ndim == 0:
        return None
    if not len(values) or not is_large(values.size * min(values.dtype.itemsize, 4)):
        return None
    mapped = _mapped(values)
    if mapped is None or len(mapped) > np.iinfo(np.int32).max:
        return None
    return OnDisk(mapped, _type(mapped, name))


def left_on_disk(x: Any) -> Any:
    """Rows of x that stay on disk if they are to, or else as they are."""
    found = on_disk(x, "x")
    return x if found is None else found


def is_large(size: int) -> bool:
    """Whether an array of so many bytes is to stay on disk."""
    return size > SHARE * psutil.virtual_memory().available


def _mapped(values: np.memmap) -> np.memmap | None:
    """A mapping of our own of the same bytes, for reading; None where there can be none."""
    if values.mode not in ("r", "r+") or values.filename is None or not values.flags.c_contiguous:
        return None
    whole: Any = values
    while isinstance(whole.base, np.ndarray):
        whole = whole.base
    if not isinstance(whole, np.memmap):
        return None
    values.flush()
    offset = whole.offset + values.ctypes.data - whole.ctypes.data
    with contextlib.suppress(OSError, ValueError):
        return np.memmap(
            Path(values.filename), values.dtype, "r", offset=offset, shape=values.shape
        )
    return None


def _type(mapped: np.memmap, name: str) -> type[np.number[Any]]:
    """The type as which Keras trains on these numbers; they are looked at block by block."""
    whole = mapped.dtype.kind in "iu"
    low, high, broken = 0.0, 0.0, 0
    for block in OnDisk(mapped, mapped.dtype).blocks():
        if whole:
            low, high = min(low, block.min(initial=0)), max(high, block.max(initial=0))
            continue
        with np.errstate(over="ignore"):
            broken += int(np.count_nonzero(~np.isfinite(block.astype(np.float32))))
    if broken:
        raise InputError(
            f"{name} holds NaN, infinite values or values too large for float32, {broken} in all: "
            f"fill or drop them first (scikit-learn's SimpleImputer fills)."
        )
    bounds = np.iinfo(np.int32)
    return np.int32 if whole and low >= bounds.min and high <= bounds.max else np.float32


def _let_go(array: np.memmap) -> None:
    """Let the pages that were read go; they are read again where somebody needs them."""
    mapping: Any = array._mmap
    if hasattr(mmap, "MADV_DONTNEED"):  # Windows has none
        mapping.madvise(mmap.MADV_DONTNEED)
