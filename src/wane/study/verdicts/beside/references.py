"""The chosen network beside models of other kinds, in words."""

import dataclasses

from wane._language import gettext
from wane.report.numbers import sentence_number
from wane.report.wording import capital, listing, metric_label, paragraph, reference_label
from wane.study.evaluation.diagnosis import Diagnosis
from wane.study.evaluation.evidence import Evidence
from wane.study.evaluation.reference_findings import (
    better_linear,
    fails_there,
    learning,
    level_moved,
    means,
    no_signal,
)
from wane.study.evaluation.references import References, ReferenceSummary
from wane.study.verdicts.next_step import NextStep
from wane.study.verdicts.rows import change_of, part_of, rows_of

MOSTLY = 0.5
"""From this share of the gain on, calibration alone comes to most of it."""


@dataclasses.dataclass(frozen=True)
class ReferenceFinding:
    """What the references change of a verdict.

    Attributes:
        diagnosis: with the kind that they show.
        answer: the first sentence.
        has_clause: whether that has what ails the network.
        step, advice: what to do next, and the sentence that says so.
    """

    diagnosis: Diagnosis
    answer: str
    has_clause: bool
    step: NextStep
    advice: str


def reference_finding(
    evidence: Evidence, chosen: int, found: Diagnosis, clause: str
) -> ReferenceFinding | None:
    """Whether no model predicts better than a constant, or a linear one better than the network.

    Args:
        evidence: the numbers.
        chosen: the chosen candidate.
        found: what ails the baseline.
        clause: the same in words, which begin a sentence.
    """
    references, level = evidence.references, evidence.look.level
    if references is None:
        return None
    if no_signal(references, evidence.criterion.name, level):
        return _like_a_constant(
            evidence,
            chosen,
            found,
            gettext(
                "No signal was found: {on_rows} neither the best network ({network}) nor {others} "
                "predicts better than a constant ({constant}) beyond chance."
            ),
            gettext(
                "Look for inputs that carry a signal of the target, or for more rows: a penalty "
                "can only bring a network nearer to a constant here."
            ),
        )
    if fails_there(references, evidence.criterion.name):
        return _like_a_constant(
            evidence,
            chosen,
            found,
            gettext(
                "What was learnt does not hold on the {part} rows: {on_rows} neither the best "
                "network ({network}) nor {others} predicts better than a constant ({constant}) "
                "there."
            ),
            gettext(
                "Find out in what the {part} rows differ from the others, and look for inputs that "
                "tell of it."
            ),
        )
    dependence = evidence.resampling.dependence
    if dependence is not None and dependence.kind == "time" and level_moved(references):
        return _without_level(evidence, references, chosen, found)
    linear = better_linear(references, evidence.criterion.name, evidence.metric, level)
    return None if linear is None else _better(evidence, chosen, found, clause, linear)


def _better(
    evidence: Evidence, chosen: int, found: Diagnosis, clause: str, linear: ReferenceSummary
) -> ReferenceFinding:
    """That a linear model does better."""
    references, label = evidence.references, reference_label(linear.label)
    assert references is not None
    name, (own, other) = _shown_as_better(evidence, references, chosen)
    return ReferenceFinding(
        dataclasses.replace(found, kind="worse than linear"),
        gettext(
            "{diagnosis}, and a linear model does better: {on_rows} {linear} has {label} of {own} "
            "and the best network, {name}, of {other}."
        ).format(
            diagnosis=clause,
            on_rows=_on_rows(evidence, references),
            linear=label,
            label=metric_label(name),
            own=own,
            name=evidence.names[chosen],
            other=other,
        ),
        True,
        "linear model",
        gettext(
            "Use {linear}, or find out what it has that the network lacks: fewer inputs, other "
            "sizes, more epochs."
        ).format(linear=label),
    )


def _like_a_constant(
    evidence: Evidence, chosen: int, found: Diagnosis, answer: str, advice: str
) -> ReferenceFinding:
    """That no model is better than a constant, of sentences with fields for the numbers."""
    references = evidence.references
    assert references is not None
    known = {
        "part": part_of(references.on),
        "on_rows": _on_rows(evidence, references),
        "network": _network(evidence, references, chosen),
        "others": _others(evidence, references),
        "constant": _value(evidence, references, "constant"),
    }
    return ReferenceFinding(
        dataclasses.replace(found, kind="no signal"),
        answer.format(**known),
        False,
        "better inputs",
        advice.format(**known),
    )


def _without_level(
    evidence: Evidence, references: References, chosen: int, found: Diagnosis
) -> ReferenceFinding:
    """That no model tells the level of later rows, whichever is the least wrong."""
    return ReferenceFinding(
        dataclasses.replace(found, kind="no signal"),
        gettext(
            "No model tells the level of the target on later rows: {on_rows} R² is {network} of "
            "the best network, {name}, beside {values}; the mean of these rows would be nearer."
        ).format(
            on_rows=_on_rows(evidence, references),
            network=sentence_number(references.network["r2"]),
            name=evidence.names[chosen],
            values=listing(_values(references, "r2")),
        ),
        False,
        "better inputs",
        gettext(
            "Predict the change since the row before, or give earlier values of the target as "
            "inputs: its level moves more from training rows to these than it varies in them."
        ),
    )


