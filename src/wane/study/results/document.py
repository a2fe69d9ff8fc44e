"""From finished runs to verdict, comparisons and document."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from wane._language import ENGLISH, speaking
from wane.data.account import Account, account_of
from wane.keras_model.bridge.callbacks import stops_by_validation
from wane.resampling.draws import class_labels
from wane.stats import RetrainedDifference
from wane.study.evaluation.compared.agreement import with_evidence
from wane.study.evaluation.compared.methods import EvaluatedMethods, MethodsSummary
from wane.study.evaluation.evidence import Evidence
from wane.study.evaluation.expected import expected
from wane.study.evaluation.paired import comparisons_table
from wane.study.evaluation.references import References, references
from wane.study.evaluation.retrained import retrained
from wane.study.journal.serializer import from_dict, to_dict
from wane.study.laplace.layers import LayerEvidence
from wane.study.measures.constants import constant_losses
from wane.study.measures.finished import FinishedRuns, weighted_alike
from wane.study.measures.rowwise import RowContributions
from wane.study.measures.tables import candidate_documents, ordered_names, summary_table
from wane.study.measures.train_size_tables import losses, size_documents
from wane.study.references.fitting import FittedReference
from wane.study.results.looks import look_summary
from wane.study.results.schema import LookSummary, StudyDocument
from wane.study.spec.looks import Look
from wane.study.spec.selection import DATA_LOSS, Criterion
from wane.study.verdicts.beside.comparison import with_text
from wane.study.verdicts.scope import why_ended
from wane.study.verdicts.verdict import Verdict, verdict

Table = dict[str, np.ndarray]
"""Values by metric, [candidates, repeats]."""


@dataclasses.dataclass(frozen=True)
class _Evaluation:
    """What evaluating the finished runs gives."""

    verdict: Verdict
    comparisons: pd.DataFrame
    criterion: Criterion
    metrics: tuple[str, ...]
    methods: MethodsSummary | None
    notes: tuple[str, ...]
    look: LookSummary
    retraining: RetrainedDifference | None
    references: References | None


def study_document(
    finished: FinishedRuns,
    runs: pd.DataFrame,
    train_sizes: pd.DataFrame | None,
    beside: tuple[Sequence[FittedReference], LayerEvidence | None],
    notes: tuple[str, ...],
    folder: Path,
    look: Look,
    earlier: Sequence[LookSummary],
) -> StudyDocument:
    """The document of finished runs, before files are written.

    Args:
        finished: the runs.
        runs, train_sizes: their tables.
        beside: what the references predict, and what the training rows alone say of a search.
        notes: what went wrong so far, in sentences.
        folder: where the study is.
        look: which evaluation of the study this is.
        earlier: those before it.
    """
    evaluation = _evaluate(finished, runs, train_sizes, beside, look)
    task, spec = finished.bridge.task, finished.spec
    metrics = evaluation.metrics
    others = [name for name in metrics if name not in (task.metric, "data_loss")]
    shown = list(dict.fromkeys([task.metric, *others, "data_loss"]))
    summary = summary_table(runs, ordered_names(spec))
    document: dict[str, Any] = {
        "study": {
            **_about(finished, evaluation.criterion),
            "planned_repeats": finished.planned_repeats,
            "looks": [to_dict(one) for one in (*earlier, evaluation.look)],
            "stopped": _why_ended(look),
        },
        "candidates": candidate_documents(finished, runs, summary, shown),
        "train_sizes": size_documents(train_sizes, [*shown, "lowest_data_loss"]),
        "comparisons": evaluation.comparisons.to_dict("records"),
    }
    whole = {name: from_dict(document[name], hint) for name, hint in _PARTS.items()}
    return StudyDocument(
        **whole,
        chosen=evaluation.verdict.chosen,
        one_standard_error=evaluation.verdict.one_standard_error,
        verdict=evaluation.verdict,
        notes=(*notes, *evaluation.notes),
        engine=dict(finished.engine),
        compare=evaluation.methods,
        files={"folder": str(folder)},
        seconds={},
        retraining=evaluation.retraining,
        references=() if evaluation.references is None else evaluation.references.every,
        account=spec.account or _account(finished),
    )


_PARTS: Mapping[str, Any] = {
    field.name: field.type
    for field in dataclasses.fields(StudyDocument)
    if field.name in ("study", "candidates", "train_sizes", "comparisons")
}


def _evaluate(
    finished: FinishedRuns,
    runs: pd.DataFrame,
    train_sizes: pd.DataFrame | None,
    beside: tuple[Sequence[FittedReference], LayerEvidence | None],
    look: Look,
) -> _Evaluation:
    """Select a candidate, find what it gains, and say so."""
    fitted, of_layers = beside
    evidence, values, notes = _evidence(finished, runs, train_sizes)
    spec, criterion, chosen = finished.spec, evidence.criterion, evidence.chosen
    rows = RowContributions(finished, values)
    evidence = _with_rows(evidence, rows, look, finished)
    if chosen is not None:
        evidence = dataclasses.replace(
            evidence,
            expected=expected(finished, rows, criterion, chosen, evidence.ineligible),
            retrained=retrained(finished, rows, criterion, evidence.losses, chosen),
            references=references(finished, fitted, rows, criterion, chosen),
        )
    answer = verdict(evidence)
    comparisons = comparisons_table(
        spec.names,
        values["validation"],
        finished.resampling,
        len(finished.dropped),
        ordered_names(spec),
        evidence.validation_rows,
        {name: finished.span(name) for name in values["validation"]},
    )
    methods = None
    if spec.methods:
        found = EvaluatedMethods(finished, rows, criterion, evidence.metric)
        methods = _methods(finished, found.summary(answer.chosen, evidence.metric), of_layers)
    shown = look_summary(evidence, answer.helps)
    return _Evaluation(
        answer,
        comparisons,
        criterion,
        tuple(values["validation"]),
        methods,
        notes,
        shown,
        evidence.retrained,
        evidence.references,
    )


def _with_rows(
    evidence: Evidence, rows: RowContributions, look: Look, finished: FinishedRuns
) -> Evidence:
    """The numbers with what single rows contribute to them, at a look."""
    known: dict[str, np.ndarray] = {}
    if evidence.resampling.shares_split:
        for measure in ("data_loss", evidence.metric, evidence.criterion.name):
            own = rows.on_validation(measure)
            if own is not None:
                known[measure] = own
    name, has_test = evidence.criterion.name, evidence.test_loss is not None
    return dataclasses.replace(
        evidence,
        validation_rows=known,
        baseline_test_rows=_baseline_test_rows(rows) if has_test else None,
        criterion_span=finished.span(name) if name in finished.ranges else None,
        look=look,
    )


def choice(finished: FinishedRuns, runs: pd.DataFrame) -> tuple[Criterion, int | None]:
    """What candidates are chosen by, and the chosen one's index, as the verdict has them."""
    evidence, _, _ = _evidence(finished, runs, None)
    return evidence.criterion, evidence.chosen


