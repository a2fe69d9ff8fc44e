"""What the chosen candidate will do on new rows, from numbers that did not choose it."""

import dataclasses
import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from wane.penalties import Candidate, strength_of
from wane.resampling.splits import Resampling
from wane.stats import (
    Corrected,
    Interval,
    PairedDifference,
    bias_corrected,
    crossed_difference,
    crossed_interval,
    group_contributions,
    grouped_interval,
    mean_interval,
    share_interval,
)
from wane.stats.bootstrap import LEAST_ROWS
from wane.study.measures.finished import FinishedRuns
from wane.study.measures.rowwise import RowContributions, RowSums
from wane.study.measures.tails import Tails, tails
from wane.study.spec.selection import Criterion


@dataclasses.dataclass(frozen=True)
class Expectation:
    """What is to be expected of one metric on new rows.

    Attributes:
        value: the honest estimate.
        low, high: its 95 % interval; NaN where there is none.
        naive: the mean on the rows by which the candidate was chosen.
        optimism: how much better than an honest estimate from the same rows the naive one looks;
            NaN where it could not be found.
        gain: by how much the chosen one is better than the baseline on the same test rows, in the
            metric's own unit, positive where it is better; for metrics that are means over rows or
            roots of such, and for what candidates are chosen by. Rows, or groups of them where it
            is no mean, and repeats are crossed samples in its interval.
    """

    value: float
    low: float
    high: float
    naive: float
    optimism: float
    gain: PairedDifference | None = None


@dataclasses.dataclass(frozen=True)
class Expected:
    """What the chosen candidate will do on new rows.

    Attributes:
        source: ``"test"``: measured on test rows; ``"bootstrap"``: the bootstrap bias-corrected
            estimate from validation rows; None: there is no honest estimate.
        rows: how many rows it rests on.
        groups: how many groups these rows are of, where they have some.
        metrics: the expectations by metric, ``data_loss`` among them.
        why_not: why there is none, in a sentence; empty if there is one.
        wins: in what share of the bootstrap's draws of validation rows each candidate was the best,
            by name; empty without a bootstrap.
        gain_optimism: by how much larger the gain over the baseline looks on the validation rows
            that chose than on rows left out of them, in the unit of what candidates are chosen by;
            NaN without a bootstrap.
        tails: how much single rows weigh in what candidates are chosen by, where that is a mean
            over rows of losses, else None.

    Example:
        >>> import keras, numpy as np, wane
        >>> model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile(loss="mse")
        >>> x = np.linspace(0, 1, 20)
        >>> test = (x[:10, None], 2 * x[:10])
        >>> study = wane.Study(
        ...     model, x[:, None], 2 * x, test=test, epochs=3, repeats=2, learning_curve=False
        ... )
        >>> expected = study.run(progress=False).verdict.expected
        >>> expected.source, expected.rows, sorted(expected.metrics)
        ('test', 10, ['data_loss', 'r2', 'rmse'])
    """

    source: Literal["test", "bootstrap"] | None
    rows: int
    metrics: Mapping[str, Expectation]
    why_not: str = ""
    wins: Mapping[str, float] = dataclasses.field(default_factory=dict)
    gain_optimism: float = math.nan
    tails: Tails | None = None
    groups: int | None = None

    @property
    def units(self) -> int:
        """How many groups it rests on, or how many rows where these have none.

        Example:
            >>> expected.units
            10
        """
        return self.rows if self.groups is None else self.groups


