"""The study folder: one row for each finished run in an SQLite journal, and files beside it."""

import contextlib
import itertools
import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

from wane._errors import InputError
from wane.training.chunks import Trained

_SCHEMA = """
CREATE TABLE run (
    candidate INTEGER NOT NULL,
    repeat INTEGER NOT NULL,
    diverged INTEGER,            -- the epoch, or NULL
    numbers TEXT NOT NULL,       -- JSON: final numbers by column name
    curves BLOB NOT NULL,        -- float32 [epochs, columns]
    weights BLOB NOT NULL,       -- every variable's bytes, one after the other
    norms BLOB NOT NULL,         -- float32 [epochs for which they were taken, norms]
    PRIMARY KEY (candidate, repeat)
) STRICT;
CREATE TABLE prediction (        -- final outputs, of runs that did not diverge
    candidate INTEGER NOT NULL,
    repeat INTEGER NOT NULL,
    part TEXT NOT NULL,          -- validation or test
    output INTEGER NOT NULL,     -- of a model with several, in JAX's order of a tree's leaves
    shape TEXT NOT NULL,         -- JSON: [rows, …]
    outputs BLOB NOT NULL,       -- float32
    PRIMARY KEY (candidate, repeat, part, output)
) STRICT;
"""
SCHEMA_VERSION = 2
PREDICTED = ("validation", "test")
"""The parts of which predictions are kept."""


