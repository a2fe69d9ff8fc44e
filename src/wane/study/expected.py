"""What the chosen candidate will do on new rows, from numbers that did not choose it."""

import dataclasses
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy import stats

from wane.penalties import strength_of
from wane.stats import Corrected, bias_corrected, crossed_interval
from wane.stats.bootstrap import LEAST_ROWS
from wane.study.measures import RowMeasures, RowSums, test_measures, validation_sums
from wane.study.selection import Criterion

if TYPE_CHECKING:
    from wane.study.run import Session
    from wane.study.store import Store

Values = Mapping[str, np.ndarray]
"""Final values by metric, [candidates, repeats]."""


@dataclasses.dataclass(frozen=True)
class Expectation:
    """What is to be expected of one metric on new rows.

    Attributes:
        value: the honest estimate.
        low, high: its 95 % interval; NaN where there is none.
        naive: the mean on the rows by which the candidate was chosen.
        optimism: how much better than an honest estimate from the same rows the naive one looks;
            NaN where it could not be found.
    """

    value: float
    low: float
    high: float
    naive: float
    optimism: float


@dataclasses.dataclass(frozen=True)
class Expected:
    """What the chosen candidate will do on new rows.

    Attributes:
        source: ``"test"``: measured on test rows; ``"bootstrap"``: the bootstrap bias-corrected
            estimate from validation rows; None: there is no honest estimate.
        rows: how many rows it rests on.
        metrics: the expectations by metric, ``data_loss`` among them.
        why_not: why there is none, in a sentence; empty if there is one.
    """

    source: Literal["test", "bootstrap"] | None
    rows: int
    metrics: Mapping[str, Expectation]
    why_not: str = ""

    def document(self) -> dict[str, Any]:
        """The expectation for the JSON document."""
        metrics = {name: dataclasses.asdict(one) for name, one in self.metrics.items()}
        return {"source": self.source, "rows": self.rows, "metrics": metrics}


def expected(
    session: "Session",
    store: "Store",
    chosen: int,
    criterion: Criterion,
    values: Mapping[str, Values],
) -> Expected:
    """What the chosen candidate will do on new rows.

    Args:
        session, store: the study and its runs.
        chosen: the index of the chosen candidate, which has no diverged run.
        criterion: what it was chosen by.
        values: the final values by part, ``validation`` and perhaps ``test``.
    """
    measures = RowMeasures(session.bridge)
    sums = validation_sums(session, store, measures, values["validation"])
    corrected, why_not = _corrected(session, sums, criterion)
    independent = session.resampling.test_to_train_ratio is None
    optimism = {
        name: _optimism(one, session.directions.get(name)) for name, one in corrected.items()
    }
    naive = {name: float(np.mean(table[chosen])) for name, table in values["validation"].items()}
    if "test" in values:
        rows = test_measures(session, store, measures, chosen, values["test"])
        found = {
            name: Expectation(
                *_on_test(
                    rows.get(name),
                    table[chosen],
                    session.resampling.independent(table[chosen]),
                    measures.kinds.get(name),
                    session.resampling.test_to_train_ratio,
                ),
                naive[name],
                optimism.get(name, math.nan),
            )
            for name, table in values["test"].items()
        }
        return Expected("test", session.row_counts()["test"], found)
    if not corrected:
        return Expected(None, 0, {}, why_not)
    found = {}
    for name, one in corrected.items():
        # The mean over runs, as tables have it, and not over rows: splits may differ in size.
        shift = naive[name] - one.naive
        runs = values["validation"][name][chosen]
        extra = _margin(runs) if independent else 0.0
        low = one.value - math.hypot(one.value - one.low, extra)
        high = one.value + math.hypot(one.high - one.value, extra)
        found[name] = Expectation(
            one.value + shift, low + shift, high + shift, naive[name], optimism[name]
        )
    return Expected("bootstrap", next(iter(corrected.values())).rows, found)


def _corrected(
    session: "Session", sums: RowSums | None, criterion: Criterion
) -> tuple[dict[str, Corrected], str]:
    """The bias-corrected estimate of each measure, or why there is none."""
    if sums is None:
        return {}, "predictions of so many numbers are not kept"
    if criterion.name not in sums.sums:
        return {}, f"{criterion.name} is no mean over rows, by which the bootstrap chooses"
    candidates = session.study.candidates
    strengths = [strength_of(candidates[index]) for index in sums.candidates]
    select = criterion.losses(sums.sums[criterion.name])
    found = {}
    for name, reported in sums.sums.items():
        one = bias_corrected(select, reported, sums.counts, strengths, seed=session.study.seed)
        if one is None:
            return {}, f"it takes at least {LEAST_ROWS} validation rows"
        found[name] = _root(one) if sums.kinds[name] == "root" else one
    return found, ""


def _root(one: Corrected) -> Corrected:
    """The estimate of a root of a mean square, from that of the mean square."""
    value, low, high, naive = (
        math.sqrt(max(square, 0.0)) for square in (one.value, one.low, one.high, one.naive)
    )
    return dataclasses.replace(one, value=value, low=low, high=high, naive=naive)


def _optimism(one: Corrected, direction: str | None) -> float:
    return -one.optimism if direction == "up" else one.optimism


def _margin(runs: np.ndarray) -> float:
    """Half the width of the 95 % interval of the mean over runs that differ in their seed."""
    count = len(runs)
    if count < 2:
        return 0.0
    return float(stats.t.ppf(0.975, count - 1) * np.std(runs, ddof=1) / math.sqrt(count))


def _on_test(
    rows: np.ndarray | None,
    runs: np.ndarray,
    repeats: np.ndarray,
    kind: str | None,
    ratio: float | None,
) -> tuple[float, float, float]:
    """A metric's mean over runs on test rows, with its interval if it is a mean over rows.

    Args:
        rows: the mean over repeats for each row, of roots of the squares, [rows]; or None.
        runs: the metric of each run.
        repeats: the same of what counts as one repeat.
        kind: ``"mean"`` or ``"root"``.
        ratio: as :func:`crossed_interval` takes it.
    """
    value = float(np.mean(runs))
    if rows is None:
        return value, math.nan, math.nan
    root = kind == "root"
    interval = crossed_interval(rows, repeats**2 if root else repeats, test_to_train_ratio=ratio)
    low, high = interval.low, interval.high
    if root:
        low, high = math.sqrt(max(low, 0.0)), math.sqrt(high)
        return value, low, high
    return value, low, high
