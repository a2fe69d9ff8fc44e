"""Journals of many runs: their size, and the time to write, open and evaluate them.

``python -m benchmarks.scaling.journal RUNS [EPOCHS]`` trains twenty repeats of the case study and
writes them over and over, through the journal's own code, into the folder of a study of so many
runs, which then finds all of its runs there. It prints JSON.
"""

import contextlib
import dataclasses
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CANDIDATES = 5
"""The baseline and four strengths."""
REPEATS = 20
"""How many repeats are trained."""


def study_of(runs: int, epochs: int) -> Any:
    """A study of the case study with so many runs."""
    import wane
    from benchmarks.cases import CASES, DATA
    from benchmarks.networks import network

    case = CASES["case-study"]
    data = DATA[case.data]()
    return wane.Study(
        network(case, penalized=False),
        data.x,
        data.y,
        candidates=wane.sweep(wane.L2, strengths=wane.decades(1e-4, 1e-1), layers="hidden"),
        validation=(data.validation_x, data.validation_y),
        repeats=runs // CANDIDATES,
        epochs=epochs,
        batch_size=case.batch_size,
        learning_curve=False,
        extend=False,
    )


def write_runs(study: Any, folder: Path) -> None:
    """All runs of a study through the journal's own code."""
    from wane.study.journal.folder import place_of
    from wane.study.journal.names import ADDED
    from wane.study.running.session import Session
    from wane.study.running.statement import statement

    session = Session(study.spec)
    whole = {**statement(session), ADDED: [], "path": None, "recipe": None}
    with place_of(folder, whole) as place:
        journal = session.open_journal(place)
        for trained in _made_up(session):
            journal.add(trained)
        journal.close()


def _made_up(session: Any) -> Iterator[Any]:
    """The runs of the first repeats, which are trained, over and over as those of all repeats."""
    known = {}
    first = [run for run in session.runs() if run.repeat < REPEATS]
    for trained in session.workers.results(first, session.initial_state):
        known[trained.run.candidate, trained.run.repeat] = trained
    for run in session.runs():
        yield dataclasses.replace(known[run.candidate, run.repeat % REPEATS], run=run)


@contextlib.contextmanager
def _quiet() -> Iterator[Any]:
    """A file for the answer; what libraries print goes to standard error."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)
        yield answers


def measured(runs: int, epochs: int) -> dict[str, float]:
    """What a journal of so many runs takes."""
    unit = 2**20 if sys.platform == "darwin" else 2**10
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "study"
        study = study_of(runs, epochs)
        began = time.perf_counter()
        write_runs(study, folder)
        written = time.perf_counter()
        size = (folder / "study.db").stat().st_size
        from wane.study.running.session import Session

        session = Session(study.spec)
        opening = time.perf_counter()
        session.open_journal(folder).finished()
        opened = time.perf_counter()
        result = study.run(folder, progress=False)
        ended = time.perf_counter()
        assert len(result.runs) == runs
        return {
            "runs": runs,
            "epochs": epochs,
            "write_seconds": written - began,
            "mebibytes": size / 2**20,
            "open_seconds": opened - opening,
            "evaluate_seconds": ended - opened,
            "stages": result.document["seconds"],
            "peak_mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit,
        }


def main() -> None:
    """Measure one journal."""
    runs, epochs = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100
    with _quiet() as answers:
        json.dump(measured(runs, epochs), answers)
        answers.write("\n")


if __name__ == "__main__":
    main()
