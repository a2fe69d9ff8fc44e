"""The journal of a study."""

import contextlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wane.study.journal.journal import Journal
from wane.training.batch import Run, Trained
from wane.training.terms import Settings


def stored(path: Path) -> Journal:
    """A journal with one finished run."""
    journal = Journal(path, columns=1, shapes=[[((2,), "float32")]], norms=[["hidden"]])
    weights = [np.ones(2, np.float32)]
    curves = np.zeros((1, 1), np.float32)
    run, numbers = Run(0, 0, Settings(())), {"train_data_loss": 1.0}
    norms = np.full((1, 1), 3.0, np.float32)
    predictions = ([np.ones((2, 1), np.float32), np.zeros((2, 3), np.float32)], None)
    journal.add(Trained(run, curves, numbers, weights, [], None, norms, predictions))
    return journal


def test_a_run_is_in_the_file_as_soon_as_it_has_ended(tmp_path: Path) -> None:
    journal = stored(tmp_path / "study.db")
    assert journal.runs() == [(0, 0, None, {"train_data_loss": 1.0})]
    journal.close()


def test_norms_and_predictions_come_back_in_their_shapes(tmp_path: Path) -> None:
    journal = stored(tmp_path / "study.db")
    ((repeat, norms),) = journal.norms(0)
    assert (repeat, norms.tolist()) == (0, [[3.0]])
    outputs = journal.predictions(0, 0, "validation")
    assert [output.shape for output in outputs] == [(2, 1), (2, 3)] and outputs[0].all()
    assert journal.predictions(0, 0, "test") == []
    journal.close()


def test_someone_who_reads_the_journal_does_not_break_the_study(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    journal = stored(path)
    with contextlib.closing(sqlite3.connect(path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM run").fetchall()
        journal.close()
        assert journal.runs() == [(0, 0, None, {"train_data_loss": 1.0})]


def test_many_reads_share_a_connection_which_sees_what_is_written_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = stored(tmp_path / "study.db")
    opened = []
    connect: Any = sqlite3.connect

    def counted(*given: Any, **options: Any) -> Any:
        opened.append(given)
        return connect(*given, **options)

    monkeypatch.setattr(sqlite3, "connect", counted)
    with journal.reading(), journal.reading():
        assert journal.seconds() == 0
        journal.add_seconds(2.0)
        assert journal.seconds() == 2.0 and journal.begun() is not None
        others = ThreadPoolExecutor(1).submit(journal.seconds)  # a connection is its thread's
        assert others.result() == 2.0
    reads = len(opened)
    assert journal.seconds() == 2.0 and len(opened) == reads + 1
    journal.close()
    assert not (tmp_path / "study.db-wal").exists(), "no reader is left"
