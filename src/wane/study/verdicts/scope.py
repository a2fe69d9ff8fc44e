"""What all repeats of a study have in common, and so of what its intervals speak."""

import numpy as np

from wane.resampling.splits import Resampling
from wane.stats import RetrainedDifference
from wane.stats.sequential import LEVEL
from wane.study.evaluation.evidence import Evidence
from wane.study.evaluation.improvement import Improvement
from wane.study.spec.looks import Look, percent
from wane.study.verdicts.rows import new_ones


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
        differ = differ_in(True, evidence.same_weights)
        every = "Both repeats" if repeats == 2 else f"All {repeats} repeats"
        only = f"and differ in {differ} only"
        if np.all(evidence.validation_loss == evidence.validation_loss[:, :1]):
            only = "and come to the same numbers, so that more of them tell nothing more"
        return f"{every} {shared[0]} {only}: this holds for {holds}."
    if found is not None and not on_test and evidence.retrained is not None:
        return f"This holds for {holds}. {over_data_sets(evidence.retrained)}"
    return f"This holds for {holds}."


def holds_for(resampling: Resampling, rows: int, *, same_weights: bool, on_test: bool) -> str:
    """The networks for which what is said holds, in a phrase.

    Args:
        resampling: how repeats differ.
        rows: training rows of a repeat.
        same_weights: whether all repeats start from the same weights.
        on_test: whether it is said of test rows.
    """
    trained = f"networks {'of these weights ' if same_weights else ''}trained on"
    new = new_ones(resampling)
    if resampling.shares_split:
        return f"{trained} these {rows:,} rows{new}"
    if resampling.kind == "fresh":
        return f"{trained} {rows:,} new rows"
    if on_test and resampling.kind != "subsample":
        return f"{trained} {rows:,} of these rows{new}, and not for other data sets"
    return f"{trained} {rows:,} rows of such data{new}"


def shared_by_repeats(shares_split: bool, same_weights: bool) -> tuple[str, str] | None:
    """What the repeats share, and what differences then hold for, in phrases; None for nothing.

    Args:
        shares_split: whether all repeats share one split.
        same_weights: whether all repeats start from the same weights.
    """
    if not same_weights:
        return ("share one split", "this split") if shares_split else None
    if shares_split:
        return "share one split and start from the same weights", "this split and these weights"
    return "start from the same weights", "these weights"


def over_data_sets(retrained: RetrainedDifference) -> str:
    """What the interval of an improvement by retraining rests on, in a sentence."""
    return (
        f"The interval of the improvement rests on {2 * retrained.runs:,} further runs under "
        f"random weights of the rows."
    )


def differ_in(shares_split: bool, same_weights: bool) -> str:
    """In what repeats of which something is the same differ, in a phrase."""
    if not same_weights:
        return "seed"
    return "row order" if shares_split else "split and row order"


def looks_at_study(look: Look) -> str:
    """Which look at a study this is, at which level, and why training has ended there."""
    which = ""
    if look.number > 1 or look.level != LEVEL:
        which = f"This is look {look.number} of this study, level {percent(look.level)}"
        if look.number > 1:
            which += f"; the levels of all its looks add up to {percent(look.spent)}"
        which += "."
    return " ".join(sentence for sentence in (look.stopped, which) if sentence)
