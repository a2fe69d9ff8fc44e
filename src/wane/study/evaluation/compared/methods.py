"""The methods of a comparison, each by its best setting, evaluated by rows that tuned nothing."""

import dataclasses
import functools
import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from wane.penalties import Network, Range, strength_of
from wane.stats import PairedDifference, bias_corrected, crossed_difference, holm
from wane.stats.intervals import shifted
from wane.study.evaluation.compared.searched import SearchSummary, searched, setting_of
from wane.study.evaluation.evidence import LEVEL
from wane.study.evaluation.paired import paired
from wane.study.measures.finished import FinishedRuns
from wane.study.measures.rowwise import RowContributions
from wane.study.spec.methods import Method, stops_early
from wane.study.spec.selection import LEAST_TEST_ROWS, Criterion, best_index, too_few_groups

EDGE = 0.02
"""A candidate of a search within this share of a range's strong end lies at it."""

Conclusion = Literal[
    "better", "worse", "no difference detected", "cannot be told", "diverged", "not comparable", ""
]


@dataclasses.dataclass(frozen=True)
class MethodRow:
    """A method of a comparison beside none.

    Attributes:
        method: its name.
        settings: how many settings it was tuned over.
        chosen: the candidate of the best validation; None if every setting has diverged runs.
        setting: that setting without the network that it stands on.
        edge: whether that is the ``"weakest"`` or ``"strongest"`` setting of several, else "".
        value: what methods are evaluated by, on test rows or corrected for the choice.
        metric_value: the metric for people on the same rows.
        difference, low, high: the method minus none, with its 95 % interval.
        p, p_holm: its p-value, and that adjusted over methods.
        conclusion: what that shows.
    """

    method: str
    settings: int
    chosen: str | None
    setting: str | None
    edge: str
    value: float
    metric_value: float
    difference: float
    low: float
    high: float
    p: float
    p_holm: float
    conclusion: Conclusion


@dataclasses.dataclass(frozen=True)
class MethodPair:
    """Two methods of a comparison, none apart.

    Attributes:
        method, other: their names.
        difference, low, high: the first minus the second, with its 95 % interval.
        p, p_holm: its p-value, and that adjusted over all pairs, since it was not known beforehand
            which method would be the best.
        conclusion: what that shows of the first.
    """

    method: str
    other: str
    difference: float
    low: float
    high: float
    p: float
    p_holm: float
    conclusion: Conclusion


@dataclasses.dataclass(frozen=True)
class MethodsSummary:
    """A comparison of methods.

    Attributes:
        evaluated_on: the part whose rows evaluate.
        rows: how many it has.
        by, direction: what methods are evaluated by, and which way is better.
        metric: the metric for people.
        settings: the most settings of a method.
        best: the choice by validation.
        first: the best on the rows that evaluate.
        ineligible: methods that are evaluated and not chosen, since validation rows stop them.
        corrected: whether a bootstrap took the luck of each method's best setting off its value.
        methods, pairs: the methods, and every two of them.
        search: what the search of a space has shown on the rows that chose; None without one.
        text: the verdict, in English.
        translations: ``text`` in each other language, by its name.
    """

    evaluated_on: Literal["test", "validation"]
    rows: int
    by: str
    direction: str
    metric: str
    settings: int
    best: str
    first: str
    ineligible: Sequence[str]
    corrected: bool
    methods: Sequence[MethodRow]
    pairs: Sequence[MethodPair]
    search: SearchSummary | None = None
    text: str = ""
    translations: Mapping[str, Mapping[str, str]] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class _Setting:
    """The setting that stands for a method.

    Attributes:
        index: the candidate; None if every setting has diverged runs.
        edge: on which side of the method's range nothing was tried.
    """

    index: int | None
    edge: str


