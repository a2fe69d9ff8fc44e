"""Studies of arrays that stay on disk: memory and time by the size of the array.

``python -m benchmarks.scaling.streams MEBIBYTES [KIND]`` makes a file of so many mebibytes, block
by block, studies it and prints JSON: as it does by itself for a large array, without taking it into
memory. The kind is ``npy`` (memory-mapped), ``memory`` (the same in memory), ``hdf5`` (rows one
after the other), ``chunked`` (HDF5 in chunks of 256 rows), ``gzip`` (these compressed), ``zarr``
(such chunks by zarr's own compression) or ``parquet`` (row groups of 16,384 rows). A study is two
runs, the baseline and one strength, of two epochs.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

COLUMNS = 1024
BATCH = 256


CHUNK = 256
"""Rows of a chunk."""
ROW_GROUP = 16384
"""Rows of a row group."""


def blocks(rows: int) -> Iterator[np.ndarray]:
    """The rows, some at a time."""
    random = np.random.default_rng(0)
    for first in range(0, rows, ROW_GROUP // 4):
        yield random.random((min(ROW_GROUP // 4, rows - first), COLUMNS), np.float32)


def written(folder: Path, mebibytes: int, kind: str) -> None:
    """Write an array, and targets that its rows tell."""
    rows = mebibytes * 2**20 // (4 * COLUMNS)
    y = np.zeros(rows, np.int32)

    def counted() -> Iterator[tuple[int, np.ndarray]]:
        first = 0
        for block in blocks(rows):
            y[first : first + len(block)] = block[:, :8].sum(axis=1) > 4
            yield first, block
            first += len(block)

    if kind == "parquet":
        _write_parquet(folder / "x.parquet", counted())
    elif kind == "zarr":
        import zarr

        array = zarr.create_array(
            folder / "x.zarr", shape=(rows, COLUMNS), chunks=(CHUNK, COLUMNS), dtype="float32"
        )
        for first, block in counted():
            array[first : first + len(block)] = block
    elif kind in ("hdf5", "chunked", "gzip"):
        import h5py

        options: dict[str, Any] = {} if kind == "hdf5" else {"chunks": (CHUNK, COLUMNS)}
        options |= {"compression": "gzip", "compression_opts": 1} if kind == "gzip" else {}
        with h5py.File(folder / "x.h5", "w") as file:
            dataset = file.create_dataset("x", (rows, COLUMNS), np.float32, **options)
            for first, block in counted():
                dataset[first : first + len(block)] = block
    else:
        header = {"descr": "<f4", "fortran_order": False, "shape": (rows, COLUMNS)}
        with (folder / "x.npy").open("wb") as file:
            np.lib.format.write_array_header_1_0(file, header)
            for _, block in counted():
                file.write(block.tobytes())
    np.save(folder / "y.npy", y)


def opened(folder: Path, kind: str) -> Any:
    """The array as its library opens it."""
    if kind == "parquet":
        from wane.data import ParquetRows

        return ParquetRows(folder / "x.parquet")
    if kind == "zarr":
        import zarr

        return zarr.open_array(folder / "x.zarr", mode="r")
    if kind in ("hdf5", "chunked", "gzip"):
        import h5py

        return h5py.File(folder / "x.h5")["x"]
    return np.load(folder / "x.npy", mmap_mode="r")


def _write_parquet(path: Path, blocks: Iterator[tuple[int, np.ndarray]]) -> None:
    """A file of row groups."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [f"c{i}" for i in range(COLUMNS)]
    writer = pq.ParquetWriter(path, pa.schema([(name, pa.float32()) for name in names]))
    with writer:
        several: list[np.ndarray] = []
        for _, block in blocks:
            several.append(block)
            if sum(map(len, several)) >= ROW_GROUP:
                _write_group(writer, names, several)
        if several:
            _write_group(writer, names, several)


def _write_group(writer: Any, names: list[str], several: list[np.ndarray]) -> None:
    import pyarrow as pa

    values = np.concatenate(several)
    several.clear()
    columns = [pa.array(np.ascontiguousarray(column)) for column in values.T]
    writer.write_table(pa.table(columns, names=names), row_group_size=ROW_GROUP)


def network() -> Any:
    """A small network of many inputs."""
    import keras

    layers = [keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1, "sigmoid")]
    model = keras.Sequential([keras.Input((COLUMNS,)), *layers])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


def peak() -> float:
    """The most memory that this process has had, in mebibytes."""
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def measured(mebibytes: int, kind: str, folder: Path) -> dict[str, Any]:
    """What a study of such an array takes."""
    import wane
    from wane.resampling.streams import on_disk

    on_disk.SHARE = 2.0 if kind == "memory" else 0.0
    # By another process: what writing takes is no study's.
    subprocess.run(
        [sys.executable, "-m", __spec__.name, str(mebibytes), kind, str(folder)], check=True
    )
    x, y = opened(folder, kind), np.load(folder / "y.npy")
    model = network()
    began, before = time.perf_counter(), peak()
    study = wane.Study(
        model,
        x,
        y,
        candidates=[wane.L2(1e-4)],
        validation=0.2,
        repeats=1,
        epochs=2,
        batch_size=BATCH,
        learning_curve=False,
        references=False,
        extend=False,
    )
    given = time.perf_counter()
    result = study.run(progress=False)
    return {
        "mebibytes": mebibytes,
        "kind": kind,
        "before_mebibytes": before,
        "peak_mebibytes": peak(),
        "study_seconds": given - began,
        "stages": result.document["seconds"],
        "validation_data_loss": [float(v) for v in result.runs["validation_data_loss"]],
    }


def main() -> None:
    """Measure one study."""
    mebibytes, kind, *folders = int(sys.argv[1]), *(sys.argv[2:] or ["npy"])
    if folders:
        written(Path(folders[0]), mebibytes, kind)
        return
    with (
        os.fdopen(os.dup(1), "w", encoding="utf-8") as answers,
        tempfile.TemporaryDirectory() as folder,
    ):
        os.dup2(2, 1)
        json.dump(measured(mebibytes, kind, Path(folder)), answers)
        answers.write("\n")


if __name__ == "__main__":
    main()
