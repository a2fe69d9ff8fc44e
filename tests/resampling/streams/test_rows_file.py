"""Files whose rows a study reads: what changes them, and who opens them again."""

import os
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wane
from wane.resampling.streams import on_disk as module
from wane.resampling.streams.on_disk import OnDisk, on_disk
from wane.resampling.streams.rows_file import RowsFile

ROWS = np.random.default_rng(3).normal(size=(50, 4)).astype(np.float32)


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHARE", 0.0)


def kept(folder: Path) -> OnDisk:
    np.save(folder / "x.npy", ROWS)
    found = on_disk(np.load(folder / "x.npy", mmap_mode="r"), "x")
    assert found is not None
    return found


def changed(path: Path) -> None:
    """Another number in the file, which stays as long as it was."""
    with path.open("r+b") as file:
        file.seek(-4, os.SEEK_END)
        file.write(np.float32(7).tobytes())


def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Gets a number for each time that all rows are read."""
    found: list[int] = []
    blocks = RowsFile._blocks

    def counted(self: RowsFile) -> Any:
        found.append(len(found))
        return blocks(self)

    monkeypatch.setattr(RowsFile, "_blocks", counted)
    return found


def test_a_file_whose_values_change_is_an_error(tmp_path: Path) -> None:
    rows = kept(tmp_path)
    np.testing.assert_array_equal(rows[:5], ROWS[:5])
    changed(tmp_path / "x.npy")
    for _ in range(2):
        with pytest.raises(wane.InputError) as error:
            np.asarray(rows[:5])  # which are what they were, but others are not
        assert str(error.value) == (
            f"{str(tmp_path / 'x.npy')!r} has changed since the study was made of it; finished "
            f"runs are kept in the study's folder, if it has one: put its earlier values back to "
            f"resume, or make a new study of those that it has now."
        )
    np.lib.format.open_memmap(tmp_path / "x.npy", "r+")[:] = ROWS
    np.testing.assert_array_equal(rows, ROWS)


def test_what_is_written_to_a_shared_mapping_afterwards_is_an_error(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", ROWS)
    array = np.load(tmp_path / "x.npy", mmap_mode="r+")
    rows = on_disk(array, "x")
    array[5] = 2.0
    with pytest.raises(wane.InputError, match="has changed since the study"):
        np.asarray(rows)


def test_a_file_that_is_written_while_it_is_looked_at_is_an_error(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", ROWS)
    file = RowsFile(tmp_path / "x.npy", 128, ROWS.dtype, ROWS.shape)
    with pytest.raises(wane.InputError) as error:
        for _ in file.looked_at():
            changed(tmp_path / "x.npy")
    assert str(error.value) == (
        f"{str(tmp_path / 'x.npy')!r} has changed while its rows were read: give it to a study "
        f"once nothing writes it any more."
    )


@pytest.mark.parametrize("how", ["touched", "written again", "renamed", "removed", "replaced"])
def test_the_same_values_are_no_change(
    tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, path = kept(tmp_path), tmp_path / "x.npy"
    whole = reads(monkeypatch)
    if how == "touched":
        path.touch()
    elif how == "written again":
        path.write_bytes(path.read_bytes())
    elif how == "renamed":
        path.rename(tmp_path / "y.npy")
    elif how == "removed":
        path.unlink()
    else:  # by another file, of which the study has read nothing
        np.save(tmp_path / "y.npy", 2 * ROWS)
        (tmp_path / "y.npy").replace(path)
    for _ in range(3):
        np.testing.assert_array_equal(rows, ROWS)
    assert len(whole) == 1, "which is looked at once"


def test_a_file_that_has_become_shorter_is_an_error_and_kills_no_process(tmp_path: Path) -> None:
    rows = kept(tmp_path)
    os.truncate(tmp_path / "x.npy", 400)
    with pytest.raises(wane.InputError, match="has become shorter since the study"):
        np.asarray(rows)


def test_another_process_opens_the_file_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = kept(tmp_path)
    whole = reads(monkeypatch)
    there = pickle.loads(pickle.dumps((rows, rows[:3])))
    assert not whole, "it is the file that it was"
    np.testing.assert_array_equal(there[0], ROWS)
    assert there[1].whole is there[0]
    handed = pickle.dumps(rows)
    (tmp_path / "x.npy").unlink()
    with pytest.raises(wane.InputError, match=r"put the file there on every machine"):
        pickle.loads(handed)


def test_another_process_takes_a_copy_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on another machine."""
    handed, path = pickle.dumps(kept(tmp_path)), tmp_path / "x.npy"
    shutil.copy(path, tmp_path / "y.npy")
    (tmp_path / "y.npy").replace(path)
    whole = reads(monkeypatch)
    there = pickle.loads(handed)
    np.testing.assert_array_equal(there, ROWS)
    assert len(whole) == 1
    changed(path)
    with pytest.raises(wane.InputError, match="has changed since the study"):
        np.asarray(there)


@pytest.mark.parametrize("other", ["values", "fewer rows", "more rows", "type"])
def test_another_process_refuses_another_file_at_the_same_path(tmp_path: Path, other: str) -> None:
    handed = pickle.dumps(kept(tmp_path))
    values = {
        "values": np.concatenate([ROWS[:-1], ROWS[:1]]),
        "fewer rows": ROWS[:-1],
        "more rows": np.concatenate([ROWS[:1], ROWS]),
        "type": ROWS.view(np.int32),
    }[other]
    if other == "type":
        values = values + 1
    np.save(tmp_path / "new.npy", values)
    (tmp_path / "new.npy").replace(tmp_path / "x.npy")
    with pytest.raises(wane.InputError) as error:
        pickle.loads(handed)
    assert str(error.value) == (
        f"{str(tmp_path / 'x.npy')!r} has other values here than those of which the study was "
        f"made: put the same file there on every machine that trains, or make a new study of the "
        f"one that is there."
    )
