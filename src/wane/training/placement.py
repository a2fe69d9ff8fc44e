"""Where runs are trained: on a thread per core, or many at once on an accelerator.

On a CPU each thread calls the same compiled program for one run: JAX lets go of the interpreter
lock while it runs, so plain threads use every core without any global JAX setting, and one run at
a time stays in the cache. On an accelerator one call trains many runs side by side (``vmap``), as
many as make it faster. A call trains some epochs; how many is chosen by timing so that it takes
about :data:`CALL_SECONDS`. No number depends on the threads or on the epochs of a call: every run's
state and keys are its own.
"""

import contextlib
import dataclasses
import functools
import itertools
import os
import queue
import threading
import time
from collections.abc import Callable, Collection, Generator, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, Literal

import jax
import jax.numpy as jnp

from wane._errors import InputError, one_line
from wane.training.checkpoint import Checkpoint
from wane.training.chunks import Chunk, Run, Start, Trained
from wane.training.executables import Executable, Executables
from wane.training.lane import Lane
from wane.training.memory import free_bytes, ran_out
from wane.training.program import Program

CALL_SECONDS = 0.5
"""How long one call of the program should take: often enough for a progress bar and Ctrl-C."""

RUNG = 4096
"""The most epochs in one call, which bounds the memory of a call's curves."""

KEEP_SECONDS = 10.0
"""How much of a run's training may be lost if the process is killed."""

WIDTHS = (8, 32, 128, 512, 2048)
"""How many runs a call may train side by side where the width is chosen by timing."""


@dataclasses.dataclass(frozen=True)
class Placement:
    """How runs are laid on the machine.

    Args:
        kind: ``"threads"``: each call trains one run, several calls at a time; ``"vmap"``: each
            call trains ``width`` runs side by side; ``"devices"``: as vmap, with the runs of a call
            divided over all devices of JAX's default backend.
        threads: how many calls at a time; None takes one for each core, or 1 on an accelerator.
        width: runs in a call; None chooses by timing.
        convolutions: ``"lowered"`` trains them as matrix products on a CPU, where that was 5 to 60
            times as fast for every network measured; ``"native"`` as the backend has them.

    Raises:
        InputError: if they do not go together.
    """

    kind: Literal["threads", "vmap", "devices"]
    threads: int | None = None
    width: int | None = None
    convolutions: Literal["lowered", "native"] = "lowered"

    def __post_init__(self) -> None:
        if self.kind not in ("threads", "vmap", "devices"):
            raise InputError(f"kind must be 'threads', 'vmap' or 'devices', got {self.kind!r}.")
        if self.convolutions not in ("lowered", "native"):
            raise InputError(
                f"convolutions must be 'lowered' or 'native', got {self.convolutions!r}."
            )
        for name in ("threads", "width"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or value != int(value) or value < 1):
                raise InputError(f"{name} must be a whole number of at least 1, got {value!r}.")
        if self.kind == "threads" and self.width not in (None, 1):
            raise InputError(
                f"With kind='threads' each call trains one run, got width={self.width}; "
                f"use kind='vmap' to train several side by side."
            )
        devices = len(jax.devices()) if self.kind == "devices" else 1
        if self.width is not None and self.width % devices:
            raise InputError(
                f"width={self.width} cannot be divided over {devices} devices; take a multiple."
            )


def default_placement() -> Placement:
    """Threads on a CPU; on accelerators runs side by side, over all devices if there are several.

    On CPUs threads were within 5 % of the fastest for every network measured but one, of many small
    layers, of which eight side by side took 16 % less time (docs/benchmarks.md).
    """
    if jax.default_backend() == "cpu":
        return Placement("threads")
    return Placement("devices" if len(jax.devices()) > 1 else "vmap")


class StoppedError(Exception):
    """Raised in a worker when the study is being stopped, after its runs have been kept."""


