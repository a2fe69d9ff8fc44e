"""Seconds by stage of work."""

import contextlib
import time
from collections.abc import Iterator, Mapping


class Clock:
    """Seconds by stage of work."""

    def __init__(self, before: Mapping[str, float] | None) -> None:
        self.seconds: dict[str, float] = dict(before or {})
        self._running: tuple[str, float] | None = None

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the time of this block to a stage."""
        self._running = (name, time.perf_counter())
        try:
            yield
        finally:
            self.seconds[name] = time.perf_counter() - self._running[1]
            self._running = None

    def summary(self) -> dict[str, float]:
        """Seconds by stage, of the one under way too, and their total."""
        seconds = dict(self.seconds)
        if self._running is not None:
            seconds[self._running[0]] = time.perf_counter() - self._running[1]
        rounded = {name: round(value, 3) for name, value in seconds.items()}
        return {**rounded, "total": round(sum(seconds.values()), 3)}