def _evidence(
    finished: FinishedRuns, runs: pd.DataFrame, train_sizes: pd.DataFrame | None
) -> tuple[Evidence, dict[str, Table], tuple[str, ...]]:
    """What the choice rests on, the values by part, and notes on what candidates are chosen by."""
    spec, metric = finished.spec, finished.bridge.task.metric
    values = {part: _by_metric(runs, spec.names, part) for part in ("validation", "test")}
    values = {part: table for part, table in values.items() if table}
    train = _by_metric(runs, spec.names, "train")
    criterion, notes = _usable(finished.criterion, values["validation"])
    constant, perfect = constant_losses(finished.bridge.task, finished.splits.rows(0))
    evidence = Evidence(
        names=spec.names,
        candidates=spec.candidates,
        train_loss=train["data_loss"],
        validation_loss=values["validation"]["data_loss"],
        baseline_curve=_baseline_curve(finished),
        metric=metric,
        validation_metric=values["validation"][metric],
        test_metric=values["test"][metric] if "test" in values else None,
        rows=dict(finished.row_counts),
        groups=dict(finished.group_counts),
        rare=dict(finished.rare_counts),
        resampling=finished.resampling,
        metric_direction=finished.directions.get(metric),
        criterion=criterion,
        selected_by=values["validation"][criterion.name],
        constant_loss=constant,
        perfect_loss=perfect,
        sizes=losses(train_sizes, finished),
        dropped=finished.dropped,
        extended=finished.extended,
        ineligible=[spec.candidates.index(candidate) for candidate in spec.ineligible],
        same_weights=finished.same_weights,
        stopped_by_validation=stops_by_validation(spec.callbacks),
        test_loss=values["test"]["data_loss"] if "test" in values else None,
        matters=spec.matters,
        weighted_alike=weighted_alike(finished),
    )
    return evidence, values, notes


