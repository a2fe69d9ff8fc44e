"""Rows in HDF5 and Zarr, as h5py and zarr open them, and of Parquet."""

import functools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from wane._errors import InputError
from wane.resampling.streams.parquet import ParquetRows
from wane.resampling.streams.rows_file import RowsFile
from wane.resampling.streams.unpacking import Source, rows_at_a_time, unpacked

NAMES = {"h5py": "Dataset", "zarr": "Array"}
"""What libraries call their arrays."""


def is_of_library(values: Any) -> bool:
    """Whether these are rows that a library reads from a file."""
    if isinstance(values, ParquetRows):
        return True
    return any(
        NAMES.get(kind.__module__.partition(".")[0]) == kind.__name__
        for kind in type(values).__mro__
    )


def check_numbers(values: Any, name: str) -> None:
    """Check that a library's array is of numbers, before any is read.

    Raises:
        InputError: if it is of text, of rows of different lengths or of several fields, or if its
            file is closed.
    """
    if hasattr(values, "id") and not values:
        raise InputError(
            f"{name} is an array of an HDF5 file that is closed: make the study while it is open."
        )
    if values.dtype is None or values.dtype.kind not in "fiub":
        raise InputError(
            f"{name} must hold numbers in rows of one shape, but the array {values.name!r} is of "
            f"type {values.dtype}: store numbers, as text and dates encoded, rows padded."
        )


def file_of_library(values: Any) -> RowsFile:
    """The rows in a file, as they lie there or unpacked.

    Raises:
        InputError: if memory does not hold a part of them, or a disk not all.
        OSError: if they cannot be read.
    """
    if isinstance(values, ParquetRows):
        return _parquet(values)
    if type(values).__module__.startswith("zarr"):
        return _zarr(values)
    return _hdf5(values)


def _hdf5(dataset: Any) -> RowsFile:
    path = Path(os.fsdecode(dataset.file.filename)).absolute()
    if dataset.file.mode != "r":
        dataset.file.flush()
    as_it_lies = _contiguous(dataset, path)
    if as_it_lies is not None:
        return as_it_lies
    piece = 1 if dataset.chunks is None else dataset.chunks[0]
    return unpacked(
        _source(dataset, path, piece, functools.partial(_hdf5_again, path, dataset.name))
    )


def _contiguous(dataset: Any, path: Path) -> RowsFile | None:
    """The rows where HDF5 holds them one after the other, uncompressed."""
    at = None if dataset.is_virtual else dataset.id.get_offset()
    if at is None or dataset.external or dataset.file.driver != "sec2":
        return None
    found = RowsFile(path, at, dataset.dtype, dataset.shape)
    for row in (0, len(dataset) - 1):
        if found.take(np.array([row])).tobytes() != dataset[row : row + 1].tobytes():
            return None
    return found


def _hdf5_again(path: Path, name: str) -> RowsFile:
    import h5py

    with h5py.File(path) as file:
        found = file.get(name)
        if not isinstance(found, h5py.Dataset):
            raise InputError(
                f"{str(path)!r} has no array {name!r} here, of which the study was made: put the "
                f"same file there on every machine that trains."
            )
        return _hdf5(found)


def _zarr(array: Any) -> RowsFile:
    root = getattr(array.store, "root", None)
    path = Path(str(array.store_path)) if root is None else Path(root, array.path)
    piece = (getattr(array, "shards", None) or array.chunks)[0]
    return unpacked(_source(array, path, piece, functools.partial(_zarr, array)))


def _parquet(rows: ParquetRows) -> RowsFile:
    piece = functools.partial(_parquet, rows)
    return unpacked(Source(rows.path, rows.dtype, rows.shape, rows.blocks, piece))


def _source(array: Any, path: Path, piece: int, again: Any) -> Source:
    dtype, shape = np.dtype(array.dtype), tuple(array.shape)
    row_bytes = int(np.prod(shape[1:])) * dtype.itemsize
    step = rows_at_a_time(path, shape, row_bytes, piece)

    def blocks() -> Iterator[np.ndarray]:
        for first in range(0, shape[0], step):
            yield np.asarray(array[first : first + step])

    return Source(path, dtype, shape, blocks, again)
