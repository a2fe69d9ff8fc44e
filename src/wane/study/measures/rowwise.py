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
from wane.study.measures.finished import FinishedRuns

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
    """

    kinds: dict[str, str]
    candidates: tuple[int, ...]
    sums: dict[str, np.ndarray]
    counts: np.ndarray


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
    """

    def __init__(self, finished: FinishedRuns, values: Mapping[str, Values]) -> None:
        self.values = values
        self._finished = finished
        self._measures = RowMeasures(finished.bridge)
        self.kinds = self._measures.kinds
        self._test: dict[int, dict[str, np.ndarray]] = {}

    @functools.cached_property
    def validation(self) -> "RowSums | None":
        """The sums over repeats for each validation row; None if predictions were not kept."""
        return validation_sums(self._finished, self._measures, self.values["validation"])

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


def row_numbers(resampling: Resampling, repeat: int, count: int) -> np.ndarray:
    """Which rows a repeat has for validation, by numbers that repeats share, [count]."""
    rows = resampling.splits[resampling.resample(repeat)].validation
    return np.arange(count) if rows is None else rows


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
    return RowSums(kinds, whole, {name: sums[name] for name in kinds if name in sums}, counts)


def evaluated_rows(finished: FinishedRuns, repeat: int) -> tuple[Rows, Rows | None]:
    """Validation and test rows of a repeat, weighted as the final numbers were."""
    rows = finished.splits.rows(repeat)
    parts = (rows.train, rows.validation, rows.test)
    if any(part is not None and part.sample_weight is None for part in parts):
        bare = [part and part._replace(sample_weight=None) for part in parts[1:]]
        assert bare[0] is not None
        return bare[0], bare[1]
    return rows.validation, rows.test


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
