"""The three numbers at the top of the page: how much it overfits, what to use, what to expect."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from wane._language import gettext, pgettext
from wane.report.columns import Document
from wane.report.numbers import NOTHING, interval, number, signed_interval
from wane.report.statistics import expectation_source
from wane.report.wording import filled, metric_label, printable, reference_label

_OF_OTHER_KINDS = ("no signal", "worse than linear")
"""Diagnoses by models beside the networks, after which no network is recommended."""


@dataclasses.dataclass(frozen=True)
class Highlight:
    """One of the numbers.

    Attributes:
        label: what it is.
        value: the number, or the name of what was chosen.
        notes: what it comes from, a line each.
    """

    label: str
    value: str
    notes: tuple[str, ...]


def highlights(document: Document) -> list[Highlight]:
    """The gap of the network without a change, the chosen candidate, and what to expect of it."""
    found = (_gap(document), _choice(document), _expectation(document))
    return [one for one in found if one is not None]


def _conclusion(conclusion: str) -> str | None:
    """What is said of the chosen candidate where it has a gain; None of an unknown conclusion."""
    labels = {
        "helps": gettext("Use"),
        "helps little": gettext("Helps, but little"),
        "no practical difference": gettext("Best, without a practical difference"),
        "cannot be told": gettext("Best, but its gain may be chance"),
        "worse": gettext("Best, but worse on test rows"),
        "nothing helps": gettext("Nothing helps"),
    }
    return labels.get(conclusion)


def _gap(document: Document) -> Highlight | None:
    """By how much the network without a change is worse on rows that it was not trained on."""
    diagnosis = document["verdict"].get("diagnosis") or {}
    gap = diagnosis.get("gap")
    if not gap:
        return None
    on = diagnosis.get("on", "validation")
    baseline = document["candidates"][0]
    found = (baseline.get(on) or {}).get("data_loss") or {}
    train, other = number(diagnosis["train_data_loss"]), number(found.get("mean"))
    losses = gettext("of data loss: {train} on training rows, {other} on validation rows")
    if on == "test":
        losses = gettext("of data loss: {train} on training rows, {other} on test rows")
    overfits = document["verdict"]["overfits"]
    return Highlight(
        gettext("Overfits by") if overfits else gettext("Gap without a change"),
        number(gap["mean"]),
        (
            losses.format(train=train, other=other),
            *_between(gap, gettext("interval {ends}")),
        ),
    )


def _choice(document: Document) -> Highlight | None:
    """The chosen candidate, and by how much it is better on the rows that say so."""
    verdict = document["verdict"]
    if not verdict["decided"]:
        return None
    gain, on = verdict.get("improvement"), verdict.get("improvement_on")
    conclusion, notes = None, tuple[str, ...]()
    if gain is not None and on is not None:
        conclusion, notes = verdict.get("conclusion", ""), _gain(document, gain, on)
    compare = document.get("compare")
    if conclusion == "helps" and compare:
        found = {row["method"]: row["conclusion"] for row in compare["methods"]}
        if found.get(compare["best"]) != "better":  # by a test that allows for all methods
            conclusion = "cannot be told"
    if conclusion == "cannot be told" and gain is not None and gain < 0:
        conclusion = None  # it has no gain that may be chance
    label = _conclusion(conclusion or "") or gettext("Best on validation rows")
    if (verdict.get("diagnosis") or {}).get("kind") in _OF_OTHER_KINDS:
        # It may be worse than no change: test rows judge what validation rows have chosen.
        worse = gain is not None and gain < 0
        label = gettext("Best network on validation rows") if worse else gettext("Best network")
    return Highlight(label, printable(document["chosen"]), notes)


def _gain(document: Document, gain: float, on: str) -> tuple[str, ...]:
    """By how much the chosen candidate is better or worse, and the interval of that."""
    by = metric_label(document["study"].get("select_by", "data_loss"))
    low, high = document["verdict"].get("interval") or (None, None)
    if gain < 0 and low is not None and high is not None:
        low, high = -high, -low
    span = signed_interval(low, high)
    texts = {
        (True, True): gettext("worse than without a change by {gain} of {metric} on test rows"),
        (False, True): gettext("better than without a change by {gain} of {metric} on test rows"),
        (True, False): gettext(
            "worse than without a change by {gain} of {metric} to be expected, by validation rows"
        ),
        (False, False): gettext(
            "better than without a change by {gain} of {metric} to be expected, by validation rows"
        ),
    }
    text = filled(texts[gain < 0, on == "test"], gain=number(abs(gain)), metric=by)
    spans = [] if span == NOTHING else [gettext("interval {ends}").format(ends=span)]
    return (text, *spans)


def _expectation(document: Document) -> Highlight | None:
    """The metric for people on new rows, beside that of models of other kinds."""
    expected = document["verdict"].get("expected") or {}
    metric = document["study"]["metric"]
    value = (expected.get("metrics") or {}).get(metric)
    if not value:
        return None
    part = "test" if expected.get("source") == "test" else "validation"
    others = pgettext("between counts", ", ").join(
        f"{printable(reference_label(one['label']))} {number(one[part][metric]['mean'])}"
        for one in document.get("references") or ()
        if (one.get(part) or {}).get(metric)
    )
    beside = gettext("on validation rows: {models}")
    if part == "test":
        beside = gettext("on test rows: {models}")
    heading = filled(gettext("Expect on new rows: {metric}"), metric=metric_label(metric))
    return Highlight(
        heading,
        number(value["value"]),
        (
            *_between(value, gettext("95 % interval {ends}")),
            gettext("from {source}").format(source=expectation_source(document)),
            *([beside.format(models=others)] if others else []),
        ),
    )


def _between(value: Mapping[str, Any], template: str) -> tuple[str, ...]:
    ends = interval(value["low"], value["high"])
    return () if ends == NOTHING else (template.format(ends=ends),)
