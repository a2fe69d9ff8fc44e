"""Rows of a memory-mapped array, read when they are needed."""

import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from wane._errors import InputError, one_line
from wane.resampling.streams.libraries import check_numbers, file_of_library, is_of_library
from wane.resampling.streams.rows_file import BLOCK_BYTES, RowsFile

SHARE = 0.25
"""An array stays on disk where it would take more than this share of the memory that is free."""


class OnDisk:
    """Some rows of an array in a file, in an order; slices and index arrays give others.

    Nothing is read before :meth:`take`, :meth:`blocks` or NumPy asks for values.

    Args:
        file: the whole array.
        dtype: the type that its numbers are given as.
        rows: which rows of it, and in what order; None means all.
        whole: the rows of which these are some; None means themselves.

    Attributes:
        file, dtype, whole: as given.
        rows: the numbers of the rows in the whole array, [rows] int32.
    """

    def __init__(
        self,
        file: RowsFile,
        dtype: Any,
        rows: np.ndarray | None = None,
        whole: "OnDisk | None" = None,
    ) -> None:
        self.file = file
        self.whole = whole or self
        self.dtype = np.dtype(dtype)
        self.rows = np.arange(file.shape[0], dtype=np.int32) if rows is None else rows

    @property
    def shape(self) -> tuple[int, ...]:
        """As NumPy's arrays have it."""
        return (len(self.rows), *self.file.shape[1:])

    @property
    def ndim(self) -> int:
        """As NumPy's arrays have it."""
        return len(self.file.shape)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: Any) -> "OnDisk":
        """Other rows of the same array, by a slice or an array of numbers or truth values."""
        return OnDisk(self.file, self.dtype, np.atleast_1d(self.rows[index]), self.whole)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """All of the rows in memory."""
        values = self.take(self.rows)
        return values if dtype is None else values.astype(dtype)

    def take(self, rows: Any) -> np.ndarray:
        """Rows of the whole array by their numbers, [*rows.shape, …]."""
        return self.file.take(np.asarray(rows)).astype(self.dtype, copy=False)

    def blocks(self) -> Iterator[np.ndarray]:
        """All of the rows, some at a time."""
        each = max(
            1, int(np.prod(self.shape[1:])) * max(self.file.dtype.itemsize, self.dtype.itemsize)
        )
        step = max(1, BLOCK_BYTES // each)
        for first in range(0, len(self), step):
            yield self.take(self.rows[first : first + step])


def on_disk(values: Any, name: str) -> OnDisk | None:
    """An array that is to stay on disk, if this is one: in a file, and large.

    A mapped array must lie in its file row by row. A mapping whose changes are private (mode
    ``"c"``) has values that no file has, and is taken into memory as other arrays are. Those of
    h5py and zarr, and :class:`ParquetRows`, are unpacked where they lie otherwise.

    Args:
        values: what the user gave.
        name: what to call it in an error.

    Raises:
        InputError: if it has numbers that are not finite or beyond float32, or cannot be read.
    """
    if not hasattr(os, "preadv"):  # Windows
        return None
    of_library = is_of_library(values)
    if of_library:
        check_numbers(values, name)
    elif not isinstance(values, np.memmap) or values.dtype.kind not in "fiub":
        return None
    if not values.shape or not is_large(4 * math.prod(values.shape)):
        return None
    if not 0 < values.shape[0] <= np.iinfo(np.int32).max:
        return None
    file = _of_library(values, name) if of_library else _file_of(values)
    return None if file is None else OnDisk(file, _type(file, name))


def left_on_disk(x: Any) -> Any:
    """Rows of x that stay on disk if they are to, or else as they are."""
    found = on_disk(x, "x")
    return x if found is None else found


def is_large(size: int) -> bool:
    """Whether an array of so many bytes is to stay on disk."""
    return size > SHARE * psutil.virtual_memory().available


def _file_of(values: np.memmap) -> RowsFile | None:
    """Where the bytes of a mapped array lie; None where they lie nowhere row by row."""
    if values.mode not in ("r", "r+") or values.filename is None or not values.flags.c_contiguous:
        return None
    whole: Any = values
    while isinstance(whole.base, np.ndarray):
        whole = whole.base
    if not isinstance(whole, np.memmap):
        return None
    values.flush()
    offset = whole.offset + values.ctypes.data - whole.ctypes.data
    try:
        return RowsFile(Path(values.filename), offset, values.dtype, values.shape)
    except OSError:  # it was removed since it was mapped
        return None


def _of_library(values: Any, name: str) -> RowsFile:
    try:
        return file_of_library(values)
    except OSError as error:
        raise InputError(
            f"{name} cannot be read ({error.strerror or one_line(error)}): give a whole file that "
            f"can be."
        ) from error


def _type(file: RowsFile, name: str) -> type[np.number[Any]]:
    """The type as which Keras trains on these numbers; they are looked at block by block."""
    whole = file.dtype.kind in "iu"
    low, high, broken = 0.0, 0.0, 0
    for block in file.looked_at():
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
