"""The driver's part: batches to Ray, results from it, in the process that has the journal."""

import contextlib
import dataclasses
import logging
import time
import uuid
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Any

import jax

from wane._errors import InputError
from wane.study.cluster import task
from wane.study.cluster.address import RETRIES, checked_address
from wane.study.cluster.batches import Batches
from wane.study.cluster.connection import Connection, connection
from wane.study.cluster.faults import check_answer, faults_said
from wane.study.cluster.handing import packed
from wane.study.cluster.orders import Order, checkpoint_of, trained_of
from wane.study.journal.folder import versions
from wane.study.running.session import Session
from wane.study.running.statement import fingerprints
from wane.study.running.trainer import Continuation, Here, MakeTrainer
from wane.training.batch import Run, Trained
from wane.training.checkpoint import Checkpoint

_log = logging.getLogger(__name__)

SLICE_SECONDS = 20.0
"""After so long a worker hands over what it has, lest a kill cost more."""
QUEUED = 2
"""Batches for each worker: one that it trains and one that waits for it."""
MOST_BYTES = 32 * 2**20
"""How much a worker should answer at a time: what the object store cannot hold never comes."""
PATIENCE_SECONDS = 120.0
"""How long a cluster without a single core may take to get one."""


@contextlib.contextmanager
def trained_by(ray: str | None) -> Iterator[MakeTrainer]:
    """What trains the runs of studies in this block.

    Args:
        ray: which cluster, as :meth:`wane.Study.run` takes it; None for this process.

    Raises:
        InputError: if there is no such cluster.
    """
    if ray is None:
        yield Here
        return
    with connection(checked_address(ray)) as cluster:
        yield lambda session: There(session, cluster)


