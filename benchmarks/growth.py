"""What more runs cost, and what comes before the first: each study in a process of its own.

As a program it is one such study: ``python -m benchmarks.growth RUNS EPOCHS`` or
``python -m benchmarks.growth first CASE``; it prints JSON.
"""

import contextlib
import dataclasses
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.cases import CASES, DATA
from benchmarks.processes import ROOT, environment, output_of
from benchmarks.results import FirstResult, Growth, Moment, Moons, Quality, growth_of

SIZES = ((10, 4000), (100, 4000), (1000, 4000), (10, 100), (100, 100), (1000, 100), (10_000, 100))
"""Runs and epochs of the studies that show growth; 10,000 runs are trained for fewer epochs."""

LONG = 1000
"""The fewest runs of a study whose course is reported."""


def growth(runs: int, epochs: int) -> Growth:
    """One study of the case study, in a fresh process."""
    return growth_of(json.loads(output_of("-m", "benchmarks.growth", str(runs), str(epochs))))


def first_result(case: str) -> FirstResult:
    """From nothing to the first trained network, in a fresh process."""
    found = json.loads(output_of("-m", "benchmarks.growth", "first", case))
    return FirstResult(**{**found, "quality": Quality(**found["quality"])})


def moons(compiled: str) -> Moons:
    """The whole ``wane study moons``, with a folder of the programs that were compiled before."""
    kept = {
        "JAX_COMPILATION_CACHE_DIR": compiled,
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    }
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        finished = subprocess.run(
            [sys.executable, "-m", "wane", "study", "moons", "--json", "--out", f"{folder}/moons"],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment() | kept,
            check=True,
        )
        seconds = time.perf_counter() - began
    document = json.loads(finished.stdout)
    candidates = document["candidates"]
    (chosen,) = (one for one in candidates if one["name"] == document["chosen"])
    return Moons(
        seconds=seconds,
        stages=document["seconds"],
        runs=sum(one["runs"] for one in candidates),
        validation_accuracy=chosen["validation"]["accuracy"]["mean"],
        validation_loss=chosen["validation"]["data_loss"]["mean"],
    )


def _quality(runs: Any) -> Quality:
    """Means over the runs of a result."""
    columns = ("train_data_loss", "train_accuracy", "validation_data_loss", "validation_accuracy")
    return Quality(*(float(runs[column].mean()) for column in columns))


def _study(runs: int, epochs: int) -> Growth:
    """A study of so many runs: the baseline and four strengths, with its folder."""
    import wane
    from benchmarks.networks import network

    case = CASES["case-study"]
    data = DATA[case.data]()
    study = wane.Study(
        network(case, penalized=False),
        data.x,
        data.y,
        candidates=wane.sweep(wane.L2, strengths=wane.decades(1e-4, 1e-1), layers="hidden"),
        validation=(data.validation_x, data.validation_y),
        repeats=runs // 5,
        epochs=epochs,
        batch_size=case.batch_size,
        learning_curve=False,
    )
    with tempfile.TemporaryDirectory() as folder, _watched(runs) as course:
        result = study.run(Path(folder) / "study", progress=False)
        database = (Path(folder) / "study" / "study.db").stat().st_size
    seconds = result.document["seconds"]
    # Kibibytes on Linux, bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    return Growth(
        runs=len(result.runs),
        epochs=epochs,
        train_seconds=seconds["train"],
        total_seconds=seconds["total"],
        milliseconds_per_run=1e3 * seconds["train"] / len(result.runs),
        peak_mebibytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20,
        database_mebibytes=database / 2**20,
        quality=_quality(result.runs),
        course=tuple(course),
    )


@contextlib.contextmanager
def _watched(runs: int) -> Iterator[list[Moment]]:
    """Ten moments of a study of so many runs that is trained meanwhile; none for fewer runs."""
    import psutil

    from wane.study.journal.journal import Journal

    course: list[Moment] = []
    began, finished = 0.0, 0
    process, whole = psutil.Process(), Journal.add

    def add(self: Journal, trained: Any) -> None:
        nonlocal began, finished
        whole(self, trained)
        finished += 1
        began = began or time.perf_counter()
        if runs >= LONG and finished % (runs // 10) == 0:
            journal = self.path.parent.glob(f"{self.path.name}*")
            course.append(
                Moment(
                    runs=finished,
                    seconds=time.perf_counter() - began,
                    memory_mebibytes=process.memory_info().rss / 2**20,
                    database_mebibytes=sum(file.stat().st_size for file in journal) / 2**20,
                )
            )

    Journal.add = add  # type: ignore[method-assign] # put back below
    try:
        yield course
    finally:
        Journal.add = whole  # type: ignore[method-assign] # as above


def _first(key: str) -> FirstResult:
    """The first finished run of a case."""
    began = time.perf_counter()
    from benchmarks.competitors.engine import quality_of, runs_of, session_of

    imported = time.perf_counter()
    case = CASES[key]
    data = DATA[case.data]()
    session = session_of(case, data, None)
    prepared = time.perf_counter()
    results = session.workers.results(runs_of(session, case, 0), session.initial_state)
    trained = next(results)
    finished = time.perf_counter()
    results.close()
    return FirstResult(
        case=key,
        import_seconds=imported - began,
        prepare_seconds=prepared - imported,
        compile_seconds=session.workers.compile_seconds,
        total_seconds=finished - began,
        quality=quality_of(session, data, [trained]),
    )


def main() -> None:
    """Do one study and print what it took. What libraries print goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    first, second = sys.argv[1:]
    found = _first(second) if first == "first" else _study(int(first), int(second))
    with answers:
        json.dump(dataclasses.asdict(found), answers)


if __name__ == "__main__":
    main()
