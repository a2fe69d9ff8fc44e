"""Simulated numbers as wane's verdict takes them, and the reading of wane 0.1 beside it."""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
from scipy import stats

from wane.penalties import L2, Candidate, candidate_names
from wane.resampling.splits import Resampling
from wane.stats import PairedDifference, crossed_difference, holm, paired_difference
from wane.study.evaluation.evidence import Evidence
from wane.study.evaluation.expected import (
    Expectation,
    Expected,
    from_bootstrap,
    from_validation_rows,
    gain_on_test_rows,
    luck_of_choice,
    test_interval,
)
from wane.study.measures.rowwise import RowSums
from wane.study.spec.selection import DATA_LOSS
from wane.study.verdicts.verdict import verdict


def evidence(
    strengths: Sequence[float],
    train: np.ndarray,
    validation: np.ndarray,
    resampling: Resampling,
    *,
    sums: np.ndarray,
    counts: np.ndarray,
    test_rows: np.ndarray | None = None,
    curve: np.ndarray | None = None,
    ineligible: Sequence[int] = (),
    rare: Mapping[str, int] | None = None,
) -> Evidence:
    """The numbers of a study as wane takes them from its runs.

    Args:
        strengths: of each candidate, the baseline first.
        train, validation: data losses, [candidates, repeats].
        resampling: how repeats differ.
        sums: the sum over repeats of the loss of each row, [candidates, rows].
        counts: in how many repeats each row counts, [rows].
        test_rows: the loss of each test row, [candidates, repeats, rows], or None.
        curve: the baseline's validation loss by epoch, [repeats, epochs]; None where nothing
            changes with epochs.
        ineligible: the candidates that nothing may choose.
        rare: how many rows of a part are of rarer classes, where there are classes.
    """
    candidates: list[Candidate] = [(), *((L2(strength),) for strength in strengths[1:])]
    seen = counts > 0
    test = None if test_rows is None else test_rows.mean(axis=2)
    split = resampling.splits[0]
    rows = {
        "train": len(split.train),
        "validation": int(seen.sum()) if split.validation is None else len(split.validation),
        "test": 0 if test_rows is None else test_rows.shape[2],
    }
    by_row = {"data_loss": sums[:, seen] / counts[seen]} if resampling.shares_split else {}
    made = Evidence(
        names=candidate_names(candidates),
        candidates=candidates,
        train_loss=train,
        validation_loss=validation,
        baseline_curve=np.repeat(validation[0][:, None], 2, axis=1) if curve is None else curve,
        metric="data_loss",
        validation_metric=validation,
        test_metric=test,
        rows=rows,
        resampling=resampling,
        validation_rows=by_row,
        test_loss=test,
        baseline_test_rows=None if test_rows is None else test_rows[0].mean(axis=0),
        ineligible=ineligible,
        rare=rare or {},
    )
    return dataclasses.replace(made, expected=_expected(made, sums, counts, test_rows))


def _expected(
    one: Evidence, sums: np.ndarray, counts: np.ndarray, test_rows: np.ndarray | None
) -> Expected | None:
    """What the chosen candidate will do on new rows, by test rows or the bootstrap."""
    chosen, name = one.chosen, "data_loss"
    if chosen is None:
        return None
    every = tuple(range(len(one.names)))
    kept = RowSums({name: "mean"}, every, {name: sums}, counts, int(np.count_nonzero(counts)))
    corrected, why_not = from_validation_rows(
        kept, DATA_LOSS, one.candidates, chosen, one.ineligible
    )
    luck, own, runs = {}, {}, one.validation_loss[chosen]
    if name in corrected:
        asked = [index for index in every if index not in one.ineligible]
        luck = luck_of_choice(corrected[name], one.names, asked)
        own = {name: from_bootstrap(corrected[name], runs, "down", one.resampling)}
    if test_rows is None:
        count = len(corrected[name].rows) if own else 0
        return Expected("bootstrap" if own else None, count, own, why_not, **luck)
    tested = test_rows[chosen].mean(axis=1)
    low, high = test_interval(test_rows[chosen].mean(axis=0), tested, one.resampling, "mean")
    gain = None
    if chosen:
        difference = test_rows[chosen] - test_rows[0]
        gain = gain_on_test_rows(
            difference.mean(axis=0), difference.mean(axis=1), one.resampling, "down"
        )
    optimism = own[name].optimism if own else np.nan
    value = Expectation(float(tested.mean()), low, high, float(runs.mean()), optimism, gain)
    return Expected("test", test_rows.shape[2], {name: value}, **luck)


@dataclasses.dataclass(frozen=True)
class Said:
    """What is said of the chosen candidate's gain over the baseline.

    Attributes:
        chosen: its index.
        helps: whether it is said to help.
        interval: of the gain; None where there is none.
        improvement: the gain; None where the baseline is chosen.
    """

    chosen: int
    helps: bool
    interval: tuple[float, float] | None
    improvement: float | None = None


def said(one: Evidence) -> Said:
    """What wane's verdict says."""
    found = verdict(one)
    return Said(one.names.index(found.chosen), found.helps, found.interval, found.improvement)


def said_before(one: Evidence) -> Said:
    """What wane 0.1 said: differences over repeats alone, Holm's tests and the plain interval.

    Whatever repeats had in common, each counted as a pair of its own, also where all repeats came
    to the same number; candidates that validation rows stop could be chosen, and test rows decided
    nothing.
    """
    eligible = dataclasses.replace(one, ineligible=())
    chosen, losses = eligible.chosen, one.losses
    if not chosen:
        return Said(0, False, None)
    found = [
        paired_difference(
            losses[0], losses[index], test_to_train_ratio=one.resampling.test_to_train_ratio
        )
        for index in range(1, len(losses))
    ]
    gain = found[chosen - 1]
    adjusted = holm([difference.p_value for difference in found])[chosen - 1]
    return Said(
        chosen,
        bool(gain.mean > 0 and adjusted < 0.05),
        (gain.low, gain.high) if gain.has_interval else None,
        gain.mean,
    )


def said_before_on_test_rows(test_rows: np.ndarray, resampling: Resampling) -> Said:
    """What wane 0.1 said in a comparison on test rows, of the second candidate.

    Rows and repeats were crossed samples there too, with the ratio of validation to training rows
    for what splits have in common, and without a shift for skewness.

    Args:
        test_rows: the loss of each row, [2, repeats, rows], the baseline's first.
        resampling: how repeats differ.
    """
    difference = test_rows[0] - test_rows[1]
    one: PairedDifference = crossed_difference(
        difference.mean(axis=0),
        difference.mean(axis=1),
        test_to_train_ratio=resampling.test_to_train_ratio,
    )
    reach = float(stats.t.ppf(0.975, one.freedom)) * one.standard_error
    helps = one.mean > reach
    return Said(1, helps, (one.mean - reach, one.mean + reach), one.mean)