def _methods(
    finished: FinishedRuns, summary: MethodsSummary, of_layers: LayerEvidence | None
) -> MethodsSummary:
    """The comparison of a study's methods, with all that is said of it."""
    return with_text(
        with_evidence(summary, of_layers, finished.spec.names),
        finished.resampling,
        finished.row_counts,
        finished.group_counts,
        same_weights=finished.same_weights,
    )


def _why_ended(look: Look) -> str:
    """Why training has ended at a look, in English; "" where its repeats were planned."""
    with speaking(ENGLISH):
        return "" if look.stopped is None else why_ended(look.stopped)


def _baseline_test_rows(rows: RowContributions) -> np.ndarray | None:
    """The baseline's data loss of each test row; None if it diverged or that is not known."""
    if not np.all(np.isfinite(rows.values["test"]["data_loss"][0])):
        return None
    return rows.on_test("data_loss", 0)


def _usable(criterion: Criterion, values: Table) -> tuple[Criterion, tuple[str, ...]]:
    """What candidates are chosen by, and a note where that is not what the user named.

    It is the data loss if what the user names has no number in some run of every candidate that
    has not diverged. A score that no number is known of on the rows of one split (such as AUC, with
    one class) has none there for any candidate.
    """
    whole = np.asarray(np.isfinite(values["data_loss"]).all(axis=1))
    numbers = values.get(criterion.name)
    if numbers is not None and (np.isfinite(numbers[whole]).all(axis=1).any() or not whole.any()):
        return criterion, ()
    lacking = "no numbers to choose by"
    if numbers is not None and np.isfinite(numbers).any():
        lacking = "no number in some run of every candidate"
    note = f"{criterion.name!r} has {lacking}, so candidates are chosen by validation data loss."
    return DATA_LOSS, (note,)


def _by_metric(runs: pd.DataFrame, names: tuple[str, ...], part: str) -> Table:
    """Final values of a part, by metric."""
    columns = [column for column in runs.columns if column.startswith(f"{part}_")]
    if f"{part}_data_loss" not in columns:
        return {}
    table = runs.set_index(["candidate", "repeat"])
    return {
        column.removeprefix(f"{part}_"): table[column]
        .unstack()
        .loc[list(names)]
        .to_numpy(np.float64)
        for column in columns
    }


def _baseline_curve(finished: FinishedRuns) -> np.ndarray:
    """The baseline's validation data loss, [runs that did not diverge, epochs].

    A run that a callback stopped early keeps its last value to the end.
    """
    column = finished.curve_names.index("validation_data_loss")
    journal = finished.journal
    diverged = {repeat for candidate, repeat, epoch, _ in journal.runs() if epoch and not candidate}
    curves = [c[:, column] for _, repeat, c in journal.curves(0) if repeat not in diverged]
    longest = max((len(curve) for curve in curves), default=0)
    kept = [np.pad(curve, (0, longest - len(curve)), mode="edge") for curve in curves]
    return np.array(kept, np.float64).reshape(len(kept), longest)


def _account(finished: FinishedRuns) -> Account:
    """What is in rows whose columns have no names: how many there are, and their classes."""
    data, train = finished.spec.data, finished.splits.rows(0).train
    parts = [part for part in (data.development, data.validation, data.test) if part is not None]
    labels = None
    if finished.bridge.task.kind in ("binary", "multiclass"):
        of_parts = [class_labels(part.y) for part in parts]
        known = [one for one in of_parts if one is not None]
        labels = np.concatenate(known) if len(known) == len(of_parts) else None
    shape = np.shape(train.x)[1:] if hasattr(train.x, "shape") else ()
    return account_of(shape, sum(map(len, parts)), labels, finished.spec.class_names)


def _about(finished: FinishedRuns, criterion: Criterion) -> dict[str, Any]:
    """The ``study`` of the document."""
    bridge, spec, resampling = finished.bridge, finished.spec, finished.resampling
    return {
        "name": spec.name,
        "task": bridge.task.kind,
        "metric": bridge.task.metric,
        "select_by": criterion.name,
        "direction": criterion.direction,
        "loss": bridge.task.loss,
        "optimizer": type(bridge.optimizer).__name__.lower(),
        "epochs": spec.epochs,
        "batch_size": spec.batch_size,
        "repeats": resampling.repeats,
        "seed": spec.seed,
        "rows": dict(finished.row_counts),
        "groups": dict(finished.group_counts),
        "resampling": str(resampling),
        "shares_split": resampling.shares_split,
        "same_weights": finished.same_weights,
        "correction": "Nadeau–Bengio" if resampling.test_to_train_ratio else None,
    }