def expected(
    finished: FinishedRuns,
    rows: RowContributions,
    criterion: Criterion,
    chosen: int,
    ineligible: Collection[int] = (),
) -> Expected:
    """What the chosen candidate will do on new rows.

    Args:
        finished: the study's runs.
        rows: what each row contributes to data loss and metrics.
        criterion: what the candidate was chosen by.
        chosen: its index; it has no diverged run.
        ineligible: the candidates that nothing may choose.
    """
    spec, sums, naive = finished.spec, rows.sums(criterion.name), rows.values["validation"]
    corrected, why_not = from_validation_rows(
        sums, criterion, spec.candidates, chosen, ineligible, seed=spec.seed
    )
    luck: dict[str, Any] = {}
    if sums is not None and criterion.name in corrected:
        asked = _asked(sums, ineligible)
        one = corrected[criterion.name]
        luck = luck_of_choice(one, spec.names, asked, sums.kinds[criterion.name])
    luck["tails"] = tails(rows, criterion, chosen)
    own = {
        name: from_bootstrap(
            one,
            naive[name][chosen],
            finished.directions.get(name),
            finished.resampling,
            sums.kinds[name] if sums else "mean",
            finished.ranges.get(name),
            None if rows.groups is None or not sums else sums.counts[sums.counts > 0],
        )
        for name, one in corrected.items()
    }
    if "test" not in rows.values:
        count = 0 if sums is None or not corrected else sums.row_count
        luck["groups"] = finished.group_counts.get("validation") if count else None
        return Expected("bootstrap" if own else None, count, own, why_not, **luck)
    gains = _gains(finished, rows, criterion, chosen)
    tested = rows.test(chosen)
    found = {}
    for name, table in rows.values["test"].items():
        own_rows, kind = tested.get(name), rows.kinds.get(name)
        if own_rows is None and name == criterion.name:
            own_rows, kind = rows.on_test(name, chosen), "mean"
        groups = rows.test_groups
        if groups is not None and own_rows is not None and name not in tested:
            groups = np.arange(len(own_rows))  # on_test gives what groups add
        low, high = test_interval(
            own_rows, table[chosen], finished.resampling, kind, groups, finished.ranges.get(name)
        )
        optimism = own[name].optimism if name in own else math.nan
        value, looks = float(np.mean(table[chosen])), float(np.mean(naive[name][chosen]))
        found[name] = Expectation(value, low, high, looks, optimism, gains.get(name))
    luck["groups"] = finished.group_counts.get("test")
    return Expected("test", finished.row_counts["test"], found, **luck)


def luck_of_choice(
    one: Corrected, names: Sequence[str], asked: Sequence[int], kind: str = "mean"
) -> dict[str, Any]:
    """How often each candidate won, and how much of the gain is the luck of having been chosen.

    Args:
        one: the corrected estimate of what candidates are chosen by.
        names: of all candidates.
        asked: the indices of those that could be chosen.
        kind: as :class:`RowContributions` has it.

    Returns:
        ``wins`` and ``gain_optimism``, as :class:`Expected` has them.
    """
    wins = {names[index]: float(share) for index, share in zip(asked, one.wins, strict=True)}
    # Where the baseline has diverged the first is another, over which nothing was asked.
    optimism = one.gain_optimism if asked[0] == 0 else math.nan
    if kind == "root":  # of the mean square; a root changes by 1 / (2 root) as much
        optimism /= 2 * math.sqrt(one.naive) if one.naive > 0 else math.inf
    return {"wins": wins, "gain_optimism": optimism}


def _gains(
    finished: FinishedRuns, rows: RowContributions, criterion: Criterion, chosen: int
) -> dict[str, PairedDifference]:
    """What the chosen candidate gains on the test rows, by metric; see :class:`Expectation`."""
    values = rows.values["test"]
    if not chosen or not np.all(np.isfinite(values["data_loss"][0])):
        return {}
    gains = {}
    known = rows.test(chosen).keys() & rows.test(0).keys()
    for name in sorted(known | ({criterion.name} & values.keys())):
        direction = finished.directions.get(name)
        if name == criterion.name:
            direction = criterion.direction
        other, baseline = rows.on_test(name, chosen), rows.on_test(name, 0)
        if direction is None or other is None or baseline is None:
            continue
        runs = values[name][chosen] - values[name][0]
        one = gain_on_test_rows(other - baseline, runs, finished.resampling, direction)
        gains[name] = one.within(finished.span(name))
    return gains


