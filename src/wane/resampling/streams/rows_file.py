"""The rows of an array in a file: read, and known again by a digest of all of them."""

import hashlib
import itertools
import os
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from wane._errors import InputError
from wane.resampling.streams.file_state import FileState, settle

BLOCK_BYTES = 2**24
"""How much is read at a time where all rows are looked at, 16 MiB."""


class Known(NamedTuple):
    """What a file is known again by.

    Attributes:
        digest: SHA-256 of all rows as they lie in it.
        state: of the file in which they had this digest.
        place: by which another process of the machine opens it.
    """

    digest: str
    state: FileState
    place: Path


class RowsFile:
    """The rows of an array as they lie in a file, one after the other.

    They are read and not mapped: of random rows the system maps many times as much, which counts as
    memory of the process, and a process whose mapped file is shortened is killed.

    After each read the file is asked for its size and times, which takes microseconds. Where they
    are others, all of it is read, so that a change of its content is an error and another name or
    time of it is none. Another process that opens it does the same, and another machine reads it.

    Args:
        path: the file, which is kept open; as errors call it.
        offset: where in it the array begins, in bytes.
        dtype, shape: of the array.
        handle: the open file, where it is no longer at its path.
        again: makes the same file anew on another machine, where it was made of another one.

    Attributes:
        path, dtype, shape: as given.
    """

    def __init__(
        self,
        path: Path,
        offset: int,
        dtype: np.dtype[Any],
        shape: tuple[int, ...],
        *,
        handle: int | None = None,
        again: "Callable[[], RowsFile] | None" = None,
    ) -> None:
        self.path = path
        self.dtype = dtype
        self.shape = shape
        self._offset = offset
        self._again = again
        self._handle = os.open(path, os.O_RDONLY) if handle is None else handle
        weakref.finalize(self, os.close, self._handle)
        settle(self._handle)
        self._state = FileState.of(self._handle)
        self._digest: str | None = None
        self._changing = threading.Lock()

    def __reduce__(self) -> Any:  # the handle is of this process
        place = self.path.absolute()
        if self._again is not None:
            place = Path(f"/proc/{os.getpid()}/fd/{self._handle}")
        known = Known(self.digest, self._state, place)
        array = self.path.absolute(), self._offset, self.dtype, self.shape
        return _opened_again, (array, known, self._again)

    @property
    def row_bytes(self) -> int:
        """What a row takes in the file."""
        return int(np.prod(self.shape[1:])) * self.dtype.itemsize

    @property
    def digest(self) -> str:
        """SHA-256 of all rows; they are read once for it."""
        if self._digest is None:
            for _ in self.looked_at():
                pass
        assert self._digest is not None
        return self._digest

    def looked_at(self) -> Iterator[np.ndarray]:
        """All rows, some at a time, whose digest is taken meanwhile.

        Raises:
            InputError: if the file changes meanwhile, or cannot be read.
        """
        digest = hashlib.sha256()
        for block in self._blocks():
            digest.update(_bytes(block))
            yield block
        if FileState.of(self._handle) != self._state:
            raise InputError(
                f"{str(self.path)!r} has changed while its rows were read: give it to a study once "
                f"nothing writes it any more."
            )
        self._digest = digest.hexdigest()

    def take(self, rows: np.ndarray) -> np.ndarray:
        """Rows by their numbers, [*rows.shape, …]; any thread may ask for some.

        Raises:
            InputError: if the file has become shorter, has other values, or cannot be read.
        """
        values = self._taken(rows)
        # Afterwards: what is written later than this was not read.
        if self._digest is not None and FileState.of(self._handle) != self._state:
            self._check_content()
        return values

    def _taken(self, rows: np.ndarray) -> np.ndarray:
        wanted = rows.reshape(-1)
        values = np.empty((wanted.size, *self.shape[1:]), self.dtype)
        target = _bytes(values)
        each = self.row_bytes
        # Neighbours are read at once.
        begins = np.flatnonzero(np.diff(wanted, prepend=wanted[:1] - 2) != 1).tolist()
        for begin, end in itertools.pairwise([*begins, wanted.size]):
            self._read(target[begin * each : end * each], int(wanted[begin]) * each)
        return values.reshape(*rows.shape, *self.shape[1:])

    def _blocks(self) -> Iterator[np.ndarray]:
        step = max(1, BLOCK_BYTES // max(1, self.row_bytes))
        for first in range(0, self.shape[0], step):
            yield self._taken(np.arange(first, min(first + step, self.shape[0])))

    def _check_content(self) -> None:
        """Check that a file whose state is another one has the rows that it had."""
        with self._changing:
            now = FileState.of(self._handle)
            if now == self._state:  # another thread has looked
                return
            settle(self._handle)
            now = FileState.of(self._handle)
            again = hashlib.sha256()
            for block in self._blocks():
                again.update(_bytes(block))
            if again.hexdigest() != self._digest:
                raise InputError(
                    f"{str(self.path)!r} has changed since the study was made of it; finished "
                    f"runs are kept in the study's folder, if it has one: put its earlier values "
                    f"back to resume, or make a new study of those that it has now."
                )
            self._state = now

    def _read(self, target: memoryview, place: int) -> None:
        at = self._offset + place
        while target:
            try:
                count = os.preadv(self._handle, [target], at)
            except OSError as error:
                raise InputError(
                    f"{str(self.path)!r}, which holds the rows of a study, cannot be read any more "
                    f"({error}): make the file readable again."
                ) from error
            if not count:
                raise InputError(
                    f"{str(self.path)!r} has become shorter since the study was made of it: give "
                    f"the whole file again."
                )
            target, at = target[count:], at + count

    def is_here(self, known: Known) -> bool:
        """Whether this is the very file that another process of this machine knows, unchanged."""
        return self._state.is_that_of(known.state)

    def is_known_as(self, known: Known) -> bool:
        """Whether this file, which was just opened, has the rows that another process knows."""
        own = self.shape[0] * self.row_bytes
        if self._offset + own > self._state.size:
            return False
        if self.is_here(known):
            self._digest = known.digest
        return self.digest == known.digest


def _bytes(values: np.ndarray) -> memoryview:
    return memoryview(values.reshape(-1).view(np.uint8).data)


def _opened_again(
    array: tuple[Path, int, np.dtype[Any], tuple[int, ...]],
    known: Known,
    again: Callable[[], RowsFile] | None,
) -> RowsFile:
    """The file of a study that was handed to another process.

    Raises:
        InputError: if it is not there, or has other rows.
    """
    path, _, *kind = array
    try:
        found = RowsFile(*array) if again is None else _unnamed(array, known, again) or again()
    except OSError as error:
        raise InputError(
            f"{str(path)!r}, which holds the rows of a study, cannot be read here "
            f"({error.strerror or error}): put the file there on every machine that trains, or "
            f"train where it is."
        ) from error
    if [found.dtype, found.shape] != kind or not found.is_known_as(known):
        raise InputError(
            f"{str(path)!r} has other values here than those of which the study was made: put the "
            f"same file there on every machine that trains, or make a new study of the one that is "
            f"there."
        )
    return found


def _unnamed(
    array: tuple[Path, int, np.dtype[Any], tuple[int, ...]],
    known: Known,
    again: Callable[[], RowsFile],
) -> RowsFile | None:
    """A file without a name that another process of this machine has open, if it still has it."""
    try:
        handle = os.open(known.place, os.O_RDONLY)
    except OSError:
        return None
    found = RowsFile(*array, handle=handle, again=again)  # which closes it with itself
    return found if found.is_here(known) else None
