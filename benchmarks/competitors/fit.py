"""A loop around Keras's own ``fit``, on whichever backend this process has.

One model serves the whole loop: its weights and its optimizer are set back before each training,
so that nothing is compiled again. Everything else is Keras's default: ``jit_compile="auto"``.
"""

import time

import keras
import numpy as np

from benchmarks.cases import DATA, Case, quality
from benchmarks.networks import network
from benchmarks.results import Measurement


class Fit:
    """Trains one network at a time."""

    def __init__(self, cores: int) -> None:
        self._cores = cores

    def prepare(self, case: Case) -> float:
        """Two epochs of training: the first compiles, the second tells what it takes anyway."""
        self._case, self._data = case, DATA[case.data]()
        self._model = network(case, penalized=True)
        self._model.optimizer.build(self._model.trainable_variables)
        self._fresh = [np.asarray(v) for v in self._model.optimizer.variables]
        seconds = []
        for _ in range(2):
            began = time.perf_counter()
            self._fit(1)
            seconds.append(time.perf_counter() - began)
        if keras.config.backend() == "torch":
            from benchmarks.competitors.torch_threads import faster_threads

            faster_threads(self._cores, lambda: self._fit(1))
        return max(0.0, seconds[0] - seconds[1])

    def measure(self, pair: int) -> Measurement:
        """Train one network from new weights."""
        keras.utils.set_random_seed(pair)
        weights = network(self._case, penalized=True).get_weights()
        began, processor = time.perf_counter(), time.process_time()
        self._model.set_weights(weights)
        for variable, value in zip(self._model.optimizer.variables, self._fresh, strict=True):
            variable.assign(value)
        self._fit(self._case.epochs)
        seconds = time.perf_counter() - began
        return Measurement(
            runs=1,
            epochs=self._case.epochs,
            seconds=seconds,
            processor_seconds=time.process_time() - processor,
            quality=quality(self._data, lambda x: self._model.predict(x, verbose=0)),
        )

    def _fit(self, epochs: int) -> None:
        x, y, *validation = self._data
        self._model.fit(
            x,
            y,
            batch_size=self._case.batch_size,
            epochs=epochs,
            validation_data=tuple(validation) if self._case.validates else None,
            validation_batch_size=len(validation[0]),
            verbose=0,
        )


def make(_variant: str, cores: int) -> Fit:
    """A loop around ``fit``."""
    return Fit(cores)
