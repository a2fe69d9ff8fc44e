"""Workers: runs trained on threads or side by side, each given as it ends.

On a CPU each thread calls the same compiled program for one run: JAX lets go of the interpreter
lock while it runs, so plain threads use every core without any global JAX setting, and one run at
a time stays in the cache. On an accelerator one call trains many runs side by side (``vmap``), as
many as make it faster. A call trains some epochs; how many is chosen by timing so that it takes
about :data:`CALL_SECONDS`. No number depends on the threads or on the epochs of a call: every run's
state and keys are its own.
"""

import contextlib
import functools
import itertools
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from queue import Empty, SimpleQueue
from typing import Any

import jax
import jax.numpy as jnp

from wane._errors import InputError, one_line
from wane.training.batch import InitialState, Run, RunBatch, Trained
from wane.training.checkpoint import Checkpoint
from wane.training.executables import Executable, Executables, result_of, rows_read
from wane.training.execution import Execution, default_execution, divisible
from wane.training.memory import free_bytes, ran_out
from wane.training.program import Program
from wane.training.queue import RunQueue

CALL_SECONDS = 0.5
"""How long one call of the program should take: often enough for a progress bar and Ctrl-C."""

PACE_SECONDS = 0.2
"""How long each thread trains before the pace says how long all will take."""

KEEP_SECONDS = 10.0
"""How much of a run's training may be lost if the process is killed."""

WIDTHS = (8, 32, 128, 512, 2048)
"""How many runs a call may train side by side where the width is chosen by timing."""

Initial = Callable[[Run], InitialState]
"""Gives what the runs of a repeat share."""
Pending = dict[Future[list[Trained]], tuple[RunQueue, RunBatch, int]]
"""The calls that are queued or under way: their queue, their runs, and how many calls there may be
at a time when they began."""


class StoppedError(Exception):
    """Raised in a worker when the study is being stopped, after its runs have been kept."""


