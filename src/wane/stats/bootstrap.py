"""Expected loss of the selected candidate on new rows, when the same rows selected it."""

import dataclasses
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wane._errors import InputError
from wane.stats.selection import best

Floats = NDArray[np.float64]

LEAST_ROWS = 10
"""With fewer rows a draw leaves too few of them out to evaluate by."""
NUMBERS_AT_A_TIME = 2**21
"""Numbers of drawn counts that are in memory together."""


@dataclasses.dataclass(frozen=True)
class Corrected:
    """The mean loss of the chosen candidate on new rows, without the luck of having been chosen.

    Attributes:
        value: the corrected mean.
        naive: the mean on the rows by which the candidate was chosen.
        rows: what each row contributes to the naive mean, which is their mean, [rows]; spread about
            it so that their standard error is that of the estimate.
        draws: how many draws the correction rests on.
        wins: in what share of the draws each candidate was chosen, [candidates].
        gain_optimism: by how much the chosen candidate is nearer to the first one, in the mean of
            what is chosen by, on rows that did not choose it than on those that did.
        least: the smallest mean over repeats of a row, before the rows are spread.
    """

    value: float
    naive: float
    rows: Floats
    draws: int
    wins: Floats
    gain_optimism: float
    least: float

    @property
    def optimism(self) -> float:
        """How much lower the naive mean is than the corrected one."""
        return self.value - self.naive


def bias_corrected(
    selected_by: ArrayLike,
    reported: ArrayLike,
    counts: ArrayLike,
    strengths: ArrayLike,
    *,
    chosen: int | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> Corrected | None:
    """The bootstrap bias-corrected estimate (BBC-CV) of the chosen candidate's mean loss.

    The rows are drawn with replacement, as many as there are. Each draw chooses the candidate of
    the lowest mean loss on the rows drawn, ties to the stronger, and evaluates it on the rows that
    were not drawn; the estimate is the mean over draws. No network is trained again.

    The draws' quantiles are no interval: each evaluates by only m ≈ n / e of n rows, so they spread
    by √(n / m − 1) ≈ 1.3 times too much. The contributions of the rows are given instead,
    ``μ + (S(i) − μ N(i)) / mean N`` for the sum S over N repeats of row i, from which
    :func:`wane.stats.crossed_interval` makes one. Where the draws spread by more than 1.3 times
    what the rows do, since now this and now that candidate wins, the contributions are spread too.

    None is given for fewer than :data:`LEAST_ROWS` rows.

    Source: Tsamardinos, Greasidou & Borboudakis, Bootstrapping the out-of-sample predictions for
    efficient and accurate cross-validation, Machine Learning 107 (2018), their Algorithm 5.

    Args:
        selected_by: for each candidate and row the sum over repeats of what is chosen by, lower
            being better, [candidates, rows]; the first candidate is the one that gains are over.
        reported: the same of what is reported.
        counts: how many repeats have each row out of sample, [rows].
        strengths: strength of each candidate, [candidates]; 0 for the baseline.
        chosen: the candidate that was chosen on all rows; by default that of the lowest mean.
        draws: how often the rows are drawn.
        seed: where the draws start from.

    Raises:
        InputError: if the shapes do not fit or numbers are not finite.
    """
    given = (selected_by, reported, counts, strengths)
    select, report, count, strength = (np.asarray(one, np.float64) for one in given)
    _check(select, report, count, strength)
    seen = count > 0  # rows that no repeat left out say nothing
    select, report, count = select[:, seen], report[:, seen], count[seen]
    if len(count) < LEAST_ROWS:
        return None
    if chosen is None:
        chosen = best(select.sum(axis=1) / count.sum(), strength)
    naive = float(report[chosen].sum() / count.sum())
    winners, scores, gains, left_out = _scores(select, report, count, strength, draws, seed)
    gain = float((select[0] - select[chosen]).sum() / count.sum())
    deviations = (report[chosen] - naive * count) / count.mean()
    rows_of_naive = naive + _spread(deviations, scores, left_out)
    wins = np.bincount(winners, minlength=len(strength)) / len(winners)
    optimism = gain - float(gains.mean())
    least = float((report[chosen] / count).min())
    value = float(scores.mean())
    return Corrected(value, naive, rows_of_naive, len(scores), wins, optimism, least)


def _spread(deviations: Floats, scores: Floats, left_out: Floats) -> Floats:
    """The rows' deviations, with the standard error of the draws' scores if that is larger."""
    rows = len(deviations)
    error = float(np.std(deviations, ddof=1)) / math.sqrt(rows)
    spread = float(np.std(scores, ddof=1)) / math.sqrt(float(np.mean(rows / left_out)) - 1)
    return deviations * (spread / error) if spread > error > 0 else deviations


def _scores(
    select: Floats, report: Floats, count: Floats, strength: Floats, draws: int, seed: int
) -> tuple[NDArray[np.int64], Floats, Floats, Floats]:
    """Each draw's winner, its score and its gain over the first candidate on the rows left out, and
    how many rows those are."""
    rows = len(count)
    random = np.random.default_rng(seed)
    # Of equal means the first in this order wins, as in `best`.
    order = np.argsort(-strength, kind="stable")
    found: list[tuple[NDArray[np.int64], Floats, Floats, Floats]] = []
    at_a_time = max(1, NUMBERS_AT_A_TIME // rows)
    for begin in range(0, draws, at_a_time):
        some = min(at_a_time, draws - begin)
        drawn = random.multinomial(rows, np.full(rows, 1 / rows), size=some).astype(np.float64)
        rest = (drawn == 0).astype(np.float64)
        means = (drawn @ select.T) / (drawn @ count)[:, None]
        winner = order[np.argmin(means[:, order], axis=1)]
        size = rest @ count
        own = size > 0
        scores = (rest @ report.T)[np.arange(some), winner]
        left = rest @ select.T
        gains = left[:, 0] - left[np.arange(some), winner]
        found.append(
            (winner[own], scores[own] / size[own], gains[own] / size[own], rest.sum(axis=1)[own])
        )
    winners, scores, gains, left_out = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return winners, scores, gains, left_out


def _check(select: Floats, report: Floats, count: Floats, strength: Floats) -> None:
    candidates = len(strength)
    if select.shape != report.shape or select.shape != (candidates, len(count)):
        raise InputError(
            f"There must be a number for each of {candidates} candidates and {len(count)} rows, "
            f"got arrays of shape {select.shape} and {report.shape}."
        )
    if not (np.all(np.isfinite(select)) and np.all(np.isfinite(report))):
        raise InputError(
            "The numbers of rows must be finite; leave out the candidates with diverged runs."
        )
