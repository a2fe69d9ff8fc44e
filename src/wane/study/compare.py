"""Which kind of regularization is best, each tuned alike and judged by other numbers."""

import dataclasses
import itertools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from wane.penalties import Candidate, Network, patience_of, strength_of
from wane.stats import PairedDifference, bias_corrected, crossed_difference, holm, paired_difference
from wane.study.compared_words import comparison_text
from wane.study.evidence import LEVEL
from wane.study.kinds import Kind, kinds_of
from wane.study.measures import RowMeasures, test_measures, validation_sums
from wane.study.selection import Criterion, best_index
from wane.study.store import finite

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from wane.study.result import Result
    from wane.study.run import Session
    from wane.study.spec import Study
    from wane.training.placement import Placement

Said = Literal["better", "worse", "no difference detected", "diverged", "not comparable", ""]


class Comparison:
    """Kinds of regularization beside each other, each by its best setting.

    Attributes:
        result: the study of all settings of all kinds.
        kinds: a row for each kind: ``kind``, ``settings``, ``chosen`` (the candidate of the best
            validation), ``edge`` (whether that is the ``"weakest"`` or ``"strongest"`` setting of
            several), ``value`` (what kinds are judged by, on test rows or corrected for the
            choice), the metric for people, and the difference to ``none``: ``difference``,
            ``low``, ``high`` (95 % interval), ``p``, ``p_holm`` (adjusted over kinds), ``said``.
        pairs: every two kinds but ``none``: ``kind``, ``other``, ``difference`` (of the first minus
            the second), ``low``, ``high``, ``p``, ``p_holm`` (adjusted over all pairs, since it was
            not known beforehand which kind would be the best), ``said``.
        best: the kind of the chosen candidate, that of the best validation, whose model is the
            study's best. Early stopping is judged but never chosen: validation rows choose its
            epoch, and so flatter it.
        verdict: what that shows, in a short paragraph that claims no more than the intervals do.
        document: all of it as one JSON document.
    """

    def __init__(self, result: "Result", kinds: Sequence[Kind]) -> None:
        self.result = result
        judged = _Judged(result, kinds)
        self.kinds = judged.kinds_table()
        self.pairs = judged.pairs_table()
        self.best = judged.best
        document = {
            "judged_on": judged.source,
            "rows": judged.row_count,
            "by": judged.criterion.name,
            "direction": judged.criterion.direction,
            "metric": result.metric,
            "settings": max(len(kind.candidates) for kind in kinds),
            "best": self.best,
            "first": judged.first,
            "unchosen": [kind.name for kind in kinds if any(map(_stops, kind.candidates))],
            "kinds": self.kinds.to_dict("records"),
            "pairs": self.pairs.to_dict("records"),
        }
        shares = judged.session.resampling.shares_split
        self.verdict = comparison_text(document, judged.repeats, shares_split=shares)
        self.document: dict[str, Any] = finite({**document, "text": self.verdict})

    def plot(self) -> "Figure":
        """Every kind's difference to no regularization, with its 95 % interval."""
        from wane.report.figures.kinds import kinds_figure

        return kinds_figure(self.document)

    def __repr__(self) -> str:
        return f"<Comparison of {len(self.kinds)} kinds: {self.verdict}>"


def compare(
    study: "Study",
    kinds: Sequence[str] | Mapping[str, Any] | None,
    *,
    settings: int,
    layers: str,
    on: tuple[str, ...],
    strengths: tuple[float, float],
    folder: str | Path | None,
    progress: bool,
    placement: "Placement | None",
    seconds_before: Mapping[str, float] | None,
    recipe: Mapping[str, Any] | None,
) -> Comparison:
    """Train every setting of every kind and compare them; see :meth:`wane.Study.compare`."""
    from wane.study.run import run_study

    groups = kinds_of(study, kinds, settings=settings, layers=layers, on=on, strengths=strengths)
    several = study.with_candidates([c for kind in groups for c in kind.candidates])
    several.kinds = {kind.name: kind.candidates for kind in groups}
    # The rows that would choose these have chosen the epochs at which they stop.
    several.unfair = list(filter(_stops, several.candidates))
    judged: list[Comparison] = []

    def also(result: "Result") -> "dict[str, Callable[[], Figure]]":
        judged.append(Comparison(result, groups))
        result.document["compare"] = judged[0].document
        return {"kinds": judged[0].plot}

    run_study(
        several,
        folder,
        progress=progress,
        placement=placement,
        seconds_before=seconds_before,
        recipe=recipe,
        also=also,
    )
    return judged[0]


