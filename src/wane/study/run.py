"""Running a study: prepare, train every run, evaluate, write."""

import contextlib
import dataclasses
import functools
import logging
import shutil
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from wane._errors import InputError
from wane.penalties import Candidate, Change
from wane.report.display.progress import show_account
from wane.report.web.bundle import start_engine
from wane.resampling.remarks import few_of_a_class, remarks
from wane.study.cluster.trainer import trained_by
from wane.study.journal.folder import place_of
from wane.study.journal.growth import as_begun
from wane.study.journal.interruption import report_kept_runs, storage_errors
from wane.study.journal.journal import Journal
from wane.study.journal.json_files import read_json
from wane.study.journal.names import ADDED, SUMMARY
from wane.study.journal.serializer import from_dict, to_dict
from wane.study.laplace.layers import LayerEvidence
from wane.study.looks import Looks
from wane.study.measures.finished import FinishedRuns
from wane.study.measures.scorers import with_scores
from wane.study.measures.tables import runs_table
from wane.study.measures.thresholds import with_exact
from wane.study.references.fitting import FittedReference, fit_count, references_beside
from wane.study.results.document import choice, study_document
from wane.study.results.files import (
    NOT_INTERACTIVE,
    REPORT,
    report_page,
    with_files,
    write_results,
    write_summary,
)
from wane.study.results.result import Result
from wane.study.results.schema import LookSummary, StudyDocument
from wane.study.running.clock import Clock
from wane.study.running.further.refit import refitted
from wane.study.running.further.retraining import may_retrain, retrain
from wane.study.running.further.train_sizes import TrainSizeRuns
from wane.study.running.session import Session
from wane.study.running.statement import statement
from wane.study.running.train import train_all
from wane.study.spec.looks import Look
from wane.study.spec.spec import StudySpec
from wane.study.tuning.evidence import asks_for_evidence, evidence_beside
from wane.training.execution import Execution

_log = logging.getLogger(__name__)


def run_study(
    spec: StudySpec,
    folder: str | Path | None,
    *,
    progress: bool,
    execution: Execution | None = None,
    recipe: Mapping[str, Any] | None = None,
    seconds_before: Mapping[str, float] | None = None,
    begun: Path | None = None,
    ready: Session | None = None,
    ray: str | None = None,
) -> Result:
    """Train every candidate of a study and evaluate what came of it; see :meth:`wane.Study.run`.

    Args:
        spec: the study.
        folder, progress, execution, ray: as :meth:`wane.Study.run` takes them.
        recipe: what the command line made the study from, for ``study.json``.
        seconds_before: stages of work before this call, by name, for ``seconds``.
        begun: the temporary folder of a study without one, of which this one grows.
        ready: a session of the study, perhaps with other candidates, that nothing has trained yet;
            it then is this run's.
    """
    clock = Clock(seconds_before, progress)
    # Whoever grows the study may have gone to another folder by then.
    kept = None if folder is None else Path(folder).absolute()
    grow = functools.partial(_grown, spec, kept, execution)
    with contextlib.ExitStack() as held:
        trainer = held.enter_context(trained_by(ray))
        with clock.stage("prepare"):
            first, later = as_begun(spec, folder or begun)
            session = Session.of(first, ready)
            session.lay(execution, [own for _, own in later], trainer)
            added = {ADDED: [document for document, _ in later]}
            whole = {**statement(session), **added, "path": None, "recipe": recipe}
            place = held.enter_context(place_of(folder, whole, begun))
            journal = session.open_journal(place)
        clock.add("prepare", 0.0 if ready is None else ready.seconds)
        count = _most_runs(session)
        held.enter_context(report_kept_runs(journal, count, place, folder, recipe))
        if (place / SUMMARY).exists():
            # It was evaluated when it ended, perhaps by another version: that answer stands.
            record = from_dict(read_json(place / SUMMARY), StudyDocument)
            session.take(record.study.repeats)
            train_all(session, journal, progress)  # nothing, but for what halving has dropped
            trained = _gathered(session, journal, place, progress, clock)
            journal.close()
        else:
            if progress:
                show_account(None if spec.account is None else to_dict(spec.account))
            trained, record = _ended(session, journal, place, progress, clock, folder is not None)
            record = dataclasses.replace(record, seconds=clock.summary())
            _log.info("answer: %s", record.verdict.answer)
            with storage_errors(place):
                write_summary(place, record)
    result = trained.result(record, grow)
    if folder is None:  # the temporary folder goes with the result
        weakref.finalize(result, shutil.rmtree, place, ignore_errors=True)
    return result


