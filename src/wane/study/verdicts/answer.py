"""The answer: what ails the network, what to use, and what that does on new rows."""

import math

import numpy as np

from wane._language import gettext, ngettext, pgettext
from wane.penalties import patience_of
from wane.report.numbers import sentence_interval, sentence_number
from wane.report.wording import bracketed, ended, metric_label
from wane.study.evaluation.diagnosis import Diagnosis
from wane.study.evaluation.evidence import Evidence
from wane.study.evaluation.improvement import LEAST_OF_RARE, Improvement, too_few_of_rare
from wane.study.spec.selection import LEAST_TEST_ROWS, too_few_groups
from wane.study.verdicts.diagnosis import is_untold
from wane.study.verdicts.rows import change_of, few_groups, part_of, rows_of

SAME = 1e-6
"""What differs by no larger share is the same number to float32's rounding."""
MOST_TIMES = 1000
"""More times as many rows than these are no advice."""


def answer(
    evidence: Evidence, chosen: int, found: Improvement | None, diagnosis: Diagnosis, clause: str
) -> str:
    """The first sentence: what ails the network, what to use, and what that does on new rows."""
    own = advice(evidence, chosen, found, among_networks=False)
    if not own:
        return ended(clause)
    if found is not None and found.conclusion == "cannot be told" and is_untold(diagnosis):
        return gettext(
            "Whether the network overfits, and whether a {change} helps on new rows, cannot be "
            "told{why}."
        ).format(change=change_of(evidence), why=_why_untold(evidence, chosen, found))
    return gettext("{diagnosis}; {advice}.").format(diagnosis=clause, advice=own)


def advice(
    evidence: Evidence, chosen: int, found: Improvement | None, *, among_networks: bool
) -> str:
    """What to use, and what that does on new rows, in a clause; "" where there is nothing to use.

    Args:
        evidence: the numbers.
        chosen: the chosen candidate.
        found: by how much the chosen one is better; None where the baseline is chosen or diverged.
        among_networks: whether a model of another kind is what to use.
    """
    name, change = evidence.names[chosen], change_of(evidence)
    if len(evidence.names) == 1:
        return ""
    if chosen == 0:
        if len(evidence.ineligible) == len(evidence.names) - 1:
            said = gettext(
                "whether a {change} helps cannot be told without test rows, since validation rows "
                "chose when each one stops"
            )
        elif evidence.ineligible:
            said = gettext("no eligible {change} was better on validation rows: use none")
        else:
            said = gettext("no {change} was better on validation rows: use none")
        return said.format(change=change)
    if found is None:
        return gettext("of the others {name} is the best on validation rows").format(name=name)
    if is_same(evidence, chosen, found.chosen_by, found.difference.mean):
        if all_same(evidence):
            return gettext("no {change} changed it").format(change=change)
        return gettext(
            "no {change} was better on validation rows: {name} comes to the same as none"
        ).format(change=change, name=name)
    if found.conclusion == "cannot be told":
        return gettext("whether a {change} helps on new rows cannot be told{why}").format(
            change=change, why=_why_untold(evidence, chosen, found)
        )
    return _told(found, among_networks=among_networks).format(
        change=change,
        name=name,
        what=_on_new_rows(evidence, found),
        matters=sentence_number(found.matters),
    )


def _told(found: Improvement, *, among_networks: bool) -> str:
    """What is concluded of new rows, with fields for what."""
    if found.conclusion == "helps":
        if among_networks:
            return gettext("of the networks use {name}: {what}")
        return gettext("use {name}: {what}")
    if found.conclusion == "helps little":
        return gettext(
            "{name} helps, but by less than matters: {what}, where {matters} would matter"
        )
    if found.conclusion == "worse":
        return gettext("{name}, the best on validation rows, is worse on new ones: {what}")
    return gettext(
        "no {change} helps enough to matter, not even {name}, the best: {what}, where {matters} "
        "would matter"
    )


def _on_new_rows(evidence: Evidence, found: Improvement) -> str:
    """What the chosen candidate does on new rows, by the rows that decide."""
    label, one = metric_label(evidence.criterion.name), found.difference
    known = {"label": label, "gain": gain_of(evidence, one.mean), "interval": ""}
    if one.has_interval:
        ends = (one.low, one.high) if one.mean >= 0 else (-one.high, -one.low)
        interval = gettext("{percent} interval {ends}")
        known["interval"] = bracketed(
            interval.format(percent=evidence.look.percent, ends=sentence_interval(*ends))
        )
    if found.on == "validation" and _without_correction(evidence):
        return gettext("on validation rows its {label} is {gain}{interval} than without").format(
            **known
        )
    if found.on == "validation":
        return gettext("expect {a_label} {gain}{interval} than without").format(
            a_label=_with_article(label), **known
        )
    expected = evidence.expected
    assert expected is not None
    return gettext(
        "on {rows}, which chose nothing, its {label} is {value}, {gain}{interval} than without"
    ).format(
        rows=rows_of(evidence, "test"),
        value=sentence_number(expected.metrics[evidence.criterion.name].value),
        **known,
    )


