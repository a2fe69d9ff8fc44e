"""What a search of strengths shows, in words: whether one for each layer is needed, and which."""

from wane._language import gettext, pgettext
from wane.penalties.ranges import LEARNING_RATE
from wane.report.numbers import sentence_interval, sentence_number, strength_text
from wane.report.wording import (
    held,
    listing,
    method_label,
    metric_label,
    paragraph,
    printable,
)
from wane.study.evaluation.compared.methods import MethodPair, MethodsSummary
from wane.study.evaluation.compared.searched import SearchedRange, SearchSummary
from wane.study.spec.spaces.search import EACH, ONE
from wane.study.verdicts.beside.evidence import evidenced
from wane.study.verdicts.rows import part_of


def searched(summary: MethodsSummary) -> str:
    """What the search of a comparison shows; "" where there was none."""
    if summary.search is None:
        return ""
    found = summary.search
    return paragraph([_beside_one(summary), _wanted(summary, found), evidenced(found)])


def _beside_one(summary: MethodsSummary) -> str:
    """Whether a strength for each layer is better than one for all."""
    own = (ONE, EACH)
    pair = next((p for p in summary.pairs if (p.method, p.other) == own), None)
    if pair is None or pair.conclusion in ("", "diverged", "not comparable"):
        return ""
    assert summary.search is not None
    return _said(pair, summary.search.matters).format(
        matters=sentence_number(summary.search.matters),
        part=part_of(summary.evaluated_on),
        label=metric_label(summary.by),
        change=_change(-pair.difference),
        interval=sentence_interval(*sorted((-pair.low, -pair.high))),
    )


def _said(pair: MethodPair, matters: float) -> str:
    """What two methods show, with fields for the numbers of the second minus the first."""
    if pair.conclusion in ("better", "worse") and abs(pair.difference) < matters:
        return gettext(
            "Between one strength for all layers and one for each there is no practical "
            "difference: {part} {label} is {change} with one for each (difference {interval}, 95 % "
            "interval), and less than {matters} does not matter. Take one strength, which is "
            "simpler."
        )
    if pair.conclusion == "worse":
        return gettext(
            "A strength for each layer is better than one for all: {part} {label} is {change} with "
            "it (difference {interval}, 95 % interval)."
        )
    if pair.conclusion == "better":
        return gettext(
            "One strength for all layers is better than what was found with one for each: {part} "
            "{label} is {change} with the latter (difference {interval}, 95 % interval)."
        )
    if pair.conclusion == "cannot be told":
        return gettext(
            "Whether a strength for each layer is better than one for all cannot be told from so "
            "few rows."
        )
    return gettext(
        "No difference was detected between one strength for all layers and one for each: {part} "
        "{label} is {change} with one for each (difference {interval}, 95 % interval). Take one "
        "strength, which is simpler."
    )


def _change(difference: float) -> str:
    size = sentence_number(abs(difference))
    if difference < 0:
        return gettext("{size} lower").format(size=size)
    return gettext("{size} higher").format(size=size)


def _wanted(summary: MethodsSummary, search: SearchSummary) -> str:
    """Which strengths the settings have that are as good as the best, and which do not matter."""
    matter = [one for one in search.ranges if one.matters]
    idle = [one for one in search.ranges if not one.matters]
    others = [_layers(one) for one in idle if one.layers != LEARNING_RATE]
    said = []
    if matter:
        wants = gettext(
            "Of {count} settings of {method}, {good} are within one standard error of the best by "
            "validation {label}, and have {wanted}."
        )
        if search.as_good == 1:
            wants = gettext(
                "Of {count} settings of {method}, the best by validation {label} has {wanted}."
            )
        said.append(
            wants.format(
                count=search.trials,
                method=held(method_label(search.method)),
                good=search.as_good,
                label=metric_label(summary.by),
                wanted=listing([_wants(one) for one in matter]),
            )
        )
    if others:
        strong = gettext("How strong it is on {names} hardly matters.")
        said.append(strong.format(names=listing(others)))
    if len(others) < len(idle):
        said.append(gettext("The learning rate hardly matters."))
    return paragraph(said)


def _wants(one: SearchedRange) -> str:
    """The strengths of one range, in a clause."""
    ends = [
        pgettext("strength", "none") if end == 0 else strength_text(end)
        for end in (one.low, one.high)
    ]
    span = ends[0]
    if ends[0] != ends[1]:
        span = gettext("{low} to {high}").format(low=ends[0], high=ends[1])
    if one.layers == LEARNING_RATE:
        return gettext("a learning rate of {span}").format(span=span)
    return gettext("{kind} of {span} on {layers}").format(
        kind=one.kind, span=span, layers=_layers(one)
    )


def _layers(one: SearchedRange) -> str:
    return printable(one.layers)
