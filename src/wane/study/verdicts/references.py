"""The chosen network beside models of other kinds, in words."""

import dataclasses
import re

from wane._errors import joined
from wane.report.numbers import sentence_number
from wane.report.wording import metric_label
from wane.stats import PairedDifference
from wane.study.evaluation.diagnosis import Diagnosis
from wane.study.evaluation.evidence import Evidence
from wane.study.evaluation.references import References, ReferenceSummary
from wane.study.spec.selection import LEAST_TEST_ROWS
from wane.study.verdicts.next_step import NextStep
from wane.study.verdicts.rows import rows_of

MOSTLY = 0.5
"""From this share of the gain on, calibration alone comes to most of it."""


@dataclasses.dataclass(frozen=True)
class ReferenceFinding:
    """What the references change of a verdict.

    Attributes:
        diagnosis: with the kind that they show.
        answer: the first sentence.
        clause: what ails the network, where the answer has it already; else "".
        step, advice: what to do next, and the sentence that says so.
    """

    diagnosis: Diagnosis
    answer: str
    clause: str
    step: NextStep
    advice: str

    def of_change(self, answer: str) -> str:
        """The answer on candidates as the second sentence, without what the first has said."""
        rest = answer.removeprefix(f"{self.clause}; ")
        if self.step == "linear model":  # which is what to use
            rest = re.sub("^use ", "of the networks use ", rest)
        return rest[:1].upper() + rest[1:]


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
    neither = (
        f"{_on_rows(evidence, references)} neither the best network "
        f"({_network(evidence, references, chosen)}) nor {_others(evidence, references)}"
    )
    if no_signal(references, evidence.criterion.name, level):
        return ReferenceFinding(
            dataclasses.replace(found, kind="no signal"),
            f"No signal was found: {neither} predicts better than a constant "
            f"({_value(evidence, references, 'constant')}) beyond chance.",
            "",
            "better inputs",
            "Look for inputs that carry a signal of the target, or for more rows: a penalty can "
            "only bring a network nearer to a constant here.",
        )
    if fails_there(references, evidence.criterion.name):
        return ReferenceFinding(
            dataclasses.replace(found, kind="no signal"),
            f"What was learnt does not hold on the {references.on} rows: {neither} predicts better "
            f"than a constant ({_value(evidence, references, 'constant')}) there.",
            "",
            "better inputs",
            f"Find out in what the {references.on} rows differ from the others, and look for "
            f"inputs that tell of it.",
        )
    linear = better_linear(references, evidence.criterion.name, evidence.metric, level)
    if linear is None:
        return None
    name, (own, other) = _shown_as_better(evidence, references, chosen)
    return ReferenceFinding(
        dataclasses.replace(found, kind="worse than linear"),
        f"{clause}, and a linear model does better: {_on_rows(evidence, references)} "
        f"{linear.label} has {metric_label(name)} of {own} and the best network, "
        f"{evidence.names[chosen]}, of {other}.",
        clause,
        "linear model",
        f"Use {linear.label}, or find out what it has that the network lacks: fewer inputs, other "
        f"sizes, more epochs.",
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
        f"{sentence_number(_means(one, references)[name])} of {one.label}"
        for one in references.every
        if name in _means(one, references) and one.name != "recalibrated"
    ]
    said = ""
    if values:
        said = (
            f"{_on_rows(evidence, references).capitalize()} {metric_label(name)} is "
            f"{joined(values)}, beside {_network(evidence, references, chosen)} of "
            f"{evidence.names[chosen]}."
        )
    return f"{said}{_of_calibration(evidence, references, chosen)}".strip()


def _of_calibration(evidence: Evidence, references: References, chosen: int) -> str:
    """Where the gain in data loss is mostly that of probabilities that are less sure."""
    one = references.get("recalibrated")
    if one is None or not chosen:
        return ""
    before, after = (_network_value(evidence, references, i, "data_loss") for i in (0, chosen))
    calibrated = _means(one, references)["data_loss"]
    if not before > after or before - calibrated < MOSTLY * (before - after):
        return ""
    name = evidence.names[chosen]
    what = f"what {name} takes off the data loss is mostly calibration, which"
    if calibrated < after:
        what = f"that alone takes more off the data loss than {name}, and"
    return (
        f" Recalibrated by a temperature, the network without a {evidence.change} has data loss "
        f"{sentence_number(calibrated)} instead of {sentence_number(before)}, beside "
        f"{sentence_number(after)} of {name}: {what} changes no predicted class."
    )


def _on_rows(evidence: Evidence, references: References) -> str:
    count = _repeats(references)
    in_some = f" in the first {count} repeats" if count < evidence.validation_loss.shape[1] else ""
    return f"on {rows_of(evidence, references.on)}{in_some}"


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
    said = [
        f"{one.label} ({_value(evidence, references, one.name)})" for one in _learning(references)
    ]
    return " nor ".join(said)


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