def gain_on_test_rows(
    rows: np.ndarray, runs: np.ndarray, resampling: Resampling, direction: str
) -> PairedDifference:
    """By how much a candidate is better than the baseline on test rows, which chose nothing.

    Args:
        rows: candidate minus baseline for each test row, mean over repeats, [rows].
        runs: the same for each repeat, mean over rows, [repeats].
        resampling: how repeats differ.
        direction: ``"up"`` if higher is better.
    """
    found = crossed_difference(
        rows, resampling.independent(runs), test_to_train_ratio=resampling.test_rows_ratio
    )
    return found.times(1 if direction == "up" else -1)


def from_bootstrap(
    one: Corrected,
    runs: np.ndarray,
    direction: str | None,
    resampling: Resampling,
    kind: str = "mean",
    bounds: tuple[float, float] | None = None,
    sizes: np.ndarray | None = None,
) -> Expectation:
    """What is to be expected of a metric, from its bias-corrected estimate.

    The naive mean is that over runs, as tables have it, and not over rows, in which splits of
    unequal size differ a little.

    Args:
        one: the estimate, of a root that of the mean square.
        runs: the metric of each run of the chosen candidate on validation rows.
        direction: ``"up"`` if higher is better.
        resampling: how repeats differ.
        kind: as :class:`RowContributions` has it.
        bounds: between which numbers the metric lies, if that is known.
        sizes: how many pairs of a row and a repeat each group has, where the estimate is of groups
            that are drawn as a whole, [groups]; None for rows.
    """
    bounds = (0.0, 1.0) if kind == "share" else bounds
    naive = float(np.mean(runs))
    own_runs = runs**2 if kind == "root" else runs
    ends_at = _bounds(one.least >= 0, kind, bounds)
    interval = _bootstrap_interval(one, own_runs, resampling, sizes, ends_at)
    if bounds == (0.0, 1.0):
        overlap = 1 + (resampling.test_to_train_ratio or 0.0)
        interval = share_interval(interval, one.rows.size / overlap)
    ends = (one.value, *(end + one.value - one.naive for end in (interval.low, interval.high)))
    if kind == "root":
        ends = tuple(math.sqrt(max(end, 0.0)) for end in ends)
    optimism = ends[0] - (math.sqrt(one.naive) if kind == "root" else one.naive)
    shift = naive + optimism - ends[0]
    value, low, high = (end + shift for end in ends)
    if one.least >= 0:  # what is below zero on no row, as most losses are, is so on no new one
        low = max(low, 0.0)
    least, most = bounds or (-math.inf, math.inf)
    value, low, high = np.clip((value, low, high), least, most).tolist()
    return Expectation(value, low, high, naive, -optimism if direction == "up" else optimism)


def _bounds(
    is_positive: bool, kind: str | None, bounds: tuple[float, float] | None
) -> tuple[float, float]:
    """Between which numbers a mean over rows lies, of a root that of the squares.

    What is below zero on no row, as most losses are, is so on no new one.
    """
    least, most = (-math.inf, math.inf) if bounds is None or kind == "root" else bounds
    return max(least, 0.0) if is_positive else least, most


def _bootstrap_interval(
    one: Corrected,
    runs: np.ndarray,
    resampling: Resampling,
    sizes: np.ndarray | None,
    bounds: tuple[float, float],
) -> Interval:
    """The interval about the naive mean, by what is independent in it.

    One split: rows, and repeats of another seed. New rows for each repeat: the repeats; so where
    each draws a few of many rows, with Nadeau & Bengio's correction for those in common, since the
    luck of a small training set is as large as that of rows. Splits of the same rows: rows; since
    the training sets overlap, their variance is n / n₁ = 1 + n₂ / n₁ times as large as that of n
    independent rows, which for many repeats is Nadeau & Bengio's. Groups stand for rows.
    """
    if not resampling.shares_split and resampling.kind in ("fresh", "subsample"):
        return mean_interval(runs, test_to_train_ratio=resampling.test_to_train_ratio)
    ratio = resampling.test_to_train_ratio or 0.0
    repeats = runs if resampling.shares_split else runs[:1]
    if sizes is not None:
        return grouped_interval(one.rows, sizes, repeats, overlap=ratio, bounds=bounds)
    if resampling.shares_split:
        return crossed_interval(one.rows, runs)
    rows = one.naive + (one.rows - one.naive) * math.sqrt(1 + ratio)
    return crossed_interval(rows, runs[:1])


