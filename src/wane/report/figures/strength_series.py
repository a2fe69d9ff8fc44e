"""What the figure of strengths draws and where: series of candidates, and the axis of strengths."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter
from numpy.typing import NDArray
from rich.cells import cell_len

from wane._language import gettext, pgettext
from wane.report.figures.style import (
    FAINT,
    INK,
    PAPER,
    SERIES_COLORS,
    SERIES_MARKERS,
    SPLIT_COLORS,
    finite,
    themed,
    tick_points,
)
from wane.report.numbers import strength_text
from wane.report.wording import printable

Floats = NDArray[np.float64]

BASELINE_LABEL = "none"
"""The label of the series that holds the baseline."""


def baseline_label() -> str:
    """The tick of the network without a penalty."""
    return pgettext("strength", "none")


class _Apart(FixedLocator):
    """The first tick, and of the others as many as have room for their labels.

    Args:
        labels: of all ticks, rising.
        size: of their letters, in points.
    """

    def __init__(self, labels: Mapping[float, str], size: float) -> None:
        super().__init__([*labels])
        self._labels, self._size = labels, size

    def __call__(self) -> Any:
        none, *ticks = self._labels
        every = ([none, *ticks[s::step]] for step in range(1, len(ticks)) for s in range(step + 1))
        return next((chosen for chosen in every if self._have_room(chosen)), [none, *ticks[-1:]])

    def _have_room(self, ticks: Sequence[float]) -> bool:
        axis: Any = self.axis  # it is one's when it is called
        ends = np.log10(axis.get_view_interval())
        width = 72 * axis.axes.bbox.width / axis.get_figure(root=True).dpi
        middles = width * (np.log10(ticks) - ends[0]) / (ends[1] - ends[0])
        # A digit is about 0.64 of its font's size wide, and a space stands between two labels.
        halves = np.array([0.32 * self._size * (cell_len(self._labels[t]) + 1) for t in ticks])
        return bool((np.diff(middles) >= halves[1:] + halves[:-1]).all())


@dataclasses.dataclass(frozen=True)
class StrengthScale:
    """The x axis: powers of ten, and the place of "no penalty" to their left."""

    none: float
    """Where strength 0 is drawn."""
    low: float
    high: float
    """The smallest and the largest strength; equal to ``none`` where there is only a baseline."""
    kinds: frozenset[str] = frozenset()
    """Of what these are strengths or rates."""

    @classmethod
    def of(cls, summary: pd.DataFrame) -> Self:
        """The scale that has room for every strength of the summary."""
        strengths = finite(summary["strength"])
        positive = strengths[strengths > 0]
        kinds = frozenset(summary["penalty"].to_numpy()[strengths > 0].tolist())
        if not positive.size:
            return cls(none=1.0, low=1.0, high=1.0)
        low, high = float(positive.min()), float(positive.max())
        gap = max(0.6, 0.15 * np.log10(high / low))
        return cls(none=low / 10**gap, low=low, high=high, kinds=kinds)

    @property
    def title(self) -> str:
        """What the axis shows: strengths of penalties, or rates."""
        rates = {"Dropout": gettext("dropout rate"), "LearningRate": gettext("learning rate")}
        if len(self.kinds) == 1 and self.kinds <= set(rates):
            return rates[next(iter(self.kinds))]
        return (
            gettext("strength or rate") if self.kinds & set(rates) else gettext("penalty strength")
        )

    @property
    def decades(self) -> float:
        """The width of all that is drawn, in powers of ten."""
        return float(np.log10(self.high / self.none))

    def places(self, strengths: Sequence[float], aside: float = 0.0) -> Floats:
        """Where these strengths are drawn, moved aside by so many small steps."""
        known = np.array(strengths, dtype=np.float64)
        return np.where(known > 0, known, self.none) * 10 ** (0.014 * self.decades * aside)

    def dress(self, ax: Axes) -> None:
        """Sets the axis, its ticks ("none" and powers of ten) and the break between them."""
        margin = max(0.08 * self.decades, 0.15)
        ax.set_xscale("log")
        ax.set_xlim(self.none / 10**margin, self.high * 10**margin)
        ticks = self.ticks() if self.high > self.none else []
        labels = {self.none: baseline_label(), **{tick: strength_text(tick) for tick in ticks}}
        ax.xaxis.set_major_locator(_Apart(labels, tick_points("x", 9)))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: labels.get(tick, "")))
        ax.set_xticks([], minor=True)
        if ticks:
            self._break(ax, margin)

    def ticks(self) -> list[float]:
        """Powers of ten among the strengths, or both ends where there is none between."""
        first = int(np.ceil(np.log10(self.low) - 1e-9))
        last = int(np.floor(np.log10(self.high) + 1e-9))
        if last <= first:
            return sorted({self.low, self.high})
        return [10.0**power for power in range(first, last + 1, (last - first) // 8 + 1)]

    def _break(self, ax: Axes, margin: float) -> None:
        gap = float(np.log10(self.low / self.none))
        middle = (margin + gap / 2) / (self.decades + 2 * margin)
        left, right = middle - 0.007, middle + 0.007
        at: dict[str, Any] = {"transform": ax.transAxes, "clip_on": False, "zorder": 3.0}
        ax.plot([left, right], [0, 0], color=themed(PAPER), linewidth=3, **at)
        for x in (left, right):
            ax.plot([x - 0.006, x + 0.006], [-0.018, 0.018], color=themed(FAINT), linewidth=1, **at)


@dataclasses.dataclass(frozen=True)
class Series:
    """Candidates that differ in strength alone: one pair of lines."""

    label: str
    candidates: tuple[str, ...]
    """By rising strength."""
    x: Floats
    colors: dict[str, str]
    """By split."""
    marker: str


Targets = Mapping[str, Sequence[tuple[str, Sequence[str]]]]
"""For each candidate layers and roles of each of its penalties."""


def series_of(
    summary: pd.DataFrame, scale: StrengthScale, targets: Targets | None = None
) -> list[Series]:
    """The baseline as a series of its own, then the others in the order of the summary.

    Candidates belong together that have the same penalty and the same target. One series alone has
    a colour for training and one for validation; several have one colour each and stand a little
    apart, so that error bars do not cover each other.
    """
    baseline = summary["penalty"].isna()
    penalized = summary[~baseline]
    labels = _labels(penalized, targets or {})
    distinct = list(dict.fromkeys(labels))
    several = len(distinct) > 1
    colors = dict.fromkeys(SPLIT_COLORS, INK) if several else SPLIT_COLORS
    rows = [str(name) for name in summary.loc[baseline, "candidate"]]
    every = [Series(BASELINE_LABEL, tuple(rows), scale.places([0.0] * len(rows)), colors, "o")]
    for index, label in enumerate(distinct):
        mine = penalized[np.array(labels) == label].sort_values("strength", kind="stable")
        if several:
            colors = dict.fromkeys(SPLIT_COLORS, SERIES_COLORS[index % len(SERIES_COLORS)])
        every.append(
            Series(
                label,
                tuple(str(name) for name in mine["candidate"]),
                scale.places([*mine["strength"]], aside=index - (len(distinct) - 1) / 2),
                colors,
                SERIES_MARKERS[index % len(SERIES_MARKERS)],
            )
        )
    return every


def _labels(penalized: pd.DataFrame, targets: Targets) -> list[str]:
    """What each candidate's series is called: its penalty, and its target where these differ."""
    own = [
        tuple((layers, tuple(on)) for layers, on in targets.get(str(name), ()))
        for name in penalized["candidate"]
    ]
    penalties = [str(penalty) for penalty in penalized["penalty"]]
    differ = {
        penalty: len({t for p, t in zip(penalties, own, strict=True) if p == penalty}) > 1
        for penalty in penalties
    }
    shown = [each if differ[p] else () for p, each in zip(penalties, own, strict=True)]
    with_roles = len({on for each in shown for _, on in each}) > 1
    return [_label(p, each, with_roles) for p, each in zip(penalties, shown, strict=True)]


def _label(penalty: str, targets: Sequence[tuple[str, Sequence[str]]], with_roles: bool) -> str:
    described = [f"{layers}, {'+'.join(on)}" if with_roles else layers for layers, on in targets]
    return printable(f"{penalty} ({' + '.join(described)})" if described else penalty)
