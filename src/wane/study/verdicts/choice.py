"""Which candidate is the best, by how much, and how sure that is."""

import math

import numpy as np

from wane.penalties import patience_of
from wane.report.numbers import sentence_interval, sentence_number
from wane.report.wording import metric_label
from wane.study.evaluation.evidence import Evidence
from wane.study.evaluation.improvement import (
    LEAST_OF_RARE,
    Improvement,
    metric_is_worse,
    too_few_of_rare,
)
from wane.study.spec.selection import LEAST_TEST_ROWS, too_few_groups
from wane.study.verdicts.diagnosis import UNTOLD
from wane.study.verdicts.expectation import describe_change
from wane.study.verdicts.rows import few_groups, rows_of

SAME = 1e-6
"""What differs by no larger share is the same number to float32's rounding."""
FEW_WINS = 0.05
"""A share of draws below which a candidate that won them is not named."""
HEAVY = 0.2
"""A single row that makes a larger share of a loss than this, and more than two average rows, is
told of: of two rows one always makes half or more."""
MOST_TIMES = 1000
"""More times as many rows than these are no advice."""


def answer(evidence: Evidence, chosen: int, clause: str, found: Improvement | None) -> str:
    """The first sentence: what ails the network, what to use, and what that does on new rows.

    Args:
        evidence: the numbers.
        chosen: the chosen candidate.
        clause: what ails the network.
        found: by how much the chosen one is better; None where the baseline is chosen or diverged.
    """
    name, change = evidence.names[chosen], evidence.change
    if len(evidence.names) == 1:
        return f"{clause}."
    if chosen == 0:
        if len(evidence.ineligible) == len(evidence.names) - 1:
            return (
                f"{clause}; whether a {change} helps cannot be told without test rows, since "
                f"validation rows chose when each one stops."
            )
        asked = f"eligible {change}" if evidence.ineligible else change
        return f"{clause}; no {asked} was better on validation rows: use none."
    if found is None:
        return f"{clause}; of the others {name} is the best on validation rows."
    if _is_same(evidence, chosen, found.chosen_by, found.difference.mean):
        if _all_same(evidence):
            return f"{clause}; no {change} changed it."
        same = f"{name} comes to the same as none"
        return f"{clause}; no {change} was better on validation rows: {same}."
    if found.conclusion == "helps":
        return f"{clause}; use {name}: {_on_new_rows(evidence, found)}."
    if found.conclusion == "helps little":
        return (
            f"{clause}; {name} helps, but by less than matters: "
            f"{_on_new_rows(evidence, found)}, where {sentence_number(found.matters)} "
            f"would matter."
        )
    if found.conclusion == "worse":
        return (
            f"{clause}; {name}, the best on validation rows, is worse on new ones: "
            f"{_on_new_rows(evidence, found)}."
        )
    if found.conclusion == "no practical difference":
        return (
            f"{clause}; no {change} helps enough to matter, not even {name}, the best: "
            f"{_on_new_rows(evidence, found)}, where {sentence_number(found.matters)} "
            f"would matter."
        )
    why = _why(evidence, chosen, found)
    if clause == UNTOLD:
        return (
            f"Whether the network overfits, and whether a {change} helps on new rows, cannot be "
            f"told{why}."
        )
    return f"{clause}; whether a {change} helps on new rows cannot be told{why}."


def _on_new_rows(evidence: Evidence, found: Improvement) -> str:
    """What the chosen candidate does on new rows, by the rows that decide."""
    label, one = metric_label(evidence.criterion.name), found.difference
    more = _more(evidence, one.mean)
    size = sentence_number(abs(one.mean))
    interval = ""
    if one.has_interval:
        ends = (one.low, one.high) if one.mean >= 0 else (-one.high, -one.low)
        interval = f" ({evidence.look.percent} interval {sentence_interval(*ends)})"
    if found.on == "validation" and _without_correction(evidence):
        return f"on validation rows its {label} is {size} {more}{interval} than without"
    if found.on == "validation":
        return f"expect {_article(label)} {size} {more}{interval} than without"
    expected = evidence.expected
    assert expected is not None
    value = sentence_number(expected.metrics[evidence.criterion.name].value)
    return (
        f"on {rows_of(evidence, 'test')}, which chose nothing, its {label} is {value}, "
        f"{size} {more}{interval} than without"
    )


