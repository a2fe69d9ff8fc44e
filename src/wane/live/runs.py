"""The finished runs of a journal, read as they come, so that whoever writes it never waits."""

import contextlib
import dataclasses
import json
import math
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from wane._errors import InputError
from wane.live.plan import Plan
from wane.study.journal.schema import SCHEMA_VERSION

PART = 64
"""How many runs are read at a time: reading them takes some milliseconds."""
POINTS = 128
"""About how many epochs are kept of each run."""


@contextlib.contextmanager
def reader(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that cannot write, neither the database nor its write-ahead log and index.

    SQLite lets writers of a write-ahead log go on while others read. The connection is for a
    moment: its mere presence would keep the writer from folding the log into the database.
    """
    uri = f"{path.absolute().as_uri()}?mode=ro&readonly_shm=1"
    with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=0.0)) as found:
        yield found


def has_tables(path: Path) -> bool:
    """Whether a journal has its tables, which are made together.

    Raises:
        InputError: if it is one of another version.
        sqlite3.Error: if it cannot be read now.
    """
    with reader(path) as found:
        ((version,),) = found.execute("PRAGMA user_version")
    if version not in (0, SCHEMA_VERSION):
        raise InputError(
            f"{str(path)!r} is a journal of version {version}, and this wane reads version "
            f"{SCHEMA_VERSION}: watch it with the wane that began it."
        )
    return bool(version)


def read_additions(path: Path) -> list[str]:
    """The JSON of the candidates of each step by which a study got further ones."""
    with reader(path) as found:
        rows = found.execute("SELECT candidates FROM addition ORDER BY number").fetchall()
    return [text for (text,) in rows]


def count_starts(path: Path) -> int:
    """How often a journal's study has trained before now."""
    with reader(path) as found:
        ((count,),) = found.execute("SELECT count(*) FROM work")
    return int(count)


@dataclasses.dataclass(frozen=True)
class UnderWay:
    """A run that has not ended, as it was when it was last kept.

    Attributes:
        candidate, repeat: which run it is.
        epoch: how many epochs it has trained.
        curves: [points, columns], as :attr:`Runs.curves` has them.
    """

    candidate: int
    repeat: int
    epoch: int
    curves: np.ndarray


class Runs:
    """The runs of a journal, each read once.

    Args:
        path: the journal.
        plan: what the study trains.

    Attributes:
        epochs: [points], the epochs from 1 of which curves are kept.
        diverged: how many runs of each candidate diverged.
        under_way: the runs that have not ended.
        sizes, retrained: how many runs there are on fewer rows and under random weights of rows.
    """

    def __init__(self, path: Path, plan: Plan) -> None:
        self._path, self.plan = path, plan
        self.epochs = kept_epochs(plan.epochs)
        self._latest = 0
        self._numbers: dict[int, list[list[float]]] = {}
        self._curves: dict[int, list[np.ndarray]] = {}
        self._count = 0
        self.diverged: dict[int, int] = {}
        self.under_way: list[UnderWay] = []
        self.sizes = self.retrained = 0

    @property
    def count(self) -> int:
        """How many runs have ended, those of a path that are but on their way too."""
        return self._count

    def read(self) -> None:
        """Read what has come since the last time.

        Raises:
            sqlite3.Error: if the journal cannot be read now; what was read before stays.
        """
        while self._read_part() == PART:
            pass
        with reader(self._path) as found:
            query = "SELECT candidate, repeat, epoch, columns, curves FROM checkpoint ORDER BY 1, 2"
            kept = found.execute(query).fetchall()
            ((self.sizes,),) = found.execute("SELECT count(*) FROM size")
            ((self.retrained,),) = found.execute("SELECT count(*) FROM retraining")
        self.under_way = [
            UnderWay(place, repeat, epoch, self._thinned(blob, columns))
            for candidate, repeat, epoch, columns, blob in kept
            if (place := self._place(candidate)) is not None
        ]

    def numbers(self, candidate: int, part: str, column: str) -> list[float]:
        """A final number of each run of a candidate that did not diverge, as they ended."""
        at = self._columns.index(f"{part}_{column}")
        values = [run[at] for run in self._numbers.get(candidate, ())]
        return [value for value in values if math.isfinite(value)]

    def runs(self, candidate: int) -> int:
        """How many runs of a candidate have ended."""
        return len(self._numbers.get(candidate, ()))

    def curves(self, candidate: int, part: str, column: str) -> np.ndarray:
        """Curves of a candidate's runs, [runs, points]; NaN after the end of a run."""
        own = self._curves.get(candidate, [])
        at = self._columns.index(f"{part}_{column}")
        empty = np.empty((0, len(self.epochs)))
        return np.array([run[:, at] for run in own]) if own else empty

    @property
    def _columns(self) -> list[str]:
        return kept_columns(self.plan)

    def _place(self, candidate: int) -> int | None:
        """Where a run of the journal stands among the candidates of the page, if it does."""
        place = candidate if self.plan.path is None else self.plan.path.place(candidate)
        return None if place is None or place >= len(self.plan.candidates) else place

    def _read_part(self) -> int:
        """Read the next runs; returns how many there were."""
        with reader(self._path) as found:
            rows = found.execute(
                "SELECT rowid, candidate, diverged, numbers, curves FROM run WHERE rowid > ? "
                "ORDER BY rowid LIMIT ?",
                (self._latest, PART),
            ).fetchall()
        for row, candidate, diverged, text, blob in rows:
            place = self._place(candidate)
            if place is None:
                self._latest, self._count = row, self._count + 1
                continue
            numbers = json.loads(text)
            names = self.plan.curves or [n for n in numbers if n.startswith(("train_", "valid"))]
            values = [numbers.get(name) for name in self._columns]
            final = [math.nan if value is None else float(value) for value in values]
            curves = self._thinned(blob, len(names), names)
            # Nothing is taken of what could not be read, so that it is read again next time.
            self._latest, self._count = row, self._count + 1
            self._numbers.setdefault(place, []).append(final)
            self._curves.setdefault(place, []).append(curves)
            self.diverged[place] = self.diverged.get(place, 0) + (diverged is not None)
        return len(rows)

    def _thinned(self, blob: bytes, width: int, names: Sequence[str] = ()) -> np.ndarray:
        """The columns of a run's curves that are kept, [points, columns]."""
        names = [*(names or self.plan.curves)]
        whole = np.frombuffer(blob, np.float32).reshape(-1, width)
        found = np.full((len(self.epochs), len(self._columns)), np.nan, np.float32)
        trained = self.epochs <= len(whole)
        for at, column in enumerate(self._columns):
            if column in names:
                found[trained, at] = whole[self.epochs[trained] - 1, names.index(column)]
        found[~np.isfinite(found)] = np.nan
        return found


def kept_columns(plan: Plan) -> list[str]:
    """The columns of the curves, and final numbers, of which the page can show something."""
    return [f"{part}_{column}" for column in plan.columns for part in ("train", "validation")]


def kept_epochs(epochs: int) -> np.ndarray:
    """Epochs from 1 that look even on a linear and on a log axis, all of them if they are few."""
    if epochs <= POINTS:
        return np.arange(1, epochs + 1)
    ends = np.log10(epochs)
    found = [np.linspace(1, epochs, POINTS // 2 + 1), np.logspace(0, ends, POINTS // 2)]
    return np.unique(np.concatenate(found).round().astype(int)).clip(1, epochs)


def mean_and_deviation(values: Any) -> tuple[float, float | None] | None:
    """Mean and standard deviation over runs; None of none, no deviation of a single one."""
    known = np.asarray(values, np.float64)
    if not known.size:
        return None
    return float(known.mean()), float(known.std(ddof=1)) if known.size > 1 else None
