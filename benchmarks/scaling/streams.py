"""Studies of arrays that stay on disk: memory and time by the size of the array.

``python -m benchmarks.scaling.streams MEBIBYTES [memory]`` makes a ``.npy`` file of so many
mebibytes, block by block, studies it and prints JSON: as it does by itself for a large array,
without taking it into memory, or with ``memory`` in memory. A study is two runs, the baseline and
one strength, of two epochs.
"""

import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

COLUMNS = 1024
BATCH = 256


def made(path: Path, mebibytes: int) -> tuple[Any, np.ndarray]:
    """An array on disk, mapped, and targets that its rows tell."""
    rows = mebibytes * 2**20 // (4 * COLUMNS)
    header = {"descr": "<f4", "fortran_order": False, "shape": (rows, COLUMNS)}
    random = np.random.default_rng(0)
    y = np.zeros(rows, np.int32)
    with path.open("wb") as file:  # written, not mapped, which would count as memory
        np.lib.format.write_array_header_1_0(file, header)
        for first in range(0, rows, 4096):
            block = random.random((min(4096, rows - first), COLUMNS), np.float32)
            file.write(block.tobytes())
            y[first : first + len(block)] = block[:, :8].sum(axis=1) > 4
    return np.load(path, mmap_mode="r"), y


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


def measured(mebibytes: int, in_memory: bool, folder: Path) -> dict[str, Any]:
    """What a study of such an array takes."""
    import wane
    from wane.resampling.streams import on_disk

    on_disk.SHARE = 2.0 if in_memory else 0.0
    x, y = made(folder / "x.npy", mebibytes)
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
        "in_memory": in_memory,
        "before_mebibytes": before,
        "peak_mebibytes": peak(),
        "study_seconds": given - began,
        "stages": result.document["seconds"],
        "validation_data_loss": [float(v) for v in result.runs["validation_data_loss"]],
    }


def main() -> None:
    """Measure one study."""
    mebibytes, in_memory = int(sys.argv[1]), sys.argv[2:] == ["memory"]
    with (
        os.fdopen(os.dup(1), "w", encoding="utf-8") as answers,
        tempfile.TemporaryDirectory() as folder,
    ):
        os.dup2(2, 1)
        json.dump(measured(mebibytes, in_memory, Path(folder)), answers)
        answers.write("\n")


if __name__ == "__main__":
    main()