def _asked(sums: RowSums, ineligible: Collection[int]) -> list[int]:
    """The indices of the candidates that could be chosen."""
    return [index for index in sums.candidates if index not in ineligible]


def from_validation_rows(
    sums: RowSums | None,
    criterion: Criterion,
    candidates: Sequence[Candidate],
    chosen: int,
    ineligible: Collection[int] = (),
    *,
    seed: int = 0,
) -> tuple[dict[str, Corrected], str]:
    """The bias-corrected estimate of each measure, or why there is none.

    Args:
        sums: what each validation row contributes, or None.
        criterion: what the candidate was chosen by.
        candidates: all of them.
        chosen: the index of the chosen one, which has no diverged run.
        ineligible: the candidates that nothing may choose.
        seed: where the bootstrap's draws start from.
    """
    if sums is None:
        return {}, "predictions of so many numbers are not kept"
    if criterion.name not in sums.sums:
        return {}, f"{criterion.name} has no value without some of the rows"
    asked = _asked(sums, ineligible)
    strengths = [strength_of(candidates[index]) for index in asked]
    places = [sums.candidates.index(index) for index in asked]
    select = criterion.losses(sums.sums[criterion.name][places])
    found = {}
    for name, reported in sums.sums.items():
        one = bias_corrected(
            select,
            reported[places],
            sums.counts,
            strengths,
            chosen=asked.index(chosen),
            seed=seed,
        )
        if one is None:
            single = sums.row_count == np.count_nonzero(sums.counts)
            what = "validation rows" if single else "groups of validation rows"
            return {}, f"it takes at least {LEAST_ROWS} {what}"
        found[name] = one
    return found, ""


def test_interval(
    rows: np.ndarray | None,
    runs: np.ndarray,
    resampling: Resampling,
    kind: str | None,
    groups: np.ndarray | None = None,
    bounds: tuple[float, float] | None = None,
) -> tuple[float, float]:
    """The 95 % interval of a metric's mean on test rows; NaN if it is no mean over rows.

    Args:
        rows: the mean over repeats for each row, of roots of the squares, [rows]; or None.
        runs: the metric of each run.
        resampling: how repeats differ.
        kind: as :class:`RowContributions` has it.
        groups: the group of each row, [rows], which are drawn as a whole; None for rows.
        bounds: between which numbers the metric lies, if that is known.
    """
    bounds = (0.0, 1.0) if kind == "share" else bounds
    if rows is None:
        return math.nan, math.nan
    repeats = resampling.independent(runs**2 if kind == "root" else runs)
    ratio, count = resampling.test_rows_ratio, len(rows)
    least, most = _bounds(bool(np.all(rows >= 0)), kind, bounds)
    if groups is None:
        interval = crossed_interval(rows, repeats, test_to_train_ratio=ratio)
    else:
        drawn, sizes = group_contributions(rows, groups), np.unique(groups, return_counts=True)[1]
        count = len(drawn)
        interval = grouped_interval(
            drawn, sizes, repeats, test_to_train_ratio=ratio, bounds=(least, most)
        )
    if bounds == (0.0, 1.0):
        interval = share_interval(interval, count)
    if kind == "root":
        return math.sqrt(max(interval.low, 0.0)), math.sqrt(max(interval.high, 0.0))
    return max(interval.low, least), min(interval.high, most)
