"""By how much the chosen candidate is better than the baseline, and what that says of new rows."""

import dataclasses
import math
from typing import Literal

import numpy as np
from scipy import stats

from wane.penalties import patience_of
from wane.stats import PairedDifference
from wane.study.evaluation.evidence import Evidence
from wane.study.evaluation.paired import adjusted_p, differences, joint, paired
from wane.study.spec.selection import LEAST_TEST_ROWS, too_few_groups

MATTERS = 0.01
"""The smallest difference of interest by default: of a score, and of anything else as a share of
the baseline's value."""

LEAST_OF_RARE = 5
"""With fewer rows of all classes but the commonest one their spread is not seen: in simulations
intervals held the truth in 81 % of studies where one or two of 30 rows were such."""

Conclusion = Literal[
    "helps", "helps little", "no practical difference", "cannot be told", "worse", "nothing helps"
]


@dataclasses.dataclass(frozen=True)
class Improvement:
    """By how much the chosen candidate is better than the baseline.

    Attributes:
        difference: positive where it is better, in the unit of what candidates are chosen by. On
            test rows, which chose nothing, it is tested by itself; on validation rows its mean is
            corrected for the choice, and interval and p allow for all candidates.
        on: the part whose rows it is measured on.
        rows: how many rows these are.
        holds_for_new_rows: whether the spread of rows is in the interval; else it holds between
            seeds on these rows alone.
        between_seeds: the interval between seeds on the validation rows of one split; None for
            several splits and for one repeat.
        chosen_by: the difference on the validation rows that chose, without any correction.
        matters: the smallest difference of interest.
        conclusion: what that shows.
    """

    difference: PairedDifference
    on: Literal["test", "validation"]
    rows: int
    holds_for_new_rows: bool
    between_seeds: tuple[float, float] | None
    chosen_by: float
    matters: float
    conclusion: Conclusion

    @property
    def helps(self) -> bool:
        """Whether the candidate is better on new rows, beyond chance."""
        return self.conclusion in ("helps", "helps little")

    @property
    def rows_needed(self) -> float:
        """How many times as many rows would about tell, by the width of the interval.

        An interval is as wide as 1 over the root of the number of rows.
        """
        one = self.difference
        half = (one.high - one.low) / 2
        return (half / max(abs(one.mean), self.matters)) ** 2


def improvement(evidence: Evidence, chosen: int | None) -> Improvement | None:
    """By how much the chosen candidate is better than the baseline.

    Where there are test rows these decide: other rows chose the candidate, so that one test of it
    is enough. Else the validation rows do that chose it, with an interval that allows for the
    choice among all candidates.

    Args:
        evidence: the numbers.
        chosen: the candidate; None or 0 give None, as does a baseline that diverged.
    """
    if not chosen:
        return None
    one = _on_validation(evidence, chosen)
    if one is None:
        return None
    losses, name = evidence.losses, evidence.criterion.name
    naive = float(losses[0].mean() - losses[chosen].mean())
    shared = evidence.resampling.shares_split
    gain = _on_test(evidence)
    # Rows that chose the epoch of the chosen candidate say nothing of others.
    stopped = patience_of(evidence.candidates[chosen]) is not None
    known = not stopped and (not shared or name in evidence.validation_rows)
    known = known and not too_few_groups(evidence.groups)
    known = known and not too_few_of_rare(evidence, "validation")
    level = evidence.look.level
    seeds = paired(losses[0], losses[chosen], evidence.resampling, confidence=1 - level)
    matters = evidence.matters
    if matters is None:
        matters = _matters(evidence, on_test=gain is not None)
    decided = one if gain is None else gain
    span = math.inf if evidence.criterion_span is None else evidence.criterion_span
    return Improvement(
        difference=decided.within(span),
        on="validation" if gain is None else "test",
        rows=evidence.rows["validation" if gain is None else "test"],
        holds_for_new_rows=known or gain is not None,
        between_seeds=(seeds.low, seeds.high) if shared and seeds.has_interval else None,
        chosen_by=naive,
        matters=matters,
        conclusion=_conclusion(decided, matters, level, known=known or gain is not None),
    )


def too_few_of_rare(evidence: Evidence, part: Literal["test", "validation"]) -> bool:
    """Whether fewer rows of a part are of rarer classes than can say what more of them would."""
    return evidence.rare.get(part, LEAST_OF_RARE) < LEAST_OF_RARE


def test_decides(evidence: Evidence) -> bool:
    """Whether there are test rows, and enough of them to decide."""
    expected = evidence.expected
    if expected is None or expected.source != "test" or too_few_of_rare(evidence, "test"):
        return False
    return expected.units >= LEAST_TEST_ROWS


