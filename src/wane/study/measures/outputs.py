"""The numbers of any predictions of a study's rows, found as those of its networks are."""

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import numpy as np

from wane.resampling.rows import Rows, in_own_unit
from wane.stats import group_contributions
from wane.study.measures.finished import FinishedRuns, evaluated_rows, row_numbers
from wane.study.measures.rowwise import RowContributions, is_mean, linear
from wane.study.measures.scorers import scored, targets_of

Outputs = tuple[np.ndarray, np.ndarray | None]
"""Predictions of validation and test rows, as the network's outputs, [rows, units]."""


@dataclasses.dataclass(frozen=True)
class Measured:
    """A model's numbers of each repeat, [repeats], and what rows add to their mean, [rows]."""

    runs: Mapping[str, np.ndarray]
    rows: Mapping[str, np.ndarray]


class OutputMeasures:
    """Evaluates predictions as those of the networks were.

    Args:
        finished: the runs.
        contributions: what rows contribute to the networks' numbers.
    """

    def __init__(self, finished: FinishedRuns, contributions: RowContributions) -> None:
        self._finished = finished
        self._contributions = contributions
        self._numbers = jax.jit(self._evaluated)

    def _evaluated(self, rows: Rows, outputs: list[jax.Array]) -> dict[str, jax.Array]:
        bridge = self._finished.bridge
        predictions = jax.tree.unflatten(bridge.outputs, outputs)
        state = bridge.with_rows(
            bridge.metric_state(), rows.y, predictions, rows.sample_weight, rows.unit
        )
        loss = bridge.data_loss(rows.y, predictions, rows.sample_weight)
        return {**bridge.metric_results(state), "data_loss": loss}

    def measured(self, each: Sequence[Outputs], part: str) -> Measured:
        """The numbers of a model that predicts this in each of the first repeats.

        Args:
            each: its outputs for validation and for test rows.
            part: whose numbers are asked for.
        """
        runs: dict[str, list[float]] = {}
        rows: dict[str, np.ndarray] = {}
        counts: Counter[str] = Counter()
        same = self._same_rows(part)
        kinds, resample = self._contributions.kinds, self._finished.resampling.resample
        # A model of one split stands for all its repeats.
        uses = Counter((resample(repeat), id(outputs)) for repeat, outputs in enumerate(each))
        known: dict[tuple[int, int], tuple[dict[str, float], dict[str, np.ndarray]]] = {}
        for repeat, outputs in enumerate(each):
            which = resample(repeat), id(outputs)
            found = known.get(which)
            if found is None:
                own = evaluated_rows(self._finished, repeat)[part == "test"]
                output = outputs[part == "test"]
                assert own is not None and output is not None
                rows_of = self._contributions.of_rows(own, [output])
                found = self._of(own, output), rows_of
                if uses[which] > 1:
                    known[which] = found
            numbers, each_row = found
            for name, value in numbers.items():
                runs.setdefault(name, []).append(value)
            for name, values in each_row.items():
                if same and name in numbers and is_mean(values, kinds[name], numbers[name]):
                    # Summed as they come: those of all repeats are more than memory should hold.
                    rows[name] = rows[name] + values if name in rows else values
                    counts[name] += 1
        every = {name: np.array(values) for name, values in runs.items()}
        alike = {
            name: self._drawn(
                linear(total / len(each), every[name], self._contributions.kinds[name]), part
            )
            for name, total in rows.items()
            if counts[name] == len(each)
        }
        return Measured(every, alike)

    def _same_rows(self, part: str) -> bool:
        """Whether all repeats have the same rows of a part."""
        return part == "test" or self._finished.resampling.shares_split

    def _drawn(self, rows: np.ndarray, part: str) -> np.ndarray:
        """What groups of rows add, where rows of a group are drawn as a whole."""
        groups = self._contributions.test_groups
        if part == "validation":
            groups = self._contributions.groups
            if groups is not None:
                groups = groups[row_numbers(self._finished.resampling, 0, len(rows))]
        return rows if groups is None else group_contributions(rows, groups)

    def _of(self, rows: Rows, output: np.ndarray) -> dict[str, float]:
        numbers = {name: float(v) for name, v in self._numbers(rows, [output]).items()}
        task, scoring = self._finished.bridge.task, self._finished.spec.scoring or {}
        own, y = (np.asarray(in_own_unit(rows.unit, values)) for values in (output, rows.y))
        scores: Mapping[str, Any] = scored(scoring, task, own, targets_of(task, y))
        return numbers | {n: v for n, v in scores.items() if not isinstance(v, str)}

    def network(self, candidate: int, part: str) -> Measured:
        """A candidate's numbers on a part of the rows."""
        values = self._contributions.values[part]
        of = self._contributions.on_test if part == "test" else self._on_validation
        rows = {name: of(name, candidate) for name in self._contributions.kinds if name in values}
        known = {name: own for name, own in rows.items() if own is not None}
        return Measured({name: table[candidate] for name, table in values.items()}, known)

    def _on_validation(self, name: str, candidate: int) -> np.ndarray | None:
        if not self._same_rows("validation"):
            return None  # rows are then no sample by themselves
        own = self._contributions.on_validation(name)
        return None if own is None else own[candidate]
