"""The chosen network beside models of other kinds, on the rows that decide."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import jax
import numpy as np

from wane.resampling.rows import Rows, in_own_unit
from wane.stats import PairedDifference, group_contributions
from wane.study.evaluation.expected import gain_on_test_rows
from wane.study.evaluation.paired import paired
from wane.study.measures.finished import FinishedRuns, evaluated_rows, row_numbers
from wane.study.measures.rowwise import RowContributions, is_mean, linear
from wane.study.measures.scorers import scored, targets_of
from wane.study.measures.tables import Means, MeanStd
from wane.study.references.fitting import FittedReference
from wane.study.spec.selection import LEAST_TEST_ROWS, Criterion

Part = Literal["validation", "test"]

SIGNAL = 0.05
"""A model that is better than a constant by this share of its number may have found a signal."""


@dataclasses.dataclass(frozen=True)
class ReferenceSummary:
    """A model of another kind beside the networks, which is evaluated and never chosen.

    Attributes:
        name: as the study has it.
        label: what people call it.
        repeats: for how many of the first repeats there is one.
        validation, test: losses and metrics of these, on the same rows as the networks'; None for
            a part that is not there.
        gains: by how much it is better than the chosen network, by metric, on the rows that decide;
            positive where it is.
        over_constant: by how much it is better than a constant prediction, by part and metric, of
            parts with at least ten rows, or groups of them.
    """

    name: str
    label: str
    repeats: int
    validation: Means
    test: Means | None
    gains: Mapping[str, PairedDifference]
    over_constant: Mapping[str, Mapping[str, PairedDifference]]


@dataclasses.dataclass(frozen=True)
class References:
    """The references of a study.

    Attributes:
        on: the part whose rows decide.
        units: how many groups these are of, or how many rows where these have none.
        every: one for each.
        network_over_constant: by how much the chosen network is better than a constant, by metric.
        matters: by metric how much better than a constant would be a signal, whatever chance gives.
    """

    on: Part
    units: int
    every: Sequence[ReferenceSummary]
    network_over_constant: Mapping[str, PairedDifference]
    matters: Mapping[str, float]

    def get(self, name: str) -> ReferenceSummary | None:
        """The reference of this name, if there is one."""
        return next((one for one in self.every if one.name == name), None)


@dataclasses.dataclass(frozen=True)
class _Measured:
    """A model's numbers of each repeat, [repeats], and what rows add to their mean, [rows]."""

    runs: Mapping[str, np.ndarray]
    rows: Mapping[str, np.ndarray]


def references(
    finished: FinishedRuns,
    fitted: Sequence[FittedReference],
    contributions: RowContributions,
    criterion: Criterion,
    chosen: int,
) -> References | None:
    """The references beside the chosen candidate.

    Args:
        finished: the runs.
        fitted: what the references predict.
        contributions: what rows contribute to the networks' numbers.
        criterion: what candidates are chosen by.
        chosen: the chosen candidate, none of whose runs diverged.

    Returns:
        None where the study has none.
    """
    if not fitted:
        return None
    judge = _Judge(finished, contributions)
    units = {**finished.row_counts, **finished.group_counts}
    tested = units["test"] >= LEAST_TEST_ROWS
    part: Part = "test" if tested else "validation"
    parts: list[Part] = ["validation", "test"]
    numbers = {
        (one.name, each): judge.measured(one, each)
        for one in fitted
        for each in parts
        if finished.row_counts[each]
    }
    compare = _Comparing(finished, criterion)
    network = judge.network(chosen, part)
    plain = numbers.get(("constant", part))
    enough = {key: own for key, own in numbers.items() if units[key[1]] >= LEAST_TEST_ROWS}
    over = _OverConstant(enough, compare)
    every = [
        ReferenceSummary(
            name=one.name,
            label=one.label,
            repeats=len(one.outputs),
            validation=_means(numbers[one.name, "validation"]),
            test=_means(numbers[one.name, "test"]) if (one.name, "test") in numbers else None,
            gains=compare(numbers[one.name, part], network, part),
            over_constant=over(one.name),
        )
        for one in fitted
    ]
    of_network = {} if plain is None else compare(network, plain, part)
    matters = {
        name: SIGNAL * abs(float(np.mean(runs)))
        for name, runs in ({} if plain is None else plain.runs).items()
    }
    return References(part, units[part], tuple(every), of_network, matters)


