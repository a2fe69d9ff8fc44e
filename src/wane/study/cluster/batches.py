"""The runs that wait for a cluster's workers, and how many of them a worker gets at a time.

A batch costs some milliseconds whatever it holds, so that it should take seconds; but what one
worker has can be trained by no other, so that the last batches are small.
"""

from collections import deque
from collections.abc import Iterable, Mapping

from wane.training.batch import Run

BATCH_SECONDS = 5.0
"""How long a batch should take on its worker."""
LEAST_SECONDS = 0.5
"""How long a batch should take at least, also where few runs are left."""
PARTS = 3
"""Into how many batches for each worker what is left is divided."""


class Batches:
    """Runs in their order, taken away in batches.

    Args:
        runs: all of them.
        threads: how many runs a worker trains at a time.
        paces: the seconds that one run of a structure takes on one thread, where that is known from
            before; what is learnt is added.
    """

    def __init__(self, runs: Iterable[Run], threads: int, paces: dict[int, float]) -> None:
        self._waiting = deque(runs)
        self._threads = threads
        self._paces = paces

    def __len__(self) -> int:
        return len(self._waiting)

    def next(self, workers: int, most: int) -> list[Run]:
        """Take the runs of the next batch; none if none wait.

        Args:
            workers: how many there are.
            most: how many runs it may have, where there are more than one for each thread.
        """
        share = len(self._waiting) / (PARTS * workers)
        found: list[Run] = []
        seconds = 0.0
        while self._waiting:
            run = self._waiting[0]
            pace = self._paces.get(run.structure)
            if pace is None:  # one for each thread shows how long they take
                pace = BATCH_SECONDS
            after = seconds + pace / self._threads
            fair = len(found) >= share and after > LEAST_SECONDS
            full = after > BATCH_SECONDS or len(found) >= most
            if len(found) >= self._threads and (fair or full):
                break
            found.append(self._waiting.popleft())
            seconds = after
        return found

    def put_back(self, runs: Iterable[Run]) -> None:
        """Let runs wait again, before all others."""
        self._waiting.extendleft(reversed(list(runs)))

    def learn(self, counts: Mapping[int, int], spent: Mapping[int, float], seconds: float) -> None:
        """Take how long a batch took whose runs have all ended.

        Args:
            counts: how many runs of each structure it had.
            spent: how long calls of the program trained them, which shares the time out.
            seconds: how long it took its worker, apart from compiling.
        """
        known = {structure: spent.get(structure, 0.0) for structure in counts}
        whole = sum(known.values())
        for structure, count in counts.items():
            part = known[structure] / whole if whole else count / sum(counts.values())
            self._paces[structure] = max(seconds * part * self._threads / count, 1e-6)
