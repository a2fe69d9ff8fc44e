"""Paths: one network that trains on under one strength after the other, beside new ones."""

import contextlib
import functools
import shutil
import weakref
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from wane._errors import InputError
from wane.penalties import Penalty, penalties_of, strength_of, sweep
from wane.report.display.progress import show_account, stage
from wane.study.cluster.trainer import trained_by
from wane.study.journal.folder import place_of
from wane.study.journal.interruption import report_kept_runs, storage_errors
from wane.study.journal.json_files import read_json
from wane.study.journal.names import SUMMARY
from wane.study.journal.serializer import from_dict, to_dict
from wane.study.results.path import PathResult, path_document, write_path
from wane.study.results.schema import PathDocument
from wane.study.running.path import PathTrainer
from wane.study.running.session import Session
from wane.study.running.statement import statement
from wane.study.spec.looks import check_one_look
from wane.study.spec.spec import StudySpec
from wane.training.execution import Execution


def train_path(
    spec: StudySpec,
    penalty: type[Penalty],
    strengths: Iterable[float],
    *,
    layers: str,
    on: str | tuple[str, ...],
    descending: bool,
    equal_epochs: bool,
    folder: str | Path | None,
    progress: bool,
    options: Mapping[str, Any],
    execution: Execution | None = None,
    recipe: Mapping[str, Any] | None = None,
    ready: Session | None = None,
    ray: str | None = None,
) -> PathResult:
    """Train a path and its cold starts; see :meth:`wane.Study.path`.

    Args:
        spec: the study, whose candidates are not used.
        penalty, strengths, layers, on, descending, equal_epochs, folder, progress, options,
            execution, ray: as :meth:`wane.Study.path` takes them.
        recipe: what the command line made the path from, for ``study.json``.
        ready: a session of the study that nothing has trained yet, which then is the path's.
    """
    candidates = _checked(spec, sweep(penalty, strengths, layers=layers, on=on, **options))
    several = spec.with_candidates(candidates)
    with contextlib.ExitStack() as held:
        others = held.enter_context(trained_by(ray))
        with stage("preparing", progress):
            trainer = PathTrainer(several, descending, equal_epochs, execution, ready, others)
        whole = {
            **statement(trainer.session),
            "path": trainer.statement(),
            "recipe": recipe,
        }
        place = held.enter_context(place_of(folder, whole))
        journal = trainer.open_journal(place)
        held.enter_context(report_kept_runs(journal, trainer.count, place, folder, recipe))
        if progress and not (place / SUMMARY).exists():
            show_account(None if spec.account is None else to_dict(spec.account))
        with stage(f"training {trainer.count} runs of {len(candidates)} strengths"):
            trainer.train(progress)
        journal.close()
        runs = trainer.table()
        result = functools.partial(PathResult, runs=runs, _trainer=trainer)
        if folder is not None and (place / SUMMARY).exists():
            return result(record=from_dict(read_json(place / SUMMARY), PathDocument))
        record = path_document(trainer, runs)
        if folder is not None:
            with storage_errors(place):
                record = write_path(result(record=record), place)
    found = result(record=record)
    if folder is None:  # the temporary folder goes with the result
        weakref.finalize(found, shutil.rmtree, place, ignore_errors=True)
    return found


def _checked(spec: StudySpec, candidates: Iterable[Any]) -> tuple[Any, ...]:
    """The strengths of a path, rising.

    Raises:
        InputError: if one is a schedule, or 0, or the study is none of which a path can be.
    """
    if spec.optimizer_state == "model":
        raise InputError(
            "A path begins each strength with a new optimizer: leave out optimizer_state='model' "
            "(--optimizer-state model)."
        )
    check_one_look(spec, "A path")
    rising = tuple(sorted(candidates, key=strength_of))
    if any(penalty.schedules for (penalty,) in map(penalties_of, rising)):
        raise InputError("The strengths of a path are numbers; a schedule is a path of its own.")
    if strength_of(rising[0]) <= 0:
        raise InputError(
            "The strengths of a path must be above 0: it has the network without penalty already."
        )
    return rising
