"""Every candidate beside the baseline, in pairs, in the unit of every metric."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from wane.resampling.splits import Resampling
from wane.stats import PairedDifference, holm, paired_difference


def differences(
    values: np.ndarray, resampling: Resampling, confidence: float = 0.95
) -> list[PairedDifference | None]:
    """Candidate minus baseline for each candidate; None where either has no number in some run.

    Args:
        values: [candidates, repeats], the baseline first.
        resampling: how repeats differ, and so what counts as one pair.
        confidence: of the intervals.
    """
    counted = resampling.independent(values)
    return [
        paired_difference(
            other,
            counted[0],
            confidence=confidence,
            test_to_train_ratio=resampling.test_to_train_ratio,
        )
        if np.all(np.isfinite(counted[0])) and np.all(np.isfinite(other))
        else None
        for other in counted[1:]
    ]


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
) -> pd.DataFrame:
    """A row for each metric and candidate but the baseline.

    Args:
        names: the candidates, the baseline first.
        values: validation values by metric, [candidates, repeats].
        resampling: how repeats differ.
        dropped: how many candidates were not trained to the last repeat.
        order: the names in the order of the table; by default their own.

    Returns:
        ``metric``, ``candidate``, ``difference`` (mean of candidate minus baseline, in the metric's
        unit), ``standard_error``, ``low`` and ``high`` (95 % interval), ``p``, ``p_holm`` (adjusted
        over the candidates of the metric) and ``pairs``, the number of differences that counted.
        What does not exist, as an interval of one pair, is NaN.
    """
    rows = []
    places = [names.index(name) for name in order or names]
    for metric, table in values.items():
        found = differences(table, resampling)
        every = list(zip(names[1:], found, adjusted_p(found, dropped), strict=True))
        for name, one, p_holm in (every[place - 1] for place in places if place):
            difference = one or _NONE
            rows.append(
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
    return pd.DataFrame(rows, columns=list(COLUMNS))


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
