"""What the runs say, in words that claim no more than the numbers do."""

import dataclasses
from typing import Any, Literal

import numpy as np

from wane.penalties import Penalty
from wane.report.wording import metric_label
from wane.stats import PairedDifference, paired_difference
from wane.study.diagnosis import LAST_PART, LEAST_EPOCHS, Diagnosis, diagnose
from wane.study.evidence import Evidence
from wane.study.expected import Expected
from wane.study.expected_words import change_told, expectation, number, span
from wane.study.selection import one_standard_error_index

NextStep = Literal[
    "nothing",
    "stronger",
    "weaker",
    "other kind",
    "more data",
    "bigger network",
    "train longer",
    "more repeats",
    "lower learning rate",
]


FOR_NOTHING = 0.5
"""The share of penalties that raise the training loss for nothing from which on that is told."""
RAISED = 0.05
"""A penalty that raises the training loss by less than this share has hardly changed it."""


@dataclasses.dataclass(frozen=True)
class Verdict:
    """The answer to the user's question.

    Attributes:
        text: a short paragraph.
        overfits: whether the baseline overfits.
        helps: whether the chosen candidate is better than the baseline beyond what chance gives
            (Holm-adjusted over candidates, level 5 %).
        chosen: the name of the best candidate: of the lowest mean validation data loss, or the best
            mean of the metric that the user chooses by.
        one_standard_error: the name of the strongest within one standard error of the best.
        improvement: by how much the chosen one is better than the baseline, in the unit of what is
            chosen by; None where the baseline is chosen or has diverged.
        interval: its 95 % interval; None where there is none, as with one repeat.
        expected: what the chosen one will do on new rows.
        diagnosis: what ails the network without any candidate's change.
        next_step: what to do next, in a word or two.
    """

    text: str
    overfits: bool
    helps: bool
    chosen: str
    one_standard_error: str
    improvement: float | None
    interval: tuple[float, float] | None
    expected: Expected | None
    diagnosis: Diagnosis
    next_step: NextStep

    @property
    def decided(self) -> bool:
        """Whether a candidate could be chosen; else ``chosen`` is the baseline for want of any."""
        return self.next_step != "lower learning rate"

    def document(self) -> dict[str, Any]:
        """The verdict for the JSON document."""
        return {
            "overfits": self.overfits,
            "helps": self.helps,
            "text": self.text,
            "chosen": self.chosen,
            "one_standard_error": self.one_standard_error,
            "improvement": self.improvement,
            "interval": None if self.interval is None else list(self.interval),
            "expected": None if self.expected is None else self.expected.document(),
            "diagnosis": self.diagnosis.document(),
            "next_step": self.next_step,
        }


def verdict(evidence: Evidence) -> Verdict:
    """Whether the baseline overfits, what helps, what to expect, and what that rests on."""
    chosen = evidence.chosen
    difference, helps = evidence.improvement(chosen)
    diagnosis = diagnose(evidence, helps)
    if chosen is None:
        return _nothing_to_choose(evidence, diagnosis)
    step, advice = _next_step(evidence, chosen, helps, diagnosis)
    sentences = [
        _diagnosis(evidence, diagnosis),
        _choice(evidence, chosen, difference, helps),
        _too_strong(evidence, diagnosis, helps),
        expectation(evidence, chosen, helps),
        advice,
        _divergence(evidence),
        _dropped(evidence),
        _scope(evidence),
    ]
    # Seeds on one of several splits are no repeats of it, and would make the error too small.
    counted = evidence.resampling.independent(evidence.losses)
    within = one_standard_error_index(counted, evidence.candidates, chosen)
    interval = None
    if difference is not None and difference.has_interval:
        interval = (difference.low, difference.high)
    return Verdict(
        text=" ".join(sentence for sentence in sentences if sentence),
        overfits=diagnosis.overfits,
        helps=helps,
        chosen=evidence.names[chosen],
        one_standard_error=evidence.names[within],
        improvement=None if difference is None else difference.mean,
        interval=interval,
        expected=evidence.expected,
        diagnosis=diagnosis,
        next_step=step,
    )


def _nothing_to_choose(evidence: Evidence, diagnosis: Diagnosis) -> Verdict:
    broken = np.count_nonzero(~np.isfinite(evidence.validation_loss))
    every = "Every run" if broken == evidence.validation_loss.size else "Some run of each candidate"
    text = (
        f"{every} diverged ({broken:,} of {evidence.validation_loss.size:,}), so nothing can be "
        f"chosen: lower the learning rate, or scale the inputs."
    )
    name = evidence.names[0]
    return Verdict(
        text, False, False, name, name, None, None, None, diagnosis, "lower learning rate"
    )


