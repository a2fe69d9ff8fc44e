"""Tests that hold however often one looks: levels of looks, e-process, confidence sequence."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wane._errors import InputError
from wane.stats.intervals import Interval

LEVEL = 0.05
"""What the levels of all looks add up to at most."""
FIRST_LOOK = 10
"""Repeats of the first look; with fewer a t test of skewed differences errs too often."""
PRIOR = 4.0
"""Variances that the mixture's effect has less than a single difference: its standard deviation is
half that of the differences."""
LITTLE = 0.1
"""More repeats tell little where they make up no larger a share of the variance."""

Floats = NDArray[np.float64]


def look_level(look: int, *, level: float = LEVEL) -> float:
    """The level at which the j-th look at growing data tests: ``level · 6 / (π² j²)``.

    Over ever so many looks these add up to ``level``, so that by Bonferroni's inequality a study
    without any effect is called one at any look in at most a share ``level`` of all studies,
    whatever the dependence between looks.

    Source: the convergent series of Robbins, Statistical methods related to the law of the iterated
    logarithm, Annals of Mathematical Statistics 41 (1970), as alpha spending of Lan & DeMets,
    Discrete sequential boundaries for clinical trials, Biometrika 70 (1983).

    Args:
        look: its number j, from 1.
        level: of all looks together.

    Raises:
        InputError: unless the look is a whole number from 1 on.
    """
    if look != int(look) or look < 1:
        raise InputError(f"Looks are numbered from 1, got {look!r}.")
    return level * 6 / (math.pi * look) ** 2


def looks_at(most: int, *, multiple: int = 1, enough: int | None = None) -> tuple[int, ...]:
    """The repeats at which a study that is trained until it is decided is looked at.

    10, 20, 40, 80, … and the last at ``most`` or where repeats are ``enough``, whichever is fewer,
    but at no fewer than 10 of them.

    Args:
        most: the most repeats.
        multiple: of what number repeats must be a multiple; ``most`` is one.
        enough: after how many repeats more of them tell little.
    """

    def whole(repeats: int) -> int:
        return -(-repeats // multiple) * multiple

    last = most if enough is None else min(most, whole(max(enough, FIRST_LOOK)))
    found, repeats = [], FIRST_LOOK
    while repeats < last:
        found.append(whole(repeats))
        repeats *= 2
    return (*(one for one in dict.fromkeys(found) if one < last), last)


def enough_repeats(test_to_train_ratio: float) -> int:
    """After how many repeats over overlapping splits more of them tell little.

    The variance of their mean difference is ``s² (1 / k + ratio)`` (Nadeau & Bengio), which no
    number of repeats takes below ``s² · ratio``. Repeats make up at most a tenth of it from
    ``k ≥ 9 / ratio`` on: 27 where a quarter of the rows are for validation.

    Args:
        test_to_train_ratio: of the correction, above 0.
    """
    return math.ceil((1 / LITTLE - 1) / test_to_train_ratio - 1e-9)


def repeats_suffice(row_differences: ArrayLike, repeat_differences: ArrayLike) -> bool:
    """Whether on one split more repeats would tell little that more rows would not.

    So it is where ``s²(repeats) / k ≤ 0.1 · s²(rows) / n``.

    Args:
        row_differences: the mean over repeats of a difference for each row, [rows].
        repeat_differences: its mean over rows for each repeat, [repeats].
    """
    rows, repeats = np.asarray(row_differences), np.asarray(repeat_differences)
    if rows.size < 2 or repeats.size < 2:
        return False
    of_rows = float(np.var(rows, ddof=1)) / rows.size
    return bool(np.var(repeats, ddof=1) / repeats.size <= LITTLE * of_rows)


def e_process(differences: ArrayLike, *, prior: float = PRIOR) -> Floats:
    """Evidence against a mean of zero after each repeat, whenever one looks: the t e-process.

    With t the t statistic of the first k of independent normal differences, ν = k − 1 and g the
    ``prior``, it is the Bayes factor for an effect of N(0, 1 / g) standard deviations under the
    right Haar prior on the standard deviation,

    ``E_k = √(g / (k + g)) · [(1 + t² / ν) / (1 + g / (k + g) · t² / ν)] ^ (k / 2)``,

    and ``E_1 = 1``. Where the mean is zero it exceeds 1 / α at any k at all in at most a share α of
    all sequences, whatever the standard deviation. Differences that are all the same so far have no
    spread for a t, and say nothing: 1.

    Source: Lai, On confidence sequences, Annals of Statistics 4 (1976); Pérez-Ortiz, Lardy, de
    Heide & Grünwald, E-statistics, group invariance and anytime-valid testing, Annals of Statistics
    52 (2024); Wang & Ramdas, Anytime-valid t-tests and confidence sequences for Gaussian means with
    unknown variance, Sequential Analysis (2024).

    Args:
        differences: [..., repeats], in the order in which they came.
        prior: g, above 0.

    Returns:
        E after each repeat, [..., repeats].
    """
    count, mean, variance = _running(differences)
    ratio = prior / (count + prior)
    with np.errstate(invalid="ignore", divide="ignore"):
        # t² / ν is the squared mean over the biased variance.
        effect = np.where(variance > 0, mean**2 / np.where(variance > 0, variance, 1.0), 0.0)
        log = 0.5 * np.log(ratio) + count / 2 * (np.log1p(effect) - np.log1p(ratio * effect))
    log = np.where(variance > 0, log, 0.0)
    return np.asarray(np.exp(np.minimum(log, 700.0)))


def anytime_p(differences: ArrayLike, *, prior: float = PRIOR) -> Floats:
    """A p-value after each repeat that holds however often one looks.

    It is ``min over j ≤ k of 1 / E_j``, with the E of :func:`e_process`.

    Args:
        differences: independent ones, [..., repeats].
        prior: as for :func:`e_process`.

    Returns:
        p after each repeat, [..., repeats]; it never rises.
    """
    largest = np.maximum.accumulate(e_process(differences, prior=prior), axis=-1)
    return np.asarray(np.minimum(1.0, 1 / largest))


def confidence_sequence(
    differences: ArrayLike, *, confidence: float = 0.95, prior: float = PRIOR
) -> Interval:
    """An interval for the mean of independent differences that holds after every repeat at once.

    It has the means that :func:`e_process` does not refute at ``α = 1 − confidence``:

    ``d̄ ± s / √k · √(ν (c − 1) / (1 − c g / (k + g)))``, ``c = ((k + g) / (g α²)) ^ (1 / k)``,

    which is infinite for the first few repeats, about 2.1 times as wide as Student's interval at 10
    repeats and 1.6 times at 30 to 100.

    Source: as :func:`e_process`.

    Args:
        differences: one row of them, [repeats].
        confidence: of all intervals of the sequence together.
        prior: as for :func:`e_process`.

    Raises:
        InputError: unless ``0 < confidence < 1``.
    """
    if not 0 < confidence < 1:
        raise InputError(f"confidence must lie between 0 and 1, got {confidence!r}; 0.95 is usual.")
    row = np.asarray(differences, np.float64)
    k = row.size
    mean = float(row.mean()) if k else math.nan
    if k < 2:
        return Interval(mean, math.nan, -math.inf, math.inf, k)
    error = float(row.std(ddof=1)) / math.sqrt(k)
    wide = ((k + prior) / (prior * (1 - confidence) ** 2)) ** (1 / k)
    left = 1 - wide * prior / (k + prior)
    margin = error * math.sqrt((k - 1) * (wide - 1) / left) if left > 0 else math.inf
    return Interval(mean, error, mean - margin, mean + margin, k)


def _running(differences: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Count, mean and biased variance of the first 1, 2, … differences; 0 for rounding alone."""
    rows = np.asarray(differences, np.float64)
    count = np.arange(1, rows.shape[-1] + 1, dtype=np.float64)
    centre = rows[..., :1]  # sums about the first one keep their digits
    mean = np.cumsum(rows - centre, axis=-1) / count
    variance = np.cumsum((rows - centre) ** 2, axis=-1) / count - mean**2
    size = np.maximum.accumulate(np.abs(rows), axis=-1)
    rounding = (2 * np.finfo(np.float32).eps * size) ** 2
    return count, mean + centre, np.where(variance > rounding, variance, 0.0)
