"""Columns of numbers of a Parquet file."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import wane
from wane.data import ParquetRows

FRAME = pd.DataFrame({
    "a": np.arange(20, dtype=np.int16), "b": np.linspace(0, 1, 20, dtype=np.float32),
    "yes": np.arange(20) % 2 == 0, "text": list("abcdefghijklmnopqrst"), "gap": [None, *range(19)],
})  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    FRAME.to_parquet(tmp_path / "data.parquet", row_group_size=6)
    return tmp_path / "data.parquet"


@pytest.mark.parametrize("columns", [["b", "a"], ["a"], ["yes", "b"]])
def test_columns_come_in_the_order_in_which_they_are_named(path: Path, columns: Any) -> None:
    rows = ParquetRows(path, columns)
    assert (rows.shape, len(rows), rows.ndim) == ((20, len(columns)), 20, 2)
    known = np.stack([FRAME[name].to_numpy() for name in columns], axis=1)
    np.testing.assert_array_equal(rows, known)
    assert np.asarray(rows).dtype == rows.dtype == np.result_type(*(FRAME[c] for c in columns))


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (["c"], "{} has no column 'c': "),
        ([], "columns must name columns of {}, each once, got []."),
        (["a", "a"], "columns must name columns of {}, each once, got ['a', 'a']."),
        (
            ["a", "text"],
            "The column 'text' of {} is of type large_string, and x takes numbers: name the "
            "columns of numbers (columns), and encode text and dates first.",
        ),
    ],
)
def test_columns_that_cannot_be_taken_are_refused(path: Path, columns: Any, said: str) -> None:
    with pytest.raises(wane.InputError) as error:
        ParquetRows(path, columns)
    assert (
        str(error.value)
        .replace(" string", " large_string")
        .startswith(said.format(repr(str(path))))
    )


def test_missing_values_are_refused(path: Path) -> None:
    with pytest.raises(wane.InputError) as error:
        np.asarray(ParquetRows(path, ["gap"]))
    assert str(error.value) == (
        f"{str(path)!r} has missing values in the column 'gap': fill or drop them first "
        f"(scikit-learn's SimpleImputer fills)."
    )


def test_files_that_cannot_be_read_are_refused(path: Path, tmp_path: Path) -> None:
    with pytest.raises(wane.InputError) as error:
        ParquetRows(tmp_path / "no.parquet")
    assert str(error.value) == (
        f"There is no file {str(tmp_path / 'no.parquet')!r}: give a Parquet file."
    )
    rows = ParquetRows(path, ["a"])
    os.truncate(path, 300)
    for read in (lambda: np.asarray(rows), lambda: ParquetRows(path)):
        with pytest.raises(wane.InputError, match=r"cannot be read as Parquet .*: give a whole"):
            read()