class There:
    """The workers of a cluster train the runs, each as the threads of one process do.

    Args:
        session: the study being run, after :meth:`Session.lay`.
        cluster: the connection, which begins when there is something to train.

    Attributes:
        compile_seconds: until the first batch came back, without what training it took.
        bytes_sent, bytes_received: what went to workers, and came from them, as messages.
        batches: how many came back.
    """

    def __init__(self, session: Session, cluster: Connection) -> None:
        self._session, self._cluster = session, cluster
        # What the session adds later, a worker adds to its own.
        self._prints = fingerprints(session)
        self._name = uuid.uuid4().hex
        self._study: list[Any] = []
        self._threads = 0
        self._task: Any = None
        self._paces: dict[int, float] = {}
        self._epochs: Counter[tuple[int, int]] = Counter()
        self._device: str | None = None
        self._sliced = False
        self._bytes_a_run = 0.0
        self.compile_seconds = 0.0
        self._alive = float("-inf")
        self.batches = 0
        self.bytes_sent = self.bytes_received = 0

    @property
    def epochs_done(self) -> int:
        """See :class:`Trainer`; known when batches come back."""
        return self._epochs.total()

    def expected_seconds(self, runs: Iterable[Run]) -> float | None:
        """See :class:`Trainer`; None until a batch has come back."""
        if not self._paces:
            return None
        usual = sum(self._paces.values()) / len(self._paces)
        whole = sum(self._paces.get(run.structure, usual) for run in runs)
        return whole / (self._threads * self._cluster.workers(self._threads))

    def summary(self) -> dict[str, Any]:
        """See :class:`Trainer`; how its processes train is the workers' own."""
        own = self._session.workers.summary()
        if not self.batches:
            return own
        nodes = self._cluster.nodes
        counts = {"nodes": len(nodes), "workers": sum(n // self._threads for n in nodes)}
        counts |= {"batches": self.batches, "study_bytes": self._study_bytes}
        counts |= {"bytes_sent": self.bytes_sent, "bytes_received": self.bytes_received}
        return {**own, "threads": self._threads, "device": self._device, "cluster": counts}

    def results(
        self,
        runs: Iterable[Run],
        tick: Callable[[], None],
        *,
        keep: Callable[[Checkpoint], None],
        checkpoint: Callable[[Run], Checkpoint | None],
        continuation: Callable[[Run], Continuation | None] = lambda _: None,
    ) -> Generator[Trained]:
        """See :class:`Trainer`; batches of runs go to the workers as they get free."""
        self._epochs.clear()
        several = list(runs)
        if not several:
            return
        self._begin()
        import ray

        waiting = Batches(several, self._threads, self._paces)
        pending: dict[Any, tuple[Run, ...]] = {}
        latest: dict[tuple[int, int], Checkpoint] = {}

        def resumed(run: Run) -> Checkpoint | None:
            return latest.get((run.candidate, run.repeat)) or checkpoint(run)

        began = time.perf_counter()
        try:
            while True:
                workers = self._cluster.workers(self._threads)
                most = workers * (1 if self._sliced else QUEUED)
                while len(pending) < most and (own := self._next(waiting, workers)):
                    pending[self._sent(own, resumed, continuation)] = own
                if not pending:
                    return
                with faults_said(self._cluster.address):
                    done, _ = ray.wait(list(pending), timeout=0.1)
                self._check_alive(began)
                for reference in done:
                    own = pending.pop(reference)
                    with faults_said(self._cluster.address):
                        answer = ray.get(reference)
                    del reference
                    check_answer(answer)
                    self._learn(own, answer, waiting, began)
                    self._take_kept(answer["kept"], latest, keep)
                    ended = {place for place, _ in answer["trained"]}
                    waiting.put_back(run for i, run in enumerate(own) if i not in ended)
                    for document in answer["trained"]:
                        trained = trained_of(document, own)
                        latest.pop((trained.run.candidate, trained.run.repeat), None)
                        self._count(trained.run, self._session.spec.epochs)
                        yield trained
                tick()
        finally:
            for reference in pending:
                with contextlib.suppress(Exception):  # the cluster may be what has failed
                    ray.cancel(reference, force=True)

    def _next(self, waiting: Batches, workers: int) -> tuple[Run, ...]:
        """The runs of the next batch."""
        return tuple(waiting.next(workers, max(1, int(MOST_BYTES / max(self._bytes_a_run, 1.0)))))

    def _take_kept(
        self,
        documents: Iterable[dict[str, Any]],
        latest: dict[tuple[int, int], Checkpoint],
        keep: Callable[[Checkpoint], None],
    ) -> None:
        """Take runs that have not ended, to go on with them."""
        for one in map(checkpoint_of, documents):
            latest[one.candidate, one.repeat] = one
            self._count(one, one.epoch)
            keep(one)

    def _count(self, run: Run | Checkpoint, epoch: int) -> None:
        self._epochs[run.candidate, run.repeat] = epoch

    def _begin(self) -> None:
        """Connect, and hand the study over, if that has not been done."""
        if self._task is not None:
            return
        self._cluster.begin()
        import ray

        execution = self._session.workers.execution
        self._threads = self._cluster.threads(execution.threads)
        own = packed(self._session, dataclasses.replace(execution, threads=self._threads))
        self._study_bytes = own.bytes
        self._cluster.check_room(own.bytes)
        with faults_said(self._cluster.address):
            # Not the named tuple itself, whose module would load JAX before the worker is set up.
            self._study = [ray.put((own.content, own.arrays))]
        resources: dict[str, Any] = {"num_cpus": self._threads}
        if versions()["device"] in ("gpu", "cuda", "rocm"):
            resources["num_gpus"] = 1
        remote = ray.remote(task.train)
        self._task = remote.options(max_retries=RETRIES, name="wane", **resources)

    def _sent(
        self,
        runs: tuple[Run, ...],
        checkpoint: Callable[[Run], Checkpoint | None],
        continuation: Callable[[Run], Continuation | None],
    ) -> Any:
        """The reference to the answer to an order of these runs."""
        order = Order(
            study=self._name,
            versions=versions(),
            fingerprints=self._prints,
            additions=self._additions(),
            runs=runs,
            checkpoints=tuple(map(checkpoint, runs)),
            continuations=tuple(map(continuation, runs)),
            seconds=SLICE_SECONDS,
        ).packed()
        self.bytes_sent += len(order)
        with faults_said(self._cluster.address):
            return self._task.remote(order, self._threads, self._study)

    def _additions(self) -> tuple[tuple[str, Any], ...]:
        """The candidates that the session has added, step by step."""
        session = self._session
        return tuple(
            (step, session.spec.candidates[own.start : own.stop])
            for step, own in zip(session.steps, session.added, strict=True)
        )

    def _learn(
        self, runs: Sequence[Run], answer: dict[str, Any], waiting: Batches, began: float
    ) -> None:
        """Take how long a batch took, and how much it gave."""
        self._device = answer["device"]
        # What waits before a run that goes on would be trained in turn with it.
        self._sliced = bool(answer["kept"])
        trained = answer["seconds"] - answer["compile"]
        if not self.batches:
            self.compile_seconds += max(time.perf_counter() - began - trained, 0.0)
        self.batches += 1
        arrays = jax.tree.leaves((answer["trained"], answer["kept"]))
        received = sum(getattr(one, "nbytes", 0) for one in arrays)
        self.bytes_received += received
        self._bytes_a_run = received / max(len(answer["trained"]), 1)
        if len(answer["trained"]) == len(runs):
            counts = Counter(run.structure for run in runs)
            waiting.learn(counts, dict(enumerate(answer["spent"])), trained)

    def _check_alive(self, began: float) -> None:
        """Check that the cluster has a core, or may yet get one."""
        now = time.perf_counter()
        if self._cluster.nodes:
            self._alive = now
        elif now - max(began, self._alive) > PATIENCE_SECONDS:
            raise InputError(
                f"The cluster at {self._cluster.address} has no core to train on: start a node "
                f"with `ray start --address {self._cluster.address}`, and run this again."
            )