def _without_correction(evidence: Evidence) -> bool:
    """Whether the gain on validation rows still has the luck of the choice in it."""
    return evidence.expected is None or math.isnan(evidence.expected.gain_optimism)


def _article(label: str) -> str:
    vowels = "AEFHILMNORSX" if label[:2].isupper() else "aeiou"  # RMSE is said letter by letter
    return f"{'an' if label[:1] in vowels else 'a'} {label}"


def _more(evidence: Evidence, gain: float) -> str:
    """Which way the number moves with this gain."""
    down = evidence.criterion.direction == "down"
    return "lower" if down == (gain >= 0) else "higher"


def _why(evidence: Evidence, chosen: int, found: Improvement) -> str:
    """Why it cannot be told, and what would tell."""
    one, name = found.difference, evidence.names[chosen]
    if one.count == 1:
        return f" from one run each, of which {name} is the best: use more repeats"
    if too_few_groups(evidence.groups) and found.on == "validation":
        return f", since {few_groups(evidence.groups['validation'], evidence.unit)}"
    if found.on == "validation" and too_few_of_rare(evidence, "validation"):
        return (
            f": {name} is the best, but only {evidence.rare['validation']} of the validation rows "
            f"{'is' if evidence.rare['validation'] == 1 else 'are'} of a rarer class: give at "
            f"least {LEAST_OF_RARE}"
        )
    if not found.holds_for_new_rows:
        best = f": {name} is the best on these {found.rows:,} validation rows"
        if patience_of(evidence.candidates[chosen]) is not None:
            return f"{best}, which chose its epochs too"
        best += ", and what other rows would show is not known"
        if evidence.test_metric is not None and evidence.units("test") >= LEAST_TEST_ROWS:
            label = metric_label(evidence.criterion.name)
            return f"{best}, since {label} cannot be told of single rows"
        return f"{best} without their predictions: a test set would show it"
    if math.isnan(one.standard_error):
        return (
            f": {name} is the best on the one {found.on} row, which says nothing of others: give "
            f"more {found.on} rows"
        )
    if not one.has_interval:
        size = sentence_number(abs(one.mean))
        return f": the {one.count} differences of {name} are equal ({size}) and give no interval"
    label = metric_label(evidence.criterion.name)
    where = rows_of(evidence, "test") if found.on == "test" else "new rows"
    ends = " to ".join(
        f"{sentence_number(abs(end))} {_more(evidence, end)}" for end in (one.low, one.high)
    )
    return (
        f": with the best, {name}, {label} is {ends} on {where} "
        f"({evidence.look.percent} interval){_rows_that_tell(evidence, found)}"
    )


def _rows_that_tell(evidence: Evidence, found: Improvement) -> str:
    """About how many rows would tell, where rows are what is short."""
    times = found.rows_needed
    resampling = evidence.resampling
    if not 1 < times < MOST_TIMES or resampling.kind == "fresh":
        return ""
    rows = found.rows
    what = f"{found.on} rows"
    if found.on == "validation" and not resampling.shares_split:
        rows, what = evidence.rows["train"] + evidence.rows["validation"], "rows"
    if evidence.unit == "group" and found.on in evidence.groups:
        rows, what = evidence.groups[found.on], f"groups of {found.on} rows"
    about = float(f"{rows * times:.1g}")
    size = sentence_number(max(abs(found.difference.mean), found.matters))
    # The interval is then as wide to each side as that difference: half of all miss zero.
    return f"; about {about:,.0f} {what} would tell a difference of {size} in every other study"


def choice(evidence: Evidence, chosen: int, found: Improvement | None) -> str:
    """Which candidate is the best on validation rows, and by how much."""
    label = metric_label(evidence.criterion.name)
    down = evidence.criterion.direction == "down"
    most, more = ("lowest", "lower") if down else ("highest", "higher")
    if chosen == 0:  # the answer says it
        return ""
    verb = "lowered" if down else "raised"
    name, value = evidence.names[chosen], sentence_number(evidence.values[chosen].mean())
    if found is None:
        return f"{name} has the {most} validation {label}, {value}."
    if _is_same(evidence, chosen, found.chosen_by):
        if _all_same(evidence):
            verb = "changed"
        return (
            f"No {evidence.change} {verb} the mean validation {label}, which is {value} with "
            f"{name} and without."
        )
    others = len(evidence.names) - 1 - len(evidence.ineligible)
    gain = f"{sentence_number(found.chosen_by)} {more} than without a {evidence.change}"
    sentence = f"Of {others} candidates {name} has" if others > 1 else f"{name} has"
    known = _intervals(evidence, found, others)
    sentence = f"{sentence} the {most} validation {label}, {value}, {gain}{known}"
    return _with_metric(evidence, chosen, sentence, helps=found.helps)


