"""Rows that are read as they are trained on give the bits of rows in memory."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pandas as pd
import pytest

import wane
from thorough_cases import thorough_but
from training_cases import bits
from wane.data import ParquetRows
from wane.resampling.streams import on_disk, unpacking
from wane.resampling.streams.on_disk import OnDisk
from wane.training.workers import Workers


def network(*shape: int) -> Any:
    """With random numbers in training, over several axes if need be."""
    keras.utils.set_random_seed(1)
    layers = [
        keras.layers.Flatten(name="flat"),
        keras.layers.Dense(8, "relu", name="hidden"),
        keras.layers.Dropout(0.2, seed=3, name="drop"),
        keras.layers.Dense(1, "sigmoid", name="out"),
    ]
    model = keras.Sequential([keras.Input(shape, name="in"), *layers])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


def studied(x: Any, y: Any, execution: wane.Execution | None, **options: Any) -> Any:
    options = {"validation": 0.3, "repeats": 3, "epochs": 3, "batch_size": 32, **options}
    made = wane.Study(network(*x.shape[1:]), x, y, candidates=[wane.L2(0.1)], seed=2, **options)
    return made.run(progress=False, execution=execution)


@pytest.mark.parametrize(
    "execution",
    thorough_but([wane.Execution("threads")], [wane.Execution("threads"),
                 wane.Execution("threads", threads=1), wane.Execution("vmap", width=4)]),
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("dtype", thorough_but([np.float32], [np.float32, np.uint8]))
def test_the_same_bits(
    tmp_path: Path, execution: wane.Execution, dtype: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(0)
    x: Any = (4 * random.random((150, 3, 2))).astype(dtype)
    y = (x[:, 0, 0] > 1.5).astype(np.int32)
    np.save(tmp_path / "x.npy", x)
    known = studied(x, y, execution)
    monkeypatch.setattr(on_disk, "SHARE", 0.0)
    found = studied(np.load(tmp_path / "x.npy", mmap_mode="r"), y, execution)
    assert isinstance(found.spec.data.development.x, OnDisk)
    assert bits(found) == bits(known)
    assert found.curves.equals(known.curves)
    assert str(found.verdict) == str(known.verdict)
    assert found.document["notes"] == known.document["notes"]


def opened(kind: str, x: Any, folder: Path) -> Any:
    """The array as its library opens it."""
    if kind == "parquet":
        pd.DataFrame(x, columns=list("abcd")).to_parquet(folder / "x.parquet", row_group_size=40)
        return ParquetRows(folder / "x.parquet")
    if kind == "zarr":
        zarr = pytest.importorskip("zarr")
        return zarr.create_array(folder / "x.zarr", data=x, chunks=(16, 4))
    compressed = {"chunks": (16, 4), "compression": "gzip"} if kind == "gzip" else {}
    with h5py.File(folder / "x.h5", "w") as file:
        file.create_dataset("x", data=x, **compressed)
    return h5py.File(folder / "x.h5")["x"]


@pytest.mark.parametrize("kind", thorough_but(["gzip"], ["gzip", "hdf5", "zarr", "parquet"]))
def test_the_same_bits_of_other_formats(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = np.random.default_rng(0).random((150, 4), np.float32)
    y, rows = (x[:, 0] > 0.5).astype(np.int32), opened(kind, x, tmp_path)
    known = studied(x, y, None)
    if kind == "gzip":
        assert bits(studied(rows, y, None)) == bits(known), "small, and so in memory"
    monkeypatch.setattr(on_disk, "SHARE", 0.0)
    monkeypatch.setattr(unpacking, "BLOCK_BYTES", 600)
    found = studied(rows, y, None)
    assert isinstance(found.spec.data.development.x, OnDisk)
    assert bits(found) == bits(known)
    assert str(found.verdict) == str(known.verdict)


@pytest.mark.parametrize(
    "execution",
    [wane.Execution("threads"), wane.Execution("vmap")],
    ids=["threads", "timed"],
)
def test_a_file_that_is_shortened_meanwhile_is_one_sentence(
    tmp_path: Path,
    execution: wane.Execution,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(on_disk, "SHARE", 0.0)
    x = np.random.default_rng(0).random((90, 4), np.float32)
    np.save(tmp_path / "x.npy", x)
    rows = np.load(tmp_path / "x.npy", mmap_mode="r")
    study = wane.Study(
        network(4), rows, (x[:, 0] > 0.5).astype(np.int32), candidates=[wane.L2(0.1)],
        validation=0.3, repeats=2, epochs=3,
    )  # fmt: skip
    del rows
    workers = Workers.results

    def shortened(self: Workers, *arguments: Any, **options: Any) -> Any:
        with (tmp_path / "x.npy").open("r+b") as file:
            file.truncate(300)
        return workers(self, *arguments, **options)

    monkeypatch.setattr(Workers, "results", shortened)
    with pytest.raises(wane.InputError) as error:
        study.run(progress=False, execution=execution)
    assert str(error.value) == (
        f"{str(tmp_path / 'x.npy')!r} has become shorter since the study was made of it: give the "
        f"whole file again."
    )
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_a_file_that_changes_meanwhile_ends_the_study_and_keeps_its_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_disk, "SHARE", 0.0)
    x = np.random.default_rng(0).random((90, 4), np.float32)
    np.save(tmp_path / "x.npy", x)

    def studied(folder: str, meanwhile: Any = None) -> Any:
        rows = np.load(tmp_path / "x.npy", mmap_mode="r")
        study = wane.Study(
            network(4), rows, (x[:, 0] > 0.5).astype(np.int32), candidates=[wane.L2(0.1)],
            validation=0.3, repeats=3, epochs=3, learning_curve=False, references=False,
        )  # fmt: skip
        results = Workers.results

        def followed(self: Workers, *arguments: Any, **options: Any) -> Any:
            for trained in results(self, *arguments, **options):
                yield trained
                ended.append(folder)
                if meanwhile is not None:
                    meanwhile()

        with monkeypatch.context() as patch:
            patch.setattr(Workers, "results", followed)
            return study.run(tmp_path / folder, progress=False, execution=execution)

    def changed() -> None:
        np.lib.format.open_memmap(tmp_path / "x.npy", "r+")[7, 2] = 0.5

    ended: list[str] = []
    execution = wane.Execution("threads", threads=1)
    known = studied("undisturbed")
    with pytest.raises(wane.InputError, match="has changed since the study was made of it; fin"):
        studied("disturbed", changed)
    with pytest.raises(wane.InputError) as error:
        studied("disturbed")
    assert str(error.value) == (
        f"{str(tmp_path / 'disturbed')!r} holds another study, which differs in its data; nothing "
        f"was written: give a new folder, or that study again to resume it."
    )
    np.lib.format.open_memmap(tmp_path / "x.npy", "r+")[:] = x
    found = studied("disturbed")
    assert ended.count("disturbed") == ended.count("undisturbed"), "none is trained again"
    assert bits(found) == bits(known)


@pytest.mark.thorough
def test_a_study_that_was_begun_in_memory_resumes_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The data are the same, wherever they lie."""
    x = np.random.default_rng(0).random((90, 4), np.float32)
    y = (x[:, 0] > 0.5).astype(np.int32)
    np.save(tmp_path / "x.npy", x)

    def study(rows: Any, repeats: int) -> Any:
        made = wane.Study(network(4), rows, y, candidates=[wane.L2(0.1)], validation=0.3,
                          repeats=repeats, epochs=3)  # fmt: skip
        return made.run(tmp_path / "study", progress=False)

    study(x, 2)
    monkeypatch.setattr(on_disk, "SHARE", 0.0)
    assert len(study(np.load(tmp_path / "x.npy", mmap_mode="r"), 3).runs) >= 6


@pytest.mark.thorough
def test_memory_stays_flat() -> None:
    """An array of 384 MiB takes no more than 64 MiB over one of 16 MiB."""

    def peak(mebibytes: int) -> float:
        command = [sys.executable, "-m", "benchmarks.scaling.streams", str(mebibytes)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
        import json

        return float(json.loads(done.stdout)["peak_mebibytes"])

    assert peak(384) < peak(16) + 64
