"""Running a study: prepare, train every run, judge, write."""

import contextlib
import dataclasses
import functools
import platform
import shlex
import shutil
import sqlite3
import sys
import tempfile
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax
import numpy as np
import pandas as pd

from wane import __version__
from wane._errors import StorageError
from wane.keras_model.bridge import Bridge
from wane.penalties import Candidate, at_epoch
from wane.study.files import refitted, write_results
from wane.study.folder import JOURNAL, STATEMENT, SUMMARY, disk_faults_told, read_json, study_folder
from wane.study.identity import statement
from wane.study.judgement import judge
from wane.study.predictions import predictions_table
from wane.study.resampling import Resampling, check_classes, class_labels, resampling
from wane.study.result import Interrupted, Result
from wane.study.scores import check_task, with_scores
from wane.study.search import check_halving, rungs_of
from wane.study.selection import criterion
from wane.study.spec import Study
from wane.study.store import Store, write_json
from wane.study.structures import Structures
from wane.study.summary import runs_table, unit_factor
from wane.study.train_sizes import SizeRuns
from wane.training.checkpoint import Checkpoint
from wane.training.chunks import Run, Start, Trained
from wane.training.placement import Placement, Workers, default_placement
from wane.training.program import Program

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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

    def told(self) -> dict[str, float]:
        """Seconds by stage, of the one under way too, and their total."""
        seconds = dict(self.seconds)
        if self._running is not None:
            seconds[self._running[0]] = time.perf_counter() - self._running[1]
        rounded = {name: round(value, 3) for name, value in seconds.items()}
        return {**rounded, "total": round(sum(seconds.values()), 3)}


class Session:
    """One study being run: everything that is made from its statement before training."""

    def __init__(self, study: Study, placement: Placement | None) -> None:
        self.study = study
        data = study.data
        placement = placement or default_placement()
        self.structures = Structures(study, lower=placement.convolutions == "lowered")
        self.bridge: Bridge = self.structures.all[0].bridge
        classes = self.bridge.task.kind in ("binary", "multiclass")
        labels = class_labels(data.development.y) if classes else None
        self.resampling: Resampling = resampling(
            study.validation,
            data.development.splittable()[0],
            data.development.splittable()[1] if labels is None else labels,
            repeats=study.repeats,
            seed=study.seed,
            stratify=labels is not None,
        )
        if labels is not None:
            check_classes(self.resampling.splits, labels)
        self.splits = self.structures.prepare(study, self.resampling)
        check_task(study.scorers, self.bridge.task, self.bridge.metric_names, self.splits.rows(0))
        self.directions = {"data_loss": "down", **self.bridge.directions}
        self.directions.update(dict.fromkeys(study.scorers, "up"))
        self.criterion = criterion(study.select_by, self.directions)
        programs = [structure.program for structure in self.structures.all]
        self.workers = Workers(programs, epochs=study.epochs, placement=placement)
        self.dropped: dict[int, int] = {}
        if study.halving:
            check_halving(self.resampling.repeats)

    @property
    def program(self) -> Program:
        """The pure program of the baseline's structure; all have columns of the same names."""
        return self.structures.all[0].program

    def run(self, candidate: int, repeat: int) -> Run:
        """One run of a candidate, by its index."""
        settings = self.structures.of(candidate).settings(self.study.candidates[candidate])
        return Run(candidate, repeat, settings, self.structures.of_candidate[candidate])

    def runs(self) -> list[Run]:
        """Every run, repeat by repeat, so that what is finished at any time can be compared."""
        firsts = [self.run(candidate, 0) for candidate in range(len(self.study.candidates))]
        return [
            dataclasses.replace(first, repeat=repeat)
            for repeat in range(self.resampling.repeats)
            for first in firsts
        ]

    def extend(self, candidates: Sequence[Candidate], store: Store) -> None:
        """Take further candidates, which differ from the others in numbers alone."""
        first = len(self.study.candidates)
        self.study = self.study.with_more(candidates)
        self.structures.extend(candidates)
        several = [self.structures.of(i) for i in range(first, first + len(candidates))]
        store.extend([s.shapes() for s in several], [s.program.norm_names for s in several])

    def start(self, run: Run) -> Start:
        """What a run begins with."""
        return self.structures.all[run.structure].starts(run.repeat)

    def row_counts(self) -> dict[str, int]:
        """Rows of each part in repeat 0."""
        rows = self.splits.rows(0)
        return {
            "train": rows.train.row_count,
            "validation": rows.validation.row_count,
            "test": 0 if rows.test is None else rows.test.row_count,
        }

    def in_target_unit(self, trained: Trained) -> Trained:
        """The run with errors in the target's own unit, where the target was scaled."""
        scale = self.splits.target(trained.run.repeat).scale
        if scale == 1.0:
            return trained
        factors = [unit_factor(name, scale) for name in self.program.curve_names]
        numbers = {name: n * unit_factor(name, scale) for name, n in trained.numbers.items()}
        curves = trained.curves * np.asarray(factors, np.float32)
        return dataclasses.replace(trained, curves=curves, numbers=numbers)

    def store(self, folder: Path) -> Store:
        """The journal in this folder."""
        structures = [self.structures.of(index) for index in range(len(self.study.names))]
        return Store(
            folder / JOURNAL,
            columns=len(self.program.curve_names),
            shapes=[structure.shapes() for structure in structures],
            norms=[structure.program.norm_names for structure in structures],
        )

    def trained_model(self, candidate: int, values: list[np.ndarray], epochs: int) -> Any:
        """A plain compiled model of a candidate, by its index, with these variables' values.

        Its penalties have the strengths of the last of the epochs that it was trained for.
        """
        last = at_epoch(self.study.candidates[candidate], epochs - 1)
        return self.structures.of(candidate).trained_model(last, values)


