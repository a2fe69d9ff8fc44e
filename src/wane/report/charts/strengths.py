"""The strength curve: loss and metrics against the strength of the penalty."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from wane._language import gettext
from wane.report.charts.chart import Chart, Panel, Spec, drawing, show_switch
from wane.report.charts.scales import (
    BEST_HEIGHT,
    DASHES,
    INK,
    PAPER,
    REFERENCE_DASHES,
    SHAPES,
    SOFT,
    bars,
    hover,
    level_lines,
    line_colors,
    line_dashes,
    ring,
    series_points,
    strength_axis,
    value_axis,
)
from wane.report.figures.references import References
from wane.report.figures.strength_series import (
    BASELINE_LABEL,
    Series,
    StrengthScale,
    Targets,
    baseline_label,
    series_of,
)
from wane.report.figures.strengths import no_penalty_label
from wane.report.figures.style import (
    SPLIT_COLORS,
    finite,
    in_split,
    spans_decades,
)
from wane.report.numbers import NOTHING, number
from wane.report.wording import (
    alternatives,
    filled,
    metric_label,
    paragraph,
    part_label,
    printable,
    reference_label,
)


def strengths_chart(
    summary: pd.DataFrame,
    *,
    quantities: Sequence[str],
    chosen: str,
    simpler: str | None = None,
    targets: Targets | None = None,
    references: References | None = None,
    zeros: Mapping[str, float] | None = None,
) -> Chart:
    """Mean ± one standard deviation over runs by strength, in training and validation.

    Args:
        summary: the columns of ``result.summary()``.
        quantities: what the switch offers, such as ``data_loss`` and ``accuracy``.
        chosen: the candidate with the ring.
        simpler: the strongest within one standard error of it, which has a square.
        targets: layers and roles of each candidate's penalties.
        references: validation means of models of other kinds, by their names and by quantity.
        zeros: for each candidate how many of its weights are exactly zero, as a mean over runs;
            it is written above the curve, or where there are several in the tooltip.
    """
    scale = StrengthScale.of(summary)
    every_series = series_of(summary, scale, targets)
    others = references or {}
    tables, specs = dict[str, pd.DataFrame](), []
    for place, quantity in enumerate(quantities):
        points = _points(summary, every_series, quantity)
        marks = {chosen: "chosen"} | ({simpler: "simpler"} if simpler else {})
        marks = {printable(name): mark for name, mark in reversed(marks.items())}
        tables[f"points{place}"] = points.assign(mark=points["candidate"].map(marks).fillna(""))
        if zeros is not None:
            counts = {printable(name): f"{round(count):,}" for name, count in zeros.items()}
            tables[f"points{place}"]["zeros"] = points["candidate"].map(counts).fillna(NOTHING)
        log = _is_log(summary, quantity)
        tables[f"levels{place}"] = _levels(points, quantity, others, log=log)
        drawn = (summary, tables, every_series, scale)
        specs.append(_spec(place, quantity, *drawn, with_zeros=zeros is not None))
    labels = tuple(metric_label(quantity) for quantity in quantities)
    return Chart(
        "strengths",
        filled(
            gettext(
                "{quantities} against the strength of the penalty: means over runs with bars of "
                "one standard deviation to each side, in training and validation."
            ),
            quantities=alternatives(labels),
        ),
        tables,
        (Panel("", tuple(specs)),),
        show_switch(labels),
        note=_note(simpler, zeros is not None and len(every_series) <= 2),
    )


def _note(simpler: str | None, with_zeros: bool) -> str:
    parts = []
    if simpler:
        note = gettext("The square marks {name}, the strongest within one standard error of it.")
        parts.append(note.format(name=printable(simpler)))
    if with_zeros:
        parts.append(
            gettext(
                "Above stands how many weights of kernels and embeddings are exactly zero, as a "
                "mean."
            )
        )
    return paragraph(parts)


def _points(summary: pd.DataFrame, every_series: Sequence[Series], quantity: str) -> pd.DataFrame:
    """A row for each candidate and split."""
    table = summary.set_index("candidate")
    log = _is_log(summary, quantity)
    several = len(every_series) > 2
    rows: list[dict[str, Any]] = []
    for series in every_series:
        for split in SPLIT_COLORS:
            column = f"{split}_{quantity}"
            if f"{column}_mean" not in table:  # scorers have no training values
                continue
            line = _line(series.label, split) if several else part_label(split)
            for point in series_points(table, series, column, log=log):
                text = f"{part_label(split)} {point['text']}"
                rows.append({**point, "split": split, "line": line, "text": text})
    return pd.DataFrame(rows)


def _is_log(summary: pd.DataFrame, quantity: str) -> bool:
    means = [finite(summary[f"{split}_data_loss_mean"]) for split in SPLIT_COLORS]
    return quantity == "data_loss" and spans_decades(np.concatenate(means))


def _line(series: str, split: str) -> str:
    name = baseline_label() if series == BASELINE_LABEL else series
    return name if split == "validation" else in_split(name, split)


def _levels(
    points: pd.DataFrame, quantity: str, references: References, *, log: bool
) -> pd.DataFrame:
    """Levels across: the baseline in validation, and models of other kinds."""
    baseline = points[(points["series"] == BASELINE_LABEL) & (points["split"] == "validation")]
    levels = dict.fromkeys([no_penalty_label()] * len(baseline), baseline["mean"].max())
    levels |= {
        printable(reference_label(name)): own[quantity]
        for name, own in references.items()
        if quantity in own
    }
    rows = [
        {"line": name, "mean": level, "text": number(level)}
        for name, level in levels.items()
        if np.isfinite(level) and (level > 0 or not log)
    ]
    return pd.DataFrame(rows, columns=["line", "mean", "text"])


def _looks(
    every_series: Sequence[Series], points: pd.DataFrame, levels: pd.DataFrame
) -> dict[str, tuple[Any, list[int]]]:
    """Colour and dash of each line, in the order of the legend."""
    looks: dict[str, tuple[Any, list[int]]] = {}
    for series in every_series:
        own = points[points["series"] == series.label]
        # The baseline stands among several series as the level across and as its points.
        for split, line in own[["split", "line"]].drop_duplicates().itertuples(index=False):
            color = SOFT if series.label == BASELINE_LABEL and line != part_label(split) else None
            looks.setdefault(line, (color or series.colors[split], list(DASHES[split])))
    none = no_penalty_label()
    others = [line for line in levels["line"] if line != none]
    if none in list(levels["line"]):
        looks[none] = (SOFT, [1, 0])
    for place, line in enumerate(others):
        looks[line] = (INK, list(REFERENCE_DASHES[place % len(REFERENCE_DASHES)]))
    return looks


def _axis(quantity: str, points: pd.DataFrame, levels: pd.DataFrame, *, log: bool) -> Spec:
    """The vertical axis, with room for all points, bars and levels."""
    ends = ("mean", "high") if log else ("mean", "high", "low")
    means = np.concatenate([finite(points[end]) for end in ends])
    return value_axis(
        "mean",
        metric_label(quantity),
        np.concatenate([means, finite(levels["mean"])]),
        log=log,
    )


def _spec(
    place: int,
    quantity: str,
    summary: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    every_series: Sequence[Series],
    scale: StrengthScale,
    *,
    with_zeros: bool,
) -> Spec:
    """The drawing of one quantity."""
    points, levels = tables[f"points{place}"], tables[f"levels{place}"]
    looks = _looks(every_series, points, levels)
    y = _axis(quantity, points, levels, log=_is_log(summary, quantity))
    x = strength_axis(scale)
    color = line_colors(list(looks), [look for look, _ in looks.values()])
    dash = line_dashes(list(looks), [dash for _, dash in looks.values()])
    by_series = {
        "field": "series",
        "type": "nominal",
        "scale": {
            "domain": [series.label for series in every_series],
            "range": [SHAPES[0], *(SHAPES[i % len(SHAPES)] for i in range(len(every_series) - 1))],
        },
        "legend": None,
    }
    at: Spec = {"x": x, "y": y}
    layers: list[Spec] = [
        level_lines(f"levels{place}", y, color, dash),
        bars(x, y, color),
        {
            "mark": {"type": "line", "strokeWidth": 2, "clip": True},
            "encoding": {**at, "color": color, "strokeDash": dash, "detail": {"field": "series"}},
        },
        *_points_layers({**at, "color": color, "shape": by_series}),
        *(
            ring(at, f"datum.mark === '{mark}' && datum.split === 'validation'", shape)
            for mark, shape in (("chosen", "circle"), ("simpler", "square"))
        ),
    ]
    shown = [("candidate", gettext("candidate")), ("text", quantity_title(quantity))]
    if with_zeros:
        shown.append(("zeros", gettext("weights at zero")))
    if with_zeros and len(every_series) <= 2:  # counts of several would cover each other
        layers.append(_zeros_layer(x))
        for legend in (color["legend"], dash["legend"]):
            legend["offset"] = 26  # the counts stand beneath it
    layers.append(hover(at, shown))
    return drawing(layers, data=f"points{place}", height=BEST_HEIGHT)


def quantity_title(quantity: str) -> str:
    """The row of a tooltip, a word of wane's own: names of metrics are the user's."""
    return metric_label(quantity) if quantity == "data_loss" else gettext("value")


def _points_layers(encoding: Spec) -> list[Spec]:
    """Points, hollow in training and filled in validation."""
    looks: dict[str, Spec] = {
        "train": {"filled": False, "fill": PAPER, "strokeWidth": 1.6},
        "validation": {"filled": True},
    }
    return [
        {
            "transform": [{"filter": f"datum.split === '{split}'"}],
            "mark": {"type": "point", "size": 55, "opacity": 1, "clip": True, **own},
            "encoding": encoding,
        }
        for split, own in looks.items()
    ]


def _zeros_layer(x: Spec) -> Spec:
    return {
        "transform": [{"filter": "datum.split === 'validation'"}],
        "mark": {"type": "text", "baseline": "bottom", "color": SOFT, "fontSize": 11},
        "encoding": {"x": x, "y": {"value": -5}, "text": {"field": "zeros"}},
    }
