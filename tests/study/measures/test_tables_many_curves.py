"""Curves of studies that are larger than what is held in memory at a time."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from study_cases import study
from wane.study.journal.journal import Journal
from wane.study.measures import tables
from wane.study.measures.tables import curves_table, write_curves
from wane.training.batch import Run, Trained
from wane.training.terms import Settings

NAMES, COLUMNS = ("baseline", "L2(0.1)"), ("validation_data_loss", "train_accuracy")
EPOCHS = {(0, 0): 7, (0, 1): 5, (1, 0): 7, (1, 1): 1}


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """A journal of four runs of unequal length."""
    made = Journal(tmp_path / "study.db", columns=2, shapes=[[], []], norms=[["a"], ["a"]])
    random = np.random.default_rng(0)
    for (candidate, repeat), epochs in EPOCHS.items():
        curves = random.normal(size=(epochs, 2)).astype(np.float32)
        run, norms = Run(candidate, repeat, Settings(())), curves[:, :1]
        made.add(Trained(run, curves, {}, [], [], None, norms, (None, None)))
    return made


@pytest.mark.parametrize("rows", [1, 8, 1000])
def test_parquet_written_in_parts_is_the_whole_table(
    rows: int, journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "ROWS_AT_A_TIME", rows)
    write_curves(journal.curves(), NAMES, COLUMNS, tmp_path / "curves.parquet")
    whole = curves_table(journal.curves(), NAMES, COLUMNS)
    assert len(whole) == sum(EPOCHS.values()) == journal.epoch_count()
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "curves.parquet"), whole, check_categorical=False
    )
    journal.close()


def test_thinned_curves_keep_the_first_epoch_and_the_step(journal: Journal) -> None:
    thinned = curves_table(journal.curves(0), NAMES, COLUMNS, every=3)
    assert list(thinned["epoch"]) == [1, 4, 7, 1, 4]
    whole = curves_table(journal.curves(), NAMES, COLUMNS)
    kept = whole[(whole["candidate"] == "baseline") & (whole["epoch"] % 3 == 1)]
    pd.testing.assert_frame_equal(thinned, kept.reset_index(drop=True))
    journal.close()


def test_no_curves_at_all(tmp_path: Path) -> None:
    write_curves([], NAMES, COLUMNS, tmp_path / "curves.parquet")
    table = pd.read_parquet(tmp_path / "curves.parquet")
    assert list(table.columns) == ["candidate", "repeat", "epoch", *COLUMNS] and table.empty


def test_figures_are_drawn_from_some_epochs_of_a_large_study(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    result = study(epochs=9, repeats=1).run(progress=False)
    monkeypatch.setattr(tables, "MOST_ROWS_DRAWN", 6)  # of 18
    figure = result.plot_learning_curves()
    assert np.array_equal(figure.axes[0].lines[0].get_xdata(), [1, 5, 9])
