"""Which candidate is the best, by how much, and how sure that is."""

import math

from wane._language import gettext, pgettext
from wane.report.numbers import sentence_interval, sentence_number
from wane.report.wording import bracketed, clauses, ended, metric_label
from wane.study.evaluation.evidence import Evidence
from wane.study.evaluation.improvement import Improvement, metric_is_worse
from wane.study.verdicts.answer import all_same, gain_of, is_same
from wane.study.verdicts.expectation import describe_change, with_and_without
from wane.study.verdicts.rows import change_of, part_of

FEW_WINS = 0.05
"""A share of draws below which a candidate that won them is not named."""
HEAVY = 0.2
"""A single row that makes a larger share of a loss than this, and more than two average rows, is
told of: of two rows one always makes half or more."""


def choice(evidence: Evidence, chosen: int, found: Improvement | None) -> str:
    """Which candidate is the best on validation rows, and by how much."""
    if chosen == 0:  # the answer says it
        return ""
    down = evidence.criterion.direction == "down"
    others = len(evidence.names) - 1 - len(evidence.ineligible)
    known = {
        "label": metric_label(evidence.criterion.name),
        "name": evidence.names[chosen],
        "value": sentence_number(evidence.values[chosen].mean()),
        "change": change_of(evidence),
        "others": others,
    }
    if found is not None and is_same(evidence, chosen, found.chosen_by):
        return _no_change(evidence, down=down).format(**known)
    said = gettext("{name} has the highest validation {label}, {value}")
    if down:
        said = gettext("{name} has the lowest validation {label}, {value}")
    if found is None:
        return ended(said.format(**known))
    if others > 1:
        said = gettext("Of {others} candidates {name} has the highest validation {label}, {value}")
        if down:
            said = gettext(
                "Of {others} candidates {name} has the lowest validation {label}, {value}"
            )
    sentence = gettext("{best}, {gain} than without a {change}{interval}").format(
        best=said.format(**known),
        gain=gain_of(evidence, found.chosen_by),
        change=known["change"],
        interval=_intervals(evidence, found, others),
    )
    return _with_metric(evidence, chosen, sentence, helps=found.helps)


def _no_change(evidence: Evidence, *, down: bool) -> str:
    """That no candidate is better, with fields for the numbers."""
    if all_same(evidence):
        return gettext(
            "No {change} changed the mean validation {label}, which is {value} with {name} and "
            "without."
        )
    if down:
        return gettext(
            "No {change} lowered the mean validation {label}, which is {value} with {name} and "
            "without."
        )
    return gettext(
        "No {change} raised the mean validation {label}, which is {value} with {name} and without."
    )


def _intervals(evidence: Evidence, found: Improvement, others: int) -> str:
    """The interval that holds for new rows, and that between seeds on these rows, in brackets."""
    one, parts, percent = found.difference, [], evidence.look.percent
    if found.on == "validation" and one.has_interval and found.holds_for_new_rows:
        said = gettext("{percent} interval over {draws} {ends}")
        if others > 1:
            said = gettext("{percent} interval over {draws} and allowing for the choice {ends}")
        ends = sentence_interval(one.low, one.high)
        parts.append(said.format(percent=percent, draws=_draws(evidence), ends=ends))
    elif evidence.retrained is not None:
        said = gettext("95 % interval over data sets, by retraining, {ends}")
        if others > 1:
            said = gettext(
                "95 % interval over data sets, by retraining and without allowing for the choice, "
                "{ends}"
            )
        ends = sentence_interval(evidence.retrained.low, evidence.retrained.high)
        parts.append(said.format(ends=ends))
    if found.between_seeds is not None:
        seeds = gettext("between seeds on these rows alone {ends}")
        parts.append(seeds.format(ends=sentence_interval(*found.between_seeds)))
    return bracketed(clauses(parts))


def _draws(evidence: Evidence) -> str:
    """What an interval is over."""
    if evidence.retrained is not None:
        return pgettext("interval over", "data sets")
    if evidence.resampling.shares_split:
        return pgettext("interval over", "rows and seeds")
    if evidence.resampling.kind == "fresh":
        return pgettext("interval over", "repeats")
    return pgettext("interval over", "splits")


def _with_metric(evidence: Evidence, chosen: int, sentence: str, *, helps: bool) -> str:
    """What is the best, and what becomes of the metric for people."""
    if evidence.metric in ("data_loss", evidence.criterion.name):
        return ended(sentence)
    label = gettext("validation {label}").format(label=metric_label(evidence.metric))
    change = describe_change(label, evidence.validation_metric, chosen)
    if metric_is_worse(evidence, chosen):
        return gettext(
            "{sentence}. But {change}, and it gets worse on new rows beyond what chance gives: if "
            "that is what counts, choose by it (select_by={metric!r})."
        ).format(sentence=sentence, change=change, metric=evidence.metric)
    if not helps:
        change = with_and_without(evidence, label, evidence.validation_metric, chosen)
    return ended(clauses([sentence, change]))


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
    rest = pgettext("between clauses", ", ").join(
        gettext("{name} in {share}").format(name=other, share=_percent(share))
        for other, share in others
    )
    said = gettext(
        "When validation rows are drawn anew, {name} is the best in {share} of draws{others}."
    )
    if others and others[0][1] > wins[name]:
        said = gettext(
            "When validation rows are drawn anew, {name} is the best in only {share} of "
            "draws{others}."
        )
    return said.format(name=name, share=_percent(wins[name]), others=bracketed(rest))


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


def tails(evidence: Evidence, chosen: int) -> str:
    """Where a single row makes much of the chosen candidate's loss, of which means say little."""
    expected = evidence.expected
    found = None if expected is None else expected.tails
    part = "test" if evidence.test_metric is not None else "validation"
    if found is None or found.heaviest <= max(HEAVY, 2 / evidence.rows[part]):
        return ""
    gain = math.nan if chosen == 0 else found.median_gain
    if math.isnan(gain):
        said = gettext(
            "A single {part} row makes up {share} of the {label} of {name}: a mean over so few of "
            "such rows says little."
        )
    else:
        said = gettext(
            "A single {part} row makes up {share} of the {label} of {name}, so that means say "
            "little: on the median row it is {gain} than without."
        )
    return said.format(
        part=part_of(part),
        share=_percent(found.heaviest),
        label=metric_label(evidence.criterion.name),
        name=evidence.names[chosen],
        gain=gain_of(evidence, gain),
    )