def _diagnosis(evidence: Evidence, found: Diagnosis) -> str:
    """The sentence that says what ails the network, and by what evidence."""
    if found.gap is None:
        return "The unregularized network diverged, so nothing can be said of overfitting."
    losses = (
        f"without a {evidence.change} its data loss is {number(found.train_loss)} on training "
        f"rows and {number(found.validation_loss)} on validation rows"
    )
    gap = f"95 % interval of the gap {span(found.gap.low, found.gap.high)}"
    if found.overfits:
        rebound = ""
        if found.rebound is not None and found.rebound.rose:
            rebound = (
                f"; on those it was lowest ({number(found.rebound.lowest)}) at epoch "
                f"{found.rebound.epoch:,} and rose again by {number(found.rebound.lost)}"
            )
        told = f" ({gap})" if found.gap.has_interval else ""
        return f"The network overfits: {losses}{told}{rebound}.{_rows(found)}"
    if found.kind == "needs data":
        return f"The network needs more data: {losses}.{_rows(found)}"
    if found.kind == "unclear":
        return (
            f"Whether the network overfits cannot be told from {found.gap.count} "
            f"{'runs' if evidence.resampling.shares_split else 'splits'}: {losses}, "
            f"but they differ so much that this may be chance ({gap})."
        )
    if found.kind == "trained too little":
        return f"The network was trained too little: {losses}{_falling(evidence, found)}."
    if found.kind == "underfits":
        assert found.constant_loss is not None
        return (
            f"The network underfits, or its inputs tell little: {losses}, where a constant "
            f"prediction has {number(found.constant_loss)} on training rows."
        )
    if found.gap.low > 0:
        return (
            f"The network hardly overfits: {losses}, a gap that neither grew in training nor "
            f"shrank under a {evidence.change}."
        )
    return f"The runs show no overfitting: {losses}."


def _falling(evidence: Evidence, found: Diagnosis) -> str:
    """How much the validation loss was still falling at the end."""
    assert found.rebound is not None
    epochs = evidence.baseline_curve.shape[1]
    last = max(1, round(LAST_PART * epochs))
    several = f" {last:,}" if last > 1 else ""
    return (
        f", where it was still falling at the end (by {number(found.rebound.last_fall)} over the "
        f"last{several} of {epochs:,} epochs)"
    )


def _rows(found: Diagnosis) -> str:
    """What more rows do, where that was tried and is what to do."""
    if found.kind != "needs data" or found.sizes is None or found.gain_of_rows is None:
        return ""
    before, after = (int(rows) for rows in found.sizes.rows[-2:])
    gain = found.gain_of_rows
    return (
        f" From {before:,} to {after:,} training rows its lowest validation data loss fell by "
        f"{number(gain.mean)} (95 % interval {span(gain.low, gain.high)})."
    )


def _choice(
    evidence: Evidence, chosen: int, difference: PairedDifference | None, helps: bool
) -> str:
    """Which candidate is the best, and by how much."""
    criterion = evidence.criterion
    label = metric_label(criterion.name)
    most, more = ("lowest", "lower") if criterion.direction == "down" else ("highest", "higher")
    if chosen == 0:
        verb = "lowered" if criterion.direction == "down" else "raised"
        return (
            f"No {evidence.change} {verb} the mean validation {label}: the baseline stays the best."
        )
    name = evidence.names[chosen]
    value = number(evidence.values[chosen].mean())
    if difference is None:
        return f"{name} has the {most} validation {label}, {value}."
    if not difference.has_interval:
        what = "run" if evidence.resampling.repeats == 1 else "split"
        few = f"one {what} each cannot tell"
        if difference.count > 1:
            few = f"{difference.count} equal differences ({number(difference.mean)}) cannot tell"
        return (
            f"{name} has the {most} validation {label}, {value}, but {few} this from chance, and "
            f"there is no interval: use more repeats."
        )
    gain = (
        f"{number(difference.mean)} {more} than without a {evidence.change} (95 % interval "
        f"{span(difference.low, difference.high)})"
    )
    if not helps:
        return (
            f"No {evidence.change} helped beyond what chance gives: the best, {name}, has a "
            f"validation {label} of {value}, {gain}."
        )
    told = f"{name} helps most: its validation {label} is {value}, {gain}"
    if evidence.metric in ("data_loss", criterion.name):
        return told + "."
    change = change_told(evidence.validation_metric, chosen)
    if evidence.metric_is_worse(chosen):
        return (
            f"{told}. But validation {metric_label(evidence.metric)} {change}, beyond what chance "
            f"gives: if that is what counts, choose by it (select_by={evidence.metric!r})."
        )
    return f"{told}, and validation {metric_label(evidence.metric)} {change}."