def _on_test(evidence: Evidence) -> PairedDifference | None:
    """The gain on test rows, where there are enough of them to decide."""
    expected = evidence.expected
    if expected is None or not test_decides(evidence):
        return None
    one = expected.metrics.get(evidence.criterion.name)
    gain = None if one is None else one.gain
    if gain is None or gain.count < 2:  # one run each says nothing of other seeds
        return None
    if not gain.has_interval:
        return gain
    low, high = gain.bounds(float(stats.t.ppf(1 - evidence.look.level / 2, gain.freedom)))
    return dataclasses.replace(gain, low=low, high=high)


def _on_validation(evidence: Evidence, chosen: int) -> PairedDifference | None:
    """The gain on validation rows, with an interval and p that allow for the choice."""
    name, sign = evidence.criterion.name, 1 if evidence.criterion.direction == "up" else -1
    values, rows = evidence.values, evidence.validation_rows.get(name)
    values = values.copy()
    values[list(evidence.ineligible)] = np.nan
    one = differences(values, evidence.resampling, rows)[chosen - 1]
    if one is None:
        return None
    every = joint(values, evidence.resampling, rows, len(evidence.dropped))
    level = evidence.look.level
    adjusted = every.adjusted(evidence.retrained or one.times(sign), confidence=1 - level)
    optimism = math.nan if evidence.expected is None else evidence.expected.gain_optimism
    if math.isnan(optimism):
        return adjusted
    # How lucky the choice was is not known without error: the interval holds both means.
    mean = adjusted.mean - optimism
    low, high = min(adjusted.low, mean), max(adjusted.high, mean)
    p_value = adjusted.p_value if low > 0 or high < 0 else max(adjusted.p_value, level)
    return dataclasses.replace(adjusted, mean=mean, low=low, high=high, p_value=p_value)


def _matters(evidence: Evidence, *, on_test: bool) -> float:
    """The smallest difference of interest by default."""
    if evidence.criterion_span is not None:  # 1 % of an R² or AUC near 0 would be nothing
        return MATTERS
    if on_test and evidence.expected is not None:
        one = evidence.expected.metrics[evidence.criterion.name]
        assert one.gain is not None
        way = 1 if evidence.criterion.direction == "up" else -1
        return MATTERS * abs(one.value - way * one.gain.mean)
    return MATTERS * abs(float(evidence.values[0].mean()))


def _conclusion(one: PairedDifference, matters: float, level: float, *, known: bool) -> Conclusion:
    """What a difference shows.

    That it does not matter takes an interval of 90 % within ± what matters: two one-sided tests at
    the level (Schuirmann, Journal of Pharmacokinetics and Biopharmaceutics 15, 1987).
    """
    if not known or math.isnan(one.p_value):
        return "cannot be told"
    if one.p_value < level:
        if one.mean < 0:
            return "worse"
        return "helps little" if one.has_interval and one.high < matters else "helps"
    if not one.has_interval:
        return "no practical difference" if one.mean == 0 else "cannot be told"
    # As wide as the interval that allows for the choice, at 90 %.
    ends = stats.t.ppf([1 - level, 1 - level / 2], one.freedom)
    narrower = float(ends[0] / ends[1])
    low, high = (one.mean + narrower * (end - one.mean) for end in (one.low, one.high))
    return "no practical difference" if -matters < low and high < matters else "cannot be told"


def metric_is_worse(evidence: Evidence, chosen: int) -> bool:
    """Whether the chosen one is worse in the metric for people, beyond chance, on new rows."""
    name, way, level = evidence.metric, evidence.metric_direction, evidence.look.level
    if way is None or name == evidence.criterion.name:
        return False
    expected = evidence.expected
    tested = None if expected is None else expected.metrics.get(name)
    if test_decides(evidence):
        gain = None if tested is None else tested.gain
        return gain is not None and gain.count > 1 and gain.mean < 0 and bool(gain.p_value < level)
    rows = evidence.validation_rows.get(name)
    if (rows is None and evidence.resampling.shares_split) or too_few_groups(evidence.groups):
        return False
    if too_few_of_rare(evidence, "validation"):
        return False
    found = differences(evidence.validation_metric, evidence.resampling, rows)
    one = found[chosen - 1]
    worse = -1 if way == "up" else 1
    p_value = adjusted_p(found, len(evidence.dropped))[chosen - 1]
    return one is not None and worse * one.mean > 0 and bool(p_value < level)
