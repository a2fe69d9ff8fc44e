"""Axes, scales and layers that several charts have."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from wane._language import gettext
from wane.report.charts.chart import Spec
from wane.report.figures.learning_curves import epoch_ticks
from wane.report.figures.strength_series import Series, StrengthScale, baseline_label
from wane.report.figures.style import SPLIT_COLORS, finite, spans_decades
from wane.report.numbers import mean_std
from wane.report.wording import part_label, printable

DASHES: Mapping[str, list[int]] = {"train": [6, 4], "validation": [1, 0], "test": [2, 3]}
"""Training is dashed and validation solid, as in the static figures."""
REFERENCE_DASHES = ([2, 3], [9, 3, 2, 3], [12, 6], [4, 2, 1, 2, 1, 2])
"""Models of other kinds are told apart by their dashes, since colours are methods'."""
SHAPES = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross")
BEST_HEIGHT = 300
LINE: Spec = {"type": "line", "strokeWidth": 2}
POINT: Spec = {"type": "point", "filled": True, "size": 55, "opacity": 1}
INK: Spec = {"expr": "ink"}
SOFT: Spec = {"expr": "soft"}
PAPER: Spec = {"expr": "paper"}
Floats = NDArray[np.float64]

STROKES: Spec = {"symbolType": "stroke", "symbolSize": 400}
"""Symbols of a legend that are wide enough to tell dashes apart."""
_LINE: Spec = {**STROKES, "symbolStrokeWidth": 2, "symbolOpacity": 1}
PLAIN = (
    "abs(datum.value) < 1e-4 && datum.value != 0 || abs(datum.value) >= 1e6"
    " ? replace(replace(format(datum.value, '.2~e'), /e-(\\d)$/, 'e-0$1'), /e\\+(\\d)$/, 'e+0$1')"
    " : format(datum.value, '~g')"
)
"""The label of a tick, as names of candidates and still figures have numbers: ``1e-06``."""


def on_any_page(color: str) -> str:
    """A colour on a light ground of the drawing's own, which a dark page does not make lighter."""
    parts = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgb({', '.join(map(str, parts))})"


def value_axis(field: str, title: str, values: ArrayLike, *, log: bool | None = None) -> Spec:
    """The vertical axis of a quantity, with limits that hold all of its values.

    Args:
        field: the column.
        title: what is measured.
        values: all that is to be seen.
        log: whether it is logarithmic; None decides by the values.
    """
    numbers = finite(values)
    numbers = numbers[~np.isnan(numbers)]
    is_log = spans_decades(numbers) if log is None else log
    scale = _limits(numbers, is_log)
    axis: Spec = {"title": title, "labelExpr": PLAIN}
    if "type" in scale:
        axis["values"] = log_ticks(*scale["domain"])
    else:
        axis["tickCount"] = 6  # beside values it would leave out every other one
    return {"field": field, "type": "quantitative", "axis": axis, "scale": scale}


def log_ticks(low: float, high: float) -> list[float]:
    """Powers of ten, and where there are few of them their double and half."""
    steps = (1, 2, 5) if high < 200 * low else (1,)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    # Written as decimals: 10.0**-5 is another number than 1e-05.
    ticks = [float(f"{step}e{power}") for power in powers for step in steps]
    return [tick for tick in ticks if low <= tick <= high]


def spread(mean: ArrayLike, std: ArrayLike, *, log: bool) -> tuple[Floats, Floats, Floats]:
    """Means, and the lower and upper ends of their bars or bands of one standard deviation.

    A logarithmic axis has no place for a mean of 0, which leaves a gap, and a lower end that
    reaches 0 runs out of the axes.
    """
    mean, std = finite(mean), np.nan_to_num(finite(std), nan=0.0)
    mean = np.where(mean > 0, mean, np.nan) if log else mean
    low = mean - std
    return mean, np.where(low > 0, low, mean / 1e3) if log else low, mean + std


def _limits(numbers: np.ndarray, log: bool) -> Spec:
    """A scale with some room at both ends."""
    if log:
        numbers = numbers[numbers > 0]
    if not numbers.size:
        return {"zero": False}
    low, high = float(numbers.min()), float(numbers.max())
    if log:
        room = (high / low) ** 0.06 if high > low else 1.5
        return {"type": "log", "domain": [_round(low / room), _round(high * room)], "nice": False}
    room = 0.06 * (high - low) or abs(high) * 0.1 or 1.0
    return {"domain": [_round(low - room), _round(high + room)], "nice": False, "zero": False}


def _round(value: float) -> float:
    return float(f"{value:.4g}")