def _means(one: _Measured) -> dict[str, MeanStd]:
    # Where all repeats share a split, a reference is one and the same in all of them.
    return {
        name: MeanStd(
            float(np.mean(runs)), float(np.std(runs, ddof=1)) if len(runs) > 1 else np.nan
        )
        for name, runs in one.runs.items()
    }


class _Judge:
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

    def measured(self, one: FittedReference, part: str) -> _Measured:
        """A reference's numbers on a part of the rows."""
        runs: dict[str, list[float]] = {}
        rows: dict[str, list[np.ndarray]] = {}
        for repeat, outputs in enumerate(one.outputs):
            own = evaluated_rows(self._finished, repeat)[part == "test"]
            output = outputs[part == "test"]
            assert own is not None and output is not None
            numbers = self._of(own, output)
            for name, value in numbers.items():
                runs.setdefault(name, []).append(value)
            kinds = self._contributions.kinds
            for name, values in self._contributions.of_rows(own, [output]).items():
                if name in numbers and is_mean(values, kinds[name], numbers[name]):
                    rows.setdefault(name, []).append(values)
        found = {name: np.array(values) for name, values in runs.items()}
        alike = {
            name: self._drawn(
                linear(np.mean(values, axis=0), found[name], self._contributions.kinds[name]), part
            )
            for name, values in rows.items()
            if len(values) == len(one.outputs) and self._same_rows(part)
        }
        return _Measured(found, alike)

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

    def network(self, candidate: int, part: Part) -> _Measured:
        """A candidate's numbers on a part of the rows."""
        values = self._contributions.values[part]
        of = self._contributions.on_test if part == "test" else self._on_validation
        rows = {name: of(name, candidate) for name in self._contributions.kinds if name in values}
        known = {name: own for name, own in rows.items() if own is not None}
        return _Measured({name: table[candidate] for name, table in values.items()}, known)

    def _on_validation(self, name: str, candidate: int) -> np.ndarray | None:
        if not self._same_rows("validation"):
            return None  # rows are then no sample by themselves
        own = self._contributions.on_validation(name)
        return None if own is None else own[candidate]


@dataclasses.dataclass(frozen=True)
class _Comparing:
    """By how much one model is better than another, by metric, on the rows that decide."""

    finished: FinishedRuns
    criterion: Criterion

    def __call__(self, one: _Measured, other: _Measured, part: Part) -> dict[str, PairedDifference]:
        found = {}
        for name in dict.fromkeys(
            (self.criterion.name, self.finished.bridge.task.metric, "data_loss")
        ):
            if name in one.runs and name in other.runs:
                gain = self._gain(name, one, other, part)
                if gain is not None:
                    found[name] = gain
        return found

    def _gain(
        self, name: str, one: _Measured, other: _Measured, part: Part
    ) -> PairedDifference | None:
        resampling = self.finished.resampling
        way = self.finished.directions.get(name)
        if name == self.criterion.name:
            way = self.criterion.direction
        if way is None:
            return None
        count = min(len(one.runs[name]), len(other.runs[name]))
        mine, theirs = one.runs[name][:count], other.runs[name][:count]
        if count < resampling.repeats:
            resampling = resampling.first(count)
        rows = None
        if name in one.rows and name in other.rows:
            rows = one.rows[name] - other.rows[name]
            rows = rows + (np.mean(mine - theirs) - rows.mean())
        if part == "test":
            if rows is None or count < 2:
                return None
            return gain_on_test_rows(rows, mine - theirs, resampling, way)
        if count < 2 or (rows is None and resampling.shares_split):
            return None
        return paired(mine, theirs, resampling, rows).times(1 if way == "up" else -1)


@dataclasses.dataclass(frozen=True)
class _OverConstant:
    """By how much a reference is better than a constant, by part and metric."""

    numbers: Mapping[tuple[str, Part], _Measured]
    compare: _Comparing

    def __call__(self, name: str) -> dict[str, dict[str, PairedDifference]]:
        return {
            part: self.compare(self.numbers[name, part], plain, part)
            for (other, part), plain in self.numbers.items()
            if other == "constant" != name
        }
