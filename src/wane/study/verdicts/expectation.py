"""What to expect on new rows, in words that claim no more than the numbers do."""

import math

import numpy as np

from wane.report.numbers import sentence_interval, sentence_number
from wane.report.wording import metric_label
from wane.stats import PairedDifference
from wane.study.evaluation.evidence import Evidence
from wane.study.evaluation.expected import Expectation
from wane.study.evaluation.improvement import LEAST_OF_RARE, too_few_of_rare
from wane.study.spec.selection import LEAST_TEST_ROWS
from wane.study.verdicts.rows import few_test_rows, rows_of


def expectation(evidence: Evidence, chosen: int, helps: bool) -> str:
    """What to expect on new rows, from numbers that did not choose."""
    if evidence.test_metric is not None:
        return _on_test(evidence, evidence.test_metric, chosen, helps)
    expected = evidence.expected
    if expected is None or expected.source is None:
        why = f" ({expected.why_not})" if expected is not None and expected.why_not else ""
        if not helps:
            return ""
        return (
            f"That gain is measured on the rows by which the choice was made, and there is no "
            f"honest estimate{why}: expect somewhat less on new data; a test set would show it."
        )
    name = evidence.metric if evidence.metric in expected.metrics else "data_loss"
    if name not in expected.metrics:
        return ""
    one = expected.metrics[name]
    value = sentence_number(one.value)
    how = ", by a bootstrap that allows for the choice"
    if len(evidence.names) - len(evidence.ineligible) == 1:  # nothing was chosen
        how = ""
    elif one.optimism > 0 and sentence_number(one.naive) != value:
        how += f", which made it look better by {sentence_number(one.optimism)}"
    return f"On new rows expect {metric_label(name)} of {value}{_interval_of(one)}{how}."


def _on_test(evidence: Evidence, values: np.ndarray, chosen: int, helps: bool) -> str:
    """What test rows say of the chosen candidate, and whether they are enough to decide."""
    said = _said_by_test(evidence, values, chosen, helps)
    if len(evidence.names) == 1:
        return said
    if evidence.units("test") >= LEAST_TEST_ROWS:
        if not too_few_of_rare(evidence, "test"):
            return said
        of_rare = evidence.rare["test"]
        return (
            f"{said} Only {of_rare} of these {'is' if of_rare == 1 else 'are'} of a rarer class, "
            f"too few to decide whether a {evidence.change} helps: give at least {LEAST_OF_RARE}."
        )
    rows, groups = evidence.rows["test"], evidence.groups.get("test")
    few = few_test_rows(rows, groups, evidence.unit, f"whether a {evidence.change} helps")
    return f"{said} {few}."


def _said_by_test(evidence: Evidence, values: np.ndarray, chosen: int, helps: bool) -> str:
    label = metric_label(evidence.metric)
    rows = f"On the {rows_of(evidence, 'test')}, which played no part in the choice,"
    every = evidence.expected
    expected = None if every is None else every.metrics.get(evidence.metric)
    with_it = sentence_number(values[chosen].mean()) + _interval_of(expected)
    if chosen == 0:
        return f"{rows} {label} is {with_it}."
    if not np.all(np.isfinite(values[0])):  # the baseline has diverged
        return f"{rows} its {label} is {with_it}."
    known = _gain(evidence)
    if not helps or (known and not _is_told(evidence)):
        without = sentence_number(values[0].mean())
        known = known or _interval_of(expected)
        with_it = f"{sentence_number(values[chosen].mean())} with it{known}"
        return f"{rows} {label} is {without} without a {evidence.change} and {with_it}."
    latter = _interval_of(expected).replace("interval", "interval of the latter")
    return f"{rows} {label} {describe_change(values, chosen)}{known or latter}."


def _gain_of_metric(evidence: Evidence) -> PairedDifference | None:
    """What the chosen one gains on test rows in the metric for people, if that is known."""
    expected = evidence.expected
    found = None if expected is None else expected.metrics.get(evidence.metric)
    return None if found is None else found.gain


def _is_told(evidence: Evidence) -> bool:
    """Whether the interval of that gain is all on one side of zero."""
    gain = _gain_of_metric(evidence)
    return gain is not None and (gain.low > 0 or gain.high < 0)


def _gain(evidence: Evidence) -> str:
    """The interval of what the chosen one gains on test rows, in brackets, if there is one."""
    gain = _gain_of_metric(evidence)
    if gain is None or math.isnan(gain.low):
        return ""
    word, ends = "better", (gain.low, gain.high)
    if gain.mean < 0:
        word, ends = "worse", (-gain.high, -gain.low)
    size = sentence_number(abs(gain.mean))
    return f" ({word} by {size}, 95 % interval {sentence_interval(*ends)})"


def _interval_of(one: Expectation | None) -> str:
    """The interval of what is expected of a metric, in brackets, if there is one."""
    if one is None or math.isnan(one.low):
        return ""
    return f" (95 % interval {sentence_interval(one.low, one.high)})"


def describe_change(values: np.ndarray, chosen: int) -> str:
    before, after = sentence_number(values[0].mean()), sentence_number(values[chosen].mean())
    if before == after:
        return f"stays at {before}"
    verb = "rises" if values[chosen].mean() > values[0].mean() else "falls"
    return f"{verb} from {before} to {after}"