def _grown(
    spec: StudySpec,
    folder: str | Path | None,
    before: Execution | None,
    place: Path,
    repeats: int | None,
    candidates: Sequence[Candidate | Change] | None,
    progress: bool,
    execution: Execution | None,
    ray: str | None,
) -> Result:
    """A study that was run, trained on; see :meth:`wane.Result.extend`.

    Args:
        spec, folder, before: as it was run, and by which execution.
        place: where its files are.
        repeats, candidates, progress, execution, ray: as :meth:`wane.Result.extend` takes them.
    """
    if candidates is not None and spec.methods:
        raise InputError(
            "A comparison of methods takes no further candidates, since each method has as many: "
            "compare anew, with all of them."
        )
    return run_study(
        spec.grown(repeats, candidates),
        folder,
        progress=progress,
        execution=execution or before,
        begun=place if folder is None else None,
        ray=ray,
    )


@dataclasses.dataclass(frozen=True, eq=False)
class _Trained:
    """A study whose runs have all ended: what its result is made of, but for the document."""

    session: Session
    finished: FinishedRuns
    place: Path
    runs: pd.DataFrame
    train_sizes: pd.DataFrame | None
    notes: tuple[str, ...]
    references: tuple[FittedReference, ...]
    evidence: LayerEvidence | None

    def evaluated(self, look: Look, earlier: Sequence[LookSummary]) -> StudyDocument:
        """The document of the runs at a look after others, before files are written."""
        tables = self.runs, self.train_sizes
        with self.finished.journal.reading():
            beside = self.references, self.evidence
            return study_document(
                self.finished, *tables, beside, self.notes, self.place, look, earlier
            )

    def result(self, record: StudyDocument, grow: Callable[..., Result]) -> Result:
        """The result with this document, and with what trains the study on."""
        return Result(
            _grow=functools.partial(grow, self.place),
            spec=self.finished.spec,
            folder=self.place,
            runs=self.runs,
            train_sizes=self.train_sizes,
            record=record,
            _finished=self.finished,
            _make_model=self.session.trained_model,
            _refit=functools.partial(refitted, self.session, self.finished.journal),
            _traces=sum(structure.program.traces for structure in self.session.structures.all),
        )


def _ended(
    session: Session, journal: Journal, place: Path, progress: bool, clock: Clock, kept: bool
) -> tuple[_Trained, StudyDocument]:
    """Train a study and evaluate it; where its folder is kept, files are written there."""
    looks = Looks(session, journal, place if kept else None)
    trained = _train(session, journal, place, progress, clock, looks)
    with clock.stage("write"):
        if kept:
            start_engine()
        record = trained.evaluated(*looks.now())
        looks.record(record.study.looks[-1])
        journal.close()
        if kept:
            with storage_errors(place), journal.reading():
                result = trained.result(record, _grown)
                record = _written(result, trained.finished, clock, progress)
    return trained, record


def _most_runs(session: Session) -> str:
    """How many runs the study has, for messages."""
    most = session.spec.until_decided or session.spec.minutes is not None
    return f"{'at most ' if most else ''}{len(session.runs())}"


def _train(
    session: Session, journal: Journal, place: Path, progress: bool, clock: Clock, looks: Looks
) -> _Trained:
    """Train every run that the study wants and the journal has not got, and gather their tables."""
    began = time.perf_counter()
    _log.info("training %s runs of %d candidates", _most_runs(session), len(session.spec.names))

    def glance(look: Look, earlier: Sequence[LookSummary]) -> LookSummary:
        so_far = _gathered(session, journal, place, progress=False, clock=clock, sizes=False)
        return so_far.evaluated(look, earlier).study.looks[-1]

    looks.train(progress, glance)
    _log.debug("executed by %s", session.trainer.summary())
    clock.seconds["compile"] = session.trainer.compile_seconds
    clock.seconds["train"] = time.perf_counter() - began - session.trainer.compile_seconds
    return _gathered(session, journal, place, progress, clock)