def _too_strong(evidence: Evidence, found: Diagnosis, helps: bool) -> str:
    """Where a penalty raised the training loss for nothing: no case for more regularization."""
    if helps or found.kind not in ("fine", "unclear", "underfits"):
        return ""
    worst, raised, count = 0, 0.0, 0
    for index in range(1, len(evidence.names)):
        train, validation = evidence.train_loss[index], evidence.validation_loss[index]
        if not np.all(np.isfinite(validation)):
            continue
        rise = paired_difference(
            evidence.resampling.independent(train),
            evidence.resampling.independent(evidence.train_loss[0]),
            test_to_train_ratio=evidence.resampling.test_to_train_ratio,
        )
        fell = validation.mean() < evidence.validation_loss[0].mean()
        if rise.low > 0 and not fell and rise.mean > RAISED * found.train_loss:
            count += 1
            worst, raised = max((worst, raised), (index, rise.mean), key=lambda one: one[1])
    # The strongest end of a wide range always is too strong, of which there is nothing to say.
    few = count < FOR_NOTHING * (len(evidence.names) - 1)
    if not worst or (few and found.kind != "underfits"):
        return ""
    cause = (
        "the network has too little capacity, or was trained too little"
        if found.kind == "underfits"
        else "that is too strong for this network"
    )
    before, after = number(found.train_loss), number(evidence.train_loss[worst].mean())
    return (
        f"{evidence.names[worst]} raised the training data loss from {before} to {after} and did "
        f"not lower the validation data loss "
        f"({number(evidence.validation_loss[worst].mean())} with it): {cause}, which is no case "
        f"for more regularization."
    )


def _next_step(
    evidence: Evidence, chosen: int, helps: bool, found: Diagnosis
) -> tuple[NextStep, str]:
    """What to do next, and the sentence that says so; "" where other sentences have said it."""
    edge = _edge(evidence, chosen) if helps else None
    if edge == "stronger":
        return edge, "It is the strongest that was tried: try stronger ones too."
    if edge == "weaker":
        return edge, "It is the weakest that was tried: try weaker ones too."
    if helps and found.rebound is not None and found.rebound.still_falls:
        return "train longer", (
            f"Without a {evidence.change} the validation data loss was still falling at the end, "
            f"so this speaks of {evidence.baseline_curve.shape[1]:,} epochs: see whether it stands "
            f"after more of them."
        )
    if helps:
        return "nothing", ""
    if found.kind == "trained too little":
        return "train longer", "Train for more epochs, or at a higher learning rate, and ask again."
    if found.gap is not None and not found.gap.has_interval:
        return "more repeats", "" if chosen else "Use more repeats: one run each tells little."
    if found.kind == "unclear":
        return "more repeats", "Use more repeats, or more data."
    if found.kind == "needs data":
        return "more data", "More data will help, which nothing else here does."
    if found.kind == "underfits" and evidence.baseline_curve.shape[1] < LEAST_EPOCHS:
        return "train longer", "Train longer first: so few epochs tell nothing of the network."
    if found.kind == "underfits":
        return "bigger network", "Try a bigger network, longer training or better inputs."
    if found.kind == "overfits":
        return "other kind", f"Try another kind of {evidence.change}, more data or more repeats."
    return "nothing", ""


def _edge(evidence: Evidence, chosen: int) -> Literal["stronger", "weaker"] | None:
    """On which side of the best strength nothing was tried."""
    alone = [c[0] for c in evidence.candidates if len(c) == 1 and isinstance(c[0], Penalty)]
    (penalty, *others) = evidence.candidates[chosen] or (None,)
    if others or not isinstance(penalty, Penalty):
        return None
    tried = sorted(
        other.strength
        for other in alone
        if (other.kind, other.layers, other.on) == (penalty.kind, penalty.layers, penalty.on)
    )
    if len(tried) > 1 and penalty.strength == tried[-1]:
        return "stronger"
    if len(tried) > 1 and penalty.strength == tried[0]:
        return "weaker"
    return None


def _divergence(evidence: Evidence) -> str:
    broken = np.count_nonzero(~np.isfinite(evidence.train_loss), axis=1)
    broken[list(evidence.dropped)] = 0  # those runs were never trained
    if not broken.any():
        return ""
    told = ", ".join(
        f"{count} of {name}" for name, count in zip(evidence.names, broken, strict=True) if count
    )
    return f"Some runs diverged ({told}); candidates with such runs are not chosen."


def _dropped(evidence: Evidence) -> str:
    if not evidence.dropped:
        return ""
    trained = np.full(len(evidence.names), evidence.validation_loss.shape[1])
    trained[list(evidence.dropped)] = list(evidence.dropped.values())
    share = trained.sum() / evidence.validation_loss.size
    return (
        f"Halving dropped {len(evidence.dropped)} of {len(evidence.names)} candidates that fell "
        f"behind, and trained {share:.0%} of the runs."
    ).replace("%", " %")


def _scope(evidence: Evidence) -> str:
    repeats = evidence.validation_loss.shape[1]
    if evidence.resampling.shares_split and repeats > 1:
        return (
            f"All {repeats} runs of a candidate share one split and differ in their seed only, so "
            f"the intervals speak of this split."
        )
    return ""
