"""The study folder: one row for each finished run in an SQLite journal, and files beside it."""

import contextlib
import json
import math
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

from wane._errors import StorageError
from wane.penalties import Candidate
from wane.study.journal.json_files import finite
from wane.study.journal.schema import SCHEMA, SCHEMA_VERSION
from wane.study.journal.unopened import begun_repeats, recorded_additions, tables
from wane.study.spec.documents import change_document
from wane.training.batch import Trained
from wane.training.checkpoint import Checkpoint

PREDICTED = ("validation", "test")
"""The parts of which predictions are kept."""
CLOSING_TRIES = 30
"""How often, in so many hundredths of a second, the write-ahead log is folded into the database."""


class Journal:
    """The journal of a study: finished runs, written as they end.

    Args:
        path: the database file.
        columns: how many columns the curves have.
        shapes: for each candidate shape and NumPy type of each variable, trainable ones first.
        norms: for each candidate the layers whose norms were taken. In a study that is resumed
            Keras may have given them other names since then; the new ones are reported.
        writes: whether runs are written; else the file stays as it is, and is there already.
    """

    def __init__(
        self,
        path: Path,
        *,
        columns: int,
        shapes: Sequence[list[tuple[tuple[int, ...], str]]],
        norms: Sequence[Sequence[str]],
        writes: bool = True,
    ) -> None:
        self.path = path.resolve()  # the working directory may change before a model is read
        self._columns = columns
        self._shapes = shapes
        self._norms = norms
        self._writer: sqlite3.Connection | None = None
        self._readers: dict[int, sqlite3.Connection] = {}
        if not writes:
            return
        # Every transaction is whole in the file when it ends, but with these two settings waits for
        # no disk: a loss of power may take the last ones, never one that lies between others.
        with self._errors_reported():
            self._writer = sqlite3.connect(path, isolation_level=None)
            self._writer.execute("PRAGMA journal_mode=WAL")
            self._writer.execute("PRAGMA synchronous=NORMAL")
            if not tables(self._writer):
                version = f"PRAGMA user_version={SCHEMA_VERSION};"
                self._writer.executescript(f"BEGIN; {SCHEMA} {version} COMMIT;")

    def extend(
        self, shapes: Sequence[list[tuple[tuple[int, ...], str]]], norms: Sequence[Sequence[str]]
    ) -> None:
        """Take the runs of further candidates, described as the others are."""
        self._shapes = [*self._shapes, *shapes]
        self._norms = [*self._norms, *norms]

    def add(self, trained: Trained) -> None:
        """Write one finished run, which from then on outlives this process."""
        weights = b"".join(value.tobytes() for value in [*trained.weights, *trained.state])
        which = (trained.run.candidate, trained.run.repeat)
        with self._transaction() as writer:
            for part, outputs in zip(PREDICTED, trained.predictions, strict=True):
                _write_predictions(writer, which, part, outputs)
            writer.execute(
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
            writer.execute("DELETE FROM checkpoint WHERE candidate = ? AND repeat = ?", which)

    def keep(self, checkpoint: Checkpoint) -> None:
        """Write a run that has not ended, in place of what was kept of it before."""
        which = (checkpoint.candidate, checkpoint.repeat)
        with self._transaction() as writer:
            writer.execute(
                "INSERT OR REPLACE INTO checkpoint SELECT ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS "
                "(SELECT 1 FROM run WHERE candidate = ? AND repeat = ?)",
                (
                    *which,
                    checkpoint.epoch,
                    checkpoint.stopped,
                    checkpoint.curves.shape[1],
                    _bytes(checkpoint.curves),
                    checkpoint.state,
                    *which,
                ),
            )

    def checkpoint(self, candidate: int, repeat: int) -> Checkpoint | None:
        """What was kept of a run that has not ended."""
        query = (
            "SELECT epoch, stopped, columns, curves, state FROM checkpoint "
            "WHERE candidate = ? AND repeat = ?"
        )
        row = next(self._read(query, (candidate, repeat)), None)
        if row is None:
            return None
        epoch, stopped, columns, blob, state = row
        curves = np.frombuffer(blob, np.float32).reshape(-1, columns)
        return Checkpoint(candidate, repeat, epoch, bool(stopped), curves, state)

    def add_size(self, rows: int, repeat: int, numbers: Mapping[str, float]) -> None:
        """Write the final numbers of a run that had only so many training rows."""
        with self._transaction() as writer:
            text = json.dumps(finite(dict(numbers)))
            writer.execute("INSERT OR REPLACE INTO size VALUES (?, ?, ?)", (rows, repeat, text))

    def add_predictions(self, candidate: int, repeat: int, part: str, outputs: Any) -> None:
        """Write predictions that a run made at another time than at its end, under a name."""
        with self._transaction() as writer:
            _write_predictions(writer, (candidate, repeat), part, outputs)

    def sizes(self) -> dict[tuple[int, int], dict[str, float]]:
        """The final numbers of those runs by (rows, repeat)."""
        query = "SELECT rows, repeat, numbers FROM size ORDER BY repeat, rows"
        return {
            (rows, repeat): _numbers(text, self._norms[0])
            for rows, repeat, text in self._read(query)
        }

    def add_addition(self, number: int, step: str, candidates: Sequence[Candidate]) -> None:
        """Write further candidates, by the number of the step from 0 and what adds them."""
        text = json.dumps([[change_document(change) for change in one] for one in candidates])
        with self._transaction() as writer:
            writer.execute("INSERT INTO addition VALUES (?, ?, ?)", (number, step, text))

    def additions(self) -> list[tuple[str, list[Candidate]]]:
        """The steps by which the study got further candidates, in order."""
        return recorded_additions(self.path)

    def add_look(self, number: int, summary: Mapping[str, Any]) -> None:
        """Write an evaluation, in place of one of this number, which was of the same runs."""
        with self._transaction() as writer:
            writer.execute(
                "INSERT OR REPLACE INTO look VALUES (?, ?)",
                (number, json.dumps(finite(dict(summary)))),
            )

    def looks(self) -> list[dict[str, Any]]:
        """The summaries of all evaluations, in order."""
        return [
            json.loads(text) for (text,) in self._read("SELECT summary FROM look ORDER BY number")
        ]

    def add_seconds(self, seconds: float) -> None:
        """Write how long runs were trained."""
        with self._transaction() as writer:
            writer.execute("INSERT INTO work VALUES (?)", (seconds,))

    def seconds(self) -> float:
        """How long all runs were trained so far."""
        ((seconds,),) = self._read("SELECT total(seconds) FROM work")
        return float(seconds)

    def begun(self) -> int:
        """How many repeats there are of which some run has finished."""
        return begun_repeats(self.path)

    def add_retrained(self, candidate: int, number: int, repeats: int, value: float) -> None:
        """Write what a run under random weights of the rows came to; NaN if it diverged."""
        with self._transaction() as writer:
            found = None if math.isnan(value) else value
            writer.execute(
                "INSERT OR REPLACE INTO retraining VALUES (?, ?, ?, ?)",
                (candidate, number, repeats, found),
            )

    def retrained(self, repeats: int) -> dict[tuple[int, int], float]:
        """What those runs of so many repeats came to by (candidate, number); NaN if diverged."""
        query = "SELECT candidate, number, value FROM retraining WHERE repeats = ?"
        return {(c, n): math.nan if v is None else v for c, n, v in self._read(query, (repeats,))}

    def finished(self) -> set[tuple[int, int]]:
        """Candidate and repeat of every finished run."""
        return set(self._read("SELECT candidate, repeat FROM run"))

    def runs(self) -> list[tuple[int, int, int | None, dict[str, float]]]:
        """All of :meth:`each_run`."""
        return list(self.each_run())

    def each_run(self) -> Iterator[tuple[int, int, int | None, dict[str, float]]]:
        """Every finished run as (candidate, repeat, diverged, numbers), in order.

        A number that is not finite comes back as NaN. Runs of candidates that a resumed
        study has not come to again (see :meth:`extend`) are left out.
        """
        rows = self._read(
            "SELECT candidate, repeat, diverged, numbers FROM run WHERE candidate < ? "
            "ORDER BY candidate, repeat",
            (len(self._norms),),
        )
        for candidate, repeat, diverged, text in rows:
            yield candidate, repeat, diverged, _numbers(text, self._norms[candidate])

    def curves(self, candidate: int | None = None) -> Iterator[tuple[int, int, np.ndarray]]:
        """Finished runs' curves as (candidate, repeat, [epochs, columns]), in order.

        Args:
            candidate: the candidate whose runs are meant; None takes all.
        """
        first, last = (0, len(self._norms) - 1) if candidate is None else (candidate, candidate)
        query = (
            "SELECT candidate, repeat, curves FROM run WHERE candidate BETWEEN ? AND ? "
            "ORDER BY candidate, repeat"
        )
        for index, repeat, blob in self._read(query, (first, last)):
            yield index, repeat, np.frombuffer(blob, np.float32).reshape(-1, self._columns)

    def norms(self, candidate: int) -> Iterator[tuple[int, np.ndarray]]:
        """The norms of a candidate's finished runs as (repeat, [epochs, norms]), in order."""
        query = "SELECT repeat, norms FROM run WHERE candidate = ? ORDER BY repeat"
        for repeat, blob in self._read(query, (candidate,)):
            values = np.frombuffer(blob, np.float32)
            columns = len(self._norms[candidate])
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
            for _ in range(CLOSING_TRIES):
                try:
                    self._writer.execute("PRAGMA journal_mode=DELETE")
                    break
                except sqlite3.OperationalError:  # someone else is reading it, as a live page does
                    time.sleep(0.01)
            self._writer.close()
            self._writer = None

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Statements that are written together or not at all."""
        assert self._writer is not None, "the journal was closed"
        with self._errors_reported():
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):  # a full disk has ended it already
                    self._writer.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def _errors_reported(self) -> Iterator[None]:
        """Report in one sentence that the journal cannot be written."""
        try:
            yield
        except sqlite3.Error as error:
            raise StorageError(f"{str(self.path)!r} cannot be written ({error})") from error

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Read over one connection in this thread meanwhile, as for thousands of predictions.

        The journal is not to be closed in this block.
        """
        if self._reader is not None:
            yield
            return
        with contextlib.closing(sqlite3.connect(self.path)) as reader:
            self._readers[threading.get_ident()] = reader
            try:
                yield
            finally:
                del self._readers[threading.get_ident()]

    @property
    def _reader(self) -> sqlite3.Connection | None:
        """The connection of :meth:`reading` that this thread has now."""
        return self._readers.get(threading.get_ident())

    def _read(self, query: str, values: tuple[Any, ...] = ()) -> Iterator[Any]:
        """The rows of a query, over a connection of its own or of this thread's."""
        if self._reader is not None:
            yield from self._reader.execute(query, values)
            return
        with contextlib.closing(sqlite3.connect(self.path)) as reader:
            yield from reader.execute(query, values)


def _write_predictions(
    writer: sqlite3.Connection, which: tuple[int, int], part: str, outputs: Any
) -> None:
    writer.executemany(
        "INSERT OR REPLACE INTO prediction VALUES (?, ?, ?, ?, ?, ?)",
        [
            (*which, part, index, json.dumps(output.shape), _bytes(output))
            for index, output in enumerate(jax.tree.leaves(outputs))
        ],
    )


def _bytes(values: np.ndarray) -> bytes:
    return np.ascontiguousarray(values, np.float32).tobytes()


def _numbers(text: str, layers: Sequence[str]) -> dict[str, float]:
    """Final numbers by column name, those of layers by these names."""
    numbers = json.loads(text)
    norms = [name for name in numbers if name.startswith("norm_")]
    renamed = dict(zip(norms, (f"norm_{layer}" for layer in layers), strict=False))
    return {
        renamed.get(name, name): float("nan") if number is None else number
        for name, number in numbers.items()
    }
