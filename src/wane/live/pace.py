"""How fast a study trains, and how long it has to go on."""

import time
from collections import deque

WINDOW = 60.0
"""Over how many of the last seconds the pace is measured."""
LEAST = 2.0
"""Seconds without which no pace is known."""


class Pace:
    """The pace of a study by what is done of it, in runs; parts of runs count as such."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float]] = deque()

    def see(self, done: float, since: float | None) -> float | None:
        """Runs a second, if that is known.

        Args:
            done: how much is done.
            since: when it was begun, as a time of day, where all was done since then.
        """
        now = time.monotonic()
        if self._seen and done < self._seen[-1][1]:
            self._seen.clear()  # another start
        if not self._seen or now - self._seen[-1][0] > 1.0 or len(self._seen) == 1:
            self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[1][0] > WINDOW:
            self._seen.popleft()
        began, before = self._seen[0]
        if now - began >= LEAST and done > before:
            return (done - before) / (now - began)
        if since is not None and done > 0:
            return done / max(time.time() - since, 1e-3)
        return None
