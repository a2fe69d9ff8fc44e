"""A simulation of large clusters, by rates that were measured on one machine.

One driver hands batches to workers, which train them and hand results back: its work is that of one
core, its network a link, and the journal its writer. Nothing here is measured on a large cluster.
"""

import dataclasses
import heapq
from collections.abc import Mapping
from typing import Any, Self

NODES, CORES, THREADS = 1000, 8, 4
"""Nodes, cores of each and of a worker."""
RUNS = 10_000_000
BATCH_SECONDS = 5.0
LINK_BYTES = 1.25e9 / 2
"""What the driver's network takes in a second: half of ten gigabits."""
PARTED = 4
"""Drivers with a part of the candidates and a journal each, where one is not enough."""


@dataclasses.dataclass(frozen=True)
class Measured:
    """What was measured.

    Attributes:
        send: seconds of the driver for a batch.
        take: seconds of the driver for a result, its journal's among them.
        gathered: the same where a batch is one transaction of the journal.
        bytes: of a result.
        batch: seconds of a worker that a batch costs beside its training.
    """

    send: float = 0.00013
    take: float = 0.00041
    gathered: float = 0.00038
    bytes: float = 72_000.0
    batch: float = 0.01

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Self:
        """The rates of readings, with those of docs/how-to/cluster.md where they are lacking."""
        rates: dict[str, float] = {}
        if "driver" in found:
            own = found["driver"]
            rates["send"] = own["pack_seconds_an_order"] + own["submit_seconds"]
            rates["take"] = own["journal_seconds_a_result"] + own["fetch_seconds_a_result"]
            rates["gathered"] = own["gathered_seconds_a_result"] + own["fetch_seconds_a_result"]
        if "overhead" in found:
            rates["bytes"] = found["overhead"]["received_bytes_a_run"]
        if "batches" in found:
            rates["batch"] = max(found["batches"]["seconds_a_batch"], 1e-4)
        return cls(**rates)


@dataclasses.dataclass(frozen=True)
class Scenario:
    """What a study of so many runs comes to.

    Attributes:
        name: what is changed.
        run_seconds: how long a run takes on one core.
        hours: until all have ended.
        ideal_hours: the same if nothing but training took time.
        efficiency: the share of the workers' time in which they train.
        driver_busy, link_busy: the share of the time in which these work.
        first: what breaks first: ``"workers"`` where nothing does.
    """

    name: str
    run_seconds: float
    hours: float
    ideal_hours: float
    efficiency: float
    driver_busy: float
    link_busy: float
    first: str


def simulated(name: str, run: float, take: float, size: float, measured: Measured) -> Scenario:
    """A study, batch by batch: each worker has one that it trains and one that waits.

    Args:
        name: of the scenario.
        run: seconds of a run on one core.
        take: seconds of the driver for a result.
        size: bytes of a result.
        measured: the other rates.
    """
    workers = NODES * CORES // THREADS
    most = max(THREADS, round(BATCH_SECONDS * THREADS / run))
    left, driver, link = RUNS, 0.0, 0.0
    driver_busy = link_busy = 0.0
    free = [0.0] * workers  # when a worker has done all that it was sent
    ends: list[tuple[float, int, int]] = []

    def send(worker: int, now: float) -> None:
        nonlocal left, driver, driver_busy
        count = min(left, max(THREADS, min(most, -(-left // (3 * workers)))))
        if count <= 0:
            return
        left -= count
        driver = max(driver, now) + measured.send
        driver_busy += measured.send
        free[worker] = max(free[worker], driver) + measured.batch + -(-count // THREADS) * run
        heapq.heappush(ends, (free[worker], worker, count))

    for _ in range(2):
        for worker in range(workers):
            send(worker, 0.0)
    while ends:
        now, worker, count = heapq.heappop(ends)
        link = max(link, now) + count * size / LINK_BYTES
        link_busy += count * size / LINK_BYTES
        driver = max(driver, link) + count * take
        driver_busy += count * take
        send(worker, driver)
    whole = max(driver, link)
    ideal = RUNS * run / (NODES * CORES)
    shares = {"driver": driver_busy / whole, "network": link_busy / whole}
    first = max(shares, key=lambda one: shares[one])
    return Scenario(
        name=name,
        run_seconds=run,
        hours=whole / 3600,
        ideal_hours=ideal / 3600,
        efficiency=ideal / whole,
        driver_busy=shares["driver"],
        link_busy=shares["network"],
        first=first if shares[first] > 0.9 else "workers",
    )


def scenarios(measured: Measured) -> list[Scenario]:
    """Runs of several lengths, as it is and with what lifts its limits, one after the other."""
    found = []
    for run in (0.05, 1.0, 5.0, 30.0):
        rates = dataclasses.replace(measured, send=measured.send / PARTED)
        take, size = measured.gathered / PARTED, measured.bytes / PARTED
        found += [
            simulated("as it is", run, measured.take, measured.bytes, measured),
            simulated(
                "one transaction for each batch",
                run,
                measured.gathered,
                measured.bytes,
                measured,
            ),
            simulated("so, and in four parts", run, take, size, rates),
        ]
    return found
