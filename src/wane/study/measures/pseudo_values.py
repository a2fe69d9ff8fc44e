"""What groups of rows contribute to a measure that is no mean over rows, such as AUC or R².

A measure of all rows and of all but some says what these contribute. So such a measure gets what
means have: the spread of its rows, a bootstrap and an interval.
"""

from collections.abc import Callable, Sequence

import jax
import numpy as np

from wane.keras_model.bridge.bridge import Bridge
from wane.resampling.rows import Rows, in_own_unit
from wane.study.measures.finished import FinishedRuns
from wane.study.measures.scorers import scored, targets_of
from wane.study.measures.thresholds import exact_of_rows

GROUPS = 20
"""Groups of rows: a measure is computed as often for each run."""

Outputs = Sequence[np.ndarray]
Measure = Callable[[Rows, Outputs], float]
"""The value of a measure for rows and the outputs for them; NaN where there is none."""


def measure_of(finished: FinishedRuns, name: str) -> Measure | None:
    """The measure of that name, of any rows; None if no such one can be computed anew."""
    bridge, scoring = finished.bridge, finished.spec.scoring or {}
    if name in scoring:
        one = {name: scoring[name]}

        def score(rows: Rows, outputs: Outputs) -> float:
            if len(outputs) != 1:
                return np.nan
            own, y = (np.asarray(in_own_unit(rows.unit, values)) for values in (outputs[0], rows.y))
            value = scored(one, bridge.task, own, targets_of(bridge.task, y))[name]
            return np.nan if isinstance(value, str) else value

        return score
    metrics = bridge.metrics_by_name
    exact = metrics.get(name.removesuffix("_exact"))
    if name not in metrics and exact is not None:
        return lambda rows, outputs: exact_of_rows(bridge, exact, rows, outputs[0])
    return _metric(bridge, name) if name in metrics else None


def _metric(bridge: Bridge, name: str) -> Measure:
    @jax.jit
    def value(rows: Rows, outputs: list[jax.Array]) -> jax.Array:
        predictions = jax.tree.unflatten(bridge.outputs, outputs)
        state = bridge.with_rows(
            bridge.metric_state(), rows.y, predictions, rows.sample_weight, rows.unit
        )
        return bridge.metric_results(state)[name]

    return lambda rows, outputs: float(value(rows, list(outputs)))


def groups_of(y: np.ndarray, clusters: np.ndarray | None = None) -> np.ndarray:
    """The group of each row, [rows], from 0: like targets are spread over all groups.

    Args:
        y: targets, [rows, …].
        clusters: rows that are drawn as a whole have one number, [rows], and are in one group.
    """
    flat = y.reshape(len(y), -1)
    if clusters is not None:
        codes = np.unique(clusters, return_inverse=True)[1].reshape(-1)
        sums = np.array([np.bincount(codes, weights=column) for column in flat.T])
        return groups_of((sums / np.bincount(codes)).T)[codes]
    order = np.lexsort(flat.T[::-1])
    groups = np.empty(len(y), np.int64)
    groups[order] = np.arange(len(y)) % min(GROUPS, len(y))
    return groups


def pseudo_values(
    measure: Measure, rows: Rows, outputs: Outputs, groups: np.ndarray, value: float
) -> np.ndarray:
    """What each group contributes to a measure of these rows, [groups], NaN for groups not there.

    ``θ + (n / n(g) − 1) (θ − θ(−g))`` for the measure θ of all n rows and that without the n(g)
    rows of a group; moved so that their mean, weighted by n(g), is the value. Of a mean over rows
    they are the means of the groups.

    Source: Tukey's pseudo-values, for groups of unequal size by Busing, Meijer & van der Leeden,
    Delete-m jackknife for unequal m, Statistics and Computing 9 (1999).

    Args:
        measure: what is computed.
        rows, outputs: the rows and the outputs for them.
        groups: the group of each row, [rows].
        value: the measure of all rows.
    """
    found = np.full(groups.max() + 1, np.nan)
    sizes = np.bincount(groups)
    for group in np.flatnonzero(sizes):
        rest = np.flatnonzero(groups != group)
        without = measure(rows.at(rest), [output[rest] for output in outputs])
        found[group] = value + (len(groups) / sizes[group] - 1) * (value - without)
    there = sizes > 0
    return np.asarray(found + value - np.average(found[there], weights=sizes[there]))
