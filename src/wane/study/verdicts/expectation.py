"""What to expect on new rows, in words that claim no more than the numbers do."""

import math

import numpy as np

from wane._language import gettext, ngettext
from wane.report.numbers import sentence_interval, sentence_number
from wane.report.wording import bracketed, ended, metric_label, paragraph
from wane.stats import PairedDifference
from wane.stats.bootstrap import LEAST_ROWS
from wane.study.evaluation.evidence import Evidence
from wane.study.evaluation.expected import Expectation
from wane.study.evaluation.improvement import LEAST_OF_RARE, too_few_of_rare
from wane.study.spec.selection import LEAST_TEST_ROWS
from wane.study.verdicts.rows import change_of, few_test_rows, rows_of


def expectation(evidence: Evidence, chosen: int, helps: bool) -> str:
    """What to expect on new rows, from numbers that did not choose."""
    if evidence.test_metric is not None:
        return _on_test(evidence, evidence.test_metric, chosen, helps)
    expected = evidence.expected
    if expected is None or expected.source is None:
        if not helps:
            return ""
        why = "" if expected is None else bracketed(_why_not(evidence, expected.why_not))
        return gettext(
            "That gain is measured on the rows by which the choice was made, and there is no "
            "honest estimate{why}: expect somewhat less on new data; a test set would show it."
        ).format(why=why)
    name = evidence.metric if evidence.metric in expected.metrics else "data_loss"
    if name not in expected.metrics:
        return ""
    one = expected.metrics[name]
    value = sentence_number(one.value)
    said = gettext(
        "On new rows expect {label} of {value}{interval}, by a bootstrap that allows for the "
        "choice."
    )
    if len(evidence.names) - len(evidence.ineligible) == 1:  # nothing was chosen
        said = gettext("On new rows expect {label} of {value}{interval}.")
    elif one.optimism > 0 and sentence_number(one.naive) != value:
        said = gettext(
            "On new rows expect {label} of {value}{interval}, by a bootstrap that allows for the "
            "choice, which made it look better by {optimism}."
        )
    return said.format(
        label=metric_label(name),
        value=value,
        interval=_interval_of(one),
        optimism=sentence_number(one.optimism),
    )


def _why_not(evidence: Evidence, english: str) -> str:
    """Why there is no estimate, which the document has in English, in the language of now."""
    name = evidence.criterion.name
    known = {
        "predictions of so many numbers are not kept": gettext(
            "predictions of so many numbers are not kept"
        ),
        f"{name} has no value without some of the rows": gettext(
            "{name} has no value without some of the rows"
        ),
        f"it takes at least {LEAST_ROWS} validation rows": gettext(
            "it takes at least {count} validation rows"
        ),
        f"it takes at least {LEAST_ROWS} groups of validation rows": gettext(
            "it takes at least {count} groups of validation rows"
        ),
    }
    said = known.get(english)
    return english if said is None else said.format(name=name, count=LEAST_ROWS)


def _on_test(evidence: Evidence, values: np.ndarray, chosen: int, helps: bool) -> str:
    """What test rows say of the chosen candidate, and whether they are enough to decide."""
    said = gettext("On the {rows}, which played no part in the choice, {what}.").format(
        rows=rows_of(evidence, "test"), what=_said_by_test(evidence, values, chosen, helps)
    )
    if len(evidence.names) == 1:
        return said
    if evidence.units("test") >= LEAST_TEST_ROWS:
        if not too_few_of_rare(evidence, "test"):
            return said
        of_rare = evidence.rare["test"]
        few = ngettext(
            "Only {count} of these is of a rarer class, too few to decide whether a {change} "
            "helps: give at least {least}.",
            "Only {count} of these are of a rarer class, too few to decide whether a {change} "
            "helps: give at least {least}.",
            of_rare,
        ).format(count=of_rare, change=change_of(evidence), least=LEAST_OF_RARE)
        return paragraph([said, few])
    rows, groups = evidence.rows["test"], evidence.groups.get("test")
    what = gettext("whether a {change} helps").format(change=change_of(evidence))
    return paragraph([said, ended(few_test_rows(rows, groups, evidence.unit, what))])


def _said_by_test(evidence: Evidence, values: np.ndarray, chosen: int, helps: bool) -> str:
    """What the metric is on test rows, in a clause."""
    label = metric_label(evidence.metric)
    every = evidence.expected
    expected = None if every is None else every.metrics.get(evidence.metric)
    after = values[chosen].mean()
    if chosen == 0 or not np.all(np.isfinite(values[0])):  # the baseline has diverged
        said = gettext("{label} is {value}{interval}")
        if chosen:
            said = gettext("its {label} is {value}{interval}")
        interval = _interval_of(expected)
        return said.format(label=label, value=sentence_number(after), interval=interval)
    known = _gain(evidence)
    if not helps or (known and not _is_told(evidence)):
        return with_and_without(evidence, label, values, chosen) + (known or _interval_of(expected))
    latter = gettext("95 % interval of the latter {ends}")
    return describe_change(label, values, chosen) + (known or _interval_of(expected, latter))


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
    said, ends = gettext("better by {size}, 95 % interval {ends}"), (gain.low, gain.high)
    if gain.mean < 0:
        said, ends = gettext("worse by {size}, 95 % interval {ends}"), (-gain.high, -gain.low)
    size = sentence_number(abs(gain.mean))
    return bracketed(said.format(size=size, ends=sentence_interval(*ends)))


def _interval_of(one: Expectation | None, said: str | None = None) -> str:
    """The interval of what is expected of a metric, in brackets, if there is one.

    Args:
        one: what is expected.
        said: a clause with a field for its ends; None for that it is a 95 % interval.
    """
    if one is None or math.isnan(one.low):
        return ""
    said = gettext("95 % interval {ends}") if said is None else said
    return bracketed(said.format(ends=sentence_interval(one.low, one.high)))


def describe_change(label: str, values: np.ndarray, chosen: int) -> str:
    """What becomes of a metric with the chosen candidate, in a clause."""
    before, after = sentence_number(values[0].mean()), sentence_number(values[chosen].mean())
    if before == after:
        return gettext("{label} stays at {value}").format(label=label, value=before)
    said = gettext("{label} falls from {before} to {after}")
    if values[chosen].mean() > values[0].mean():
        said = gettext("{label} rises from {before} to {after}")
    return said.format(label=label, before=before, after=after)


def with_and_without(evidence: Evidence, label: str, values: np.ndarray, chosen: int) -> str:
    """A metric with the chosen candidate and without, where that is no change beyond chance."""
    before, after = (sentence_number(values[index].mean()) for index in (0, chosen))
    return gettext("{label} is {before} without a {change} and {after} with it").format(
        label=label, before=before, after=after, change=change_of(evidence)
    )
