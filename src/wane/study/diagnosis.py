"""What the runs say, in words that claim no more than the numbers do."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from wane.penalties import Candidate, Penalty, strength_of
from wane.report.wording import metric_label
from wane.stats.intervals import PairedDifference, paired_difference
from wane.stats.multiplicity import holm
from wane.stats.selection import best
from wane.study.resampling import Resampling

REBOUND = 0.05
"""A validation loss that ends this share above its lowest value has risen again."""
LARGE_GAP = 0.5
"""A gap of at least this share of the validation loss is overfitting by itself."""
MOST_RUNS = 0.8
"""The share of runs in which the validation loss must have risen for a rise to be believed."""
LEVEL = 0.05
"""Level of the tests, after Holm's adjustment over candidates."""


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
        resampling: how repeats differ.
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

    @property
    def change(self) -> str:
        """What the candidates have and the baseline has not, in a word."""
        changes = [change for candidate in self.candidates for change in candidate]
        return "penalty" if all(isinstance(change, Penalty) for change in changes) else "change"


@dataclasses.dataclass(frozen=True)
class Verdict:
    """The answer to the user's question.

    Attributes:
        text: a short paragraph.
        overfits: whether the baseline overfits.
        helps: whether the chosen candidate's validation loss is lower than the baseline's beyond
            what chance gives (Holm-adjusted over candidates, level 5 %).
        chosen: the name of the candidate with the lowest mean validation data loss.
    """

    text: str
    overfits: bool
    helps: bool
    chosen: str


def verdict(evidence: Evidence) -> Verdict:
    """Whether the baseline overfits, what helps, and what that rests on."""
    chosen = chosen_index(evidence)
    difference, helps = _improvement(evidence, chosen)
    overfits, sentence = _overfitting(evidence, helps)
    sentences = [
        sentence,
        _choice(evidence, chosen, difference, helps),
        _on_test(evidence, chosen, helps),
        _edge(evidence, chosen, helps),
        _divergence(evidence),
        _scope(evidence),
    ]
    text = " ".join(sentence for sentence in sentences if sentence)
    return Verdict(text, overfits, helps, evidence.names[chosen])


def chosen_index(evidence: Evidence) -> int:
    """The candidate with the lowest mean validation loss; ties go to the stronger penalty.

    A candidate with a diverged run is never chosen.
    """
    strengths = np.asarray([strength_of(candidate) for candidate in evidence.candidates])
    return int(best(evidence.validation_loss.mean(axis=1), strengths))


def _improvement(evidence: Evidence, chosen: int) -> tuple[PairedDifference | None, bool]:
    """Baseline minus chosen validation loss, and whether it is beyond chance."""
    loss = evidence.resampling.independent(evidence.validation_loss)
    if chosen == 0 or not np.all(np.isfinite(loss[0])):
        return None, False
    ratio = evidence.resampling.test_to_train_ratio
    differences = [
        paired_difference(loss[0], other, test_to_train_ratio=ratio)
        if np.all(np.isfinite(other))
        else None
        for other in loss[1:]
    ]
    adjusted = holm(np.asarray([np.nan if d is None else d.p_value for d in differences]))
    difference = differences[chosen - 1]
    assert difference is not None  # the chosen candidate has no diverged run
    return difference, bool(difference.mean > 0 and adjusted[chosen - 1] < LEVEL)


def _overfitting(evidence: Evidence, helps: bool) -> tuple[bool, str]:
    """Whether the baseline overfits, and the sentence that says so.

    It does if its validation loss lies above its training loss beyond chance and, besides, rose
    again in training, is far above it, or falls under a penalty. A rise by itself is enough: that
    is seen within each run, so differences between splits do not blur it.
    """
    train, validation = evidence.train_loss[0], evidence.validation_loss[0]
    if not np.all(np.isfinite(validation)):
        return False, "The unregularized network diverged, so nothing can be said of overfitting."
    resampling = evidence.resampling
    gap = paired_difference(
        resampling.independent(validation),
        resampling.independent(train),
        test_to_train_ratio=resampling.test_to_train_ratio,
    )
    curve = evidence.baseline_curve.mean(axis=0)
    lowest = int(np.argmin(curve))
    runs_that_rose = np.mean(evidence.baseline_curve[:, -1] > evidence.baseline_curve[:, lowest])
    rose = curve[-1] > (1 + REBOUND) * curve[lowest] and runs_that_rose >= MOST_RUNS
    large = gap.mean > LARGE_GAP * validation.mean()
    real = gap.low > 0 or gap.count < 2
    losses = (
        f"its data loss is {_number(train.mean())} on training rows and "
        f"{_number(validation.mean())} on validation rows"
    )
    if gap.mean > 0 and (rose or (real and (large or helps))):
        rebound = (
            f"; on those it was lowest ({_number(curve[lowest])}) at epoch {lowest + 1:,} and "
            f"rose again"
            if rose
            else ""
        )
        return True, f"The network overfits: without a {evidence.change} {losses}{rebound}."
    if gap.mean > 0 and real:
        return False, (
            f"The network hardly overfits: without a {evidence.change} {losses}, a gap that "
            f"neither grew in training nor shrank under a {evidence.change}."
        )
    if gap.mean > 0 and large:
        return False, (
            f"Whether the network overfits cannot be told from {len(train)} runs: without a "
            f"{evidence.change} {losses}, but the runs differ so much that this may be chance "
            f"(95 % interval of the gap {_range(gap.low, gap.high)})."
        )
    return False, f"The runs show no overfitting: without a {evidence.change} {losses}."


