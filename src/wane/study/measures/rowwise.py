"""What each single row contributes to losses and metrics, from the predictions that were kept."""

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import numpy as np

from wane.keras_model.bridge.bridge import Bridge
from wane.resampling.rows import Rows
from wane.resampling.splits import Resampling
from wane.stats import by_size, group_contributions, group_sums
from wane.study.measures.finished import (
    FinishedRuns,
    evaluated_rows,
    groups_of_test,
    groups_of_validation,
    row_numbers,
)
from wane.study.measures.pseudo_values import groups_of, measure_of, pseudo_values

GROUPED_REPEATS = 10
"""Repeats of which groups of rows are left out in turn: more cost time and tell little of rows."""
TOLERANCE = 1e-3
"""A number that is no mean over rows differs from the mean of its rows by more than this share."""


class RowMeasures:
    """Data loss and metrics of single rows, of those that are means over rows.

    Args:
        bridge: the model as pure functions.

    Attributes:
        kinds: for each measure ``"mean"``, ``"share"``, a mean of numbers from 0 to 1, or
            ``"root"`` of the mean square.
    """

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        means = {"data_loss": "mean", **bridge.means_over_rows}
        self.kinds: dict[str, str] = {name: kind for name, kind in means.items() if kind}
        self._of_rows = jax.jit(jax.vmap(self._of_row))

    def _of_row(self, y: Any, predictions: Any, weight: Any, unit: Any) -> dict[str, jax.Array]:
        one = jax.tree.map(lambda leaf: leaf[None], (y, predictions, weight, unit))
        values = self._bridge.metric_results(
            self._bridge.with_rows(self._bridge.metric_state(), *one)
        )
        values["data_loss"] = self._bridge.data_loss(*one[:3])
        return {name: values[name] for name in self.kinds}

    def of(self, rows: Rows, outputs: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
        """The measures of these rows, squared where they are roots, [rows] by name.

        Args:
            rows: the rows that the predictions are for.
            outputs: the model's outputs for them.
        """
        predictions = jax.tree.unflatten(self._bridge.outputs, outputs)
        measured = self._of_rows(rows.y, predictions, rows.sample_weight, rows.unit)
        values = {}
        for name, kind in self.kinds.items():
            value = np.asarray(measured[name], np.float64)
            values[name] = value**2 if kind == "root" else value
        return values


@dataclasses.dataclass(frozen=True)
class RowSums:
    """Sums over repeats of what each row contributes, where it was not trained on.

    Attributes:
        kinds: for each measure what :class:`RowMeasures` calls it.
        candidates: the indices of the candidates whose every run is there.
        sums: for each measure [candidates, rows]; of roots these are squares.
        counts: how many repeats have each row, [rows].
        row_count: how many rows there are, where groups of them stand for rows.
    """

    kinds: dict[str, str]
    candidates: tuple[int, ...]
    sums: dict[str, np.ndarray]
    counts: np.ndarray
    row_count: int


Values = Mapping[str, np.ndarray]
"""Final values by metric, [candidates, repeats]."""


class RowContributions:
    """What each row contributes to data loss and metrics, each found when it is first asked for.

    Args:
        finished: the study's runs.
        values: the final values by part, ``validation`` and perhaps ``test``.

    Attributes:
        values: as given.
        kinds: for each measure what :class:`RowMeasures` calls it.
        groups, test_groups: the group of each validation and test row, [rows]; None without.
    """

    def __init__(self, finished: FinishedRuns, values: Mapping[str, Values]) -> None:
        self.values = values
        self._finished = finished
        self._measures = RowMeasures(finished.bridge)
        self.kinds = self._measures.kinds
        self._test: dict[int, dict[str, np.ndarray]] = {}
        self._grouped: dict[str, RowSums | None] = {}
        self.groups = groups_of_validation(finished)
        self.test_groups = groups_of_test(finished)

    @functools.cached_property
    def validation(self) -> "RowSums | None":
        """The sums over repeats for each validation row; None if predictions were not kept."""
        return validation_sums(self._finished, self._measures, self.values["validation"])

    @functools.cached_property
    def _of_groups(self) -> "RowSums | None":
        """The sums over repeats for each group of validation rows, or each row without groups."""
        rows, groups = self.validation, self.groups
        if rows is None or groups is None:
            return rows
        sums = {name: group_sums(table, groups) for name, table in rows.sums.items()}
        counts = group_sums(rows.counts, groups)
        return dataclasses.replace(rows, sums=sums, counts=counts)

    def sums(self, name: str) -> "RowSums | None":
        """The sums over repeats of a measure and others, over rows or groups of them.

        Of a measure that is no mean over rows groups contribute, and with them to all others.
        """
        rows = self.validation
        if rows is None or name in rows.sums:
            return self._of_groups
        if name not in self._grouped:
            self._grouped[name] = grouped_sums(
                self._finished, rows, name, self.values["validation"], self.groups
            )
        return self._grouped[name]

    def on_validation(self, name: str) -> np.ndarray | None:
        """What each validation row, or group of rows, adds to a measure's mean over repeats.

        Returns:
            [candidates, rows], NaN for candidates with diverged runs; None if it is not known.
        """
        every = self.validation
        sums = every if every is not None and name in every.sums else self.sums(name)
        if sums is None:
            return None
        seen = sums.counts > 0
        values = self.values["validation"][name]
        means = sums.sums[name][:, seen] / sums.counts[seen]
        found: dict[int, np.ndarray] = {}
        for place, candidate in enumerate(sums.candidates):
            own = linear(means[place], values[candidate], sums.kinds[name])
            if sums is not every:  # groups, of the first repeats alone
                own = by_size(own, sums.counts[seen]) if self.groups is not None else own
                own = own + (values[candidate].mean() - own.mean())
            elif self.groups is not None:
                own = group_contributions(own, self.groups[seen])
            found[candidate] = own
        rows = np.full((len(values), len(next(iter(found.values()), ()))), np.nan)
        for candidate, own in found.items():
            rows[candidate] = own
        return rows

    def on_test(self, name: str, candidate: int) -> np.ndarray | None:
        """What each test row adds to a candidate's mean over repeats, [rows]; None if not known."""
        rows = self.test(candidate).get(name)
        if rows is None:
            return grouped_test(
                self._finished, candidate, name, self.values["test"], self.test_groups
            )
        own = linear(rows, self.values["test"][name][candidate], self.kinds[name])
        return own if self.test_groups is None else group_contributions(own, self.test_groups)

    def of_rows(self, rows: Rows, outputs: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
        """The measures of each of these rows by any outputs for them, [rows] by name."""
        return self._measures.of(rows, outputs)

    def of_run(self, candidate: int, repeat: int) -> dict[str, np.ndarray]:
        """The measures of each validation row of one run, whose predictions were kept, [rows]."""
        outputs = self._finished.journal.predictions(candidate, repeat, "validation")
        return self._measures.of(evaluated_rows(self._finished, repeat)[0], outputs)

    def test(self, candidate: int) -> dict[str, np.ndarray]:
        """A candidate's measures of each test row, mean over repeats, [rows] by name."""
        if candidate not in self._test:
            self._test[candidate] = test_measures(
                self._finished, self._measures, candidate, self.values["test"]
            )
        return self._test[candidate]


def linear(rows: np.ndarray, runs: np.ndarray, kind: str) -> np.ndarray:
    """What rows add to a mean, of a root by its derivative, so that their mean is that of the runs.

    A root r of a mean square m changes by 1 / (2 r) as much as m does (the delta method).

    Args:
        rows: the mean over repeats for each row, of roots that of the squares, [rows].
        runs: the measure of each run, [repeats].
        kind: as :class:`RowMeasures` has it.
    """
    if kind != "root":
        return rows
    mean = float(np.mean(runs))
    return mean + (rows - rows.mean()) / (2 * mean) if mean > 0 else np.zeros_like(rows)


def validation_sums(
    finished: FinishedRuns,
    measures: RowMeasures,
    final: Mapping[str, np.ndarray],
) -> RowSums | None:
    """The sums over all repeats, of the candidates that never diverged.

    A measure of which the rows' mean is not what the run reported is left out: it is no mean over
    rows, whatever it calls itself.

    Args:
        finished: the study's runs.
        measures: gives the measures of single rows.
        final: the runs' final validation values by measure, [candidates, repeats].

    Returns:
        The sums; None if predictions were not kept.
    """
    resampling = finished.resampling
    whole = tuple(np.flatnonzero(np.all(np.isfinite(final["data_loss"]), axis=1)).tolist())
    sums: dict[str, np.ndarray] = {}
    counts = np.zeros(_row_count(resampling, finished), np.float64)
    kinds = dict(measures.kinds)
    for repeat in range(resampling.repeats):
        rows = evaluated_rows(finished, repeat)[0]
        numbers = row_numbers(resampling, repeat, rows.row_count)
        counts[numbers] += 1
        for place, candidate in enumerate(whole):
            outputs = finished.journal.predictions(candidate, repeat, "validation")
            if not outputs:
                return None
            values = measures.of(rows, outputs)
            for name in list(kinds):
                if not is_mean(values[name], kinds[name], final[name][candidate, repeat]):
                    kinds.pop(name)
                    continue
                own = sums.setdefault(name, np.zeros((len(whole), len(counts)), np.float32))
                own[place, numbers] += values[name]
    known = {name: sums[name] for name in kinds if name in sums}
    return RowSums(kinds, whole, known, counts, int(np.count_nonzero(counts)))


def _row_count(resampling: Resampling, finished: FinishedRuns) -> int:
    if resampling.splits[0].validation is None:
        return finished.splits.rows(0).validation.row_count
    return len(finished.spec.data.development)


def is_mean(values: np.ndarray, kind: str, reported: float) -> bool:
    """Whether what a run reported is the mean of these rows, or the root of their mean square."""
    mean = float(np.mean(values))
    mean = float(np.sqrt(mean)) if kind == "root" else mean
    return abs(mean - reported) <= TOLERANCE * max(abs(reported), abs(mean), 1e-6)


def test_measures(
    finished: FinishedRuns,
    measures: RowMeasures,
    candidate: int,
    final: Mapping[str, np.ndarray],
) -> dict[str, np.ndarray]:
    """A candidate's measures of each test row, mean over repeats, [rows] by name.

    Args:
        finished: the study's runs.
        measures: gives the measures of single rows.
        candidate: the index of a candidate without diverged runs.
        final: the runs' final test values by measure, [candidates, repeats].

    Returns:
        The means, of roots those of the squares; empty if predictions were not kept.
    """
    sums: dict[str, np.ndarray] = {}
    kinds = dict(measures.kinds)
    for repeat in range(finished.resampling.repeats):
        _, rows = evaluated_rows(finished, repeat)
        outputs = finished.journal.predictions(candidate, repeat, "test")
        if rows is None or not outputs:
            return {}
        values = measures.of(rows, outputs)
        for name in list(kinds):
            if not is_mean(values[name], kinds[name], final[name][candidate, repeat]):
                kinds.pop(name)
            else:
                sums[name] = sums.get(name, 0.0) + values[name]
    return {name: sums[name] / finished.resampling.repeats for name in kinds}


def grouped_sums(
    finished: FinishedRuns,
    rows: RowSums,
    name: str,
    final: Mapping[str, np.ndarray],
    clusters: np.ndarray | None = None,
) -> RowSums | None:
    """The sums over repeats of what groups of validation rows contribute.

    Args:
        finished: the study's runs.
        rows: the sums over single rows of the measures that have them.
        name: of a measure that has not.
        final: the runs' final validation values by measure, [candidates, repeats].
        clusters: the group of each row that is drawn as a whole, [rows], or None.

    Returns:
        The sums, the measure among them; None if it has no value without some group.
    """
    measure, resampling = measure_of(finished, name), finished.resampling
    if measure is None or name not in final:
        return None
    parts = [evaluated_rows(finished, repeat)[0] for repeat in range(resampling.repeats)]
    numbers = [row_numbers(resampling, i, part.row_count) for i, part in enumerate(parts)]
    groups, seen = _groups(parts, numbers, len(rows.counts), clusters), rows.counts > 0
    counts = np.bincount(groups[seen], weights=rows.counts[seen])
    pseudo, counted = np.zeros((len(rows.candidates), len(counts))), np.zeros(len(counts))
    for repeat in range(min(resampling.repeats, GROUPED_REPEATS)):
        own = groups[numbers[repeat]]
        sizes = np.bincount(own, minlength=len(counts))
        there = sizes > 0
        counted += sizes
        for place, candidate in enumerate(rows.candidates):
            outputs = finished.journal.predictions(candidate, repeat, "validation")
            value = float(final[name][candidate, repeat])
            found = pseudo_values(measure, parts[repeat], outputs, own, value)[: len(counts)]
            if not np.isfinite(found[there[: len(found)]]).all():
                return None
            pseudo[place, there] += found[there[: len(found)]] * sizes[there]
    if not counted.all():
        return None
    sums = {
        other: np.array([np.bincount(groups[seen], weights=one[seen]) for one in table])
        for other, table in rows.sums.items()
    }
    sums[name] = pseudo * counts / counted
    kinds = {**rows.kinds, name: "mean"}
    return RowSums(kinds, rows.candidates, sums, counts, int(np.count_nonzero(seen)))


def _groups(
    parts: Sequence[Rows],
    numbers: Sequence[np.ndarray],
    count: int,
    clusters: np.ndarray | None,
) -> np.ndarray:
    """The group of each row by its number, [rows]; 0 for rows that no repeat has."""
    targets: dict[int, np.ndarray] = {}
    for part, own in zip(parts, numbers, strict=True):
        targets.update(zip(own.tolist(), np.asarray(jax.tree.leaves(part.y)[0]), strict=True))
    groups = np.zeros(count, np.int64)
    seen = sorted(targets)
    drawn = None if clusters is None else clusters[seen]
    groups[seen] = groups_of(np.array([targets[number] for number in seen]), drawn)
    return groups


def grouped_test(
    finished: FinishedRuns,
    candidate: int,
    name: str,
    final: Mapping[str, np.ndarray],
    clusters: np.ndarray | None = None,
) -> np.ndarray | None:
    """What groups of test rows contribute to a candidate's mean over repeats, [groups].

    Returns:
        None where the measure has no value without some group, or predictions were not kept.
    """
    measure = measure_of(finished, name)
    if measure is None or not np.isfinite(final[name][candidate]).all():
        return None
    found: list[np.ndarray] = []
    for repeat in range(min(finished.resampling.repeats, GROUPED_REPEATS)):
        rows = evaluated_rows(finished, repeat)[1]
        outputs = finished.journal.predictions(candidate, repeat, "test")
        if rows is None or not outputs:
            return None
        groups = groups_of(np.asarray(jax.tree.leaves(rows.y)[0]), clusters)
        value = float(final[name][candidate, repeat])
        found.append(pseudo_values(measure, rows, outputs, groups, value))
    means = np.mean(found, axis=0)
    if clusters is not None:
        means = by_size(means, np.bincount(groups))
    means += final[name][candidate].mean() - means.mean()
    return means if np.isfinite(means).all() else None
