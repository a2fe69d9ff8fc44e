"""Seconds by stage of work."""

import contextlib
import time
from collections.abc import Iterator, Mapping

from wane.report.display.progress import stage

STAGES = {
    "prepare": "preparing",
    "sizes": "training on fewer rows, for the learning curve",
    "retraining": "training again under random weights of the rows",
    "references": "fitting models of other kinds",
    "evidence": "asking the training rows alone",
    "write": "evaluating and writing",
}
"""What each stage is, for people."""


class Clock:
    """Seconds by stage of work.

    Args:
        before: those of stages that are over.
        shown: whether to show the stage that is under way.
    """

    def __init__(self, before: Mapping[str, float] | None, shown: bool = False) -> None:
        self._shown = shown
        self.seconds: dict[str, float] = dict(before or {})
        self._running: tuple[str, float] | None = None

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the time of this block to a stage."""
        self._running = (name, time.perf_counter())
        try:
            with stage(STAGES[name], self._shown):
                yield
        finally:
            self.seconds[name] = time.perf_counter() - self._running[1]
            self._running = None

    def add(self, name: str, seconds: float) -> None:
        """Count seconds that were spent earlier to a stage."""
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds

    def summary(self) -> dict[str, float]:
        """Seconds by stage, of the one under way too, and their total."""
        seconds = dict(self.seconds)
        if self._running is not None:
            seconds[self._running[0]] = time.perf_counter() - self._running[1]
        rounded = {name: round(value, 3) for name, value in seconds.items()}
        return {**rounded, "total": round(sum(seconds.values()), 3)}
