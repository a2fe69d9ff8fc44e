"""Workers: runs trained on threads or side by side, each given as it ends."""

import contextlib
import functools
import itertools
import os
import queue
import threading
import time
from collections.abc import Callable, Collection, Generator, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

import jax
import jax.numpy as jnp

from wane._errors import InputError, one_line
from wane.training.batch import InitialState, Run, RunBatch, Trained
from wane.training.checkpoint import Checkpoint
from wane.training.executables import Executable, Executables
from wane.training.execution import Execution, default_execution
from wane.training.memory import free_bytes, ran_out
from wane.training.program import Program
from wane.training.queue import RunQueue

CALL_SECONDS = 0.5
"""How long one call of the program should take: often enough for a progress bar and Ctrl-C."""


KEEP_SECONDS = 10.0
"""How much of a run's training may be lost if the process is killed."""


WIDTHS = (8, 32, 128, 512, 2048)
"""How many runs a call may train side by side where the width is chosen by timing."""


class StoppedError(Exception):
    """Raised in a worker when the study is being stopped, after its runs have been kept."""


class Workers:
    """Trains runs, and tells how far they are.

    Args:
        programs: the pure program of each structure of the study.
        epochs: how many epochs the runs of each structure train, or one number for all.
        placement: how runs are laid on the machine; None takes :func:`default_execution`.

    Attributes:
        lanes: the runs of each structure.
        compile_seconds: time spent tracing, and waiting for compilation with nothing to train.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        epochs: int | Sequence[int],
        execution: Execution | None = None,
    ) -> None:
        each = [epochs] * len(programs) if isinstance(epochs, int) else epochs
        self.execution = execution or default_execution()
        serial = self.execution.kind != "threads"
        self.threads = self.execution.threads or (1 if serial else available_cores())
        width = self.execution.width or (None if serial else 1)
        self.run_queues = tuple(RunQueue(*own, width) for own in zip(programs, each, strict=True))
        self.compile_seconds = 0.0
        # Threads start when they are first needed and end with the workers.
        self._compilers = ThreadPoolExecutor(max(2, self.threads), thread_name_prefix="compile")
        self._executables = Executables(tuple(programs), self._compilers)
        self._calls_at_once = self.threads
        self._checkpoint: Callable[[Run], Checkpoint | None] = lambda _: None
        self._checkpoints: queue.SimpleQueue[Checkpoint] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._epochs_done = 0

    @property
    def epochs_done(self) -> int:
        """Epochs trained so far, over all runs."""
        return self._epochs_done

    def summary(self) -> dict[str, Any]:
        """The placement and how it was chosen, for ``summary.json``."""
        return {
            "execution": self.execution.kind,
            "threads": self.threads,
            "convolutions": self.execution.convolutions,
            "device": jax.devices()[0].device_kind,
            "calls_at_once": self._calls_at_once,
            "structures": [run_queue.summary() for run_queue in self.run_queues],
        }

    def stop(self) -> None:
        """Let every run under way end at its next call."""
        self._stop.set()

    def results(
        self,
        runs: Iterable[Run],
        start: Callable[[Run], InitialState],
        tick: Callable[[], None] = lambda: None,
        *,
        keep: Callable[[Checkpoint], None] = lambda _: None,
        checkpoint: Callable[[Run], Checkpoint | None] = lambda _: None,
    ) -> Generator[Trained]:
        """Train these runs and give each as it ends.

        Runs of a structure are trained in their order; those of one whose program is still being
        compiled wait, and others are trained meanwhile.

        Args:
            runs: what to train; those of one repeat should be neighbours.
            start: gives what the runs of a repeat share; called in the calling thread, as a run
                is queued, so it may use what is not safe in threads.
            tick: called several times a second in the calling thread, for a progress bar.
            keep: is given, in the calling thread, every run under way each :data:`KEEP_SECONDS`,
                and all of them when the generator is closed.
            checkpoint: gives what a run goes on from, or None.

        Raises:
            InputError: if memory does not hold a single run.
        """
        self._checkpoint = checkpoint
        self._line_up(runs, start)
        with ThreadPoolExecutor(self.threads, thread_name_prefix="wane") as pool:
            pending: dict[Future[list[Trained]], tuple[RunQueue, RunBatch, int]] = {}
            try:
                while True:
                    # A short queue: the rows of a repeat are made when its first run is near.
                    while len(pending) < self._most_pending and (
                        call := self._ready(start, pending)
                    ):
                        future = pool.submit(self._trained, *call)
                        pending[future] = (*call[:2], self._calls_at_once)
                    more = self._begin_another(start)
                    nexts = [
                        run_queue.next[1]
                        for run_queue in self.run_queues
                        if run_queue.next is not None
                    ]
                    if not pending and not nexts:
                        return
                    began = time.perf_counter()
                    compiling = {future for future in nexts if not future.done()}
                    awaited: set[Future[Any]] = {*pending, *compiling}
                    wait(awaited, timeout=0 if more else 0.1, return_when=FIRST_COMPLETED)
                    if not pending:
                        self.compile_seconds += time.perf_counter() - began
                    self._hand_over(keep)
                    tick()
                    for future in [future for future in pending if future.done()]:
                        call_of = pending.pop(future)
                        if ran_out(future.exception()):
                            self._make_room(*call_of, future.exception())
                            continue
                        yield from future.result()
            finally:
                self.stop()
                pool.shutdown(wait=True, cancel_futures=True)
                self._hand_over(keep)

    def _line_up(self, runs: Iterable[Run], start: Callable[[Run], InitialState]) -> None:
        """Let runs wait in their lanes, whose widths are chosen."""
        self._epochs_done = 0
        self._stop.clear()
        for run_queue in self.run_queues:
            run_queue.waiting.clear()
            run_queue.next = None
        for run in runs:
            self.run_queues[run.structure].waiting.append(run)
        for run_queue in self.run_queues:
            if run_queue.width is None and run_queue.waiting:
                run_queue.width = self._fastest_width(run_queue, start)

    @property
    def _most_pending(self) -> int:
        """How many calls are queued or under way at a time."""
        if self._calls_at_once < self.threads:  # memory ran out: no more than those that it holds
            return self._calls_at_once
        return 2 * self.threads

    def _hand_over(self, keep: Callable[[Checkpoint], None]) -> None:
        """Give away what calls have left to be kept."""
        with contextlib.suppress(queue.Empty):
            while True:
                keep(self._checkpoints.get_nowait())

    def _make_room(
        self, run_queue: RunQueue, batch: RunBatch, at_once: int, error: BaseException | None
    ) -> None:
        """Train the runs of a call for which memory ran out anew, in narrower calls or fewer."""
        if run_queue.narrow(batch, least=max(1, len(batch.devices))):
            return
        if at_once == 1 and error is not None:
            raise InputError(
                f"A single run needs more memory than is free ({one_line(error)}): take a smaller "
                f"batch_size, fewer rows or a smaller network."
            ) from error
        if at_once == self._calls_at_once:  # not where a call beside this one has failed before
            self._calls_at_once = at_once // 2
        run_queue.put_back(batch.runs)

    def _ready(
        self, start: Callable[[Run], InitialState], pending: Collection[Any]
    ) -> tuple[RunQueue, RunBatch, Executable] | None:
        """The earliest call whose program is compiled and for which there is memory."""
        calls = []
        for run_queue in self.run_queues:
            if run_queue.begun and run_queue.next is None:
                self._fill(run_queue, start)
            if run_queue.next is not None and run_queue.next[1].done():
                calls.append((run_queue, run_queue.next[0], run_queue.next[1].result()))
        if not calls:
            return None
        run_queue, batch, executable = min(calls, key=lambda call: call[1].runs[0].order)
        run_queue.bytes_of_call = executable.bytes
        if pending and (1 + len(pending)) * executable.bytes > self._memory:
            return None
        run_queue.next = None
        return run_queue, batch, executable

    def _begin_another(self, start: Callable[[Run], InitialState]) -> bool:
        """Trace the program of one more structure; whether there are others after it."""
        rest = [
            run_queue for run_queue in self.run_queues if run_queue.waiting and not run_queue.begun
        ]
        if rest:
            self._fill(rest[0], start)
        return len(rest) > 1

    def _fill(self, run_queue: RunQueue, start: Callable[[Run], InitialState]) -> None:
        """Make the inputs of a structure's next call, and trace its program if it is a new one."""
        assert run_queue.width is not None, "it is chosen before the first call"
        runs, checkpoints = run_queue.next_runs(self._checkpoint)
        if runs:
            batch = self._chunk(runs, start, run_queue.width, checkpoints)
            began = time.perf_counter()
            run_queue.next = (batch, self._executables.of(batch))
            run_queue.begun = True
            self.compile_seconds += time.perf_counter() - began

    @functools.cached_property
    def _memory(self) -> int:
        """The memory that calls may take together."""
        return free_bytes(jax.devices()[0])

    def _chunk(
        self,
        runs: Sequence[Run],
        start: Callable[[Run], InitialState],
        width: int,
        checkpoints: Sequence[Checkpoint] = (),
    ) -> RunBatch:
        devices = tuple(jax.devices()) if self.execution.kind == "devices" else ()
        starts = tuple(start(run) for run in runs)
        return RunBatch(tuple(runs), starts, width, devices, tuple(checkpoints))

    def _trained(
        self, run_queue: RunQueue, batch: RunBatch, executable: Executable
    ) -> list[Trained]:
        rows, settings, keys = batch.rows, batch.settings, batch.keys
        state = batch.first_state(run_queue.program)
        histories = batch.histories()
        with self._lock:
            self._epochs_done += sum(history.epoch for history in histories)
        kept = time.perf_counter()
        while not all(history.ended(run_queue.epochs_a_run) for history in histories):
            stopped = self._stop.is_set()
            furthest = max(history.epoch for history in histories)
            if furthest and (stopped or time.perf_counter() - kept > KEEP_SECONDS):
                for checkpoint in batch.kept(state, histories):
                    self._checkpoints.put(checkpoint)
                kept = time.perf_counter()
            if stopped:
                raise StoppedError
            count = min(
                run_queue.epochs_a_call,
                run_queue.program.epochs_per_call,
                run_queue.epochs_a_run - furthest,
            )
            began = time.perf_counter()
            state, curves = executable.train(
                state, settings, keys, rows[0], rows[1], jnp.int32(count)
            )
            told = batch.apart((state.epoch, state.stopped, curves))
            trained = sum(
                history.add(int(epoch), bool(stopped), curve)
                for history, (epoch, stopped, curve) in zip(histories, told, strict=True)
            )
            self._learn_pace(run_queue, count, trained, time.perf_counter() - began)
        finals = batch.apart(executable.conclude(state, settings, *rows))
        with self._lock:  # the epochs that runs need not train count as done
            self._epochs_done += sum(run_queue.epochs_a_run - h.epoch for h in histories)
        names = run_queue.program.number_names(batch.starts[0].test)
        return [
            history.trained(run, values, run_queue.program, names)
            for history, run, values in zip(histories, batch.runs, finals, strict=True)
        ]

    def _learn_pace(self, run_queue: RunQueue, count: int, trained: int, seconds: float) -> None:
        with self._lock:
            self._epochs_done += trained
            run_queue.seconds += seconds
            run_queue.epochs += trained
            wanted = int(count * CALL_SECONDS / max(seconds, 1e-6))
            # Grows at most tenfold at a time, since the first call of a run may be a slow one.
            run_queue.epochs_a_call = max(
                1, min(wanted, 10 * run_queue.epochs_a_call, run_queue.program.epochs_per_call)
            )

    def _fastest_width(self, run_queue: RunQueue, start: Callable[[Run], InitialState]) -> int:
        """The width at which one epoch of one run takes the least time, and that memory holds.

        Widths are tried from small to large until a wider call gains less than a tenth.
        """
        best = 1
        epochs = min(3, run_queue.epochs_a_run)
        runs = list(itertools.islice(run_queue.waiting, max(WIDTHS)))
        for width in WIDTHS:
            if run_queue.timings and width > 2 * len(runs):
                break
            batch = self._chunk(runs[:width], start, width)
            began = time.perf_counter()
            executable = self._executables.of(batch).result()
            self.compile_seconds += time.perf_counter() - began
            if run_queue.timings and executable.bytes > self._memory:
                break
            inputs = (
                batch.first_state(run_queue.program),
                batch.settings,
                batch.keys,
                *batch.rows[:2],
            )
            seconds = []
            for _ in range(2):  # the first call may still be setting things up
                began = time.perf_counter()
                jax.block_until_ready(executable.train(*inputs, jnp.int32(epochs)))
                seconds.append(time.perf_counter() - began)
            run_queue.timings[width] = round(1e6 * min(seconds) / epochs / width, 3)
            if width != WIDTHS[0] and run_queue.timings[width] > 0.9 * run_queue.timings[best]:
                break
            best = width
        return best


def available_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
