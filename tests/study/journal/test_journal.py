"""The journal of a study."""

import contextlib
import sqlite3
from pathlib import Path

import numpy as np

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