def new_folder(path: str | Path) -> Path:
    """Make the folder of a new study.

    Raises:
        InputError: if it exists and is not an empty folder, or cannot be made.
    """
    folder = Path(path)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        holds = "a study" if (folder / "study.db").is_file() else "other files"
        if not folder.is_dir():
            raise InputError(f"{str(folder)!r} is a file; nothing was written: give a new folder.")
        raise InputError(
            f"{str(folder)!r} exists and holds {holds}; nothing was written: give a new folder, or "
            f"remove that one."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_be_made(folder, error) from error
    return folder


def _cannot_be_made(folder: Path, error: OSError) -> InputError:
    return InputError(
        f"The folder {str(folder)!r} cannot be made ({error.strerror}): give another one."
    )


def free_folder(name: str) -> Path:
    """Make the first folder of ``name``, ``name-2``, ``name-3``, … that does not exist yet."""
    for number in itertools.count(1):
        folder = Path(name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir()  # made at once, so that two studies that start together get one each
        except FileExistsError:
            continue
        except OSError as error:
            raise _cannot_be_made(folder, error) from error
        return folder
    raise AssertionError("itertools.count does not end")


class Store:
    """The journal of a study: finished runs, written as they end.

    Args:
        path: the database file.
        columns: how many columns the curves have.
        shapes: for each candidate shape and NumPy type of each variable, trainable ones first.
        norms: for each candidate how many norms its weights have.
    """

    def __init__(
        self,
        path: Path,
        *,
        columns: int,
        shapes: Sequence[list[tuple[tuple[int, ...], str]]],
        norms: Sequence[int],
    ) -> None:
        self.path = path.resolve()  # the working directory may change before a model is read
        self._columns = columns
        self._shapes = shapes
        self._norms = norms
        # Every insert is a transaction of its own, which with these two settings waits for no disk.
        self._writer: sqlite3.Connection | None = sqlite3.connect(path, isolation_level=None)
        self._writer.execute("PRAGMA journal_mode=WAL")
        self._writer.execute("PRAGMA synchronous=NORMAL")
        self._writer.executescript(_SCHEMA)
        self._writer.execute(f"PRAGMA user_version={SCHEMA_VERSION}")

    def add(self, trained: Trained) -> None:
        """Write one finished run, which from then on outlives this process."""
        weights = b"".join(value.tobytes() for value in [*trained.weights, *trained.state])
        which = (trained.run.candidate, trained.run.repeat)
        assert self._writer is not None, "the journal was closed"
        self._writer.execute("BEGIN")
        self._writer.executemany(
            "INSERT INTO prediction VALUES (?, ?, ?, ?, ?, ?)",
            [
                (*which, part, index, json.dumps(output.shape), _bytes(output))
                for part, outputs in zip(PREDICTED, trained.predictions, strict=True)
                for index, output in enumerate(jax.tree.leaves(outputs))
            ],
        )
        self._writer.execute(
            "INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                *which,
                trained.diverged,
                json.dumps(finite(trained.numbers)),
                _bytes(trained.curves),
                weights,
                _bytes(trained.norms),
            ),
        )
        self._writer.execute("COMMIT")

    def runs(self) -> list[tuple[int, int, int | None, dict[str, float]]]:
        """Every finished run as (candidate, repeat, diverged, numbers), in order.

        A number that is not finite comes back as NaN.
        """
        rows = self._read(
            "SELECT candidate, repeat, diverged, numbers FROM run ORDER BY candidate, repeat"
        )
        return [(c, r, diverged, _numbers(text)) for c, r, diverged, text in rows]

    def curves(self, candidate: int | None = None) -> Iterator[tuple[int, int, np.ndarray]]:
        """Finished runs' curves as (candidate, repeat, [epochs, columns]), in order.

        Args:
            candidate: the candidate whose runs are meant; None takes all.
        """
        chosen = "" if candidate is None else "WHERE candidate = ?"
        query = f"SELECT candidate, repeat, curves FROM run {chosen} ORDER BY candidate, repeat"
        for index, repeat, blob in self._read(query, () if candidate is None else (candidate,)):
            yield index, repeat, np.frombuffer(blob, np.float32).reshape(-1, self._columns)

    def norms(self, candidate: int) -> Iterator[tuple[int, np.ndarray]]:
        """The norms of a candidate's finished runs as (repeat, [epochs, norms]), in order."""
        query = "SELECT repeat, norms FROM run WHERE candidate = ? ORDER BY repeat"
        for repeat, blob in self._read(query, (candidate,)):
            values = np.frombuffer(blob, np.float32)
            columns = self._norms[candidate]
            yield repeat, values.reshape(len(values) // max(columns, 1), columns)

    def predictions(self, candidate: int, repeat: int, part: str) -> list[np.ndarray]:
        """A run's final outputs, [rows, …] for each output; empty if they were not kept."""
        query = (
            "SELECT shape, outputs FROM prediction WHERE candidate = ? AND repeat = ? AND part = ? "
            "ORDER BY output"
        )
        return [
            np.frombuffer(blob, np.float32).reshape(json.loads(shape))
            for shape, blob in self._read(query, (candidate, repeat, part))
        ]

    def epoch_count(self) -> int:
        """How many epochs all finished runs were trained together."""
        ((size,),) = self._read("SELECT total(length(curves)) FROM run")
        return int(size) // (4 * self._columns)

    def epochs(self, candidate: int, repeat: int) -> int:
        """How many epochs a finished run was trained."""
        query = "SELECT length(curves) FROM run WHERE candidate = ? AND repeat = ?"
        ((size,),) = self._read(query, (candidate, repeat))
        return int(size) // (4 * self._columns)

    def weights(self, candidate: int, repeat: int) -> list[np.ndarray] | None:
        """Final values of a run's variables, trainable ones first; None if it has not finished."""
        query = "SELECT weights FROM run WHERE candidate = ? AND repeat = ?"
        row = next(self._read(query, (candidate, repeat)), None)
        if row is None:
            return None
        values, offset = [], 0
        for shape, dtype in self._shapes[candidate]:
            count = int(np.prod(shape))
            # ml_dtypes' types (bfloat16) are known to NumPy by name once JAX is loaded.
            value = np.frombuffer(row[0], np.dtype(dtype), count, offset).reshape(shape)
            offset += value.nbytes
            values.append(value)
        return values

    def close(self) -> None:
        """Fold the write-ahead log into the database file; reading stays possible."""
        if self._writer is not None:
            self._writer.execute("PRAGMA busy_timeout=0")
            with contextlib.suppress(sqlite3.OperationalError):  # someone else is reading it
                self._writer.execute("PRAGMA journal_mode=DELETE")
            self._writer.close()
            self._writer = None

    def _read(self, query: str, values: tuple[Any, ...] = ()) -> Iterator[Any]:
        """The rows of a query, over a connection of its own, so from any thread."""
        with contextlib.closing(sqlite3.connect(self.path)) as reader:
            yield from reader.execute(query, values)


def _bytes(values: np.ndarray) -> bytes:
    return np.ascontiguousarray(values, np.float32).tobytes()


def _numbers(text: str) -> dict[str, float]:
    return {
        name: float("nan") if number is None else number
        for name, number in json.loads(text).items()
    }


def write_json(path: Path, document: Any) -> None:
    """Write a JSON file whole or not at all; numbers that are not finite become null."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(finite(document), indent=2) + "\n", encoding="utf-8")
    partial.replace(path)


def finite(value: Any) -> Any:
    """A JSON value in which numbers that are not finite are None, as JSON has none of them."""
    if isinstance(value, dict):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value