def _choice(
    evidence: Evidence, chosen: int, difference: PairedDifference | None, helps: bool
) -> str:
    if chosen == 0:
        return (
            f"No {evidence.change} lowered the mean validation data loss: the baseline stays the "
            f"best."
        )
    name = evidence.names[chosen]
    lowest = f"{_number(evidence.validation_loss[chosen].mean())}"
    if difference is None:
        return f"{name} has the lowest validation data loss, {lowest}."
    if difference.count < 2:
        return (
            f"{name} has the lowest validation data loss, {lowest}, but one run each cannot tell "
            f"this from chance: use more repeats."
        )
    gain = (
        f"{_number(difference.mean)} lower than without a {evidence.change} (95 % interval "
        f"{_range(difference.low, difference.high)})"
    )
    if not helps:
        return (
            f"No {evidence.change} helped beyond what chance gives: the best, {name}, has a "
            f"validation data loss of {lowest}, {gain}."
        )
    told = f"{name} helps most: its validation data loss is {lowest}, {gain}"
    if evidence.metric == "data_loss":
        return told + "."
    change = _change(evidence.validation_metric, chosen)
    return f"{told}, and validation {metric_label(evidence.metric)} {change}."


def _on_test(evidence: Evidence, chosen: int, helps: bool) -> str:
    if chosen == 0:
        return ""
    if evidence.test_metric is None:
        return _NO_TEST_ROWS if helps else ""
    values = evidence.test_metric
    label = metric_label(evidence.metric)
    rows = f"On the {evidence.rows['test']:,} test rows, which played no part in the choice,"
    with_it = _number(values[chosen].mean())
    if not np.all(np.isfinite(values[0])):  # the baseline has diverged
        return f"{rows} its {label} is {with_it}."
    if not helps:
        without = _number(values[0].mean())
        return f"{rows} {label} is {without} without a {evidence.change} and {with_it} with it."
    return f"{rows} {label} {_change(values, chosen)}."


_NO_TEST_ROWS = (
    "That gain is measured on the rows by which the choice was made, so expect somewhat less on "
    "new data; a test set would tell."
)


def _change(values: np.ndarray, chosen: int) -> str:
    before, after = _number(values[0].mean()), _number(values[chosen].mean())
    if before == after:
        return f"stays at {before}"
    verb = "rises" if values[chosen].mean() > values[0].mean() else "falls"
    return f"{verb} from {before} to {after}"


def _number(value: float) -> str:
    """A number in a sentence: three significant digits."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:#.3g}".rstrip(".")


def _range(low: float, high: float) -> str:
    return f"{_number(low)} to {_number(high)}"


def _edge(evidence: Evidence, chosen: int, helps: bool) -> str:
    """A word of caution where the best strength lies at the end of what was tried."""
    alone = [c[0] for c in evidence.candidates if len(c) == 1 and isinstance(c[0], Penalty)]
    (penalty, *others) = evidence.candidates[chosen] or (None,)
    if not helps or others or not isinstance(penalty, Penalty):
        return ""
    tried = sorted(
        other.strength
        for other in alone
        if (type(other), other.layers, other.on) == (type(penalty), penalty.layers, penalty.on)
    )
    if len(tried) > 1 and penalty.strength == tried[-1]:
        return "It is the strongest that was tried: try stronger ones too."
    if len(tried) > 1 and penalty.strength == tried[0]:
        return "It is the weakest that was tried: try weaker ones too."
    return ""


def _divergence(evidence: Evidence) -> str:
    broken = np.count_nonzero(~np.isfinite(evidence.train_loss), axis=1)
    if not broken.any():
        return ""
    told = ", ".join(
        f"{count} of {name}" for name, count in zip(evidence.names, broken, strict=True) if count
    )
    return f"Some runs diverged ({told}); candidates with such runs are not chosen."


def _scope(evidence: Evidence) -> str:
    repeats = evidence.validation_loss.shape[1]
    if evidence.resampling.shares_split and repeats > 1:
        return (
            f"All {repeats} runs of a candidate share one split and differ in their seed only, so "
            f"the intervals speak of this split."
        )
    return ""
