"""Every candidate beside the baseline, in pairs, in the unit of every metric."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from wane.resampling.splits import Resampling
from wane.stats import MaxT, PairedDifference, crossed_difference, holm, max_t, paired_difference


def paired(
    a: np.ndarray,
    b: np.ndarray,
    resampling: Resampling,
    rows: np.ndarray | None = None,
    confidence: float = 0.95,
    *,
    skewed: bool = False,
) -> PairedDifference:
    """a − b over repeats, and where all of them share one split, over its rows too.

    On one split repeats differ in their seed only, and however many there are, its few rows limit
    what is known of others: rows and repeats are then crossed samples. Where the differences of
    rows are not known, the interval is that between seeds on these rows.

    Args:
        a, b: a number for each repeat, [repeats].
        resampling: how repeats differ.
        rows: a − b for each evaluated row, mean over repeats, [rows]; None if not known.
        confidence: of the interval.
        skewed: whether the rows are losses less one number, and not differences of two losses.
    """
    one, other = resampling.independent(np.array([a, b], np.float64))
    if rows is not None and resampling.shares_split and len(one) > 1:
        return crossed_difference(rows, one - other, confidence=confidence, skewed=skewed)
    return paired_difference(
        one,
        other,
        confidence=confidence,
        test_to_train_ratio=resampling.test_to_train_ratio,
        same_rows=resampling.shares_split,
    )


def differences(
    values: np.ndarray, resampling: Resampling, rows: np.ndarray | None = None
) -> list[PairedDifference | None]:
    """Candidate minus baseline for each candidate; None where either has no number in some run.

    Args:
        values: [candidates, repeats], the baseline first.
        resampling: how repeats differ, and so what counts as one pair.
        rows: what each evaluated row adds to the mean over repeats, [candidates, rows], if known.
    """
    return [
        paired(
            values[index], values[0], resampling, None if rows is None else rows[index] - rows[0]
        )
        if np.all(np.isfinite(values[[0, index]]))
        else None
        for index in range(1, len(values))
    ]


def joint(
    values: np.ndarray, resampling: Resampling, rows: np.ndarray | None = None, dropped: int = 0
) -> MaxT:
    """The largest error of all candidates' differences to the baseline, as :func:`max_t` draws it.

    Args:
        values, resampling, rows: as for :func:`differences`.
        dropped: how many candidates were left out for what their first repeats showed.
    """
    whole = np.isfinite(values).all(axis=1)
    whole[0] = False
    over_repeats = resampling.independent(values[whole] - values[0])
    count = over_repeats.shape[1]
    # Over overlapping splits all variances are larger by one factor, which no correlation shows.
    covariance = _covariance(over_repeats) / count
    if rows is not None and resampling.shares_split:
        over_rows = rows[whole] - rows[0]
        covariance = covariance + _covariance(over_rows) / over_rows.shape[1]
    return max_t(covariance, independent=dropped)


def _covariance(differences: np.ndarray) -> np.ndarray:
    if differences.shape[1] < 2:
        return np.zeros((len(differences), len(differences)))
    return np.atleast_2d(np.cov(differences))


def adjusted_p(found: Sequence[PairedDifference | None], dropped: int = 0) -> np.ndarray:
    """Holm's adjusted p-values over candidates; NaN where there is no difference to test.

    Args:
        found: the differences.
        dropped: how many candidates were left out for what their first repeats showed. They
            count, as with p = 1, for they were asked about too.
    """
    p_values = [np.nan if one is None else one.p_value for one in found]
    return holm([*p_values, *[1.0] * dropped])[: len(p_values)]


_NONE = PairedDifference(np.nan, np.nan, np.nan, np.nan, np.nan, 0)


def comparisons_table(
    names: Sequence[str],
    values: Mapping[str, np.ndarray],
    resampling: Resampling,
    dropped: int = 0,
    order: Sequence[str] | None = None,
    rows: Mapping[str, np.ndarray | None] | None = None,
    spans: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """A row for each metric and candidate but the baseline.

    Args:
        names: the candidates, the baseline first.
        values: validation values by metric, [candidates, repeats].
        resampling: how repeats differ.
        dropped: how many candidates were not trained to the last repeat.
        order: the names in the order of the table; by default their own.
        rows: by metric what each row adds to its mean, [candidates, rows]; see :func:`differences`.
        spans: by metric by how much it can change at most, beyond which no interval reaches.

    Returns:
        ``metric``, ``candidate``, ``difference`` (mean of candidate minus baseline, in the metric's
        unit), ``standard_error``, ``low`` and ``high`` (95 % interval), ``p``, ``p_holm`` (adjusted
        over the candidates of the metric) and ``pairs``, the number of differences that counted.
        What does not exist, as an interval of one pair, is NaN.
    """
    table_rows = []
    places = [names.index(name) for name in order or names]
    for metric, table in values.items():
        found = differences(table, resampling, (rows or {}).get(metric))
        every = list(zip(names[1:], found, adjusted_p(found, dropped), strict=True))
        for name, one, p_holm in (every[place - 1] for place in places if place):
            difference = (one or _NONE).within((spans or {}).get(metric, math.inf))
            table_rows.append(
                {
                    "metric": metric,
                    "candidate": name,
                    "difference": difference.mean,
                    "standard_error": difference.standard_error,
                    "low": difference.low,
                    "high": difference.high,
                    "p": difference.p_value,
                    "p_holm": p_holm,
                    "pairs": difference.count,
                }
            )
    return pd.DataFrame(table_rows, columns=list(COLUMNS))


COLUMNS = (
    "metric",
    "candidate",
    "difference",
    "standard_error",
    "low",
    "high",
    "p",
    "p_holm",
    "pairs",
)