def strength_axis(scale: StrengthScale) -> Spec:
    """The horizontal axis: powers of ten, and the network without a penalty at their left."""
    margin = max(0.06 * scale.decades, 0.15)
    ticks = scale.ticks() if scale.high > scale.none else []
    # The expression holds numbers and a word of wane's own: names are data, never code.
    none = f"abs(datum.value / {float(scale.none)!r} - 1) < 1e-6"
    return {
        "field": "x",
        "type": "quantitative",
        "scale": {
            "type": "log",
            "domain": [scale.none / 10**margin, scale.high * 10**margin],
            "nice": False,
        },
        "axis": {
            "title": scale.title,
            "values": [scale.none, *ticks],
            "labelExpr": f"{none} ? '{baseline_label()}' : {PLAIN}",
            "grid": False,
        },
    }


def epoch_axis(first: int, last: int, *, log: bool) -> Spec:
    """The horizontal axis of epochs, which begins with the first one."""
    if first == last:
        first, last, log = first - 1, last + 1, False
    axis: Spec = {"title": gettext("epoch"), "format": ",d", "grid": False}
    scale: Spec = {"domain": [first, last], "nice": False, "zero": False}
    if log:
        scale["type"] = "log"
        axis["values"] = log_ticks(first, last)
    elif last > first:
        axis["values"] = epoch_ticks(first, last)
    return {"field": "epoch", "type": "quantitative", "scale": scale, "axis": axis}


def line_colors(labels: Sequence[str], colors: Sequence[Any]) -> Spec:
    """The scale of the lines' colours, and the legend."""
    return {
        "field": "line",
        "type": "nominal",
        "scale": {"domain": list(labels), "range": list(colors)},
        "legend": {"title": None, **_LINE},
    }


def line_dashes(labels: Sequence[str], dashes: Sequence[Sequence[int]]) -> Spec:
    """The scale of the lines' dashes; it shares the legend of their colours."""
    return {
        "field": "line",
        "type": "nominal",
        "scale": {"domain": list(labels), "range": [list(dash) for dash in dashes]},
        "legend": {"title": None, **_LINE},
    }


def split_lines(splits: Sequence[str]) -> tuple[Spec, Spec]:
    """Colours and dashes of training and validation."""
    labels = [part_label(split) for split in splits]
    return (
        line_colors(labels, [SPLIT_COLORS[split] for split in splits]),
        line_dashes(labels, [DASHES[split] for split in splits]),
    )


def bars(x: Spec, y: Spec, color: Spec) -> Spec:
    """Upright bars from the column ``low`` to the column ``high``."""
    ends: Spec = {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}
    return {
        "mark": {"type": "rule", "strokeWidth": 1.2, "clip": True},
        "encoding": {**ends, "color": color},
    }


def level_lines(name: str, y: Spec, color: Spec, dash: Spec) -> Spec:
    """Level lines: the network without a penalty, and models of other kinds.

    Args:
        name: of their table, with the columns ``line``, ``mean`` and ``text``.
        y: the vertical axis.
        color, dash: the scales of the lines.
    """
    return {
        "data": {"name": name},
        "mark": {"type": "rule", "strokeWidth": 1.2},
        "encoding": {
            "y": y,
            "color": color,
            "strokeDash": dash,
            "tooltip": tooltip(("line", gettext("model")), ("text", gettext("mean, validation"))),
        },
    }


def series_points(
    table: pd.DataFrame, series: Series, column: str, *, log: bool
) -> list[dict[str, Any]]:
    """A row for each candidate of a series: its place, its mean, and the ends of its bar.

    Args:
        table: the summary, by the names of the candidates.
        series: candidates in the order of their strengths.
        column: the quantity, without ``_mean`` and ``_std``.
        log: whether the axis is logarithmic.
    """
    own = table.loc[list(series.candidates)]
    mean, std = finite(own[f"{column}_mean"]), finite(own[f"{column}_std"])
    shown, low, high = spread(mean, std, log=log)
    return [
        {
            "candidate": printable(name),
            "series": series.label,
            "x": series.x[at],
            "mean": shown[at],
            "low": low[at],
            "high": high[at],
            "text": mean_std(mean[at], std[at]),
        }
        for at, name in enumerate(series.candidates)
    ]


def ring(at: Spec, test: str, shape: str) -> Spec:
    """What marks single points, around them.

    Args:
        at: where they are.
        test: an expression that is true of these, in which no text of the user's stands.
        shape: ``"circle"`` or ``"square"``.
    """
    look = {"type": "point", "shape": shape, "filled": False, "color": INK, "clip": True}
    return {
        "transform": [{"filter": test}],
        "mark": {**look, "size": 260, "strokeWidth": 1.6},
        "encoding": at,
    }


def tooltip(*fields: tuple[str, str]) -> list[Spec]:
    """What is shown at the pointer: columns with their titles."""
    return [{"field": field, "title": title} for field, title in fields]


def hover(encoding: Spec, shown: Sequence[tuple[str, str]]) -> Spec:
    """A layer that is not seen, with targets for the pointer that are larger than points.

    Args:
        encoding: where they are.
        shown: the columns that are shown, with their titles.
    """
    return {
        "mark": {"type": "point", "filled": True, "size": 260, "opacity": 0},
        "encoding": {**encoding, "tooltip": tooltip(*shown)},
    }