def _gathered(
    session: Session,
    journal: Journal,
    place: Path,
    progress: bool,
    clock: Clock,
    *,
    sizes: bool = True,
) -> _Trained:
    """The tables of what has been trained, perhaps after training on parts of the rows."""
    finished = session.finished(journal)
    runs = runs_table(finished)
    parts = TrainSizeRuns(session)
    train_sizes = None
    if parts.rows and sizes:
        with clock.stage("sizes"):
            train_sizes = parts.trained(runs, journal, progress=progress)
    untrained = session.untrained(journal)
    with journal.reading():
        runs, finished, of_metrics = with_exact(runs, finished)
        runs, of_scorers = with_scores(runs, finished)
    retrained: tuple[str, ...] = ()
    if sizes and may_retrain(session) and not (place / SUMMARY).exists():
        with clock.stage("retraining"):
            chosen = choice(finished, runs)
            retrained = retrain(session, finished, *chosen, progress=progress)
    references: tuple[FittedReference, ...] = ()
    of_references: list[str] = []
    if sizes and fit_count(finished) and not (place / SUMMARY).exists():
        with clock.stage("references"), journal.reading():
            references, of_references = references_beside(finished, progress)
    evidence: LayerEvidence | None = None
    of_evidence: Sequence[str] = ()
    if sizes and asks_for_evidence(finished) and not (place / SUMMARY).exists():
        with clock.stage("evidence"), journal.reading():
            evidence, of_evidence = evidence_beside(finished, runs)
    said = (*session.spec.data.notes, *session.notes, *untrained)
    of_models = (*of_metrics, *of_scorers, *retrained, *of_references, *of_evidence)
    notes = (*said, *_remarks(finished), *of_models)
    for note in notes if sizes else ():
        _log.warning("%s", note)
    return _Trained(session, finished, place, runs, train_sizes, notes, references, evidence)


def _remarks(finished: FinishedRuns) -> list[str]:
    """What is odd about the study's rows."""
    data = finished.spec.data
    dependence = data.dependence
    in_order = dependence is not None and dependence.kind in ("time", "windows")
    copied = dependence is not None and dependence.copies and data.development.groups is not None
    given = isinstance(finished.spec.test, tuple | list)
    names = dict(enumerate(finished.spec.class_names))
    classes = finished.bridge.task.kind in ("binary", "multiclass")

    def shown(label: int) -> str:
        return names.get(label, str(label))

    said = remarks(
        data.development,
        {"validation": data.validation, "test": data.test if given else None},
        classes=classes,
        shuffled=not in_order
        and (finished.resampling.scattered or isinstance(finished.spec.test, float)),
        shown=shown,
        copied=copied,
    )
    return said + (few_of_a_class(data.test.y, shown) if classes and data.test is not None else [])


def _written(result: Result, finished: FinishedRuns, clock: Clock, progress: bool) -> StudyDocument:
    """The document of a result whose files have been written."""
    from wane.study.drawing.charts import study_charts, with_stills

    # Matplotlib, where it is needed.
    from wane.study.drawing.figures import images, study_figures
    from wane.study.results.parts.boundary import boundary

    field = functools.cache(lambda: boundary(finished, result))  # its models are made once
    figures = study_figures(result, field)
    drawn = images(figures, progress)
    files = write_results(result, finished, drawn)
    record = with_files(result.record, files, clock.summary())
    try:
        charts = study_charts(finished, result, figures, field)
        html = report_page(result.folder, record, with_stills(figures, drawn, charts), charts)
    except Exception:  # decoration, whatever went wrong with it: hours of training stand
        _log.warning("%s", NOT_INTERACTIVE, exc_info=True)
        record = dataclasses.replace(record, notes=(*record.notes, NOT_INTERACTIVE))
        html = report_page(result.folder, record, drawn)
    (result.folder / REPORT).write_text(html, encoding="utf-8")
    return record