def _is_same(evidence: Evidence, chosen: int, *gains: float) -> bool:
    """Whether none of these differences is more than rounding."""
    return max(map(abs, gains)) <= SAME * abs(float(evidence.values[chosen].mean()))


def _all_same(evidence: Evidence) -> bool:
    """Whether no candidate at all changed what they are chosen by."""
    means = evidence.values.mean(axis=1)
    return bool(np.all(np.abs(means - means[0]) <= SAME * abs(means[0])))


def _intervals(evidence: Evidence, found: Improvement, others: int) -> str:
    """The interval that holds for new rows, and that between seeds on these rows, in brackets."""
    one, parts, percent = found.difference, [], evidence.look.percent
    allows = " and allowing for the choice" if others > 1 else ""
    if found.on == "validation" and one.has_interval and found.holds_for_new_rows:
        over = "repeats" if evidence.resampling.kind == "fresh" else "splits"
        over = "rows and seeds" if evidence.resampling.shares_split else over
        over = "data sets" if evidence.retrained is not None else over
        ends = sentence_interval(one.low, one.high)
        parts.append(f"{percent} interval over {over}{allows} {ends}")
    elif evidence.retrained is not None:
        ends = sentence_interval(evidence.retrained.low, evidence.retrained.high)
        alone = " and without allowing for the choice" if others > 1 else ""
        parts.append(f"95 % interval over data sets, by retraining{alone}, {ends}")
    if found.between_seeds is not None:
        seeds = sentence_interval(*found.between_seeds)
        parts.append(f"between seeds on these rows alone {seeds}")
    return f" ({'; '.join(parts)})" if parts else ""


def _with_metric(evidence: Evidence, chosen: int, sentence: str, *, helps: bool) -> str:
    """What is the best, and what becomes of the metric for people."""
    if evidence.metric in ("data_loss", evidence.criterion.name):
        return sentence + "."
    change = describe_change(evidence.validation_metric, chosen)
    label = metric_label(evidence.metric)
    if metric_is_worse(evidence, chosen):
        return (
            f"{sentence}. But validation {label} {change}, and it gets worse on new rows beyond "
            f"what chance gives: if that is what counts, choose by it "
            f"(select_by={evidence.metric!r})."
        )
    if not helps:
        before, after = (
            sentence_number(evidence.validation_metric[index].mean()) for index in (0, chosen)
        )
        change = f"is {before} without a {evidence.change} and {after} with it"
    return f"{sentence}; validation {label} {change}."


def stability(evidence: Evidence, chosen: int) -> str:
    """In what share of the bootstrap's draws the chosen candidate is the best, and others are."""
    wins = {} if evidence.expected is None else evidence.expected.wins
    name = evidence.names[chosen]
    if len(wins) < 2 or name not in wins:
        return ""
    others = sorted(
        ((other, share) for other, share in wins.items() if other != name and share >= FEW_WINS),
        key=lambda one: -one[1],
    )
    rest = ", ".join(f"{other} in {share:.0%}" for other, share in others)
    only = "only " if others and others[0][1] > wins[name] else ""
    best = f"{name} is the best in {only}{wins[name]:.0%} of draws"
    text = f"When validation rows are drawn anew, {best}"
    return f"{text}{f' ({rest})' if rest else ''}.".replace("%", " %")


def tails(evidence: Evidence, chosen: int) -> str:
    """Where a single row makes much of the chosen candidate's loss, of which means say little."""
    expected = evidence.expected
    found = None if expected is None else expected.tails
    part = "test" if evidence.test_metric is not None else "validation"
    if found is None or found.heaviest <= max(HEAVY, 2 / evidence.rows[part]):
        return ""
    label, share = metric_label(evidence.criterion.name), f"{found.heaviest:.0%}".replace("%", " %")
    text = f"A single {part} row makes up {share} of the {label} of {evidence.names[chosen]}"
    if chosen == 0 or math.isnan(found.median_gain):
        return f"{text}: a mean over so few of such rows says little."
    size = sentence_number(abs(found.median_gain))
    return (
        f"{text}, so that means say little: on the median row it is {size} "
        f"{_more(evidence, found.median_gain)} than without."
    )
