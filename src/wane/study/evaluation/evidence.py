"""The numbers that a diagnosis and a verdict are made of."""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from wane.penalties import Candidate, Penalty
from wane.resampling.splits import Resampling
from wane.stats import PairedDifference, RetrainedDifference, TrainSizes
from wane.study.evaluation.expected import Expected
from wane.study.evaluation.references import References
from wane.study.spec.looks import ONE_LOOK, Look
from wane.study.spec.selection import DATA_LOSS, Criterion, best_index

LEVEL = 0.05
"""Level of the tests, after the adjustment for several candidates, in a study with one look."""


def beyond_chance(difference: PairedDifference | None, level: float = LEVEL) -> bool:
    """Whether a difference is above zero beyond chance, by its p-value."""
    return difference is not None and difference.mean > 0 and difference.p_value < level


@dataclasses.dataclass(frozen=True)
class Evidence:
    """The numbers that a verdict is made of.

    Attributes:
        names: the candidates, the baseline first.
        candidates: their penalties.
        train_loss, validation_loss: final data losses, [candidates, repeats]; NaN if diverged.
        baseline_curve: the baseline's validation data loss by epoch, [repeats, epochs]; a run
            that stopped early keeps its last value.
        metric: the metric for people, by name.
        validation_metric: its validation values, [candidates, repeats].
        test_metric: its test values in the same shape, or None.
        rows: how many rows of each part there are.
        groups: how many groups the rows of a part are of, where they have some; of validation rows
            over all repeats.
        rare: how many rows of a part are of other classes than its commonest one, where targets are
            classes; of validation rows over all repeats.
        resampling: how repeats differ.
        metric_direction: "up" or "down", which way that metric is better; None if not known.
        criterion: what candidates are chosen by; by default the data loss.
        selected_by: its validation values, [candidates, repeats]; None if it is the data loss.
        expected: what the chosen candidate will do on new rows, or None.
        constant_loss: the training data loss of the best constant prediction; None if not known.
        perfect_loss: that of predictions that are the targets; 0 but for Poisson's loss.
        sizes: losses of the baseline by the number of its training rows, or None.
        dropped: the candidates that halving dropped, with the repeats that they had.
        ineligible: the candidates that nothing may choose.
        same_weights: whether all repeats start from the same weights.
        stopped_by_validation: whether validation rows chose the epoch at which each run stopped.
        validation_rows: by metric what each validation row adds to its mean over repeats,
            [candidates, rows], where all repeats share one split and that is known.
        test_loss: test data losses, [candidates, repeats], or None.
        baseline_test_rows: the baseline's data loss of each test row, mean over repeats, [rows];
            None if not known.
        criterion_span: by how much a score can change by which candidates are chosen, and of which
            1 is the best, such as accuracy, AUC or R² (infinite); None for anything else.
        matters: the smallest difference of interest, in the unit of what candidates are chosen by;
            None for a hundredth of a score and 1 % of the baseline's value of anything else.
        look: which evaluation of the study it is, and at which level.
        extended: the candidates that the study added beyond those given.
        references: models of other kinds beside the chosen network, or None.
        retrained: the improvement of the chosen candidate, from retraining; None where there was
            none.
        weighted_alike: the parts whose losses compare with those of training rows, since both have
            weights or neither has.
    """

    names: Sequence[str]
    candidates: Sequence[Candidate]
    train_loss: np.ndarray
    validation_loss: np.ndarray
    baseline_curve: np.ndarray
    metric: str
    validation_metric: np.ndarray
    test_metric: np.ndarray | None
    rows: dict[str, int]
    resampling: Resampling
    metric_direction: str | None = None
    criterion: Criterion = DATA_LOSS
    selected_by: np.ndarray | None = None
    expected: Expected | None = None
    constant_loss: float | None = None
    perfect_loss: float = 0.0
    sizes: TrainSizes | None = None
    dropped: Mapping[int, int] = dataclasses.field(default_factory=dict)
    ineligible: Sequence[int] = ()
    same_weights: bool = False
    stopped_by_validation: bool = False
    validation_rows: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)
    test_loss: np.ndarray | None = None
    baseline_test_rows: np.ndarray | None = None
    criterion_span: float | None = None
    matters: float | None = None
    look: Look = ONE_LOOK
    extended: Sequence[int] = ()
    retrained: RetrainedDifference | None = None
    references: References | None = None
    weighted_alike: frozenset[str] = frozenset({"validation", "test"})
    groups: Mapping[str, int] = dataclasses.field(default_factory=dict)
    rare: Mapping[str, int] = dataclasses.field(default_factory=dict)

    def units(self, part: str) -> int:
        """How many groups of rows a part has, or how many rows where these have none."""
        return self.groups.get(part, self.rows.get(part, 0))

    @property
    def unit(self) -> str:
        """What is drawn in place of rows, in a word; "row" where rows are."""
        dependence = self.resampling.dependence
        return "row" if dependence is None or not self.groups else dependence.unit

    @property
    def change(self) -> str:
        """What the candidates have and the baseline has not, in a word."""
        changes = [change for candidate in self.candidates for change in candidate]
        return "penalty" if all(isinstance(change, Penalty) for change in changes) else "change"

    @property
    def values(self) -> np.ndarray:
        """What candidates are chosen by, in its own unit, [candidates, repeats]."""
        values = self.validation_loss if self.selected_by is None else self.selected_by
        # A diverged run counts whatever a metric says of it.
        return np.where(np.isfinite(self.validation_loss), values, np.nan)

    @property
    def losses(self) -> np.ndarray:
        """What candidates are chosen by, lower being better, [candidates, repeats]."""
        return self.criterion.losses(self.values)

    @property
    def chosen(self) -> int | None:
        """The candidate with the lowest mean, ties to the stronger; None if each has diverged."""
        losses = self.losses.copy()
        losses[list(self.ineligible)] = np.nan
        return best_index(losses, self.candidates)
