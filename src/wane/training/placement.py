"""Where runs are trained: on a thread per core, or many at once on an accelerator.

On a CPU each thread calls the same compiled program for one run: JAX lets go of the interpreter
lock while it runs, so plain threads use every core without any global JAX setting, and one run at
a time stays in the cache. On an accelerator one call trains many runs side by side (``vmap``), as
many as make it faster. A call trains some epochs; how many is chosen by timing so that it takes
about :data:`CALL_SECONDS`. No number depends on the threads or on the epochs of a call: every run's
state and keys are its own.
"""

import dataclasses
import itertools
import os
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, Literal

import jax
import jax.numpy as jnp

from wane._errors import InputError
from wane.training.chunks import Chunk, History, Run, Start, Trained
from wane.training.program import Program

CALL_SECONDS = 0.5
"""How long one call of the program should take: often enough for a progress bar and Ctrl-C."""

RUNG = 4096
"""The most epochs in one call, which bounds the memory of a call's curves."""

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

    On CPUs threads were at least as fast as ``vmap`` for every network measured; see
    ``docs/benchmarks.md``.
    """
    if jax.default_backend() == "cpu":
        return Placement("threads")
    return Placement("devices" if len(jax.devices()) > 1 else "vmap")


class StoppedError(Exception):
    """Raised in a worker when the study is being stopped."""


class Workers:
    """Trains runs, and tells how far they are.

    Args:
        program: the pure program of the study.
        epochs: how many epochs each run trains.
        placement: how runs are laid on the machine; None takes :func:`default_placement`.

    Attributes:
        timings: what was measured to choose the width: microseconds for one epoch of one run, by
            width.
        compile_seconds: time spent tracing and compiling so far.
    """

    def __init__(
        self, program: Program, *, epochs: int, placement: Placement | None = None
    ) -> None:
        self.program = program
        self.epochs = epochs
        self.placement = placement or default_placement()
        serial = self.placement.kind != "threads"
        self.threads = self.placement.threads or (1 if serial else available_cores())
        self.width = self.placement.width or (None if serial else 1)
        self.timings: dict[int, float] = {}
        self.compile_seconds = 0.0
        self._compiled: dict[Any, tuple[Any, ...]] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._epochs_done = 0
        self._epochs_a_call = min(10, epochs)

    @property
    def epochs_done(self) -> int:
        """Epochs trained so far, over all runs."""
        return self._epochs_done

    def told(self) -> dict[str, Any]:
        """The placement and how it was chosen, for ``summary.json``."""
        return {
            "placement": self.placement.kind,
            "threads": self.threads,
            "width": self.width,
            "convolutions": self.placement.convolutions,
            "microseconds_by_width": self.timings,
            "device": jax.devices()[0].device_kind,
            "traces": self.program.traces,
        }

    def stop(self) -> None:
        """Let every run under way end at its next call; their results are lost."""
        self._stop.set()

    def results(
        self,
        runs: Iterable[Run],
        start: Callable[[int], Start],
        tick: Callable[[], None] = lambda: None,
    ) -> Generator[Trained]:
        """Train these runs and give each as it ends.

        Args:
            runs: what to train; those of one repeat should be neighbours.
            start: gives what the runs of a repeat share; called in the calling thread, as a run
                is queued, so it may use what is not safe in threads.
            tick: called several times a second in the calling thread, for a progress bar.
        """
        waiting = iter(runs)
        self._epochs_done = 0
        self._stop.clear()
        if self.width is None:
            peeked = list(itertools.islice(waiting, max(WIDTHS)))
            waiting = itertools.chain(peeked, waiting)
            self.width = self._fastest_width(peeked, start)
        chunks = self._chunks(waiting, start, self.width)
        with ThreadPoolExecutor(self.threads, thread_name_prefix="wane") as pool:
            try:
                pending: set[Future[list[Trained]]] = set()
                while True:
                    # A short queue: the rows of a repeat are made when its first run is near.
                    while len(pending) < 2 * self.threads and (chunk := next(chunks, None)):
                        pending.add(pool.submit(self._trained, chunk, self._executables(chunk)))
                    if not pending:
                        return
                    done, pending = wait(pending, timeout=0.1, return_when=FIRST_COMPLETED)
                    tick()
                    for future in done:
                        yield from future.result()
            finally:
                self.stop()
                pool.shutdown(wait=True, cancel_futures=True)

    def _chunks(
        self, runs: Iterable[Run], start: Callable[[int], Start], width: int
    ) -> Iterator[Chunk]:
        rest = iter(runs)
        devices = tuple(jax.devices()) if self.placement.kind == "devices" else ()
        while some := tuple(itertools.islice(rest, width)):
            yield Chunk(some, tuple(start(run.repeat) for run in some), width, devices)

    def _trained(self, chunk: Chunk, executables: tuple[Any, ...]) -> list[Trained]:
        train, conclude = executables
        rows, strengths, keys = chunk.rows, chunk.strengths, chunk.keys
        state = chunk.first_state(self.program)
        histories = [History() for _ in chunk.runs]
        while not all(history.ended(self.epochs) for history in histories):
            if self._stop.is_set():
                raise StoppedError
            furthest = max(history.epoch for history in histories)
            count = min(self._epochs_a_call, self.program.rung, self.epochs - furthest)
            began = time.perf_counter()
            state, curves = train(state, strengths, keys, rows[0], rows[1], jnp.int32(count))
            told = chunk.apart((state.epoch, state.stopped, curves))
            trained = sum(
                history.add(int(epoch), bool(stopped), curve)
                for history, (epoch, stopped, curve) in zip(histories, told, strict=True)
            )
            self._learn_pace(count, trained, time.perf_counter() - began)
        finals = chunk.apart(conclude(state, strengths, *rows))
        with self._lock:  # the epochs that runs need not train count as done
            self._epochs_done += sum(self.epochs - history.epoch for history in histories)
        names = self.program.number_names(chunk.starts[0].test)
        return [
            history.trained(run, values, names)
            for history, run, values in zip(histories, chunk.runs, finals, strict=True)
        ]

    def _learn_pace(self, count: int, trained: int, seconds: float) -> None:
        with self._lock:
            self._epochs_done += trained
            wanted = int(count * CALL_SECONDS / max(seconds, 1e-6))
            # Grows at most tenfold at a time, since the first call of a run may be a slow one.
            self._epochs_a_call = max(1, min(wanted, 10 * self._epochs_a_call, self.program.rung))

    def _executables(self, chunk: Chunk) -> tuple[Any, ...]:
        """The compiled programs (train, conclude) for calls like this one, made once."""
        shapes = chunk.shapes()
        if shapes not in self._compiled:
            began = time.perf_counter()
            state, strengths, rows = chunk.first_state(self.program), chunk.strengths, chunk.rows
            functions = chunk.programs(self.program)
            train = jax.jit(functions[0]).lower(
                state, strengths, chunk.keys, rows[0], rows[1], jnp.int32(1)
            )
            conclude = jax.jit(functions[1]).lower(state, strengths, *rows)
            with ThreadPoolExecutor(2) as pool:  # XLA compiles both at once
                compiled = tuple(pool.map(lambda lowered: lowered.compile(), (train, conclude)))
            self._compiled[shapes] = compiled
            self.compile_seconds += time.perf_counter() - began
        return self._compiled[shapes]

    def _fastest_width(self, runs: list[Run], start: Callable[[int], Start]) -> int:
        """The width at which one epoch of one run takes the least time.

        Widths are tried from small to large until a wider call gains less than a tenth.
        """
        best = 1
        for width in WIDTHS:
            if self.timings and width > 2 * len(runs):
                break
            chunk = next(self._chunks(runs, start, width))
            train, _ = self._executables(chunk)
            inputs = (chunk.first_state(self.program), chunk.strengths, chunk.keys, *chunk.rows[:2])
            seconds = []
            for _ in range(2):  # the first call may still be setting things up
                began = time.perf_counter()
                jax.block_until_ready(train(*inputs, jnp.int32(min(3, self.epochs))))
                seconds.append(time.perf_counter() - began)
            self.timings[width] = round(1e6 * min(seconds) / min(3, self.epochs) / width, 3)
            if width != WIDTHS[0] and self.timings[width] > 0.9 * self.timings[best]:
                break
            best = width
        return best


def available_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
