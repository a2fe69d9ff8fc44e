"""The case study in C by hand (``case_study.c``), a thread for each core: the limit."""

import ctypes
import functools
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cases import DATA, Case, quality
from benchmarks.results import Measurement, Quality

UNITS = 500
SOURCE = Path(__file__).parents[1] / "case_study.c"
OPTIONS = ("-O3", "-march=native", "-ffast-math", "-shared", "-fPIC")


class Kernel:
    """Compiles the kernel for the case's rows and calls it once for each run."""

    def __init__(self, cores: int) -> None:
        self._cores = cores

    def prepare(self, case: Case) -> float:
        """Compile and load it."""
        self._case, self._data = case, DATA[case.data]()
        began = time.perf_counter()
        self._function = _compiled(
            len(self._data.x), len(self._data.validation_x) if case.validates else 0
        )
        seconds = time.perf_counter() - began
        self._train(0)
        return seconds

    def measure(self, pair: int) -> Measurement:
        """Train the runs of one pair."""
        seeds = [pair * self._case.runs + i for i in range(self._case.runs)]
        began, processor = time.perf_counter(), time.process_time()
        with ThreadPoolExecutor(self._cores) as pool:
            trained = list(pool.map(self._train, seeds))
        seconds = time.perf_counter() - began
        used = time.process_time() - processor
        reached = [quality(self._data, functools.partial(_probabilities, w)) for w in trained]
        return Measurement(
            runs=len(seeds),
            epochs=self._case.epochs,
            seconds=seconds,
            processor_seconds=used,
            quality=Quality.mean(reached),
        )

    def _train(self, seed: int) -> np.ndarray:
        data, case = self._data, self._case
        weights = _initial(seed)
        curves = np.empty((case.epochs, 4), np.float32)
        rows = [np.ascontiguousarray(x.T) for x in (data.x, data.validation_x)]
        self._function(
            ctypes.c_int(case.epochs),
            _pointer(rows[0]),
            _pointer(data.y),
            _pointer(rows[1]),
            _pointer(data.validation_y),
            ctypes.c_float(case.strength),
            _pointer(weights),
            _pointer(curves),
        )
        return weights


def _compiled(rows: int, validation_rows: int) -> Any:
    """The function ``train`` of the shared library."""
    sizes = {"UNITS": UNITS, "ROWS": rows, "VALIDATION_ROWS": validation_rows}
    with tempfile.TemporaryDirectory() as folder:
        library = str(Path(folder) / "case_study.so")
        defines = [f"-D{name}={value}" for name, value in sizes.items()]
        command = ["cc", *OPTIONS, *defines, str(SOURCE), "-o", library, "-lm"]
        subprocess.run(command, check=True, capture_output=True)
        return ctypes.CDLL(library).train


def _initial(seed: int) -> np.ndarray:
    """Two kernel rows, biases, output kernel (Glorot uniform, as Keras draws), output bias."""
    generator = np.random.default_rng(seed)
    hidden, output = (6 / (2 + UNITS)) ** 0.5, (6 / (UNITS + 1)) ** 0.5
    parts = (
        generator.uniform(-hidden, hidden, 2 * UNITS),
        np.zeros(UNITS),
        generator.uniform(-output, output, UNITS),
        np.zeros(1),
    )
    return np.concatenate(parts).astype(np.float32)


def _probabilities(weights: np.ndarray, x: np.ndarray) -> np.ndarray:
    kernel, bias = weights[: 2 * UNITS].reshape(2, UNITS), weights[2 * UNITS : 3 * UNITS]
    hidden = np.maximum(x @ kernel + bias, 0)
    outputs = hidden @ weights[3 * UNITS : 4 * UNITS] + weights[4 * UNITS]
    chances: np.ndarray = 1 / (1 + np.exp(-outputs))
    return chances


def _pointer(array: np.ndarray) -> Any:
    return array.ctypes.data_as(ctypes.POINTER(ctypes.c_float))


def make(_variant: str, cores: int) -> Kernel:
    """The kernel in C."""
    return Kernel(cores)
