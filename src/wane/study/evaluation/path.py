"""The stages of a path: what its runs and the cold starts beside them came to, in pairs."""

import dataclasses
from collections.abc import Mapping

import numpy as np
import pandas as pd

from wane.resampling.splits import Resampling
from wane.stats import PairedDifference, holm
from wane.study.evaluation.evidence import LEVEL
from wane.study.evaluation.paired import paired
from wane.study.measures.tables import Means, MeanStd

_IDENTITY = ("start", "stage", "candidate", "strength", "repeat", "epochs")


@dataclasses.dataclass(frozen=True)
class WarmMinusCold:
    """The validation data loss of the path minus that of cold starts; NaN where not comparable.

    Where all repeats share one split, rows and repeats are crossed samples in interval and p; these
    are NaN there where the losses of rows are not known.
    """

    mean: float
    low: float
    high: float
    p: float
    p_holm: float
    conclusion: str


@dataclasses.dataclass(frozen=True)
class PathRuns:
    """The runs of a stage from one kind of start: their epochs in all, and final numbers."""

    epochs: int
    diverged: int
    numbers: Means


@dataclasses.dataclass(frozen=True)
class PathStage:
    """A strength of a path, in the order of training."""

    stage: int
    candidate: str
    strength: float
    warm: PathRuns
    cold: PathRuns
    warm_minus_cold: WarmMinusCold


def path_stages(
    runs: pd.DataFrame,
    resampling: Resampling,
    rows: Mapping[tuple[int, str], np.ndarray | None] | None = None,
) -> list[PathStage]:
    """The stages in the order of training.

    Args:
        runs: the table of :class:`wane.PathResult`.
        resampling: how repeats differ.
        rows: by stage and start what each validation row adds to the mean loss over repeats, where
            all of these share one split and that is known.
    """
    tables = [own for _, own in runs.groupby("stage")]
    differences = [
        _difference(own, resampling, _row_differences(rows or {}, stage))
        for stage, own in enumerate(tables)
    ]
    adjusted = holm([np.nan if one is None else one.p_value for one in differences])
    return [
        PathStage(
            stage=int(own["stage"].iloc[0]),
            candidate=str(own["candidate"].iloc[0]),
            strength=float(own["strength"].iloc[0]),
            warm=_runs(own[own["start"] == "warm"]),
            cold=_runs(own[own["start"] == "cold"]),
            warm_minus_cold=_conclusion(one, float(p_holm), first=place == 0),
        )
        for place, (own, one, p_holm) in enumerate(zip(tables, differences, adjusted, strict=True))
    ]


def _runs(own: pd.DataFrame) -> PathRuns:
    numbers = own.drop(columns=list(_IDENTITY))
    return PathRuns(
        epochs=int(own["epochs"].max()),
        diverged=int(own["validation_data_loss"].isna().sum()),
        numbers={
            str(column): MeanStd(float(values.mean()), float(values.std(ddof=1)))
            for column, values in numbers.items()
        },
    )


def _row_differences(
    rows: Mapping[tuple[int, str], np.ndarray | None], stage: int
) -> np.ndarray | None:
    """Warm minus cold for each row of a stage, mean over repeats; None if not known."""
    warm, cold = rows.get((stage, "warm")), rows.get((stage, "cold"))
    return None if warm is None or cold is None else warm - cold


def _difference(
    own: pd.DataFrame, resampling: Resampling, rows: np.ndarray | None
) -> PairedDifference | None:
    """Warm minus cold in validation data loss, in pairs; None where a run diverged."""
    pair = [
        own[own["start"] == start].sort_values("repeat")["validation_data_loss"].to_numpy()
        for start in ("warm", "cold")
    ]
    if not np.isfinite(pair).all() or own["stage"].iloc[0] == 0:
        return None
    warm, cold = np.array(pair, np.float64)
    one = paired(warm, cold, resampling, rows)
    if rows is None and resampling.shares_split:  # seeds on these rows say nothing of others
        return dataclasses.replace(one, low=np.nan, high=np.nan, p_value=np.nan)
    return one


def _conclusion(one: PairedDifference | None, p_holm: float, *, first: bool) -> WarmMinusCold:
    conclusion = "no difference detected"
    if first:
        conclusion = "the same run"
    elif one is None or one.count < 2:
        conclusion = "not comparable"
    elif np.isnan(p_holm):
        conclusion = "cannot be told"
    elif p_holm < LEVEL:
        conclusion = "better" if one.mean < 0 else "worse"
    if one is None:
        return WarmMinusCold(np.nan, np.nan, np.nan, np.nan, p_holm, conclusion)
    return WarmMinusCold(one.mean, one.low, one.high, one.p_value, p_holm, conclusion)