def _without_correction(evidence: Evidence) -> bool:
    """Whether the gain on validation rows still has the luck of the choice in it."""
    return evidence.expected is None or math.isnan(evidence.expected.gain_optimism)


def _with_article(label: str) -> str:
    vowels = "AEFHILMNORSX" if label[:2].isupper() else "aeiou"  # RMSE is said letter by letter
    said = gettext("an {label}") if label[:1] in vowels else gettext("a {label}")
    return said.format(label=label)


def gain_of(evidence: Evidence, gain: float) -> str:
    """By how much and which way the number moves with this gain."""
    down = evidence.criterion.direction == "down"
    said = gettext("{size} lower") if down == (gain >= 0) else gettext("{size} higher")
    return said.format(size=sentence_number(abs(gain)))


def _why_untold(evidence: Evidence, chosen: int, found: Improvement) -> str:
    """Why it cannot be told whether the chosen candidate helps, and what would tell.

    It follows that clause.
    """
    one, name = found.difference, evidence.names[chosen]
    if one.count == 1:
        return gettext(" from one run each, of which {name} is the best: use more repeats").format(
            name=name
        )
    if too_few_groups(evidence.groups) and found.on == "validation":
        few = few_groups(evidence.groups["validation"], evidence.unit)
        return gettext(", since {reason}").format(reason=few)
    if found.on == "validation" and too_few_of_rare(evidence, "validation"):
        count = evidence.rare["validation"]
        return ngettext(
            ": {name} is the best, but only {count} of the validation rows is of a rarer class: "
            "give at least {least}",
            ": {name} is the best, but only {count} of the validation rows are of a rarer class: "
            "give at least {least}",
            count,
        ).format(name=name, count=count, least=LEAST_OF_RARE)
    if not found.holds_for_new_rows:
        return _of_these_rows(evidence, chosen, found)
    if math.isnan(one.standard_error):
        return gettext(
            ": {name} is the best on the one {part} row, which says nothing of others: give more "
            "{part} rows"
        ).format(name=name, part=part_of(found.on))
    if not one.has_interval:
        return gettext(
            ": the {count} differences of {name} are equal ({size}) and give no interval"
        ).format(count=one.count, name=name, size=sentence_number(abs(one.mean)))
    where = pgettext("rows", "new rows")
    if found.on == "test":
        where = rows_of(evidence, "test")
    return gettext(
        ": with the best, {name}, {label} is {low} to {high} on {rows} ({percent} interval){needed}"
    ).format(
        name=name,
        label=metric_label(evidence.criterion.name),
        low=gain_of(evidence, one.low),
        high=gain_of(evidence, one.high),
        rows=where,
        percent=evidence.look.percent,
        needed=_rows_that_tell(evidence, found),
    )


def _of_these_rows(evidence: Evidence, chosen: int, found: Improvement) -> str:
    """That the best on these rows may not be so on others, and why."""
    if patience_of(evidence.candidates[chosen]) is not None:
        said = gettext(
            ": {name} is the best on these {rows:,} validation rows, which chose its epochs too"
        )
    elif evidence.test_metric is not None and evidence.units("test") >= LEAST_TEST_ROWS:
        said = gettext(
            ": {name} is the best on these {rows:,} validation rows, and what other rows would "
            "show is not known, since {label} cannot be told of single rows"
        )
    else:
        said = gettext(
            ": {name} is the best on these {rows:,} validation rows, and what other rows would "
            "show is not known without their predictions: a test set would show it"
        )
    label = metric_label(evidence.criterion.name)
    return said.format(name=evidence.names[chosen], rows=found.rows, label=label)


def _rows_that_tell(evidence: Evidence, found: Improvement) -> str:
    """About how many rows would tell, where rows are what is short."""
    times = found.rows_needed
    resampling = evidence.resampling
    if not 1 < times < MOST_TIMES or resampling.kind == "fresh":
        return ""
    rows, test = found.rows, found.on == "test"
    what = pgettext("needed", "test rows") if test else pgettext("needed", "validation rows")
    if not test and not resampling.shares_split:
        rows = evidence.rows["train"] + evidence.rows["validation"]
        what = pgettext("needed", "rows")
    if evidence.unit == "group" and found.on in evidence.groups:
        rows = evidence.groups[found.on]
        what = pgettext("needed", "groups of validation rows")
        if test:
            what = pgettext("needed", "groups of test rows")
    # The interval is then as wide to each side as that difference: half of all miss zero.
    return gettext(
        "; about {about:,.0f} {rows} would tell a difference of {size} in every other study"
    ).format(
        about=float(f"{rows * times:.1g}"),
        rows=what,
        size=sentence_number(max(abs(found.difference.mean), found.matters)),
    )


def is_same(evidence: Evidence, chosen: int, *gains: float) -> bool:
    """Whether none of these differences is more than rounding."""
    return max(map(abs, gains)) <= SAME * abs(float(evidence.values[chosen].mean()))


def all_same(evidence: Evidence) -> bool:
    """Whether no candidate at all changed what they are chosen by."""
    means = evidence.values.mean(axis=1)
    return bool(np.all(np.abs(means - means[0]) <= SAME * abs(means[0])))
