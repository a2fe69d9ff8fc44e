"""What the runs say, in words that claim no more than the numbers do."""

import dataclasses

import numpy as np

from wane.report.numbers import sentence_interval, sentence_number
from wane.report.wording import metric_label
from wane.stats import PairedDifference, paired_difference
from wane.study.evaluation.diagnosis import LAST_PART, Diagnosis, diagnose
from wane.study.evaluation.evidence import Evidence, beyond_chance
from wane.study.evaluation.expected import Expected
from wane.study.spec.selection import one_standard_error_index
from wane.study.verdicts.expectation import describe_change, expectation
from wane.study.verdicts.next_step import NextStep, next_step
from wane.study.verdicts.scope import differ_in, over_data_sets, shared_by_repeats

FOR_NOTHING = 0.5
"""From this share of penalties on that raise the training loss for nothing, the verdict says so."""
RAISED = 0.05
"""A penalty that raises the training loss by less than this share has hardly changed it."""
SAME = 1e-6
"""What differs by no larger share is the same number to float32's rounding."""


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
        decided: whether a candidate could be chosen; else ``chosen`` is the baseline for want of
            any, since every candidate has runs that diverged.

    Example:
        >>> import numpy as np, wane
        >>> import keras
        >>> model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile(loss="mse")
        >>> x = np.linspace(0, 1, 20)
        >>> study = wane.Study(
        ...     model, x[:, None], 2 * x, epochs=3, repeats=2, learning_curve=False
        ... )
        >>> result = study.run(progress=False)
        >>> result.verdict.overfits, result.verdict.decided
        (False, True)
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
    decided: bool = True


def verdict(evidence: Evidence) -> Verdict:
    """Whether the baseline overfits, what helps, what to expect, and what that rests on."""
    chosen = evidence.chosen
    difference, p_value = evidence.improvement(chosen)
    helps = beyond_chance(difference, p_value)
    diagnosis = diagnose(evidence, helps)
    if chosen is None:
        return _nothing_to_choose(evidence, diagnosis)
    step, advice = next_step(evidence, chosen, difference, helps, diagnosis)
    sentences = [
        _diagnosis(evidence, diagnosis),
        _choice(evidence, chosen, difference, p_value),
        _too_strong(evidence, diagnosis, helps),
        expectation(evidence, chosen, helps),
        advice,
        _divergence(evidence),
        _dropped(evidence),
        _scope(evidence),
        _stopped(evidence),
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
        text=text,
        overfits=False,
        helps=False,
        chosen=name,
        one_standard_error=name,
        improvement=None,
        interval=None,
        expected=None,
        diagnosis=diagnosis,
        next_step="lower learning rate",
        decided=False,
    )


def _diagnosis(evidence: Evidence, found: Diagnosis) -> str:
    """The sentence that says what ails the network, and by what evidence."""
    if found.gap is None:
        return "The unregularized network diverged, so whether it overfits is unknown."
    losses = (
        f"without a {evidence.change} its data loss is {sentence_number(found.train_data_loss)} on "
        f"training rows and {sentence_number(found.validation_data_loss)} on validation rows"
    )
    gap = f"95 % interval of the gap {sentence_interval(found.gap.low, found.gap.high)}"
    known = f" ({gap})" if found.gap.has_interval else ""
    if found.overfits:
        lacks = " and lacks data" if found.kind == "needs data" else ""
        once = " in its one run" if found.gap.count == 1 else ""
        return f"The network overfits{lacks}{once}: {losses}{known}{_rise(found)}.{_rows(found)}"
    if found.kind == "needs data":
        return f"The network needs more data: {losses}{known}.{_rows(found)}"
    if found.kind == "unclear":
        few = "but these are too few repeats to rule out chance"
        if found.gap.has_interval:
            few = f"but they differ so much that this may be chance ({gap})"
        return (
            f"Whether the network overfits cannot be decided from {found.gap.count} "
            f"{'runs' if evidence.resampling.shares_split else 'splits'}: {losses}, {few}."
        )
    if found.kind == "trained too little":
        return f"The network was trained too little: {losses}{_falling(evidence, found)}."
    if found.kind == "underfits":
        assert found.constant_data_loss is not None
        loss = sentence_number(found.constant_data_loss)
        constant = f"where a constant prediction has {loss} on training rows"
        if found.worse_than_constant:
            return f"The network has not learnt yet: {losses}, {constant}."
        return f"The network underfits, or its inputs carry little signal: {losses}, {constant}."
    if found.gap.is_positive:
        return (
            f"The network hardly overfits: {losses}{known}, and the latter did not clearly rise "
            f"again in training."
        )
    beyond = " beyond chance" if found.gap.mean > 0 else ""
    return f"The network does not overfit{beyond}: {losses}{known}."


def _rise(found: Diagnosis) -> str:
    """Where the validation loss was lowest, and by how much it rose after that, if it did."""
    if found.rebound is None or not found.rebound.rose:
        return ""
    return (
        f"; on those it was lowest ({sentence_number(found.rebound.lowest)}) at epoch "
        f"{found.rebound.epoch:,} and rose again by {sentence_number(found.rebound.lost)}"
    )


def _falling(evidence: Evidence, found: Diagnosis) -> str:
    """How much the validation loss was still falling at the end."""
    assert found.rebound is not None
    epochs = evidence.baseline_curve.shape[1]
    last = max(1, round(LAST_PART * epochs))
    several = f" {last:,}" if last > 1 else ""
    return (
        f", where it was still falling at the end (by {sentence_number(found.rebound.last_fall)} "
        f"over the last{several} of {epochs:,} epochs)"
    )


