"""What the runs say, in words that claim no more than the numbers do."""

import dataclasses
from collections.abc import Mapping
from typing import Literal

import numpy as np

from wane._language import gettext, in_each, language
from wane.report.display.notebook import verdict_html
from wane.report.wording import capital, ended, held, paragraph, released
from wane.study.evaluation.diagnosis import Diagnosis, diagnose
from wane.study.evaluation.evidence import Evidence
from wane.study.evaluation.expected import Expected
from wane.study.evaluation.improvement import Conclusion, Improvement, improvement
from wane.study.evaluation.paired import paired
from wane.study.spec.selection import one_standard_error_index
from wane.study.verdicts.answer import advice, answer
from wane.study.verdicts.beside.references import beside, reference_finding
from wane.study.verdicts.choice import choice, stability, tails
from wane.study.verdicts.diagnosis import diagnosis_clause, diagnosis_sentence
from wane.study.verdicts.expectation import expectation
from wane.study.verdicts.next_step import NextStep, next_step
from wane.study.verdicts.scope import looks_at_study, scope
from wane.study.verdicts.training import (
    divergence,
    dropped,
    extended,
    ineligible,
    stopped,
    too_strong,
)


@dataclasses.dataclass(frozen=True)
class Words:
    """The sentences of a verdict in a language.

    Attributes:
        answer: the answer in one sentence.
        text: the answer, its evidence, what it holds for and what to do next, in a paragraph.
        details: what the report says besides: how stable the choice is.
    """

    answer: str
    text: str
    details: str = ""


@dataclasses.dataclass(frozen=True)
class Verdict:
    """The answer to the user's question.

    Its ``answer``, ``text`` and ``details`` are English, whatever the language; printed it speaks
    the language of now, as :attr:`words` does.

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
        translations: the sentences in each other language, by its name; none in folders of earlier
            versions.

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
    translations: Mapping[str, Words] = dataclasses.field(default_factory=dict)

    @property
    def words(self) -> Words:
        """The sentences in the language that ``WANE_LANG`` chooses; English where there are no
        others.

        Example:
            >>> result.verdict.words.answer == result.verdict.answer
            True
        """
        english = Words(self.answer, self.text, self.details)
        return self.translations.get(language(), english)

    def __str__(self) -> str:
        return self.words.text

    def _repr_html_(self) -> str:
        return verdict_html(self.words.answer, self.words.text)


def verdict(evidence: Evidence) -> Verdict:
    """Whether the baseline overfits, what helps, what to expect, and what that rests on."""
    chosen = evidence.chosen
    found = improvement(evidence, chosen)
    helps = found is not None and found.helps
    diagnosis = diagnose(evidence, helps)
    if chosen is None:
        return _nothing_to_choose(evidence, diagnosis)
    said, others = in_each(lambda: _said(evidence, chosen, found, diagnosis))
    difference = None if found is None else found.difference
    interval = None
    # What holds between seeds alone is ``between_seeds``.
    if found is not None and found.holds_for_new_rows and found.difference.has_interval:
        difference = found.difference
        interval = (difference.low, difference.high)
    untried = len(evidence.ineligible) == len(evidence.names) - 1 > 0
    conclusion: Conclusion = "cannot be told" if chosen or untried else "nothing helps"
    return Verdict(
        answer=said.words.answer,
        text=said.words.text,
        details=said.words.details,
        translations={name: own.words for name, own in others.items()},
        overfits=said.diagnosis.overfits,
        helps=helps,
        chosen=evidence.names[chosen],
        one_standard_error=evidence.names[_within_one_error(evidence, chosen)],
        improvement=None if difference is None else difference.mean,
        interval=interval,
        expected=evidence.expected,
        diagnosis=said.diagnosis,
        next_step=said.step,
        conclusion=conclusion if found is None else found.conclusion,
        improvement_on=None if found is None else found.on,
        between_seeds=None if found is None else found.between_seeds,
        matters=None if found is None else found.matters,
    )


@dataclasses.dataclass(frozen=True)
class _Said:
    """A verdict's sentences in a language, and what they rest on beyond the evidence."""

    words: Words
    diagnosis: Diagnosis
    step: NextStep


def _said(
    evidence: Evidence, chosen: int, found: Improvement | None, diagnosis: Diagnosis
) -> _Said:
    """The sentences of a verdict in the language of now."""
    evidence = _with_held_names(evidence)
    helps = found is not None and found.helps
    difference = None if found is None else found.difference
    step, last = next_step(evidence, chosen, difference, helps, diagnosis)
    clause = diagnosis_clause(diagnosis, evidence.look.level)
    ails = diagnosis_sentence(evidence, diagnosis)
    beyond = reference_finding(evidence, chosen, diagnosis, clause)
    if beyond is None:
        answers = [answer(evidence, chosen, found, diagnosis, clause)]
    else:
        answers = [beyond.answer, answer(evidence, chosen, found, diagnosis, clause)]
        if beyond.has_clause:
            linear = beyond.step == "linear model"  # which is what to use
            own = advice(evidence, chosen, found, among_networks=linear)
            answers = [beyond.answer, capital(ended(own)) if own else ""]
        diagnosis, step, last = beyond.diagnosis, beyond.step, beyond.advice
    sentences = [
        *answers,
        ails,
        choice(evidence, chosen, found),
        tails(evidence, chosen),
        too_strong(evidence, diagnosis, helps),
        expectation(evidence, chosen, helps),
        beside(evidence, chosen),
        divergence(evidence),
        extended(evidence),
        dropped(evidence),
        ineligible(evidence),
        stopped(evidence),
        scope(evidence, found),
        looks_at_study(evidence.look),
        last,
    ]
    parts = (answers[:1], sentences, [stability(evidence, chosen)])
    words = Words(*(released(paragraph(part)) for part in parts))
    return _Said(words, diagnosis, step)


def _with_held_names(evidence: Evidence) -> Evidence:
    """The evidence with the spaces of candidates' names kept."""
    expected = evidence.expected
    if expected is not None:
        wins = {held(name): share for name, share in expected.wins.items()}
        expected = dataclasses.replace(expected, wins=wins)
    names = tuple(held(name) for name in evidence.names)
    return dataclasses.replace(evidence, names=names, expected=expected)


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
    runs = evidence.validation_loss.size

    def said() -> str:
        every = gettext(
            "Some run of each candidate diverged ({broken:,} of {runs:,}), so nothing can be "
            "chosen: lower the learning rate, or scale the inputs."
        )
        if broken == runs:
            every = gettext(
                "Every run diverged ({broken:,} of {runs:,}), so nothing can be chosen: lower the "
                "learning rate, or scale the inputs."
            )
        return paragraph([every.format(broken=broken, runs=runs)])

    text, others = in_each(said)
    name = evidence.names[0]
    return Verdict(
        answer=text,
        text=text,
        details="",
        translations={name: Words(own, own) for name, own in others.items()},
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