@dataclasses.dataclass(frozen=True)
class _Setting:
    """The setting that stands for a kind.

    Attributes:
        index: the candidate; None if every setting has diverged runs.
        edge: on which side of the kind's range nothing was tried.
    """

    index: int | None
    edge: str


class _Judged:
    """The kinds of a finished study, each by its best setting."""

    def __init__(self, result: "Result", kinds: Sequence[Kind]) -> None:
        self.result, self.kinds = result, kinds
        self.session: Session = result._session
        self.criterion: Criterion = result._criterion
        self.names = result.study.names
        self.repeats = self.session.resampling.repeats
        name = self.criterion.name
        self._validation = self._values(f"validation_{name}")
        self.source = "test" if f"test_{name}" in result.runs else "validation"
        self.row_count = self.session.row_counts()[self.source]
        self._final = self._values(f"{self.source}_{name}")
        self._shift = np.zeros(len(kinds))
        self._rows: dict[int, np.ndarray] = {}
        self.settings = [self._best_setting(kind) for kind in kinds]
        if self.source == "test":
            self._rows = self._test_rows()
        else:
            self._shift = self._optimism()
        self.values = np.array(
            [
                np.nan if s.index is None else self._final[s.index].mean() + shift
                for s, shift in zip(self.settings, self._shift, strict=True)
            ]
        )

    @property
    def best(self) -> str:
        """The kind of the chosen candidate."""
        chosen = self.names.index(self.result.chosen)
        return next(kind.name for kind in self.kinds if chosen in self._indices(kind))

    @property
    def first(self) -> str:
        """The kind of the best value where kinds are judged, of those that can be compared."""
        losses = self.criterion.losses(self.values)
        fair = [np.isfinite(loss) and not self._unfair(i) for i, loss in enumerate(losses)]
        if not any(fair):
            return self.best
        return self.kinds[int(np.argmin(np.where(fair, losses, np.inf)))].name

    def kinds_table(self) -> pd.DataFrame:
        """See :class:`Comparison`."""
        found = [self._difference(place, 0) for place in range(1, len(self.kinds))]
        adjusted = holm([np.nan if one is None else one.p_value for one in found])
        rows = []
        metric = self.result.metric
        shown = self._values(f"{self.source}_{metric}")
        for place, (kind, setting) in enumerate(zip(self.kinds, self.settings, strict=True)):
            one, p_holm = (None, np.nan) if place == 0 else (found[place - 1], adjusted[place - 1])
            rows.append(
                {
                    "kind": kind.name,
                    "settings": len(kind.candidates),
                    "chosen": None if setting.index is None else self.names[setting.index],
                    "setting": None if setting.index is None else self._told(setting.index),
                    "edge": setting.edge,
                    "value": self.values[place],
                    metric: np.nan if setting.index is None else shown[setting.index].mean(),
                    **self._told_difference(one, p_holm, place),
                }
            )
        return pd.DataFrame(rows)

    def pairs_table(self) -> pd.DataFrame:
        """See :class:`Comparison`."""
        places = list(itertools.combinations(range(1, len(self.kinds)), 2))
        found = [self._difference(a, b) for a, b in places]
        adjusted = holm([np.nan if one is None else one.p_value for one in found])
        rows = [
            {
                "kind": self.kinds[a].name,
                "other": self.kinds[b].name,
                **self._told_difference(one, p_holm, a, b),
            }
            for (a, b), one, p_holm in zip(places, found, adjusted, strict=True)
        ]
        columns = ("kind", "other", "difference", "low", "high", "p", "p_holm", "said")
        return pd.DataFrame(rows, columns=list(columns))

    def _values(self, column: str) -> np.ndarray:
        """Values of a column of the runs, [candidates, repeats]; of diverged runs NaN."""
        table = self.result.runs.pivot(index="candidate", columns="repeat", values=column)
        lost = self.result.runs.pivot(
            index="candidate", columns="repeat", values="validation_data_loss"
        )
        whole = table.where(np.isfinite(lost)).loc[list(self.names)]
        return whole.to_numpy(np.float64)

    def _indices(self, kind: Kind) -> list[int]:
        return [self.result.study.candidates.index(candidate) for candidate in kind.candidates]

    def _best_setting(self, kind: Kind) -> _Setting:
        indices = self._indices(kind)
        losses = self.criterion.losses(self._validation[indices])
        best = best_index(losses, kind.candidates)
        if best is None:
            return _Setting(None, "")
        last = len(indices) - 1
        edge = "" if last == 0 else {0: "weakest", last: "strongest"}.get(best, "")
        return _Setting(indices[best], edge)

    def _told(self, index: int) -> str:
        """A setting without the network that it stands on."""
        changes = [c for c in self.result.study.candidates[index] if not isinstance(c, Network)]
        return " + ".join(map(str, changes)) or self.names[index]

    def _unfair(self, place: int) -> bool:
        """Whether the very rows that judge a kind have chosen the epoch at which it stops."""
        index = self.settings[place].index
        stops = index is not None and _stops(self.result.study.candidates[index])
        return stops and self.source == "validation"

    def _difference(self, a: int, b: int) -> PairedDifference | None:
        """The first kind minus the second; None where either cannot be judged."""
        one, other = self.settings[a].index, self.settings[b].index
        if one is None or other is None or self._unfair(a) or self._unfair(b):
            return None
        resampling = self.session.resampling
        values = resampling.independent(self._final[[one, other]])
        ratio = resampling.test_to_train_ratio
        if one in self._rows and other in self._rows:
            return crossed_difference(
                self._rows[one] - self._rows[other], values[0] - values[1],
                test_to_train_ratio=ratio,
            )  # fmt: skip
        found = paired_difference(values[0], values[1], test_to_train_ratio=ratio)
        return _shifted(found, self._shift[a] - self._shift[b])

    def _told_difference(
        self, one: PairedDifference | None, p_holm: float, a: int, b: int = 0
    ) -> dict[str, Any]:
        said: Said = ""
        if one is not None:
            better = one.mean < 0 if self.criterion.direction == "down" else one.mean > 0
            said = "no difference detected"
            if p_holm < LEVEL:
                said = "better" if better else "worse"
        elif a:
            unfair = self._unfair(a) or self._unfair(b)
            said = "not comparable" if unfair else "diverged"
        return {
            "difference": np.nan if one is None else one.mean,
            "low": np.nan if one is None else one.low,
            "high": np.nan if one is None else one.high,
            "p": np.nan if one is None else one.p_value,
            "p_holm": p_holm,
            "said": said,
        }

    def _test_rows(self) -> dict[int, np.ndarray]:
        """What each test row contributes, by candidate, where the number is a mean over rows."""
        measures = RowMeasures(self.session.bridge)
        name = self.criterion.name
        if measures.kinds.get(name) not in ("mean", "share"):
            return {}
        found = {}
        final = {one: self._values(f"test_{one}") for one in measures.kinds}
        for index in {s.index for s in self.settings if s.index is not None}:
            rows = test_measures(self.session, self.result._store, measures, index, final)
            if name in rows:
                found[index] = rows[name]
        return found

    def _optimism(self) -> np.ndarray:
        """By how much each kind's value changes when the luck of its best setting is taken off."""
        name = self.criterion.name
        measures = RowMeasures(self.session.bridge)
        shifts = np.zeros(len(self.kinds))
        if measures.kinds.get(name) not in ("mean", "share"):
            return shifts
        final = {one: self._values(f"validation_{one}") for one in measures.kinds}
        sums = validation_sums(self.session, self.result._store, measures, final)
        if sums is None or name not in sums.sums:
            return shifts
        for place, (kind, setting) in enumerate(zip(self.kinds, self.settings, strict=True)):
            own = [sums.candidates.index(i) for i in self._indices(kind) if i in sums.candidates]
            if len(own) < 2 or setting.index is None:
                continue
            table = sums.sums[name][own]
            candidates: list[Candidate] = [
                self.result.study.candidates[sums.candidates[i]] for i in own
            ]
            corrected = bias_corrected(
                self.criterion.losses(table),
                table,
                sums.counts,
                [strength_of(candidate) for candidate in candidates],
                chosen=own.index(sums.candidates.index(setting.index)),
                seed=self.result.study.seed,
            )
            shifts[place] = 0.0 if corrected is None else corrected.value - corrected.naive
        return shifts


def _stops(candidate: Candidate) -> bool:
    return patience_of(candidate) is not None


def _shifted(one: PairedDifference, by: float) -> PairedDifference:
    """The same difference with another mean: interval and test go with it."""
    from scipy import stats

    mean = one.mean + by
    p_value = one.p_value
    if one.standard_error > 0:
        p_value = float(2 * stats.t.sf(abs(mean) / one.standard_error, one.count - 1))
    return dataclasses.replace(
        one, mean=mean, low=one.low + by, high=one.high + by, p_value=p_value
    )
