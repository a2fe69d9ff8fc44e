"""wane's program under ``lax.map``: a shard of the runs for each core, each in a single call."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from benchmarks.cases import DATA, Case, quality
from benchmarks.competitors.engine import runs_of, session_of
from benchmarks.results import Measurement, Quality
from wane.training.batch import Run


class Mapped:
    """The program's ``train`` and ``conclude``, one run after the other inside the call."""

    def __init__(self, cores: int) -> None:
        self._cores = cores

    def prepare(self, case: Case) -> float:
        """Compile for shards of one length, and call it once."""
        self._case, self._data = case, DATA[case.data]()
        self._session = session_of(case, self._data, None)
        self._epochs = jnp.int32(case.epochs)
        program = self._session.program
        start = self._session.initial_state(self._session.run(1, 0))

        def shard(inputs: Any, epochs: Any) -> Any:
            def one(given: Any) -> Any:
                state, settings, key = given
                run, curves = program.train(
                    state, settings, key, start.train, start.validation, epochs
                )
                final = program.conclude(run, settings, start.train, start.validation, None)
                return final, curves

            return lax.map(one, inputs)

        began = time.perf_counter()
        (inputs, *_) = self._shards(-1)
        self._call = jax.jit(shard).lower(inputs, self._epochs).compile()
        seconds = time.perf_counter() - began
        jax.block_until_ready(self._call(inputs, self._epochs))
        return seconds

    def measure(self, pair: int) -> Measurement:
        """Train the runs of one pair, a thread for each core."""
        began, processor = time.perf_counter(), time.process_time()
        shards = self._shards(pair)
        with ThreadPoolExecutor(self._cores) as pool:
            results = list(pool.map(self._trained, shards))
        seconds = time.perf_counter() - began
        used = time.process_time() - processor
        reached = [self._quality(final) for final, _ in results]
        return Measurement(
            runs=len(runs_of(self._session, self._case, pair)),
            epochs=self._case.epochs,
            seconds=seconds,
            processor_seconds=used,
            quality=Quality.mean(reached),
        )

    def _trained(self, inputs: Any) -> Any:
        return jax.tree.map(np.asarray, self._call(inputs, self._epochs))

    def _quality(self, final: Any) -> Quality:
        """Of the first run of a shard."""
        weights, state, *_ = jax.tree.map(lambda array: array[0], final)
        forward = self._session.bridge.forward
        return quality(
            self._data, lambda x: np.asarray(forward(weights, state, x, training=False)[0])
        )

    def _shards(self, pair: int) -> list[Any]:
        runs = runs_of(self._session, self._case, pair)
        each = -(-len(runs) // self._cores)
        return [self._inputs(runs[i : i + each]) for i in range(0, len(runs), each)]

    def _inputs(self, runs: list[Run]) -> Any:
        program = self._session.program
        inputs = []
        for run in runs:
            start = self._session.initial_state(run)
            settings = jax.tree.map(np.float32, run.settings)
            inputs.append((program.start(start.weights, start.state), settings, start.key))
        return jax.tree.map(lambda *leaves: jnp.stack(leaves), *inputs)


def make(_variant: str, cores: int) -> Mapped:
    """The program under ``lax.map``."""
    return Mapped(cores)
