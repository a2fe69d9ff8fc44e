"""wane itself: the engine of a study, from its first run to its last."""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

import wane
from benchmarks.cases import DATA, Case, Data, quality
from benchmarks.networks import network
from benchmarks.results import Measurement, Quality
from wane.study.running.session import Session
from wane.training.batch import Run, Trained
from wane.training.execution import Execution

PAIRS = 64
"""More pairs than are ever measured: every pair trains repeats of its own."""


def session_of(case: Case, data: Data, execution: Execution | None) -> Session:
    """A study of one candidate beside the baseline, ready to train.

    A case that is not validated has a single validation row, the least that a study takes.
    """
    rows = len(data.validation_x) if case.validates else 1
    study = wane.Study(
        network(case, penalized=False),
        data.x,
        data.y,
        candidates=[wane.L2(case.strength, layers="hidden", on=("kernel",))],
        validation=(data.validation_x[:rows], data.validation_y[:rows]),
        repeats=case.runs * (PAIRS + 1),
        epochs=case.epochs,
        batch_size=case.batch_size,
        learning_curve=False,
    )
    session = Session(study.spec)
    session.lay(execution)
    return session


def runs_of(session: Session, case: Case, pair: int) -> list[Run]:
    """The penalized runs of one pair; pair -1 is for warming up."""
    first = (pair + 1) * case.runs
    return [
        run
        for run in session.runs()
        if run.candidate == 1 and first <= run.repeat < first + case.runs
    ]


def quality_of(session: Session, data: Data, results: Sequence[Trained]) -> Quality:
    """What finished runs reached."""
    import jax

    forward = jax.jit(lambda w, s, x: session.bridge.forward(w, s, x, training=False)[0])

    def one(trained: Trained) -> Quality:
        def predict(x: np.ndarray) -> Any:
            return forward(trained.weights, trained.state, x)

        return quality(data, predict)

    return Quality.mean([one(trained) for trained in results])


class Engine:
    """Trains through :class:`Session` and its workers, as ``Study.run`` does."""

    def __init__(self, execution: Execution | None) -> None:
        self._execution = execution

    def prepare(self, case: Case) -> float:
        """Compile, and train a few runs so that the pace is known."""
        self._case, self._data = case, DATA[case.data]()
        self._session = session_of(case, self._data, self._execution)
        workers = self._session.workers
        list(workers.results(runs_of(self._session, case, -1), self._session.initial_state))
        return float(workers.compile_seconds)

    def measure(self, pair: int) -> Measurement:
        """Train the runs of one pair."""
        session = self._session
        runs = runs_of(session, self._case, pair)
        began, processor = time.perf_counter(), time.process_time()
        results = list(session.workers.results(runs, session.initial_state))
        seconds = time.perf_counter() - began
        return Measurement(
            runs=len(runs),
            epochs=self._case.epochs,
            seconds=seconds,
            processor_seconds=time.process_time() - processor,
            quality=quality_of(session, self._data, results),
        )


def make(variant: str, cores: int) -> Engine:
    """The engine with its default execution, or with a forced one."""
    if not variant:
        return Engine(None)
    if variant == "threads":
        return Engine(Execution("threads", threads=cores))
    return Engine(Execution("vmap", threads=cores, width=int(variant.removeprefix("vmap-"))))