def _values(references: References, name: str) -> list[str]:
    """What each reference has of a metric, in words."""
    return [
        gettext("{value} of {reference}").format(
            value=sentence_number(means(one, references)[name]),
            reference=reference_label(one.label),
        )
        for one in references.every
        if name in means(one, references) and one.name != "recalibrated"
    ]


def _shown_as_better(
    evidence: Evidence, references: References, chosen: int
) -> tuple[str, tuple[str, str]]:
    """By which number a linear model is shown as better, and that of both.

    The metric for people, unless both have the same one there, as accuracy on few rows.
    """

    def both(name: str) -> tuple[str, str]:
        linear = references.get("linear")
        assert linear is not None
        values = (
            means(linear, references)[name],
            _network_value(evidence, references, chosen, name),
        )
        return sentence_number(values[0]), sentence_number(values[1])

    name, criterion = _shown(evidence, references), evidence.criterion.name
    shown = both(name)
    if shown[0] != shown[1] or (references.on == "test" and criterion != "data_loss"):
        return name, shown
    return criterion, both(criterion)


def beside(evidence: Evidence, chosen: int) -> str:
    """What models of other kinds come to on the rows that decide, in a sentence."""
    references = evidence.references
    if references is None:
        return ""
    name = _shown(evidence, references)
    values = _values(references, name)
    said = ""
    if values:
        said = gettext("{on_rows} {label} is {values}, beside {value} of {name}.").format(
            on_rows=capital(_on_rows(evidence, references)),
            label=metric_label(name),
            values=listing(values),
            value=_network(evidence, references, chosen),
            name=evidence.names[chosen],
        )
    return paragraph([said, _of_calibration(evidence, references, chosen)])


def _of_calibration(evidence: Evidence, references: References, chosen: int) -> str:
    """Where the gain in data loss is mostly that of probabilities that are less sure."""
    one = references.get("recalibrated")
    if one is None or not chosen:
        return ""
    before, after = (_network_value(evidence, references, i, "data_loss") for i in (0, chosen))
    calibrated = means(one, references)["data_loss"]
    if not before > after or before - calibrated < MOSTLY * (before - after):
        return ""
    said = gettext(
        "Recalibrated by a temperature, the network without a {change} has data loss {calibrated} "
        "instead of {before}, beside {after} of {name}: what {name} takes off the data loss is "
        "mostly calibration, which changes no predicted class."
    )
    if calibrated < after:
        said = gettext(
            "Recalibrated by a temperature, the network without a {change} has data loss "
            "{calibrated} instead of {before}, beside {after} of {name}: that alone takes more off "
            "the data loss than {name}, and changes no predicted class."
        )
    return said.format(
        change=change_of(evidence),
        calibrated=sentence_number(calibrated),
        before=sentence_number(before),
        after=sentence_number(after),
        name=evidence.names[chosen],
    )


def _on_rows(evidence: Evidence, references: References) -> str:
    count, rows = _repeats(references), rows_of(evidence, references.on)
    if count == evidence.validation_loss.shape[1]:
        return gettext("on {rows}").format(rows=rows)
    return gettext("on {rows} in the first {count} repeats").format(rows=rows, count=count)


def _repeats(references: References) -> int:
    """Of how many repeats there are references, and so what of the network is beside them."""
    return min(one.repeats for one in references.every)


def _shown(evidence: Evidence, references: References) -> str:
    """The metric for people, if the references have it; else what candidates are chosen by."""
    known = [means(one, references) for one in references.every]
    return evidence.metric if any(evidence.metric in own for own in known) else "data_loss"


def _value(evidence: Evidence, references: References, name: str) -> str:
    one = references.get(name)
    assert one is not None
    return sentence_number(means(one, references)[_shown(evidence, references)])


def _network(evidence: Evidence, references: References, chosen: int) -> str:
    return sentence_number(
        _network_value(evidence, references, chosen, _shown(evidence, references))
    )


def _network_value(evidence: Evidence, references: References, chosen: int, metric: str) -> float:
    """The chosen network's mean on the rows that decide, over the references' repeats."""
    on_test = references.on == "test"
    tables = {"data_loss": evidence.test_loss if on_test else evidence.validation_loss}
    tables[evidence.metric] = evidence.test_metric if on_test else evidence.validation_metric
    table = tables.get(metric, evidence.values)
    assert table is not None
    return float(table[chosen][: _repeats(references)].mean())


def _others(evidence: Evidence, references: References) -> str:
    """The other models with their values, joined by nor."""
    return gettext(" nor ").join(
        gettext("{reference} ({value})").format(
            reference=reference_label(one.label), value=_value(evidence, references, one.name)
        )
        for one in learning(references)
    )
