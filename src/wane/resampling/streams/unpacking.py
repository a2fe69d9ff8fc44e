"""Rows that lie compressed or in pieces, written once to a file without a name.

A batch is of rows from anywhere. Of pieces of 256 rows each, compressed, reading one for each row
took 2,700 times as long as reading rows that lie one after the other (``docs/scaling.md``).
"""

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import psutil

from wane._errors import InputError
from wane.resampling.streams.rows_file import BLOCK_BYTES, RowsFile

LARGEST_PART = 0.5
"""The largest share of the memory that is free that a piece of rows may take."""
_DISK = Path("/var/tmp")
"""Where temporary files are on a disk: /tmp may be in memory."""


class Source(NamedTuple):
    """Rows in a format that a library reads.

    Attributes:
        path: where they are, as errors call it.
        dtype, shape: of the array.
        blocks: gives them, some rows at a time.
        again: makes the same unpacked file anew on another machine.
    """

    path: Path
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    blocks: Callable[[], Iterator[np.ndarray]]
    again: Callable[[], RowsFile]


def unpacked(source: Source) -> RowsFile:
    """The rows one after the other, in a temporary file that goes with the process.

    Raises:
        InputError: if the disk has no room for them.
    """
    size = int(np.prod(source.shape)) * source.dtype.itemsize
    folder = _folder()
    if shutil.disk_usage(folder).free < size:
        raise _no_room(source, size, folder)
    handle, name = tempfile.mkstemp(prefix="wane-rows-", dir=folder)
    Path(name).unlink()
    try:
        for block in source.blocks():
            values = np.ascontiguousarray(block, source.dtype).reshape(-1)
            left = memoryview(values.view(np.uint8).data)
            while left:
                left = left[os.write(handle, left) :]
    except OSError as error:
        os.close(handle)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _no_room(source, size, folder) from error
        raise _unreadable(source, error) from error
    except BaseException:
        os.close(handle)
        raise
    return RowsFile(source.path, 0, source.dtype, source.shape, handle=handle, again=source.again)


def rows_at_a_time(path: Path, shape: tuple[int, ...], row_bytes: int, piece: int) -> int:
    """How many rows to read at a time, so that each piece is unpacked once.

    Args:
        path: of the rows, for an error.
        shape: of the array.
        row_bytes: what one takes, unpacked.
        piece: how many rows a piece of them has.

    Raises:
        InputError: if memory does not hold the rows of a piece.
    """
    piece = max(1, min(piece, shape[0]))
    step = piece * max(1, BLOCK_BYTES // max(1, row_bytes) // piece)
    if piece * row_bytes > LARGEST_PART * psutil.virtual_memory().available:
        raise InputError(
            f"{str(path)!r} holds its rows in pieces of {piece:,}, {_gibibytes(piece * row_bytes)} "
            f"each, which memory does not hold: store it in pieces of fewer rows."
        )
    return step


def _folder() -> Path:
    named = any(os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
    on_disk = not named and os.access(_DISK, os.W_OK | os.X_OK)
    return _DISK if on_disk else Path(tempfile.gettempdir())


def _no_room(source: Source, size: int, folder: Path) -> InputError:
    return InputError(
        f"The rows of {str(source.path)!r} take {_gibibytes(size)} one after the other, for which "
        f"{str(folder)!r} has no room: make some there, or let TMPDIR name a folder on another "
        f"disk."
    )


def _unreadable(source: Source, error: OSError) -> InputError:
    return InputError(
        f"{str(source.path)!r} cannot be read ({error.strerror or error}): give a whole file."
    )


def _gibibytes(size: int) -> str:
    return f"{size / 2**30:.2f} GiB"
