"""The chosen network beside models of other kinds, on the rows that decide."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from wane.stats import PairedDifference
from wane.study.evaluation.expected import gain_on_test_rows
from wane.study.evaluation.paired import paired
from wane.study.measures.finished import FinishedRuns, weighs_in_training_alone
from wane.study.measures.outputs import Measured, OutputMeasures
from wane.study.measures.rowwise import RowContributions
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
        network: the chosen network's means on these rows, by metric, over as many repeats.
        network_over_constant: by how much the chosen network is better than a constant, by metric;
            empty where weights in training alone, as of classes, make it aim at something else.
        matters: by metric how much better than a constant would be a signal, whatever chance gives.
    """

    on: Part
    units: int
    every: Sequence[ReferenceSummary]
    network: Mapping[str, float]
    network_over_constant: Mapping[str, PairedDifference]
    matters: Mapping[str, float]

    def get(self, name: str) -> ReferenceSummary | None:
        """The reference of this name, if there is one."""
        return next((one for one in self.every if one.name == name), None)


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
    judge = OutputMeasures(finished, contributions)
    tested = finished.units("test") >= LEAST_TEST_ROWS
    part: Part = "test" if tested else "validation"
    parts: list[Part] = ["validation", "test"]
    numbers = {
        (one.name, each): judge.measured(one.outputs, each)
        for one in fitted
        for each in parts
        if finished.row_counts[each]
    }
    compare = _Comparing(finished, criterion)
    network = judge.network(chosen, part)
    plain = numbers.get(("constant", part))
    enough = {key: own for key, own in numbers.items() if finished.units(key[1]) >= LEAST_TEST_ROWS}
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
    comparable = plain is not None and not weighs_in_training_alone(finished)
    of_network = compare(network, plain, part) if plain and comparable else {}
    matters = {
        name: SIGNAL * abs(float(np.mean(runs)))
        for name, runs in ({} if plain is None else plain.runs).items()
    }
    count = min(one.repeats for one in every)
    own = {name: float(np.mean(runs[:count])) for name, runs in network.runs.items()}
    return References(part, finished.units(part), tuple(every), own, of_network, matters)


def _means(one: Measured) -> dict[str, MeanStd]:
    # Where all repeats share a split, a reference is one and the same in all of them.
    return {
        name: MeanStd(
            float(np.mean(runs)), float(np.std(runs, ddof=1)) if len(runs) > 1 else np.nan
        )
        for name, runs in one.runs.items()
    }


@dataclasses.dataclass(frozen=True)
class _Comparing:
    """By how much one model is better than another, by metric, on the rows that decide."""

    finished: FinishedRuns
    criterion: Criterion

    def __call__(self, one: Measured, other: Measured, part: Part) -> dict[str, PairedDifference]:
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
        self, name: str, one: Measured, other: Measured, part: Part
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

    numbers: Mapping[tuple[str, Part], Measured]
    compare: _Comparing

    def __call__(self, name: str) -> dict[str, dict[str, PairedDifference]]:
        return {
            part: self.compare(self.numbers[name, part], plain, part)
            for (other, part), plain in self.numbers.items()
            if other == "constant" != name
        }