def run_study(
    study: Study,
    folder: str | Path | None,
    *,
    progress: bool,
    placement: Placement | None,
    seconds_before: Mapping[str, float] | None,
    recipe: Mapping[str, Any] | None,
    also: Callable[[Result], Mapping[str, Callable[[], "Figure"]]] = lambda _: {},
) -> Result:
    """Train every candidate of a study and judge what came of it; see :meth:`Study.run`.

    ``also`` may add to the result's document before it is written, and give further figures.
    """
    clock = Clock(seconds_before)
    with contextlib.ExitStack() as held:
        with clock.stage("prepare"):
            session = Session(study, placement)
            place = held.enter_context(place_of(folder, session, recipe))
            store = session.store(place)
        count = len(session.runs())
        held.enter_context(what_is_left_told(store, count, place, folder, recipe))
        began = time.perf_counter()
        _train(session, store, progress)
        clock.seconds["compile"] = session.workers.compile_seconds
        clock.seconds["train"] = time.perf_counter() - began - session.workers.compile_seconds
        runs = runs_table(store, session.study.names, session.study.candidates)
        sizes = SizeRuns(session)
        train_sizes = None
        if sizes.rows:
            with clock.stage("sizes"):
                train_sizes = sizes.trained(runs, store, progress=progress)
        store.close()
        with clock.stage("write"):
            result = _result(session, store, place, runs, train_sizes)
            figures = also(result)
            finished = folder is not None and (place / SUMMARY).exists()
            if folder is not None and not finished:
                with disk_faults_told(place):
                    write_results(result, session, store, clock, figures)
        if finished:
            result.document = read_json(place / SUMMARY)
        else:
            result.document["seconds"] = clock.told()
            with disk_faults_told(place):
                write_json(place / SUMMARY, result.document)
    if folder is None:  # the temporary folder goes with the result
        weakref.finalize(result, shutil.rmtree, place, ignore_errors=True)
    return result


