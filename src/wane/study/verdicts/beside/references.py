"""The chosen network beside models of other kinds, in words."""

import dataclasses

from wane._language import gettext
from wane.report.numbers import sentence_number
from wane.report.wording import capital, listing, metric_label, paragraph, reference_label
from wane.stats import PairedDifference
from wane.study.evaluation.diagnosis import Diagnosis
from wane.study.evaluation.evidence import Evidence
from wane.study.evaluation.references import References, ReferenceSummary
from wane.study.spec.selection import LEAST_TEST_ROWS
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
            _means(linear, references)[name],
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
    values = [
        gettext("{value} of {reference}").format(
            value=sentence_number(_means(one, references)[name]),
            reference=reference_label(one.label),
        )
        for one in references.every
        if name in _means(one, references) and one.name != "recalibrated"
    ]
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
    calibrated = _means(one, references)["data_loss"]
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
    known = [_means(one, references) for one in references.every]
    return evidence.metric if any(evidence.metric in own for own in known) else "data_loss"


def _means(one: ReferenceSummary, references: References) -> dict[str, float]:
    part = one.test if references.on == "test" else one.validation
    return {name: value.mean for name, value in (part or {}).items()}


def _value(evidence: Evidence, references: References, name: str) -> str:
    one = references.get(name)
    assert one is not None
    return sentence_number(_means(one, references)[_shown(evidence, references)])


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
        for one in _learning(references)
    )


def no_signal(found: References | None, criterion: str, level: float) -> bool:
    """Whether no model is better than a constant, neither the chosen network nor a reference.

    Neither beyond chance, in what candidates are chosen by or in the metric for people, nor, in
    what they are chosen by, by a share that would matter in the mean, lest few rows be taken for
    inputs without signal (accuracy on few rows is such a share off by chance alone). The
    network is asked on the rows that decide, the references on all; and there must be a reference
    that can learn, lest a network that does not be taken for it.

    Args:
        found: the references.
        criterion: the name of what candidates are chosen by.
        level: of the tests.
    """
    if found is None or not found.network_over_constant or found.units < LEAST_TEST_ROWS:
        return False
    asked = [gains for one in _learning(found) for gains in one.over_constant.values() if gains]
    if not asked:
        return False
    return not any(
        _is_better(gain, level) or (name == criterion and gain.mean > found.matters.get(name, 0.0))
        for gains in (found.network_over_constant, *asked)
        for name, gain in gains.items()
    )


def fails_there(found: References | None, criterion: str) -> bool:
    """Whether a constant is better than all models on the rows that decide, whatever others say.

    In the mean than every model, in the metric for people too, and by a share that would matter
    than the chosen network: as where later rows differ from those before them.

    Args:
        found: the references.
        criterion: the name of what candidates are chosen by.
    """
    if found is None or found.units < LEAST_TEST_ROWS:
        return False
    network = found.network_over_constant
    others = [one.over_constant.get(found.on, {}) for one in _learning(found)]
    if criterion not in network or not others or not all(others):
        return False
    by_much = network[criterion].mean < -found.matters.get(criterion, 0.0)
    return by_much and all(gain.mean <= 0 for own in (network, *others) for gain in own.values())


def better_linear(
    found: References | None, criterion: str, metric: str, level: float
) -> ReferenceSummary | None:
    """The linear model, where it is better than the chosen network beyond chance.

    In what candidates are chosen by, on as many rows or groups of them as decide anything, and not
    the worse one in the metric for people, nor worse than a constant, which would then be the
    better advice.

    Args:
        found: the references.
        criterion, metric: their names.
        level: of the tests.
    """
    if found is None or found.units < LEAST_TEST_ROWS:
        return None
    one = found.get("linear")
    if one is None or not _is_better(one.gains.get(criterion), level):
        return None
    over = one.over_constant.get(found.on, {}).get(criterion)
    if over is not None and over.mean < 0:
        return None
    by_metric = one.gains.get(metric)
    return None if by_metric is not None and by_metric.mean < 0 else one


def _learning(found: References) -> list[ReferenceSummary]:
    """The models of other kinds that learn from inputs."""
    return [one for one in found.every if one.name not in ("constant", "recalibrated")]


def _is_better(gain: PairedDifference | None, level: float) -> bool:
    return gain is not None and gain.mean > 0 and bool(gain.p_value < level)
