"""What all repeats of a study have in common, and so of what its intervals speak."""

import numpy as np

from wane._language import gettext, pgettext
from wane.report.wording import paragraph
from wane.resampling.splits import Resampling
from wane.stats import RetrainedDifference
from wane.stats.sequential import LEVEL
from wane.study.evaluation.evidence import Evidence
from wane.study.evaluation.improvement import Improvement
from wane.study.spec.looks import Ended, Look, percent
from wane.study.verdicts.rows import new_ones

MOST_NAMED = 3
"""So many candidates that were given since the last look are named, and more counted."""


def scope(evidence: Evidence, found: Improvement | None) -> str:
    """What is said holds for networks trained on which rows."""
    repeats, resampling = evidence.validation_loss.shape[1], evidence.resampling
    same_weights = evidence.same_weights and repeats > 1
    on_test = found is not None and found.on == "test"
    holds = holds_for(
        resampling, evidence.rows["train"], same_weights=same_weights, on_test=on_test
    )
    if resampling.shares_split:
        shared = shared_by_repeats(True, evidence.same_weights)
        if repeats == 1 or shared is None:
            return ""
        every = gettext("All {repeats} repeats").format(repeats=repeats)
        if repeats == 2:
            every = gettext("Both repeats")
        only = gettext("and differ in seed only")
        if evidence.same_weights:
            only = gettext("and differ in row order only")
        if np.all(evidence.validation_loss == evidence.validation_loss[:, :1]):
            only = gettext("and come to the same numbers, so that more of them tell nothing more")
        return gettext("{every} {shared} {only}: this holds for {networks}.").format(
            every=every, shared=shared, only=only, networks=holds
        )
    sentence = gettext("This holds for {networks}.").format(networks=holds)
    if found is not None and not on_test and evidence.retrained is not None:
        return paragraph([sentence, over_data_sets(evidence.retrained)])
    return sentence


def holds_for(resampling: Resampling, rows: int, *, same_weights: bool, on_test: bool) -> str:
    """The networks for which what is said holds, in a phrase.

    Args:
        resampling: how repeats differ.
        rows: training rows of a repeat.
        same_weights: whether all repeats start from the same weights.
        on_test: whether it is said of test rows.
    """
    other = False
    if resampling.shares_split:
        trained = gettext("these {rows:,} rows")
    elif resampling.kind == "fresh":
        trained = gettext("{rows:,} new rows")
    elif on_test and resampling.kind != "subsample":
        trained, other = gettext("{rows:,} of these rows"), True
    else:
        trained = gettext("{rows:,} rows of such data")
    networks = gettext("networks trained on {rows}")
    if same_weights:
        networks = gettext("networks of these weights trained on {rows}")
    said = networks.format(rows=trained.format(rows=rows))
    if resampling.kind != "fresh" or resampling.shares_split:
        said += new_ones(resampling)
    return (
        gettext("{networks}, and not for other data sets").format(networks=said) if other else said
    )


def shared_by_repeats(shares_split: bool, same_weights: bool) -> str | None:
    """What the repeats share, in a phrase; None for nothing.

    Args:
        shares_split: whether all repeats share one split.
        same_weights: whether all repeats start from the same weights.
    """
    if not same_weights:
        return gettext("share one split") if shares_split else None
    if shares_split:
        return gettext("share one split and start from the same weights")
    return gettext("start from the same weights")


def over_data_sets(retrained: RetrainedDifference) -> str:
    """What the interval of an improvement by retraining rests on, in a sentence."""
    return gettext(
        "The interval of the improvement rests on {runs:,} further runs under random weights of "
        "the rows."
    ).format(runs=2 * retrained.runs)


def looks_at_study(look: Look) -> str:
    """Which look at a study this is, at which level, and why training has ended there."""
    why = "" if look.stopped is None else why_ended(look.stopped)
    if look.number == 1 and look.level == LEVEL:
        return why
    given = ""
    if look.added:
        names = pgettext("between names", " and ").join(look.added)
        if len(look.added) > MOST_NAMED:
            names = gettext("{count} further candidates").format(count=len(look.added))
        given = gettext(", the first with {names}").format(names=names)
    which = gettext("This is look {number} of this study{given}, level {level}.")
    if look.number > 1:
        which = gettext(
            "This is look {number} of this study{given}, level {level}; the levels of all its "
            "looks add up to {spent}."
        )
    level, spent = percent(look.level), percent(look.spent)
    said = which.format(number=look.number, given=given, level=level, spent=spent)
    return paragraph([why, said])


def why_ended(ended: Ended) -> str:
    """Why training has ended before the planned repeats, in a sentence."""
    if ended.why == "most":
        said = gettext(
            "Training ended at {repeats} repeats, the most that were allowed, and at no look did "
            "a candidate help."
        )
    elif ended.why == "time":
        said = gettext(
            "Training ended at {repeats} of at most {most} repeats, when the {minutes:g} minutes "
            "were over."
        )
    elif ended.why == "helps":
        said = gettext("Training ended at {repeats} repeats, as {chosen} was better beyond chance.")
    elif ended.why == "splits":
        said = gettext(
            "Training ended at {repeats} repeats, as more of them over splits of the same rows can "
            "hardly tell more: what is undecided takes more rows."
        )
    else:
        said = gettext(
            "Training ended at {repeats} repeats, as the validation rows of the one split now "
            "limit what can be told, and not the seeds: what is undecided takes more rows."
        )
    return said.format(
        repeats=ended.repeats, most=ended.most, minutes=ended.minutes, chosen=ended.chosen
    )
