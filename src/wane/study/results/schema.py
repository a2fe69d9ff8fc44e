"""The document of a study: what ``summary.json`` holds and every view is drawn from."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from wane.data.account import Account
from wane.stats import RetrainedDifference
from wane.study.evaluation.compared.methods import MethodsSummary
from wane.study.evaluation.path import PathStage
from wane.study.evaluation.references import ReferenceSummary
from wane.study.measures.tables import Means, MeanStd
from wane.study.verdicts.verdict import Verdict


@dataclasses.dataclass(frozen=True)
class Anytime:
    """The improvement of the chosen candidate by the t e-process, whose p-value and interval hold
    however often one looks.

    Attributes:
        p: Holm-adjusted over candidates.
        low, high: ends of its 95 % confidence sequence, by Bonferroni's inequality for all
            candidates at once; infinite ones are null.
    """

    p: float
    low: float
    high: float


@dataclasses.dataclass(frozen=True)
class LookSummary:
    """One evaluation of a study.

    Attributes:
        number: which of the study's looks it was, from 1.
        repeats: how many it had.
        level: at which it tested.
        chosen, helps: what it came to.
        repeats_suffice: whether more repeats would take little off the variance that more rows
            would not: at most a tenth.
        anytime: by the e-process; null where repeats are no independent samples of the problem, and
            where the baseline was chosen or diverged.
        added: the names of the candidates that the study was given since the look before.
    """

    number: int
    repeats: int
    level: float
    chosen: str
    helps: bool
    repeats_suffice: bool
    anytime: Anytime | None
    added: Sequence[str] = ()


@dataclasses.dataclass(frozen=True)
class StudySummary:
    """What was studied.

    Attributes:
        name: of the study.
        task: ``"binary"``, ``"multiclass"``, ``"regression"`` or ``"other"``.
        metric: by which people evaluate the task.
        select_by: by which candidates are chosen.
        loss, optimizer, epochs, batch_size, repeats, seed: of its runs.
        planned_repeats: how many repeats were planned, or the most of them.
        looks: all evaluations so far, this one the last.
        stopped: why training ended before the planned repeats, in a sentence; "" where it did not.
        rows: of each part in a repeat.
        direction: whether what candidates are chosen by is better ``"up"`` or ``"down"``; None in
            folders of earlier versions.
        groups: how many groups, different rows or blocks of rows validation rows (of all repeats)
            and test rows are of, where intervals draw these in place of rows.
        resampling: how repeats differ, in a phrase.
        shares_split: whether all repeats share one split, of which alone intervals then speak.
        same_weights: whether all repeats start from the same weights, likewise.
        correction: of intervals for rows that splits have in common; None where there is none.
    """

    name: str
    task: str
    metric: str
    select_by: str
    loss: str
    optimizer: str
    epochs: int
    batch_size: int
    repeats: int
    planned_repeats: int
    looks: Sequence[LookSummary]
    stopped: str
    seed: int
    rows: Mapping[str, int]
    resampling: str
    shares_split: bool
    same_weights: bool
    correction: Literal["Nadeau–Bengio"] | None
    groups: Mapping[str, int] = dataclasses.field(default_factory=dict)
    direction: Literal["up", "down"] | None = None


@dataclasses.dataclass(frozen=True)
class Target:
    """The weights that a penalty acts on: layers and roles."""

    layers: str
    on: Sequence[str]


@dataclasses.dataclass(frozen=True)
class CandidateSummary:
    """A candidate's runs.

    Attributes:
        name, penalty, strength: as in the table of runs.
        targets: the weights that each of its penalties acts on.
        runs, diverged: how many there are.
        train, validation, test: losses and metrics; None for a part that is not there.
        penalty_value, weight_norms: of the trained weights, by layer or ``layer:role``.
    """

    name: str
    penalty: str | None
    strength: float
    targets: Sequence[Target]
    runs: int
    diverged: int
    train: Means | None
    validation: Means | None
    test: Means | None
    penalty_value: MeanStd
    weight_norms: Means


@dataclasses.dataclass(frozen=True)
class TrainSizeSummary:
    """The baseline's runs on some number of training rows."""

    rows: int
    runs: int
    diverged: int
    train: Means
    validation: Means


@dataclasses.dataclass(frozen=True)
class Difference:
    """A candidate minus the baseline in a metric, on validation rows; see ``comparisons``."""

    metric: str
    candidate: str
    difference: float
    standard_error: float
    low: float
    high: float
    p: float
    p_holm: float
    pairs: int


@dataclasses.dataclass(frozen=True)
class StudyDocument:
    """All that a study showed, as one JSON document.

    Attributes:
        study: what was studied.
        candidates: their runs, in the order of tables.
        train_sizes: the baseline on fewer rows, or None.
        chosen, one_standard_error: as in the verdict.
        verdict: the answer.
        comparisons: every candidate beside the baseline.
        notes: what went wrong without stopping the study, in sentences.
        engine: how the runs were trained.
        compare: of a comparison of methods; else None.
        files: paths by what they hold; a study without a folder has none but ``folder``.
        seconds: by stage of work, and their total.
        retraining: the improvement of the chosen candidate by training it and the baseline again
            under random weights of the rows; None where that was not done.
        references: models of other kinds beside the chosen network.
        account: what is in the data.
    """

    study: StudySummary
    candidates: Sequence[CandidateSummary]
    train_sizes: Sequence[TrainSizeSummary] | None
    chosen: str
    one_standard_error: str
    verdict: Verdict
    comparisons: Sequence[Difference]
    notes: Sequence[str]
    engine: Mapping[str, Any]
    compare: MethodsSummary | None
    files: Mapping[str, Any]
    seconds: Mapping[str, float]
    retraining: RetrainedDifference | None = None
    references: Sequence[ReferenceSummary] = ()
    account: Account | None = None


@dataclasses.dataclass(frozen=True)
class PathSummary:
    """What a path was trained on."""

    name: str
    task: str
    metric: str
    rows: Mapping[str, int]
    resampling: str
    shares_split: bool
    same_weights: bool
    repeats: int
    epochs: int
    seed: int


@dataclasses.dataclass(frozen=True)
class PathDocument:
    """All that a path showed, as one JSON document.

    Attributes:
        study: what it was trained on.
        descending: whether it goes from the strongest strength down.
        equal_epochs: whether cold starts trained as many epochs.
        stages: the strengths in the order of training.
        text: the verdict, and what people should know of how runs were trained, in English.
        files: paths by what they hold.
        translations: ``text`` with its verdict in each other language, by its name.
    """

    study: PathSummary
    descending: bool
    equal_epochs: bool
    stages: Sequence[PathStage]
    text: str
    files: Mapping[str, Any]
    translations: Mapping[str, Mapping[str, str]] = dataclasses.field(default_factory=dict)


def means_of_references(record: StudyDocument) -> dict[str, dict[str, float]]:
    """Validation means of models of other kinds, by what people call these and by metric."""
    return {
        one.label: {name: own.mean for name, own in one.validation.items()}
        for one in record.references
    }


def targets_of(record: StudyDocument) -> dict[str, list[tuple[str, Sequence[str]]]]:
    """Layers and roles of each candidate's penalties."""
    return {
        one.name: [(target.layers, target.on) for target in one.targets]
        for one in record.candidates
    }
