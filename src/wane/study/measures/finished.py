"""The finished runs of a study, as everything that reads them takes them."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from wane.keras_model.bridge.bridge import Bridge
from wane.resampling.dataset import PreparedSplits
from wane.resampling.rows import Rows, as_evaluated
from wane.resampling.splits import Resampling
from wane.study.journal.journal import Journal
from wane.study.spec.selection import Criterion
from wane.study.spec.spec import StudySpec


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class FinishedRuns:
    """The finished runs of a study, and what it takes to read them.

    Attributes:
        spec: the study, with the candidates that refining has added.
        bridge: the model of the baseline as pure functions.
        resampling: which repeat uses which split.
        planned_repeats: how many repeats were planned, or the most of them.
        splits: the rows of each repeat.
        directions: for each metric ``"up"`` or ``"down"``, whichever is better; None if unknown.
        ranges: between which numbers scores lie of which 1 is the best, by name.
        criterion: what the user selects candidates by.
        row_counts: rows of each part in repeat 0.
        group_counts: groups of all validation rows and of test rows, where they have some.
        rare_counts: how many validation rows of all repeats, and test rows, are of other classes
            than the commonest one of the part; empty where targets are no classes.
        same_weights: whether all repeats start from the same weights.
        curve_names: the columns of the curves in the journal.
        norm_names: for each candidate what the norms of its weights are called.
        extended: the candidates that the study added beyond the ends of the strengths, and early
            stopping where it did that.
        dropped: the candidates that halving dropped, with the repeats that they had.
        engine: how the runs were trained, for ``summary.json``.
        journal: the runs themselves.
    """

    spec: StudySpec
    bridge: Bridge
    resampling: Resampling
    planned_repeats: int
    splits: PreparedSplits
    directions: Mapping[str, str | None]
    ranges: Mapping[str, tuple[float, float]]
    criterion: Criterion
    row_counts: Mapping[str, int]
    group_counts: Mapping[str, int]
    rare_counts: Mapping[str, int]
    same_weights: bool
    curve_names: tuple[str, ...]
    norm_names: tuple[tuple[str, ...], ...]
    extended: tuple[int, ...]
    dropped: Mapping[int, int]
    engine: Mapping[str, Any]
    journal: Journal

    def span(self, name: str) -> float:
        """By how much a metric can change at most; infinite where that is not known."""
        low, high = self.ranges.get(name, (-math.inf, math.inf))
        return high - low

    def units(self, part: str) -> int:
        """How many groups of rows a part has, or how many rows where these have none."""
        return self.group_counts.get(part, self.row_counts.get(part, 0))


def row_numbers(resampling: Resampling, repeat: int, count: int) -> np.ndarray:
    """Which rows a repeat has for validation, by numbers that repeats share, [count]."""
    rows = resampling.splits[resampling.resample(repeat)].validation
    return np.arange(count) if rows is None else rows


def groups_of_validation(finished: FinishedRuns) -> np.ndarray | None:
    """The group of each row by the numbers of :func:`row_numbers`, [rows]; None without groups."""
    data = finished.spec.data
    if finished.resampling.splits[0].validation is None:
        return None if data.validation is None else data.validation.groups
    return data.development.groups


def groups_of_test(finished: FinishedRuns) -> np.ndarray | None:
    """The group of each test row, [rows]; None without groups."""
    return None if finished.spec.data.test is None else finished.spec.data.test.groups


def evaluated_rows(finished: FinishedRuns, repeat: int) -> tuple[Rows, Rows | None]:
    """Validation and test rows of a repeat, weighted as the final numbers were."""
    return evaluated_parts(finished, repeat)[1:]


def evaluated_parts(finished: FinishedRuns, repeat: int) -> tuple[Rows, Rows, Rows | None]:
    """Training, validation and test rows of a repeat, weighted as the final numbers were."""
    rows = finished.splits.rows(repeat)
    return as_evaluated(rows.train, rows.validation, rows.test)


def weighs_in_training_alone(finished: FinishedRuns) -> bool:
    """Whether training rows have weights, as of classes, by which nothing is evaluated.

    A network of such weights is to be worse than a constant by what is evaluated: that it is so
    shows no lack of a signal.
    """
    given = finished.splits.rows(0).train.sample_weight is not None
    return given and evaluated_parts(finished, 0)[0].sample_weight is None


def weighted_alike(finished: FinishedRuns) -> frozenset[str]:
    """Of which of ``"validation"`` and ``"test"`` the losses compare with those of training rows.

    The loss of rows with weights is another number than that of rows without, and weights of
    classes are others than those of rows.
    """
    train, *others = evaluated_parts(finished, 0)
    has = train.sample_weight is not None
    by_class = has and finished.spec.data.class_weight is not None
    parts = zip(("validation", "test"), others, strict=True)
    return frozenset(
        name
        for name, part in parts
        if part is not None and not by_class and has == (part.sample_weight is not None)
    )
