"""What the runs say, in words that claim no more than the numbers do."""

import dataclasses
from typing import Literal

import numpy as np

from wane._errors import joined
from wane.penalties import patience_of
from wane.report.numbers import sentence_number
from wane.report.wording import metric_label
from wane.study.evaluation.diagnosis import Diagnosis, diagnose
from wane.study.evaluation.evidence import Evidence
from wane.study.evaluation.expected import Expected
from wane.study.evaluation.improvement import Conclusion, improvement
from wane.study.evaluation.paired import paired
from wane.study.spec.selection import LEAST_TEST_ROWS, one_standard_error_index
from wane.study.verdicts.choice import answer, choice, stability, tails
from wane.study.verdicts.diagnosis import diagnosis_clause, diagnosis_sentence
from wane.study.verdicts.expectation import expectation
from wane.study.verdicts.next_step import NextStep, next_step
from wane.study.verdicts.references import beside, reference_finding
from wane.study.verdicts.scope import looks_at_study, scope

FOR_NOTHING = 0.5
"""From this share of penalties on that raise the training loss for nothing, the verdict says so."""
RAISED = 0.05
"""A penalty that raises the training loss by less than this share has hardly changed it."""


@dataclasses.dataclass(frozen=True)
class Verdict:
    """The answer to the user's question.

    Attributes:
        answer: the answer in one sentence.
        text: the answer, its evidence, what it holds for and what to do next, in a paragraph.
        details: what the report says besides: how stable the choice is.
        overfits: whether the baseline overfits.
        helps: whether the chosen candidate is better than the baseline on new rows, beyond what
            chance gives at the level of the study's look, 5 % of a single one: by one test on test
            rows where there are some, else by validation rows with an interval that allows for the
            choice among all candidates.
        chosen: the name of the best candidate: of the lowest mean validation data loss, or the best
            mean of the metric that the user chooses by.
        one_standard_error: the name of the strongest eligible one within one standard error of the
            best.
        improvement: by how much the chosen one is better than the baseline, in the unit of what is
            chosen by, without the luck of having been chosen; None where the baseline is chosen or
            has diverged.
        interval: its interval, of 95 % at a single look and else of one minus the look's level;
            None where there is none, as with one repeat, or where it holds between seeds alone.
        expected: what the chosen one will do on new rows.
        diagnosis: what ails the network without any candidate's change.
        next_step: what to do next, in a word or two.
        decided: whether a candidate could be chosen; else ``chosen`` is the baseline for want of
            any, since every candidate has runs that diverged.
        conclusion: ``"helps"``; ``"helps little"``: by less than ``matters``; ``"no practical
            difference"``: the 90 % interval lies within ± ``matters``; ``"cannot be told"``;
            ``"worse"`` on test rows; ``"nothing helps"``: the baseline is
            the best on validation rows, which rules out nothing on others.
        improvement_on: the part whose rows the improvement is measured on; None without one.
        between_seeds: the interval of the improvement between seeds on the validation rows of one
            split, of the same confidence, which says nothing of other rows; None elsewhere, and
            where seeds make no difference.
        matters: the smallest difference of interest, in the unit of what is chosen by.

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

    answer: str
    text: str
    details: str
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
    conclusion: Conclusion = "nothing helps"
    improvement_on: Literal["test", "validation"] | None = None
    between_seeds: tuple[float, float] | None = None
    matters: float | None = None


def verdict(evidence: Evidence) -> Verdict:
    """Whether the baseline overfits, what helps, what to expect, and what that rests on."""
    chosen = evidence.chosen
    found = improvement(evidence, chosen)
    helps = found is not None and found.helps
    diagnosis = diagnose(evidence, helps)
    if chosen is None:
        return _nothing_to_choose(evidence, diagnosis)
    difference = None if found is None else found.difference
    step, advice = next_step(evidence, chosen, difference, helps, diagnosis)
    clause = diagnosis_clause(diagnosis, evidence.look.level)
    first = answer(evidence, chosen, clause, found)
    ails = diagnosis_sentence(evidence, diagnosis)
    beyond = reference_finding(evidence, chosen, diagnosis, clause)
    answers = [first] if beyond is None else [beyond.answer, beyond.of_change(first)]
    if beyond is not None:
        diagnosis, step, advice = beyond.diagnosis, beyond.step, beyond.advice
    sentences = [
        *answers,
        ails,
        choice(evidence, chosen, found),
        tails(evidence, chosen),
        _too_strong(evidence, diagnosis, helps),
        expectation(evidence, chosen, helps),
        beside(evidence, chosen),
        _divergence(evidence),
        _extended(evidence),
        _dropped(evidence),
        _ineligible(evidence),
        _stopped(evidence),
        scope(evidence, found),
        looks_at_study(evidence.look),
        advice,
    ]
    interval = None
    # What holds between seeds alone is ``between_seeds``.
    if found is not None and found.holds_for_new_rows and found.difference.has_interval:
        difference = found.difference
        interval = (difference.low, difference.high)
    untried = len(evidence.ineligible) == len(evidence.names) - 1 > 0
    conclusion: Conclusion = "cannot be told" if chosen or untried else "nothing helps"
    return Verdict(
        answer=answers[0],
        text=" ".join(sentence for sentence in sentences if sentence),
        details=stability(evidence, chosen),
        overfits=diagnosis.overfits,
        helps=helps,
        chosen=evidence.names[chosen],
        one_standard_error=evidence.names[_within_one_error(evidence, chosen)],
        improvement=None if difference is None else difference.mean,
        interval=interval,
        expected=evidence.expected,
        diagnosis=diagnosis,
        next_step=step,
        conclusion=conclusion if found is None else found.conclusion,
        improvement_on=None if found is None else found.on,
        between_seeds=None if found is None else found.between_seeds,
        matters=None if found is None else found.matters,
    )


def _within_one_error(evidence: Evidence, chosen: int) -> int:
    """The strongest eligible candidate within one standard error of the chosen one, in pairs."""
    losses, rows = evidence.losses.copy(), evidence.validation_rows.get(evidence.criterion.name)
    losses[list(evidence.ineligible)] = np.nan
    errors = np.full(len(losses), np.nan)
    for index in np.flatnonzero(np.isfinite(losses).all(axis=1)):
        over_rows = None if rows is None else rows[index] - rows[chosen]
        one = paired(losses[index], losses[chosen], evidence.resampling, over_rows)
        errors[index] = one.standard_error
    return one_standard_error_index(losses.mean(axis=1), errors, evidence.candidates, chosen)


def _nothing_to_choose(evidence: Evidence, diagnosis: Diagnosis) -> Verdict:
    broken = np.count_nonzero(~np.isfinite(evidence.validation_loss))
    every = "Every run" if broken == evidence.validation_loss.size else "Some run of each candidate"
    text = (
        f"{every} diverged ({broken:,} of {evidence.validation_loss.size:,}), so nothing can be "
        f"chosen: lower the learning rate, or scale the inputs."
    )
    name = evidence.names[0]
    return Verdict(
        answer=text,
        text=text,
        details="",
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
        conclusion="cannot be told",
    )


def _too_strong(evidence: Evidence, found: Diagnosis, helps: bool) -> str:
    """Where a penalty raised the training loss for nothing: no case for more regularization."""
    if helps or found.kind not in ("fine", "unclear", "underfits"):
        return ""
    worst, raised, count = 0, 0.0, 0
    for index in range(1, len(evidence.names)):
        train, validation = evidence.train_loss[index], evidence.validation_loss[index]
        if not np.all(np.isfinite(validation)):
            continue
        rise = paired(train, evidence.train_loss[0], evidence.resampling)
        fell = validation.mean() < evidence.validation_loss[0].mean()
        if rise.is_positive and not fell and rise.mean > RAISED * found.train_data_loss:
            count += 1
            worst, raised = max((worst, raised), (index, rise.mean), key=lambda one: one[1])
    # The strongest end of a wide range always is too strong, of which there is nothing to say.
    few = count < FOR_NOTHING * (len(evidence.names) - 1)
    if not worst or (few and found.kind != "underfits"):
        return ""
    cause = ""
    if found.kind == "underfits":
        cause = ": the network has too little capacity, or was trained too little"
    elif _is_worse(evidence, worst):
        cause = ": that is too strong for this network"
    before, after = (
        sentence_number(found.train_data_loss),
        sentence_number(evidence.train_loss[worst].mean()),
    )
    return (
        f"{evidence.names[worst]} raised the training data loss from {before} to {after} and did "
        f"not lower the validation data loss "
        f"({sentence_number(evidence.validation_loss[worst].mean())} with it){cause}, which is "
        f"no case for more regularization."
    )


def _is_worse(evidence: Evidence, index: int) -> bool:
    """Whether a candidate's validation data loss is higher than the baseline's beyond chance."""
    losses, rows = evidence.validation_loss, evidence.validation_rows.get("data_loss")
    over_rows = None if rows is None else rows[index] - rows[0]
    return paired(losses[index], losses[0], evidence.resampling, over_rows).is_positive


def _divergence(evidence: Evidence) -> str:
    broken = np.count_nonzero(~np.isfinite(evidence.train_loss), axis=1)
    broken[list(evidence.dropped)] = 0  # those runs were never trained
    if not broken.any():
        return ""
    counts = ", ".join(
        f"{count} of {name}" for name, count in zip(evidence.names, broken, strict=True) if count
    )
    return f"Some runs diverged ({counts}); candidates with such runs are not chosen."


def _extended(evidence: Evidence) -> str:
    """Which candidates the study added by itself, and why."""
    of_stopping = [i for i in evidence.extended if patience_of(evidence.candidates[i]) is not None]
    strengths = [evidence.names[i] for i in evidence.extended if i not in of_stopping]
    said = []
    if strengths:
        label = metric_label(evidence.criterion.name)
        said.append(
            f"Validation {label} still got better at the end of the strengths given, so the study "
            f"went on to {joined(strengths)}."
        )
    if of_stopping:
        epoch = int(np.argmin(evidence.baseline_curve.mean(axis=0))) + 1
        said.append(
            f"Validation data loss was lowest at epoch {epoch:,} of "
            f"{evidence.baseline_curve.shape[1]:,} without a {evidence.change}, so the study also "
            f"tried {evidence.names[of_stopping[0]]}."
        )
    return " ".join(said)


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


def _ineligible(evidence: Evidence) -> str:
    """Which candidates nothing may choose, where test rows would have made them eligible."""
    if not evidence.ineligible or evidence.units("test") >= LEAST_TEST_ROWS:
        return ""
    names = joined([evidence.names[index] for index in evidence.ineligible])
    one = len(evidence.ineligible) == 1
    return (
        f"{names} {'is' if one else 'are'} reported but not eligible: {'its' if one else 'their'} "
        f"epochs were selected on the validation rows, on which the loss looks too low; at least "
        f"{LEAST_TEST_ROWS} test rows would judge {'it' if one else 'them'}."
    )


def _stopped(evidence: Evidence) -> str:
    if not evidence.stopped_by_validation:
        return ""
    return (
        "The epoch at which each run stopped was selected on the validation rows, so their losses "
        "are optimistic for every candidate, and their differences may be too."
    )
