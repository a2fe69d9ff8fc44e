"""What a Ray cluster costs beside one process: ``python -m benchmarks.clusters [PART]...``.

Parts are overhead, batches, driver, memory and simulation, all by default; each prints JSON, which
docs/how-to/cluster.md has. The cluster is one of this machine, kept to loopback, with workers of
one core.
"""

import argparse
import contextlib
import dataclasses
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from benchmarks.cases import CASES, DATA
from benchmarks.cluster_simulation import Measured, scenarios

PARTS = ("overhead", "batches", "driver", "memory", "simulation")
WORKERS = 2
"""Workers of one core each, and threads of the process beside which they are measured."""


def case_study(runs: int, epochs: int, units: int = 500) -> Any:
    """A study of the case study's network on its data: nine strengths beside the baseline."""
    import keras

    import wane

    data = DATA[CASES["case-study"].data]()
    model = keras.Sequential(
        [
            keras.layers.Input((2,)),
            keras.layers.Dense(units, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return wane.Study(
        model,
        data.x,
        data.y,
        candidates=wane.sweep(wane.L2, strengths=[10.0**-n for n in range(1, 10)]),
        validation=(data.validation_x, data.validation_y),
        repeats=max(2, runs // 10),
        epochs=epochs,
        batch_size=30,
        learning_curve=False,
        retraining=False,
        extend=False,
        references=False,
    )


@contextlib.contextmanager
def cluster() -> Iterator[str]:
    """The address of a cluster whose workers outlast a study."""
    from wane.study.cluster.connection import Connection

    made = Connection("local")
    try:
        made.begin()
        yield made.address
    finally:
        made.end()


def overhead(runs: int, epochs: int, pairs: int) -> dict[str, Any]:
    """The seconds that training takes here and on workers, in turn; the first pair starts them."""
    import wane

    execution = wane.Execution("threads", threads=1)
    here = wane.Execution("threads", threads=WORKERS)
    found: list[dict[str, Any]] = []
    with cluster() as address:
        for number in range(pairs + 1):
            study = case_study(runs, epochs)
            local, of_local = _trained(study, execution=here)
            there, of_there = _trained(study, ray=address, execution=execution)
            assert local.runs.equals(there.runs), "the numbers are the same"
            pair = {"here": of_local, "there": of_there, "started": number == 0}
            pair["engine"] = there.document["engine"]["cluster"]
            found.append(pair)
    warm = found[1:]

    def median(key: str) -> float:
        several = [float(pair["there"][key] / pair["here"][key] - 1) for pair in warm]
        return statistics.median(several)

    return {
        "runs": runs,
        "epochs": epochs,
        "overhead_wall": median("train"),
        "overhead_core_seconds": median("cores"),
        "journal_bytes_a_run": found[0]["there"]["journal"] / runs,
        "received_bytes_a_run": found[0]["engine"]["bytes_received"] / runs,
        "start_seconds": found[0]["there"]["compile"],
        "pairs": found,
    }


def _trained(study: Any, **how: Any) -> tuple[Any, dict[str, float]]:
    """A study's result, and what training it took."""
    with tempfile.TemporaryDirectory() as folder:
        before = _core_seconds()
        result = study.run(Path(folder) / "study", progress=False, **how)
        spent = _core_seconds() - before
        journal = (Path(folder) / "study" / "study.db").stat().st_size
        seconds = result.document["seconds"]
        result.curves.iloc[:1]  # while the folder is there
    return result, {
        "train": seconds["train"],
        "compile": seconds["compile"],
        "cores": spent,
        "journal": journal,
    }


def _core_seconds() -> float:
    """What this process and those below it have spent of cores so far."""
    total = 0.0
    own = psutil.Process()
    for process in [own, *own.children(recursive=True)]:
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def batches(count: int) -> dict[str, float]:
    """What a batch costs beside its training: many of one short run each, one worker."""
    import wane
    from wane.study.cluster import trainer

    execution = wane.Execution("threads", threads=1)
    with cluster() as address:
        study = case_study(count, 20)
        study.run(progress=False, ray=address, execution=execution)  # starts the workers
        before, trainer.MOST_BYTES = trainer.MOST_BYTES, 0  # so that a batch has one run
        try:
            small = study.run(progress=False, ray=address, execution=execution)
        finally:
            trainer.MOST_BYTES = before
        large = study.run(progress=False, ray=address, execution=execution)
    one, other = (
        (found.document["seconds"]["train"], found.document["engine"]["cluster"]["batches"])
        for found in (small, large)
    )
    each = WORKERS * (one[0] - other[0]) / (one[1] - other[1])
    return {
        "batches": one[1],
        "seconds_a_batch": each,
        "smallest_batch_seconds": each / 0.05,  # of which it is a twentieth
    }


def driver(results: int) -> dict[str, float]:
    """How many results a second the driver takes from answers into the journal."""
    from wane.study.cluster.handing import packed
    from wane.study.cluster.orders import Order, trained_of
    from wane.study.cluster.task import train
    from wane.study.journal.folder import versions
    from wane.study.running.statement import fingerprints
    from wane.training.execution import Execution

    study = case_study(20, 4000)
    session = study._ready
    runs = tuple(session.runs())
    nothing = (None,) * len(runs)
    order = Order(
        study="driver",
        versions=versions(),
        fingerprints=fingerprints(session),
        additions=(),
        runs=runs,
        checkpoints=nothing,
        continuations=nothing,
        seconds=600.0,
    )
    content = order.packed()
    answer = train(content, WORKERS, [packed(session, Execution("threads", threads=WORKERS))])
    import ray

    with cluster():
        place = ray.put(answer)
        fetched = time.perf_counter()
        for _ in range(results // len(runs)):
            ray.get(place)
        fetched = time.perf_counter() - fetched
        sent = time.perf_counter()
        for _ in range(100):
            order.packed()
        sent = (time.perf_counter() - sent) / 100
        nothing_to_do = ray.remote(num_cpus=1)(lambda order: len(order))
        ray.get(nothing_to_do.remote(b""))
        submitted = time.perf_counter()
        several = [nothing_to_do.remote(content) for _ in range(200)]
        submitted = (time.perf_counter() - submitted) / 200
        ray.get(several)
    several = [
        [
            dataclasses.replace(
                one, run=dataclasses.replace(one.run, repeat=one.run.repeat + 1000 * number)
            )
            for one in (trained_of(document, runs) for document in answer["trained"])
        ]
        for number in range(results // len(runs))
    ]
    written, size = _written(session, several, together=False)
    gathered, _ = _written(session, several, together=True)
    return {
        "results": results,
        "results_a_second": results / (written + fetched),
        "journal_seconds_a_result": written / results,
        "fetch_seconds_a_result": fetched / results,
        "pack_seconds_an_order": sent,
        "submit_seconds": submitted,
        "gathered_seconds_a_result": gathered / results,
        "order_bytes_a_run": len(content) / len(runs),
        "journal_bytes_a_result": size / results,
    }


def _written(session: Any, batches: list[Any], *, together: bool) -> tuple[float, int]:
    """Seconds for writing results into a journal, and its bytes.

    Args:
        session: of the results.
        batches: of results.
        together: whether each is one transaction, which the journal does not do yet.
    """
    with tempfile.TemporaryDirectory() as folder:
        journal = session.open_journal(Path(folder))
        transaction = type(journal)._transaction
        began = time.perf_counter()
        for batch in batches:
            with contextlib.ExitStack() as held:
                if together:
                    writer = held.enter_context(journal._transaction())
                    journal._transaction = lambda w=writer: contextlib.nullcontext(w)
                for one in batch:
                    journal.add(one)
            if together:
                journal._transaction = transaction.__get__(journal)
        seconds = time.perf_counter() - began
        journal.close()
        return seconds, (Path(folder) / "study.db").stat().st_size


def memory(studies: int) -> dict[str, Any]:
    """The memory of workers after studies of different networks."""
    import wane

    execution = wane.Execution("threads", threads=1)
    course: dict[int, float] = {}
    with cluster() as address:
        for number in range(studies):
            study = case_study(20, 10, units=20 + number)
            study.run(progress=False, ray=address, execution=execution)
            own = [_mebibytes(one) for one in psutil.Process().children(recursive=True)]
            course[number + 1] = max(one for one in own if one is not None)
    ends = [course[number] for number in (min(20, studies), studies)]
    return {
        "studies": studies,
        "mebibytes": {n: round(course[n], 1) for n in course if n in (1, 2, 5) or n % 10 == 0},
        "mebibytes_a_study": (ends[1] - ends[0]) / max(studies - 20, 1),
    }


def _mebibytes(process: psutil.Process) -> float | None:
    """The memory of a process, if it is a worker's that has trained."""
    with contextlib.suppress(psutil.Error, IndexError, TypeError):
        if process.cmdline()[0].startswith("ray::"):
            size = float(process.memory_info().rss) / 2**20
            return size if size > 200 else None  # those that have trained nothing are smaller
    return None


def simulation(measured: Measured) -> list[dict[str, Any]]:
    """A thousand nodes and ten million runs by what was measured here; it is no measurement."""
    return [dataclasses.asdict(one) for one in scenarios(measured)]


def main() -> None:
    """Measure what was asked for, and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clusters", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"any of {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that it works")
    parser.add_argument("--runs", type=int, default=1000, help="runs of the study (1000)")
    parser.add_argument("--epochs", type=int, default=4000, help="epochs of a run (4000)")
    parser.add_argument("--pairs", type=int, default=3, help="warm pairs (3)")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"there are no parts {', '.join(sorted(unknown))}")
    quick, parts = options.quick, options.parts or PARTS
    found: dict[str, Any] = {}
    if "overhead" in parts:
        size = (20, 10, 1) if quick else (options.runs, options.epochs, options.pairs)
        found["overhead"] = overhead(*size)
    if "batches" in parts:
        found["batches"] = batches(20 if quick else 400)
    if "driver" in parts:
        found["driver"] = driver(40 if quick else 2000)
    if "memory" in parts:
        found["memory"] = memory(3 if quick else 100)
    if "simulation" in parts:
        found["simulation"] = simulation(Measured.of(found))
    json.dump(found, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
