"""The runs of one structure that wait for training, and how wide their calls are."""

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any

from wane.training.batch import Run, RunBatch
from wane.training.checkpoint import Checkpoint
from wane.training.executables import Executable
from wane.training.program import Program


class RunQueue:
    """The runs of one structure that are still to be trained, and how its calls are made.

    Attributes:
        program: the structure's program.
        width: how many runs a call takes; None until it is chosen.
        epochs_per_run: how many epochs each run trains.
        timings: microseconds for one epoch of one run, by width, as measured to choose it.
        bytes_of_call: the memory that one call takes; 0 until it is known.
        epochs_next_call: how many epochs the next call trains: one at first, which for a large
            network is long, and shows how long.
        seconds, epochs: time that calls took to train, and for how many epochs of single runs.
        pace: the seconds that the latest call took for one epoch of one run; None before any.
        begun: whether the program has been traced.
        next: the next call, and its program, which may still be being compiled.
        too_wide: the widths at which memory ran out.
    """

    def __init__(self, program: Program, epochs: int, width: int | None) -> None:
        self.program = program
        self.width = width
        self.timings: dict[int, float] = {}
        self.bytes_of_call = 0
        self.epochs_per_run = epochs
        self.epochs_next_call = 1
        self.seconds, self.epochs = 0.0, 0
        self.pace: float | None = None
        self.waiting: deque[Run] = deque()
        self.begun = False
        self.next: tuple[RunBatch, Future[Executable]] | None = None
        self.too_wide: list[int] = []

    def next_runs(
        self, checkpoint: Callable[[Run], Checkpoint | None]
    ) -> tuple[list[Run], list[Checkpoint]]:
        """Take the runs of the next call, all of which begin, or resume from one epoch."""
        runs: list[Run] = []
        kept: list[Checkpoint] = []
        while self.waiting and len(runs) < (self.width or 1):
            found = checkpoint(self.waiting[0])
            if runs and (found.epoch if found else 0) != (kept[0].epoch if kept else 0):
                break  # a call trains all its runs by one number of epochs
            runs.append(self.waiting.popleft())
            kept += [] if found is None else [found]
        return runs, kept

    def put_back(self, runs: Iterable[Run]) -> None:
        """Let runs wait again, before all others."""
        self.waiting.extendleft(reversed(list(runs)))

    def narrow(self, batch: RunBatch, least: int) -> bool:
        """Take fewer runs in a call than this one, for which memory ran out; whether it can be.

        Args:
            batch: the call; its runs, and those of the next one, wait again.
            least: what every width is a multiple of.
        """
        if batch.width <= least:
            return False
        if self.width == batch.width:  # not where another call of this width has failed before
            self.too_wide.append(batch.width)
            self.width = max(least, batch.width // 2 // least * least)
            if self.next is not None:
                self.put_back(self.next[0].runs)
                self.next = None
        self.put_back(batch.runs)
        return True

    def summary(self) -> dict[str, Any]:
        """For ``summary.json``."""
        return {
            "width": self.width,
            "microseconds_by_width": self.timings,
            "microseconds_an_epoch": self._mean_pace(),
            "mebibytes_of_call": round(self.bytes_of_call / 2**20, 3),
            "traces": self.program.traces,
            "widths_without_memory": self.too_wide,
        }

    def _mean_pace(self) -> float | None:
        """The time that calls took for one epoch of one run, microseconds; None before any."""
        return round(1e6 * self.seconds / self.epochs, 3) if self.epochs else None