def _rows(found: Diagnosis) -> str:
    """What more rows do, where that was tried and is what to do."""
    if found.kind != "needs data" or found.train_sizes is None:
        return ""
    gain = found.train_sizes.gain_of_rows
    if gain is None:
        return ""
    before, after = found.train_sizes.rows[-2:]
    known = (
        f" (95 % interval {sentence_interval(gain.low, gain.high)})" if gain.has_interval else ""
    )
    return (
        f" From {before:,} to {after:,} training rows its lowest validation data loss fell by "
        f"{sentence_number(gain.mean)}{known}."
    )


def _choice(
    evidence: Evidence, chosen: int, difference: PairedDifference | None, p_value: float
) -> str:
    """Which candidate is the best, and by how much."""
    label = metric_label(evidence.criterion.name)
    down = evidence.criterion.direction == "down"
    most, more = ("lowest", "lower") if down else ("highest", "higher")
    if len(evidence.names) == 1:
        return ""
    if chosen == 0:
        verb = "lowered" if down else "raised"
        return (
            f"No {evidence.change} {verb} the mean validation {label}: the baseline stays the best."
        )
    name, value = evidence.names[chosen], sentence_number(evidence.values[chosen].mean())
    if difference is None:
        return f"{name} has the {most} validation {label}, {value}."
    if abs(difference.mean) <= SAME * abs(evidence.values[chosen].mean()):
        return f"No {evidence.change} changed the validation {label}, which is {value} with {name}."
    helps = beyond_chance(difference, p_value)
    gain = f"{sentence_number(difference.mean)} {more} than without a {evidence.change}"
    what = "run" if evidence.resampling.shares_split or difference.count == 1 else "split"
    if difference.has_interval:
        gain += f" (95 % interval {sentence_interval(difference.low, difference.high)})"
    elif helps:
        gain += f" in each of {difference.count} {what}s"
    else:
        few = f"one {what} each cannot distinguish"
        if difference.count > 1:
            equal = f"{difference.count} equal differences ({sentence_number(difference.mean)})"
            few = f"{equal} cannot distinguish"
        return (
            f"{name} has the {most} validation {label}, {value}, but {few} this from chance, and "
            f"there is no interval: use more repeats."
        )
    if not helps:
        others = len(evidence.names) - 1
        asked = ""
        if difference.low > 0:
            asked = f"; as one of {others} asked about, p = {p_value:.2g} by Holm's adjustment"
        return (
            f"No {evidence.change} helped beyond what chance gives: the best, {name}, has a "
            f"validation {label} of {value}, {gain}{asked}."
        )
    most = " most" if len(evidence.names) > 2 else ""
    return _with_metric(
        evidence, chosen, f"{name} helps{most}: its validation {label} is {value}, {gain}"
    )


def _with_metric(evidence: Evidence, chosen: int, sentence: str) -> str:
    """What helps, and what becomes of the metric for people."""
    if evidence.metric in ("data_loss", evidence.criterion.name):
        return sentence + "."
    change = describe_change(evidence.validation_metric, chosen)
    if evidence.metric_is_worse(chosen):
        return (
            f"{sentence}. But validation {metric_label(evidence.metric)} {change}, beyond what "
            f"chance gives: if that is what counts, choose by it (select_by={evidence.metric!r})."
        )
    return f"{sentence}, and validation {metric_label(evidence.metric)} {change}."


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
        if rise.is_positive and not fell and rise.mean > RAISED * found.train_data_loss:
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
    before, after = (
        sentence_number(found.train_data_loss),
        sentence_number(evidence.train_loss[worst].mean()),
    )
    return (
        f"{evidence.names[worst]} raised the training data loss from {before} to {after} and did "
        f"not lower the validation data loss "
        f"({sentence_number(evidence.validation_loss[worst].mean())} with it): {cause}, which is "
        f"no case for more regularization."
    )


def _divergence(evidence: Evidence) -> str:
    broken = np.count_nonzero(~np.isfinite(evidence.train_loss), axis=1)
    broken[list(evidence.dropped)] = 0  # those runs were never trained
    if not broken.any():
        return ""
    counts = ", ".join(
        f"{count} of {name}" for name, count in zip(evidence.names, broken, strict=True) if count
    )
    return f"Some runs diverged ({counts}); candidates with such runs are not chosen."


def _dropped(evidence: Evidence) -> str:
    if not evidence.dropped:
        return ""
    trained = np.full(len(evidence.names), evidence.validation_loss.shape[1])
    trained[list(evidence.dropped)] = list(evidence.dropped.values())
    share = trained.sum() / evidence.validation_loss.size
    return (
        f"Halving dropped {len(evidence.dropped)} of {len(evidence.names)} candidates that fell "
        f"behind, and trained {share:.0%} of the runs; means of fewer repeats are of those alone."
    ).replace("%", " %")


def _scope(evidence: Evidence) -> str:
    repeats = evidence.validation_loss.shape[1]
    common = evidence.resampling.shares_split, evidence.same_weights
    shared = shared_by_repeats(*common)
    retrained = over_data_sets(evidence.retrained)
    if shared is None or repeats == 1:
        return retrained
    return (
        f"All {repeats} runs {shared[0]} and differ in {differ_in(*common)} only: the intervals "
        f"hold for {shared[1]}. {retrained}"
    ).rstrip()


def _stopped(evidence: Evidence) -> str:
    if not evidence.stopped_by_validation:
        return ""
    return (
        "The epoch at which each run stopped was selected on the validation rows, so their losses "
        "are optimistic for every candidate."
    )
