"""Rows in HDF5, Zarr and Parquet."""

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest

import wane
from wane.resampling.checking import checked_array
from wane.resampling.streams import on_disk as module
from wane.resampling.streams import unpacking
from wane.resampling.streams.on_disk import OnDisk, on_disk
from wane.resampling.streams.parquet import ParquetRows
from wane.resampling.streams.rows_file import RowsFile

ROWS = np.random.default_rng(3).normal(size=(50, 4)).astype(np.float32)


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHARE", 0.0)
    monkeypatch.setattr(module, "BLOCK_BYTES", 100)
    monkeypatch.setattr(unpacking, "BLOCK_BYTES", 100)  # of six rows


def hdf5(folder: Path, values: np.ndarray, **options: Any) -> Any:
    with h5py.File(folder / "data.h5", "w") as file:
        file.create_dataset("inner/x", data=values, **options)
    return h5py.File(folder / "data.h5")["inner/x"]


def zarr_array(folder: Path, values: np.ndarray, **options: Any) -> Any:
    zarr = pytest.importorskip("zarr")
    array = zarr.create_array(folder / "data.zarr", data=values, **options)
    return zarr.open_array(array.store_path.store.root, mode="r")


def parquet(folder: Path, values: np.ndarray, group: int = 7) -> ParquetRows:
    values = values.astype(values.dtype.newbyteorder("="))  # pyarrow has no other
    columns = {f"c{i}": column for i, column in enumerate(values.T)}
    pd.DataFrame(columns).to_parquet(folder / "data.parquet", row_group_size=group)
    return ParquetRows(folder / "data.parquet")


KINDS: dict[str, Callable[[Path, np.ndarray], Any]] = {
    "contiguous": hdf5,
    "chunked": lambda folder, values: hdf5(folder, values, chunks=(8, *values.shape[1:])),
    "one chunk": lambda folder, values: hdf5(folder, values, chunks=values.shape),
    "gzip": lambda folder, values: hdf5(folder, values, chunks=True, compression="gzip"),
    "zarr": lambda folder, values: zarr_array(folder, values, chunks=(8, *values.shape[1:])),
    "shards": lambda folder, values: zarr_array(
        folder, values, chunks=(2, *values.shape[1:]), shards=(10, *values.shape[1:])
    ),
    "parquet": parquet,
    "one row group": lambda folder, values: parquet(folder, values, 1000),
}


