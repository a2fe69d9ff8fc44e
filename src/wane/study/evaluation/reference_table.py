"""The table of models of other kinds beside a study's networks."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from wane.study.evaluation.references import ReferenceSummary

REFERENCE_COLUMNS = (
    "reference",
    "metric",
    "validation_mean",
    "validation_std",
    "test_mean",
    "test_std",
    "gain",
    "low",
    "high",
    "p",
)


def references_table(references: Iterable[ReferenceSummary]) -> pd.DataFrame:
    """A row for each model and metric; see :meth:`wane.Result.references`."""
    rows = []
    for one in references:
        for metric, validation in one.validation.items():
            test, gain = (one.test or {}).get(metric), one.gains.get(metric)
            rows.append(
                {
                    "reference": one.name,
                    "metric": metric,
                    "validation_mean": validation.mean,
                    "validation_std": validation.std,
                    "test_mean": np.nan if test is None else test.mean,
                    "test_std": np.nan if test is None else test.std,
                    "gain": np.nan if gain is None else gain.mean,
                    "low": np.nan if gain is None else gain.low,
                    "high": np.nan if gain is None else gain.high,
                    "p": np.nan if gain is None else gain.p_value,
                }
            )
    return pd.DataFrame(rows, columns=list(REFERENCE_COLUMNS))
