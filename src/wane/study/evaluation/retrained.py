"""The improvement of the chosen candidate, from its runs under random weights of the rows."""

import numpy as np

from wane.stats import RetrainedDifference, group_sums, retrained_difference
from wane.study.measures.finished import FinishedRuns
from wane.study.measures.rowwise import RowContributions
from wane.study.running.further import retraining
from wane.study.spec.selection import Criterion


def retrained(
    finished: FinishedRuns,
    rows: RowContributions,
    criterion: Criterion,
    losses: np.ndarray,
    chosen: int,
) -> RetrainedDifference | None:
    """By how much the chosen candidate is better than the baseline, and an interval for data sets.

    Args:
        finished: the study's runs, retrained ones too.
        rows: what each row contributes.
        criterion: what candidates are chosen by.
        losses: that, lower being better, [candidates, repeats].
        chosen: the candidate.

    Returns:
        The improvement in the criterion's unit; None where the journal lacks some of the runs, one
        diverged, or nothing differs.
    """
    found = finished.journal.retrained(finished.resampling.repeats)
    draws, runs = retraining.DRAWS, retraining.RUNS
    places = [(candidate, n) for n in range(draws * runs) for candidate in (0, chosen)]
    if not all(place in found for place in places):
        return None
    values = criterion.losses(np.array([found[place] for place in places]).reshape(-1, 2))
    resampling = finished.resampling
    differences = losses[0] - losses[chosen]
    of_runs = np.arange(draws * runs) % resampling.repeats
    changes = (values[:, 0] - values[:, 1] - differences[of_runs]).reshape(draws, runs)
    if not np.all(np.isfinite(changes)):
        return None
    sign = 1 if criterion.direction == "down" else -1
    by_row = sign * _row_differences(finished, rows, criterion, chosen)
    groups = finished.spec.data.development.groups
    if groups is not None:
        by_row = _of_groups(by_row, groups)
    improvement = retrained_difference(
        resampling.independent(differences), changes, by_row, rows=by_row.shape[1]
    )
    return improvement if improvement.standard_error > 0 else None


def _of_groups(by_row: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """What groups add to the mean in each repeat, [repeats, groups]; NaN where none of it is."""
    there = ~np.isnan(by_row)
    mean = by_row[there].mean()
    sums = group_sums(np.where(there, by_row - mean, 0.0), groups)
    sizes = group_sums(there, groups)
    some = sizes > 0
    return np.where(some, mean + sums / sizes[some].mean(), np.nan)


def _row_differences(
    finished: FinishedRuns, rows: RowContributions, criterion: Criterion, chosen: int
) -> np.ndarray:
    """Baseline minus candidate in each row, [repeats, rows]; NaN where it was trained on.

    Of the root of a mean square each row has its share to the first order, v / (2 root).
    """
    resampling = finished.resampling
    table = np.full((resampling.repeats, len(finished.spec.data.development)), np.nan)
    for repeat in range(resampling.repeats):
        split = resampling.splits[resampling.resample(repeat)]
        both = [rows.of_run(candidate, repeat)[criterion.name] for candidate in (0, chosen)]
        if rows.kinds[criterion.name] == "root":
            both = [own / max(2 * np.sqrt(own.mean()), 1e-12) for own in both]
        table[repeat, split.validation] = both[0] - both[1]
    return table
