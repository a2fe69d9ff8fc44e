"""Arrays that stay in their files, and what is read of them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wane
from wane.resampling.examples import Examples
from wane.resampling.remarks import remarks
from wane.resampling.streams import on_disk as module
from wane.resampling.streams.on_disk import OnDisk, on_disk
from wane.resampling.ties.copies import copies

ROWS = np.random.default_rng(3).normal(size=(50, 4)).astype(np.float32)


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHARE", 0.0)
    monkeypatch.setattr(module, "BLOCK_BYTES", 100)  # of six rows


def mapped(folder: Path, values: np.ndarray, mode: Any = "r") -> Any:
    np.save(folder / "x.npy", values)
    return np.load(folder / "x.npy", mmap_mode=mode)


def kept(folder: Path, values: np.ndarray) -> OnDisk:
    found = on_disk(mapped(folder, values), "x")
    assert found is not None
    return found


def test_rows_are_those_of_the_array(tmp_path: Path) -> None:
    rows, order = kept(tmp_path, ROWS), np.array([7, 3, 3, 49])
    assert (rows.shape, rows.ndim, len(rows)) == ((50, 4), 2, 50)
    np.testing.assert_array_equal(rows, ROWS)
    np.testing.assert_array_equal(rows[order][1:], ROWS[order][1:])
    np.testing.assert_array_equal(rows[ROWS[:, 0] > 0], ROWS[ROWS[:, 0] > 0])
    blocks = list(rows[order].blocks())
    np.testing.assert_array_equal(np.concatenate(blocks), ROWS[order])
    assert len(list(rows.blocks())) == 9
    assert rows[order].whole is rows


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (np.arange(6, dtype=np.uint8).reshape(3, 2), np.int32),
        (np.arange(6, dtype=np.int64).reshape(3, 2) + 2**40, np.float32),
        (np.array([[True], [False]]), np.float32),
        (np.array([[0.1], [1 / 3]]), np.float32),
    ],
)
def test_numbers_have_the_type_that_they_have_in_memory(
    tmp_path: Path, values: np.ndarray, dtype: type
) -> None:
    from wane.resampling.checking import checked_array

    rows, known = np.asarray(kept(tmp_path, values)), checked_array(values, "x")
    assert rows.dtype == known.dtype == dtype
    np.testing.assert_array_equal(rows, known)


def test_a_part_of_a_mapped_array_begins_where_it_begins(tmp_path: Path) -> None:
    part = on_disk(mapped(tmp_path, ROWS)[20:30], "x")
    np.testing.assert_array_equal(part, ROWS[20:30])


def test_what_was_written_to_a_shared_mapping_is_read(tmp_path: Path) -> None:
    array = mapped(tmp_path, ROWS, "r+")
    array[5] = 2.0
    rows = on_disk(array, "x")
    np.testing.assert_array_equal(rows, array)


def test_others_are_taken_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    array = mapped(tmp_path, ROWS)
    assert on_disk(ROWS, "x") is None
    assert on_disk(array[:, ::2], "x") is None  # not row by row in its file
    assert on_disk(mapped(tmp_path, ROWS, "c"), "x") is None
    monkeypatch.setattr(module, "SHARE", 0.5)
    assert on_disk(array, "x") is None


def test_numbers_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    values = ROWS.astype(np.float64)
    values[3, 1], values[40, 0] = np.nan, 1e300
    with pytest.raises(wane.InputError) as error:
        on_disk(mapped(tmp_path, values), "validation x")
    assert str(error.value) == (
        "validation x holds NaN, infinite values or values too large for float32, 2 in all: "
        "fill or drop them first (scikit-learn's SimpleImputer fills)."
    )


def test_fingerprints_and_remarks_are_those_of_rows_in_memory(tmp_path: Path) -> None:
    y = np.arange(50.0)
    known, rows = Examples(ROWS, y), Examples(kept(tmp_path, ROWS), y)
    some = np.arange(5, 40)
    assert rows.at(some).sha256() == known.at(some).sha256()
    said = [
        remarks(one, {"test": Examples(1e6 * ROWS[:9], y[:9])}, classes=False, shuffled=True)
        for one in (known, rows)
    ]
    assert said[0] == said[1] != []


@pytest.mark.parametrize("digits", [6, 0])
def test_copies_are_found_as_in_memory(tmp_path: Path, digits: int) -> None:
    """Of fine numbers copies, of coarse ones coincidences."""
    again = np.concatenate([ROWS, ROWS[:20]]).round(digits)
    y = np.concatenate([np.arange(50.0), np.arange(20.0)])
    known, found = copies(again, y), copies(kept(tmp_path, again), y)
    np.testing.assert_array_equal(found.codes, known.codes)
    assert (found.rows, found.different) == (known.rows, known.different)
    assert found.rows >= 40