@contextlib.contextmanager
def place_of(
    folder: str | Path | None,
    session: Session,
    recipe: Mapping[str, Any] | None,
    path: Mapping[str, Any] | None = None,
) -> Iterator[Path]:
    """The folder in which a study is run, or a path (what that is beside), with its statement."""
    stated = {**statement(session), "path": path, "recipe": recipe, "versions": _versions()}
    if folder is None:
        place = Path(tempfile.mkdtemp(prefix="wane-"))
        try:
            write_json(place / STATEMENT, stated)
            yield place
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise
        return
    with study_folder(folder, stated) as place:
        yield place


@contextlib.contextmanager
def what_is_left_told(
    store: Store,
    total: int,
    place: Path,
    folder: str | Path | None,
    recipe: Mapping[str, Any] | None,
) -> Iterator[None]:
    """On Ctrl-C or a disk that fails, say which runs are kept."""
    try:
        yield
    except BaseException as error:
        store.close()
        count = "those"
        with contextlib.suppress(sqlite3.Error):  # a disk that fails may not be read either
            count = str(len(store.finished()))
        where = f"are kept in {str(place / JOURNAL)!r}"  # the folder as the user named it
        again = "run the same study with the same folder"
        if recipe is not None:
            again = f"wane resume {shlex.quote(str(place))}"
        go_on = f": {again} goes on with them" if recipe is not None else f"; to go on, {again}"
        if folder is None:
            where, go_on = "went with the temporary folder", ""
        left = f"{count} of {total} runs had finished; they {where}{go_on}."
        if isinstance(error, KeyboardInterrupt):
            raise Interrupted(f"Interrupted: {left}") from None
        if isinstance(error, StorageError):
            raise StorageError(f"{error}: {left}") from error
        raise


def _result(
    session: Session,
    store: Store,
    place: Path,
    runs: pd.DataFrame,
    train_sizes: pd.DataFrame | None,
) -> Result:
    """The judged result of the finished runs."""
    study = session.study
    runs, notes = with_scores(runs, session, store)
    result = Result(
        study,
        place,
        store,
        runs=runs,
        train_sizes=train_sizes,
        curve_names=session.program.curve_names,
        norm_names=[
            session.structures.of(index).program.norm_names for index in range(len(study.names))
        ],
        notes=notes,
        predictions=functools.partial(predictions_table, session, store),
        make_model=session.trained_model,
        traces=sum(structure.program.traces for structure in session.structures.all),
    )
    judge(result, session, store)
    chosen = study.names.index(result.chosen)
    result._refit = functools.partial(refitted, study, chosen, store, session)
    return result


def _train(session: Session, store: Store, progress: bool) -> None:
    """Train all runs into the store, which keeps what has finished whatever happens."""
    for runs in rungs_of(session, store):
        _train_rung(session, store, runs, progress)


def _train_rung(session: Session, store: Store, wanted: Sequence[Run], progress: bool) -> None:
    """Train those of these runs that the store has not got."""
    from wane.study.progress import progress_bar

    workers = session.workers
    done = store.finished()
    runs = [run for run in wanted if (run.candidate, run.repeat) not in done]
    finished = len(wanted) - len(runs)
    epochs, total = session.study.epochs, len(wanted)

    def checkpoint(run: Run) -> Checkpoint | None:
        return store.checkpoint(run.candidate, run.repeat)

    with progress_bar(total * epochs, total, progress) as bar:
        results = workers.results(
            runs,
            session.start,
            lambda: bar.update((total - len(runs)) * epochs + workers.epochs_done, finished),
            keep=store.keep,
            checkpoint=checkpoint,
        )
        try:
            for trained in results:
                store.add(session.in_target_unit(trained))
                finished += 1
        finally:
            results.close()  # waits for the calls that are under way, at most about a second


def _versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "wane": __version__,
        **{name: version(name) for name in ("keras", "jax", "numpy")},
        "platform": sys.platform,
        "device": str(jax.devices()[0].platform),
    }