class Workers:
    """Trains runs, and tells how far they are.

    Args:
        programs: the pure program of each structure of the study.
        epochs: how many epochs the runs of each structure train, or one number for all.
        placement: how runs are laid on the machine; None takes :func:`default_placement`.

    Attributes:
        lanes: the runs of each structure.
        compile_seconds: time spent tracing, and waiting for compilation with nothing to train.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        epochs: int | Sequence[int],
        placement: Placement | None = None,
    ) -> None:
        each = [epochs] * len(programs) if isinstance(epochs, int) else epochs
        self.placement = placement or default_placement()
        serial = self.placement.kind != "threads"
        self.threads = self.placement.threads or (1 if serial else available_cores())
        width = self.placement.width or (None if serial else 1)
        self.lanes = tuple(Lane(*own, width) for own in zip(programs, each, strict=True))
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

    def told(self) -> dict[str, Any]:
        """The placement and how it was chosen, for ``summary.json``."""
        return {
            "placement": self.placement.kind,
            "threads": self.threads,
            "convolutions": self.placement.convolutions,
            "device": jax.devices()[0].device_kind,
            "calls_at_once": self._calls_at_once,
            "structures": [lane.told() for lane in self.lanes],
        }

    def stop(self) -> None:
        """Let every run under way end at its next call."""
        self._stop.set()

    def results(
        self,
        runs: Iterable[Run],
        start: Callable[[Run], Start],
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
            pending: dict[Future[list[Trained]], tuple[Lane, Chunk, int]] = {}
            try:
                while True:
                    # A short queue: the rows of a repeat are made when its first run is near.
                    while len(pending) < self._most_pending and (
                        call := self._ready(start, pending)
                    ):
                        future = pool.submit(self._trained, *call)
                        pending[future] = (*call[:2], self._calls_at_once)
                    more = self._begin_another(start)
                    nexts = [lane.next[1] for lane in self.lanes if lane.next is not None]
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

    def _line_up(self, runs: Iterable[Run], start: Callable[[Run], Start]) -> None:
        """Let runs wait in their lanes, whose widths are chosen."""
        self._epochs_done = 0
        self._stop.clear()
        for lane in self.lanes:
            lane.waiting.clear()
            lane.next = None
        for run in runs:
            self.lanes[run.structure].waiting.append(run)
        for lane in self.lanes:
            if lane.width is None and lane.waiting:
                lane.width = self._fastest_width(lane, start)

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
        self, lane: Lane, chunk: Chunk, at_once: int, error: BaseException | None
    ) -> None:
        """Train the runs of a call for which memory ran out anew, in narrower calls or fewer."""
        if lane.narrow(chunk, least=max(1, len(chunk.devices))):
            return
        if at_once == 1 and error is not None:
            raise InputError(
                f"A single run needs more memory than is free ({one_line(error)}): take a smaller "
                f"batch_size, fewer rows or a smaller network."
            ) from error
        if at_once == self._calls_at_once:  # not where a call beside this one has failed before
            self._calls_at_once = at_once // 2
        lane.put_back(chunk.runs)

    def _ready(
        self, start: Callable[[Run], Start], pending: Collection[Any]
    ) -> tuple[Lane, Chunk, Executable] | None:
        """The earliest call whose program is compiled and for which there is memory."""
        calls = []
        for lane in self.lanes:
            if lane.begun and lane.next is None:
                self._fill(lane, start)
            if lane.next is not None and lane.next[1].done():
                calls.append((lane, lane.next[0], lane.next[1].result()))
        if not calls:
            return None
        lane, chunk, executable = min(calls, key=lambda call: call[1].runs[0].order)
        lane.bytes_of_call = executable.bytes
        if pending and (1 + len(pending)) * executable.bytes > self._memory:
            return None
        lane.next = None
        return lane, chunk, executable

    def _begin_another(self, start: Callable[[Run], Start]) -> bool:
        """Trace the program of one more structure; whether there are others after it."""
        rest = [lane for lane in self.lanes if lane.waiting and not lane.begun]
        if rest:
            self._fill(rest[0], start)
        return len(rest) > 1

    def _fill(self, lane: Lane, start: Callable[[Run], Start]) -> None:
        """Make the inputs of a structure's next call, and trace its program if it is a new one."""
        assert lane.width is not None, "it is chosen before the first call"
        runs, checkpoints = lane.next_runs(self._checkpoint)
        if runs:
            chunk = self._chunk(runs, start, lane.width, checkpoints)
            began = time.perf_counter()
            lane.next = (chunk, self._executables.of(chunk))
            lane.begun = True
            self.compile_seconds += time.perf_counter() - began

    @functools.cached_property
    def _memory(self) -> int:
        """The memory that calls may take together."""
        return free_bytes(jax.devices()[0])

    def _chunk(
        self,
        runs: Sequence[Run],
        start: Callable[[Run], Start],
        width: int,
        checkpoints: Sequence[Checkpoint] = (),
    ) -> Chunk:
        devices = tuple(jax.devices()) if self.placement.kind == "devices" else ()
        starts = tuple(start(run) for run in runs)
        return Chunk(tuple(runs), starts, width, devices, tuple(checkpoints))

    def _trained(self, lane: Lane, chunk: Chunk, executable: Executable) -> list[Trained]:
        rows, settings, keys = chunk.rows, chunk.settings, chunk.keys
        state = chunk.first_state(lane.program)
        histories = chunk.histories()
        with self._lock:
            self._epochs_done += sum(history.epoch for history in histories)
        kept = time.perf_counter()
        while not all(history.ended(lane.epochs_a_run) for history in histories):
            stopped = self._stop.is_set()
            furthest = max(history.epoch for history in histories)
            if furthest and (stopped or time.perf_counter() - kept > KEEP_SECONDS):
                for checkpoint in chunk.kept(state, histories):
                    self._checkpoints.put(checkpoint)
                kept = time.perf_counter()
            if stopped:
                raise StoppedError
            count = min(lane.epochs_a_call, lane.program.rung, lane.epochs_a_run - furthest)
            began = time.perf_counter()
            state, curves = executable.train(
                state, settings, keys, rows[0], rows[1], jnp.int32(count)
            )
            told = chunk.apart((state.epoch, state.stopped, curves))
            trained = sum(
                history.add(int(epoch), bool(stopped), curve)
                for history, (epoch, stopped, curve) in zip(histories, told, strict=True)
            )
            self._learn_pace(lane, count, trained, time.perf_counter() - began)
        finals = chunk.apart(executable.conclude(state, settings, *rows))
        with self._lock:  # the epochs that runs need not train count as done
            self._epochs_done += sum(lane.epochs_a_run - h.epoch for h in histories)
        names = lane.program.number_names(chunk.starts[0].test)
        return [
            history.trained(run, values, lane.program, names)
            for history, run, values in zip(histories, chunk.runs, finals, strict=True)
        ]

    def _learn_pace(self, lane: Lane, count: int, trained: int, seconds: float) -> None:
        with self._lock:
            self._epochs_done += trained
            lane.seconds += seconds
            lane.epochs += trained
            wanted = int(count * CALL_SECONDS / max(seconds, 1e-6))
            # Grows at most tenfold at a time, since the first call of a run may be a slow one.
            lane.epochs_a_call = max(1, min(wanted, 10 * lane.epochs_a_call, lane.program.rung))

    def _fastest_width(self, lane: Lane, start: Callable[[Run], Start]) -> int:
        """The width at which one epoch of one run takes the least time, and that memory holds.

        Widths are tried from small to large until a wider call gains less than a tenth.
        """
        best = 1
        epochs = min(3, lane.epochs_a_run)
        runs = list(itertools.islice(lane.waiting, max(WIDTHS)))
        for width in WIDTHS:
            if lane.timings and width > 2 * len(runs):
                break
            chunk = self._chunk(runs[:width], start, width)
            began = time.perf_counter()
            executable = self._executables.of(chunk).result()
            self.compile_seconds += time.perf_counter() - began
            if lane.timings and executable.bytes > self._memory:
                break
            inputs = (chunk.first_state(lane.program), chunk.settings, chunk.keys, *chunk.rows[:2])
            seconds = []
            for _ in range(2):  # the first call may still be setting things up
                began = time.perf_counter()
                jax.block_until_ready(executable.train(*inputs, jnp.int32(epochs)))
                seconds.append(time.perf_counter() - began)
            lane.timings[width] = round(1e6 * min(seconds) / epochs / width, 3)
            if width != WIDTHS[0] and lane.timings[width] > 0.9 * lane.timings[best]:
                break
            best = width
        return best


def available_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