class EvaluatedMethods:
    """The methods of a finished study, each by its best setting.

    Args:
        finished: the runs of all settings.
        rows: what each row contributes, and the final values.
        criterion: what settings are chosen by.
        metric: the metric for people.

    Attributes:
        methods: the methods, the one without regularization first.
        source: the part whose rows evaluate: ``"test"``, or ``"validation"`` without enough test
            rows to decide.
        settings: the best setting of each.
        values: what each is evaluated by, [methods].
    """

    def __init__(
        self, finished: FinishedRuns, rows: RowContributions, criterion: Criterion, metric: str
    ) -> None:
        spec = finished.spec
        self.methods = [Method(name, own) for name, own in spec.methods.items()]
        self.source: Literal["test", "validation"] = (
            "test"
            if criterion.name in rows.values.get("test", {})
            and finished.units("test") >= LEAST_TEST_ROWS
            else "validation"
        )
        self._untold = self.source == "validation" and too_few_groups(finished.group_counts)
        self._finished, self._rows, self._criterion = finished, rows, criterion
        self._whole = np.isfinite(rows.values["validation"]["data_loss"])
        self._metric_values = self._values(self.source, metric)
        self._final = self._values(self.source, criterion.name)
        self.settings = [self._best_setting(method) for method in self.methods]
        test = self.source == "test"
        shift = np.zeros(len(self.methods)) if test else self._optimism()
        self._corrected = not test and bool(np.isfinite(shift).all())
        self._shift = np.nan_to_num(shift)
        self.values = np.array(
            [
                np.nan if s.index is None else self._final[s.index].mean() + shift
                for s, shift in zip(self.settings, self._shift, strict=True)
            ]
        )

    def summary(self, chosen: str, metric: str) -> MethodsSummary:
        """The comparison, without its text.

        Args:
            chosen: the name of the chosen candidate.
            metric: the metric for people.
        """
        return MethodsSummary(
            evaluated_on=self.source,
            rows=self._finished.row_counts[self.source],
            by=self._criterion.name,
            direction=self._criterion.direction,
            metric=metric,
            settings=max(len(method.candidates) for method in self.methods),
            best=self.best(chosen),
            first=self.first(chosen),
            ineligible=[m.name for m in self.methods if any(map(stops_early, m.candidates))],
            corrected=self._corrected,
            search=searched(self._finished, self._criterion.losses(self._chosen_by), self._matters),
            methods=self.rows(),
            pairs=self.pairs(),
        )

    def best(self, chosen: str) -> str:
        """The method of the chosen candidate."""
        index = self._finished.spec.names.index(chosen)
        return next(method.name for method in self.methods if index in self._indices(method))

    def first(self, chosen: str) -> str:
        """The method of the best value on the rows that evaluate, of those that are comparable."""
        losses = self._criterion.losses(self.values)
        fair = [np.isfinite(loss) and not self._ineligible(i) for i, loss in enumerate(losses)]
        if not any(fair):
            return self.best(chosen)
        return self.methods[int(np.argmin(np.where(fair, losses, np.inf)))].name

    def rows(self) -> list[MethodRow]:
        """Every method beside none."""
        found = [self._difference(place, 0) for place in range(1, len(self.methods))]
        adjusted = [np.nan, *holm([np.nan if one is None else one.p_value for one in found])]
        names = self._finished.spec.names
        rows = []
        for place, (method, setting) in enumerate(zip(self.methods, self.settings, strict=True)):
            index = setting.index
            one = found[place - 1] if place else None
            rows.append(
                MethodRow(
                    method=method.name,
                    settings=len(method.candidates),
                    chosen=None if index is None else names[index],
                    setting=None if index is None else self._setting_name(index),
                    edge=setting.edge,
                    value=float(self.values[place]),
                    metric_value=np.nan if index is None else self._metric_values[index].mean(),
                    **self._conclusion(one, float(adjusted[place]), place),
                )
            )
        return rows

    def pairs(self) -> list[MethodPair]:
        """Every two methods but none."""
        places = list(itertools.combinations(range(1, len(self.methods)), 2))
        found = [self._difference(a, b) for a, b in places]
        adjusted = holm([np.nan if one is None else one.p_value for one in found])
        return [
            MethodPair(
                method=self.methods[a].name,
                other=self.methods[b].name,
                **self._conclusion(one, float(p_holm), a, b),
            )
            for (a, b), one, p_holm in zip(places, found, adjusted, strict=True)
        ]

    def _values(self, part: str, name: str) -> np.ndarray:
        """Final values of a metric, [candidates, repeats]; of diverged runs NaN."""
        return np.where(self._whole, self._rows.values[part][name], np.nan)

    def _indices(self, method: Method) -> list[int]:
        return [self._finished.spec.candidates.index(candidate) for candidate in method.candidates]

    def _best_setting(self, method: Method) -> _Setting:
        indices = self._indices(method)
        losses = self._criterion.losses(self._chosen_by[indices])
        best = best_index(losses, method.candidates)
        if best is None:
            return _Setting(None, "")
        if method.name in self._spaces:  # whose candidates are in the order of the search
            return _Setting(indices[best], self._edge(method, best))
        last = len(indices) - 1
        edge = "" if last == 0 else {0: "weakest", last: "strongest"}.get(best, "")
        return _Setting(indices[best], edge)

    @property
    def _matters(self) -> float:
        """The smallest difference of interest; see :class:`wane.Study`."""
        given = self._finished.spec.matters
        if given is not None:
            return given
        scored = self._criterion.name in self._finished.ranges
        return 0.01 if scored else 0.01 * abs(float(self.values[0]))

    @property
    def _chosen_by(self) -> np.ndarray:
        """What settings are chosen by, [candidates, repeats]."""
        return self._values("validation", self._criterion.name)

    @property
    def _spaces(self) -> Mapping[str, Sequence[Range]]:
        """The spaces of the methods that were searched."""
        search = self._finished.spec.search
        return {} if search is None else search.spaces

    def _edge(self, method: Method, best: int) -> str:
        """Whether a candidate of a search lies at the strong end of its only range.

        Of several ranges one lies near an end by chance, perhaps one that does not matter.
        """
        space = self._spaces[method.name]
        at_end = len(space) == 1 and space[0].place_of(method.candidates[best]) > 1 - EDGE
        return "strongest" if at_end else ""

    def _setting_name(self, index: int) -> str:
        """A setting without the network that it stands on."""
        spec = self._finished.spec
        for method in self.methods:
            space = self._spaces.get(method.name, ())
            if len(space) > 1 and index in self._indices(method):
                return setting_of(spec.candidates[index], space)
        changes = [c for c in spec.candidates[index] if not isinstance(c, Network)]
        return " + ".join(map(str, changes)) or spec.names[index]

    def _ineligible(self, place: int) -> bool:
        """Whether the very rows that evaluate a method have chosen the epoch at which it stops."""
        index = self.settings[place].index
        stops = index is not None and stops_early(self._finished.spec.candidates[index])
        return stops and self.source == "validation"

    def _difference(self, a: int, b: int) -> PairedDifference | None:
        """The first method minus the second; None where either cannot be evaluated."""
        one, other = self.settings[a].index, self.settings[b].index
        if one is None or other is None or self._ineligible(a) or self._ineligible(b):
            return None
        resampling, values = self._finished.resampling, self._final
        if self.source == "validation":
            rows = self._validation_rows
            known = None if rows is None else rows[one] - rows[other]
            found = paired(values[one], values[other], resampling, known)
            return shifted(found, self._shift[a] - self._shift[b])
        first, second = (self._rows.on_test(self._criterion.name, i) for i in (one, other))
        runs = resampling.independent(values[[one, other]])
        if first is None or second is None or runs.shape[1] < 2:  # one run is no sample of runs
            return paired(values[one], values[other], resampling)
        return crossed_difference(
            first - second, runs[0] - runs[1], test_to_train_ratio=resampling.test_rows_ratio
        )

    def _conclusion(
        self, one: PairedDifference | None, p_holm: float, a: int, b: int = 0
    ) -> dict[str, Any]:
        """The fields of a row that a difference gives."""
        conclusion: Conclusion = ""
        if one is not None:
            one = one.within(self._finished.span(self._criterion.name))
            better = one.mean < 0 if self._criterion.direction == "down" else one.mean > 0
            conclusion = "no difference detected"
            if self._untold:
                conclusion = "cannot be told"
            elif p_holm < LEVEL:
                conclusion = "better" if better else "worse"
        elif a:
            ineligible = self._ineligible(a) or self._ineligible(b)
            conclusion = "not comparable" if ineligible else "diverged"
        return {
            "difference": np.nan if one is None else one.mean,
            "low": np.nan if one is None else one.low,
            "high": np.nan if one is None else one.high,
            "p": np.nan if one is None else one.p_value,
            "p_holm": p_holm,
            "conclusion": conclusion,
        }

    @functools.cached_property
    def _validation_rows(self) -> np.ndarray | None:
        """What each validation row adds, [candidates, rows], where all repeats have the same."""
        if not self._finished.resampling.shares_split:
            return None
        return self._rows.on_validation(self._criterion.name)

    def _optimism(self) -> np.ndarray:
        """By how much each method's value changes when the luck of its best setting is taken off.

        By the bias-corrected bootstrap over the settings of the method; NaN where there is none.
        """
        name = self._criterion.name
        several = [len(method.candidates) > 1 for method in self.methods]
        shifts = np.where(several, np.nan, 0.0)
        sums = self._rows.sums(name)
        if sums is None or name not in sums.sums:
            return shifts
        every = self._finished.spec.candidates
        for place, (method, setting) in enumerate(zip(self.methods, self.settings, strict=True)):
            if any(i in self._finished.dropped for i in self._indices(method)):
                continue  # what fell behind on these rows is part of the choice, and not known
            own = [sums.candidates.index(i) for i in self._indices(method) if i in sums.candidates]
            if len(own) < 2 or setting.index is None:
                shifts[place] = 0.0
                continue
            table = sums.sums[name][own]
            corrected = bias_corrected(
                self._criterion.losses(table),
                table,
                sums.counts,
                [strength_of(every[sums.candidates[i]]) for i in own],
                chosen=own.index(sums.candidates.index(setting.index)),
                seed=self._finished.spec.seed,
            )
            if corrected is not None:
                ends = np.array([corrected.naive, corrected.value])
                before, after = np.sqrt(ends) if sums.kinds[name] == "root" else ends
                shifts[place] = after - before
        return shifts