@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_those_of_the_array(tmp_path: Path, kind: str) -> None:
    given = KINDS[kind](tmp_path, ROWS)
    found, order = on_disk(given, "x"), np.array([7, 3, 3, 49])
    assert isinstance(found, OnDisk)
    np.testing.assert_array_equal(found, ROWS)
    np.testing.assert_array_equal(found[order], ROWS[order])
    assert found.dtype == np.float32
    assert not list(Path(unpacking._folder()).glob("wane-rows-*")), "they have no name"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "values",
    [ROWS, 5 * ROWS.astype(np.float64), (9 * ROWS).astype(np.int64), ROWS > 0, ROWS.astype(">f4")],
    ids=lambda one: one.dtype.str,
)
def test_numbers_are_those_in_memory(
    tmp_path: Path, kind: str, values: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = KINDS[kind](tmp_path, values)
    found = np.asarray(on_disk(given, "x"))
    monkeypatch.setattr(module, "SHARE", 1.0)
    assert on_disk(given, "x") is None
    known = checked_array(given, "x")
    assert found.dtype == known.dtype
    np.testing.assert_array_equal(found, known)
    np.testing.assert_array_equal(known, checked_array(values, "x"))


@pytest.mark.parametrize("kind", ["contiguous", "gzip", "zarr"])
def test_rows_of_several_axes(tmp_path: Path, kind: str) -> None:
    values = ROWS.reshape(25, 2, 2, 2)
    np.testing.assert_array_equal(on_disk(KINDS[kind](tmp_path, values), "x"), values)


def test_what_lies_row_by_row_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wane.resampling.streams.libraries.unpacked", pytest.fail)
    np.testing.assert_array_equal(on_disk(hdf5(tmp_path, ROWS), "x"), ROWS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("where", ["the same machine", "another machine"])
def test_another_process_has_the_same_rows(
    tmp_path: Path, kind: str, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = on_disk(KINDS[kind](tmp_path, ROWS), "x")
    handed = pickle.dumps(rows)
    if where == "another machine":
        monkeypatch.setattr(RowsFile, "is_here", lambda *_: False)
    made: list[Path] = []

    def folder() -> Path:
        made.append(tmp_path)
        return tmp_path

    monkeypatch.setattr(unpacking, "_folder", folder)
    np.testing.assert_array_equal(pickle.loads(handed), ROWS)
    again = where == "another machine" and kind != "contiguous"
    assert len(made) == again, "unpacked once on each machine"


@pytest.mark.parametrize("kind", KINDS)
def test_another_process_refuses_other_rows(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("here", "there"):
        (tmp_path / place).mkdir()
    rows = on_disk(KINDS[kind](tmp_path / "here", ROWS), "x")
    assert rows is not None
    KINDS[kind](tmp_path / "there", 2 * ROWS)
    handed = pickle.dumps(rows)
    (tmp_path / "here").rename(tmp_path / "away")
    (tmp_path / "there").rename(tmp_path / "here")
    monkeypatch.setattr(RowsFile, "is_here", lambda *_: False)
    with pytest.raises(wane.InputError) as error:
        pickle.loads(handed)
    assert str(error.value) == (
        f"{str(rows.file.path)!r} has other values here than those of which the study was made: "
        f"put the same file there on every machine that trains, or make a new study of the one "
        f"that is there."
    )


def test_a_file_that_is_not_there_is_refused_by_another_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed = pickle.dumps(on_disk(KINDS["gzip"](tmp_path, ROWS), "x"))
    monkeypatch.setattr(RowsFile, "is_here", lambda *_: False)
    (tmp_path / "data.h5").rename(tmp_path / "away.h5")
    with pytest.raises(wane.InputError, match="put the file there on every machine that trains"):
        pickle.loads(handed)
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["y"] = ROWS
    with pytest.raises(wane.InputError) as error:
        pickle.loads(handed)
    assert str(error.value) == (
        f"{str(tmp_path / 'data.h5')!r} has no array '/inner/x' here, of which the study was made: "
        f"put the same file there on every machine that trains."
    )


def test_what_holds_no_numbers_is_refused_unread(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "odd.h5", "w") as file:
        file["text"] = np.array(["a", "b"], object)
        file.create_dataset("ragged", (3,), h5py.vlen_dtype(np.float32))
        file["fields"] = np.zeros(3, [("a", "f4"), ("b", "f4")])
        for name in file:
            with pytest.raises(wane.InputError) as error:
                on_disk(file[name], "x")
            assert str(error.value) == (
                f"x must hold numbers in rows of one shape, but the array '/{name}' is of type "
                f"{file[name].dtype}: store numbers, as text and dates encoded, rows padded."
            )
        closed = file["text"]
    with pytest.raises(wane.InputError) as error:
        on_disk(closed, "x")
    assert str(error.value) == (
        "x is an array of an HDF5 file that is closed: make the study while it is open."
    )


def test_a_disk_without_room_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = KINDS["gzip"](tmp_path, ROWS)
    said = (
        f"The rows of {str(tmp_path / 'data.h5')!r} take 0.00 GiB one after the other, for which "
        f"{str(unpacking._folder())!r} has no room: make some there, or let TMPDIR name a folder "
        f"on another disk."
    )
    with monkeypatch.context() as patch:
        patch.setattr("shutil.disk_usage", lambda _: _Full())
        with pytest.raises(wane.InputError) as error:
            on_disk(given, "x")
        assert str(error.value) == said

    def full(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.write", full)
    with pytest.raises(wane.InputError) as error:
        on_disk(given, "x")
    assert str(error.value) == said


class _Full:
    free = 0


def test_pieces_that_memory_does_not_hold_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "LARGEST_PART", 1e-9)
    with pytest.raises(wane.InputError) as error:
        on_disk(KINDS["one chunk"](tmp_path, ROWS), "x")
    assert str(error.value) == (
        f"{str(tmp_path / 'data.h5')!r} holds its rows in pieces of 50, 0.00 GiB each, which "
        f"memory does not hold: store it in pieces of fewer rows."
    )


def test_a_file_that_is_cut_short_is_one_sentence(tmp_path: Path) -> None:
    given = KINDS["gzip"](tmp_path, np.random.default_rng(0).random((5000, 4)))
    os.truncate(tmp_path / "data.h5", 20_000)
    with pytest.raises(wane.InputError, match=r"data.h5' cannot be read \(.*\): give a whole file"):
        on_disk(given, "x")