class Workers:
    """Trains runs, and counts the epochs that they have trained.

    Args:
        programs: the pure program of each structure of the study.
        epochs: how many epochs the runs of each structure train, or one number for all.
        execution: how runs are laid on the machine; None takes :func:`default_execution`.

    Attributes:
        queues: the runs of each structure.
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
        self._width = width
        self.queues = tuple(RunQueue(*own, width) for own in zip(programs, each, strict=True))
        self.compile_seconds = 0.0
        # Threads start when they are first needed and end with the workers.
        self._compilers = ThreadPoolExecutor(max(2, self.threads), thread_name_prefix="compile")
        self._executables = Executables(programs, self._compilers)
        self._calls_at_once = self.threads
        self._checkpoint: Callable[[Run], Checkpoint | None] = lambda _: None
        self._checkpoints: SimpleQueue[Checkpoint] = SimpleQueue()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._epochs_done = 0

    def add(self, program: Program, epochs: int) -> None:
        """Take the runs of a further structure.

        Args:
            program: its pure program.
            epochs: how many epochs its runs train.
        """
        self.queues = (*self.queues, RunQueue(program, epochs, self._width))
        self._executables.add(program)

    @property
    def epochs_done(self) -> int:
        """Epochs trained so far, over all runs."""
        return self._epochs_done

    def expected_seconds(self, runs: Iterable[Run]) -> float | None:
        """How long so many runs take from their first epoch to their last, by the latest calls.

        A structure of which no call has ended yet is taken to be as fast as the others; None until
        each thread has trained for :data:`PACE_SECONDS`, when the first, slow calls are over.

        Args:
            runs: what is to be trained.
        """
        with self._lock:
            paces = [queue.pace for queue in self.queues]
            trained = sum(queue.seconds for queue in self.queues)
        known = [pace for pace in paces if pace]
        if trained < PACE_SECONDS * self._calls_at_once or not known:
            return None
        usual = sum(known) / len(known)
        epochs = Counter(run.structure for run in runs)
        each = (n * self.queues[i].epochs_per_run * (paces[i] or usual) for i, n in epochs.items())
        return sum(each) / min(self._calls_at_once, max(1, epochs.total()))

    def summary(self) -> dict[str, Any]:
        """The execution and how it was chosen, for ``summary.json``."""
        return {
            "execution": self.execution.kind,
            "threads": self.threads,
            "convolutions": self.execution.convolutions,
            "device": jax.devices()[0].device_kind,
            "calls_at_once": self._calls_at_once,
            "structures": [queue.summary() for queue in self.queues],
        }

    def stop(self) -> None:
        """Let every run under way end at its next call."""
        self._stop.set()

    def results(
        self,
        runs: Iterable[Run],
        initial_state: Initial,
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
            initial_state: gives what the runs of a repeat share; called in the calling thread, as a
                run is queued, so it may use what is not safe in threads.
            tick: called several times a second in the calling thread, for a progress bar.
            keep: is given, in the calling thread, every run under way each :data:`KEEP_SECONDS`,
                and all of them when the generator is closed.
            checkpoint: gives what a run resumes from, or None.

        Raises:
            InputError: if memory does not hold a single run, or rows on disk cannot be read.
        """
        self._checkpoint = checkpoint
        self._enqueue(runs, initial_state)
        with ThreadPoolExecutor(self.threads, thread_name_prefix="wane") as pool:
            pending: Pending = {}
            try:
                while True:
                    self._submit(pool, pending, initial_state)
                    more = self._begin_another(initial_state)
                    if not pending and all(queue.next is None for queue in self.queues):
                        return
                    self._wait(pending, timeout=0 if more else 0.1)
                    self._hand_over(keep)
                    tick()
                    yield from self._ended(pending)
            finally:
                self.stop()
                pool.shutdown(wait=True, cancel_futures=True)
                self._hand_over(keep)

    def _enqueue(self, runs: Iterable[Run], initial_state: Initial) -> None:
        """Let runs wait in their queues, whose widths are chosen."""
        self._epochs_done = 0
        self._stop.clear()
        for queue in self.queues:
            queue.waiting.clear()
            queue.next = None
        for run in runs:
            self.queues[run.structure].waiting.append(run)
        for queue in self.queues:
            if queue.width is None and queue.waiting:
                queue.width = self._fastest_width(queue, initial_state)

    def _submit(self, pool: ThreadPoolExecutor, pending: Pending, initial_state: Initial) -> None:
        """Hand calls to the threads, as many as may wait there.

        They are few: the rows of a repeat are made when its first run is near.
        """
        while len(pending) < self._most_pending and (call := self._ready(initial_state, pending)):
            pending[pool.submit(self._trained, *call)] = (*call[:2], self._calls_at_once)

    def _wait(self, pending: Pending, timeout: float) -> None:
        """Wait until a call has ended, or a program is compiled, or for so many seconds."""
        began = time.perf_counter()
        programs = [queue.next[1] for queue in self.queues if queue.next is not None]
        awaited: set[Future[Any]] = {*pending, *(one for one in programs if not one.done())}
        wait(awaited, timeout=timeout, return_when=FIRST_COMPLETED)
        if not pending:
            self.compile_seconds += time.perf_counter() - began

    def _ended(self, pending: Pending) -> Iterator[Trained]:
        """The runs of the calls that have ended, which are pending no more."""
        for future in [future for future in pending if future.done()]:
            queue, batch, at_once = pending.pop(future)
            if ran_out(future.exception()):
                self._make_room(queue, batch, at_once, future.exception())
            else:
                yield from result_of(future)

    @property
    def _most_pending(self) -> int:
        """How many calls are queued or under way at a time."""
        if self._calls_at_once < self.threads:  # memory ran out: no more than those that it holds
            return self._calls_at_once
        return 2 * self.threads

    def _hand_over(self, keep: Callable[[Checkpoint], None]) -> None:
        """Give away what calls have left to be kept."""
        with contextlib.suppress(Empty):
            while True:
                keep(self._checkpoints.get_nowait())

    def _make_room(
        self, queue: RunQueue, batch: RunBatch, at_once: int, error: BaseException | None
    ) -> None:
        """Train the runs of a call for which memory ran out anew, in narrower calls or fewer."""
        if queue.narrow(batch, least=max(1, len(batch.devices))):
            return
        if at_once == 1 and error is not None:
            raise InputError(
                f"A single run needs more memory than is free ({one_line(error)}): take a smaller "
                f"batch_size, fewer rows or a smaller network."
            ) from error
        if at_once == self._calls_at_once:  # not where a call beside this one has failed before
            self._calls_at_once = at_once // 2
        queue.put_back(batch.runs)

    def _ready(
        self, initial_state: Initial, pending: Collection[Any]
    ) -> tuple[RunQueue, RunBatch, Executable] | None:
        """The earliest call whose program is compiled and for which there is memory."""
        calls = []
        for queue in self.queues:
            if queue.begun and queue.next is None:
                self._fill(queue, initial_state)
            if queue.next is not None and queue.next[1].done():
                calls.append((queue, queue.next[0], queue.next[1].result()))
        if not calls:
            return None
        queue, batch, executable = min(calls, key=lambda call: call[1].runs[0].order)
        queue.bytes_of_call = executable.bytes
        if pending and (1 + len(pending)) * executable.bytes > self._memory:
            return None
        queue.next = None
        return queue, batch, executable

    def _begin_another(self, initial_state: Initial) -> bool:
        """Trace the program of one more structure; whether there are others after it."""
        rest = [queue for queue in self.queues if queue.waiting and not queue.begun]
        if rest:
            self._fill(rest[0], initial_state)
        return len(rest) > 1

    def _fill(self, queue: RunQueue, initial_state: Initial) -> None:
        """Make the inputs of a structure's next call, and trace its program if it is a new one."""
        assert queue.width is not None, "it is chosen before the first call"
        runs, checkpoints = queue.next_runs(self._checkpoint)
        if runs:
            batch = self._batch(runs, initial_state, queue.width, checkpoints)
            began = time.perf_counter()
            queue.next = (batch, self._executables.of(batch))
            queue.begun = True
            self.compile_seconds += time.perf_counter() - began

    @functools.cached_property
    def _memory(self) -> int:
        """The memory that calls may take together."""
        return free_bytes(jax.devices()[0])

    def _batch(
        self,
        runs: Sequence[Run],
        initial_state: Initial,
        width: int,
        checkpoints: Sequence[Checkpoint] = (),
    ) -> RunBatch:
        devices = tuple(jax.devices()) if self.execution.kind == "devices" else ()
        states = tuple(initial_state(run) for run in runs)
        return RunBatch(tuple(runs), states, width, devices, tuple(checkpoints))

    def _trained(self, queue: RunQueue, batch: RunBatch, executable: Executable) -> list[Trained]:
        rows, settings, keys = batch.rows, batch.settings, batch.keys
        state = batch.first_state(queue.program)
        histories = batch.histories()
        with self._lock:
            self._epochs_done += sum(history.epoch for history in histories)
        kept = time.perf_counter()
        while not all(history.ended(queue.epochs_per_run) for history in histories):
            stopped = self._stop.is_set()
            furthest = max(history.epoch for history in histories)
            if furthest and (stopped or time.perf_counter() - kept > KEEP_SECONDS):
                for checkpoint in batch.kept(state, histories):
                    self._checkpoints.put(checkpoint)
                kept = time.perf_counter()
            if stopped:
                raise StoppedError
            count = min(
                queue.epochs_next_call,
                queue.program.epochs_per_call,
                queue.epochs_per_run - furthest,
            )
            began = time.perf_counter()
            state, curves = executable.train(
                state, settings, keys, rows[0], rows[1], jnp.int32(count)
            )
            shown = batch.apart((state.epoch, state.stopped, curves))
            trained = sum(
                history.add(int(epoch), bool(stopped), curve)
                for history, (epoch, stopped, curve) in zip(histories, shown, strict=True)
            )
            self._learn_pace(queue, count, trained, time.perf_counter() - began)
        finals = batch.apart(executable.conclude(state, settings, *rows))
        with self._lock:  # the epochs that runs need not train count as done
            self._epochs_done += sum(queue.epochs_per_run - h.epoch for h in histories)
        names = queue.program.number_names(batch.initial_states[0].test)
        return [
            history.trained(run, values, queue.program, names)
            for history, run, values in zip(histories, batch.runs, finals, strict=True)
        ]

    def _learn_pace(self, queue: RunQueue, count: int, trained: int, seconds: float) -> None:
        with self._lock:
            self._epochs_done += trained
            queue.seconds += seconds
            queue.epochs += trained
            queue.pace = seconds / trained if trained else queue.pace
            wanted = int(count * CALL_SECONDS / max(seconds, 1e-6))
            # At most ten times as many as now, since the first call of a run may be a slow one.
            queue.epochs_next_call = max(
                1, min(wanted, 10 * queue.epochs_next_call, queue.program.epochs_per_call)
            )

    def _fastest_width(self, queue: RunQueue, initial_state: Initial) -> int:
        """The width at which one epoch of one run takes the least time, and that memory holds.

        Widths are tried from small to large until a wider call gains less than a tenth.
        """
        best = 1
        epochs = min(3, queue.epochs_per_run)
        widths = divisible(WIDTHS, self.execution)
        runs = list(itertools.islice(queue.waiting, max(widths)))
        for width in widths:
            if queue.timings and width > 2 * len(runs):
                break
            batch = self._batch(runs[:width], initial_state, width)
            began = time.perf_counter()
            executable = self._executables.of(batch).result()
            self.compile_seconds += time.perf_counter() - began
            if queue.timings and executable.bytes > self._memory:
                break
            inputs = (batch.settings, batch.keys, *batch.rows[:2], jnp.int32(epochs))
            seconds = []
            for _ in range(2):  # the first call may still be setting things up
                state = batch.first_state(queue.program)
                began = time.perf_counter()
                with rows_read():
                    jax.block_until_ready(executable.train(state, *inputs))
                seconds.append(time.perf_counter() - began)
            queue.timings[width] = round(1e6 * min(seconds) / epochs / width, 3)
            if width != widths[0] and queue.timings[width] > 0.9 * queue.timings[best]:
                break
            best = width
        return best


def available_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
